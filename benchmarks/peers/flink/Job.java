import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.api.java.tuple.Tuple5;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.flink.connector.kafka.sink.KafkaSink;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/** The indicator fold on Flink. Arguments: those of Cluster. */
public final class Job {
    static final String SENSORS = "sensor-rows";
    static final String UPPER = "upper-rows";

    public static void main(String[] arguments) throws Exception {
        StreamExecutionEnvironment environment = Cluster.environment(arguments);
        KafkaSink<Tuple2<String, String>> sink = KafkaSink.<Tuple2<String, String>>builder()
            .setBootstrapServers(arguments[0])
            .setRecordSerializer(new AlertRecord(arguments[3]))
            .setDeliveryGuarantee(DeliveryGuarantee.EXACTLY_ONCE)
            .setTransactionalIdPrefix(arguments[1])
            .setProperty("transaction.timeout.ms", "600000")
            .build();

        DataStream<Tuple5<String, Integer, Long, Long, Long>> readings =
            environment.fromSource(Cluster.events(arguments, new Readings()), WatermarkStrategy.noWatermarks(), "events", Readings.TYPE);
        SingleOutputStreamOperator<Tuple2<String, String>> ofSensors = readings.keyBy(reading -> reading.f0, Types.STRING)
            .process(new Rows(), Types.TUPLE(Types.STRING, Types.STRING)).uid(SENSORS).name(SENSORS);
        DataStream<Tuple2<String, String>> ofLevelsAbove = ofSensors.getSideOutput(Rows.COUNTED)
            .transform("levels-above", Readings.TYPE, new UpperLevels())
            .keyBy(sums -> sums.f0, Types.STRING)
            .process(new Rows(), Types.TUPLE(Types.STRING, Types.STRING)).uid(UPPER).name(UPPER);
        ofSensors.union(ofLevelsAbove).sinkTo(sink).uid("alerts").name("alerts");
        environment.execute();
    }

    private Job() {}
}
