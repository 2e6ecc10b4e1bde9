import java.nio.file.Path;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.api.java.tuple.Tuple5;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.flink.connector.kafka.sink.KafkaSink;
import org.apache.flink.connector.kafka.source.KafkaSource;
import org.apache.flink.connector.kafka.source.enumerator.initializer.OffsetsInitializer;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/**
 * The indicator fold on Flink, a cluster within this process. Arguments: bootstrap servers, group, topic of events, topic of alerts,
 * directory of state and checkpoints, milliseconds from a checkpoint to the next.
 */
public final class Job {
    static final String SENSORS = "sensor-rows";
    static final String UPPER = "upper-rows";

    private static Configuration settings(Path directory, String intervalMs) {
        Configuration settings = new Configuration();
        settings.setString("state.backend.type", "rocksdb");
        settings.setString("state.backend.rocksdb.predefined-options", "FLASH_SSD_OPTIMIZED");
        settings.setString("io.tmp.dirs", directory.resolve("local").toString());
        settings.setString("execution.checkpointing.dir", directory.resolve("checkpoints").toUri().toString());
        settings.setString("execution.checkpointing.interval", intervalMs + " ms");
        settings.setString("execution.checkpointing.mode", "EXACTLY_ONCE");
        settings.setString("execution.checkpointing.incremental", "true");
        settings.setString("execution.checkpointing.externalized-checkpoint-retention", "RETAIN_ON_CANCELLATION");
        settings.setString("taskmanager.memory.managed.size", "512m");
        settings.setString("taskmanager.numberOfTaskSlots", "2");
        settings.setString("parallelism.default", "2");
        settings.setString("pipeline.object-reuse", "true");
        settings.setString("restart-strategy.type", "none");
        return settings;
    }

    public static void main(String[] arguments) throws Exception {
        StreamExecutionEnvironment environment =
            StreamExecutionEnvironment.createLocalEnvironment(2, settings(Path.of(arguments[4]), arguments[5]));
        KafkaSource<Tuple5<String, Integer, Long, Long, Long>> source = KafkaSource.<Tuple5<String, Integer, Long, Long, Long>>builder()
            .setBootstrapServers(arguments[0])
            .setGroupId(arguments[1])
            .setTopics(arguments[2])
            .setStartingOffsets(OffsetsInitializer.earliest())
            .setDeserializer(new Readings())
            .setProperty("max.poll.records", "4000")
            .setProperty("max.partition.fetch.bytes", String.valueOf(4 << 20))
            .build();
        KafkaSink<Tuple2<String, String>> sink = KafkaSink.<Tuple2<String, String>>builder()
            .setBootstrapServers(arguments[0])
            .setRecordSerializer(new AlertRecord(arguments[3]))
            .setDeliveryGuarantee(DeliveryGuarantee.EXACTLY_ONCE)
            .setTransactionalIdPrefix(arguments[1])
            .setProperty("transaction.timeout.ms", "600000")
            .build();

        DataStream<Tuple5<String, Integer, Long, Long, Long>> readings =
            environment.fromSource(source, WatermarkStrategy.noWatermarks(), "events", Readings.TYPE);
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
