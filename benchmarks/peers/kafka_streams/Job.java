import java.nio.charset.StandardCharsets;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.processor.api.Record;

/** The indicator fold on Kafka Streams. Arguments: those of Application. */
public final class Job {
    static final long TARGET_TENTHS = 500;

    static Record<byte[], byte[]> alert(String node, int month, Sums sums, long timestamp) {
        String key = node + "," + Row.label(month);
        String value = "{\"node\":\"" + node + "\",\"month\":\"" + Row.label(month) + "\",\"count\":" + sums.count + ",\"tenths\":"
            + sums.tenths + ",\"status\":\"" + (sums.above(TARGET_TENTHS) ? "firing" : "resolved") + "\"}";
        return new Record<>(key.getBytes(StandardCharsets.UTF_8), value.getBytes(StandardCharsets.UTF_8), timestamp);
    }

    private static Topology topology(String events, String wards, String alerts) {
        Topology topology = new Topology();
        topology.addSource("events", events);
        topology.addProcessor("sensor-rows", SensorProcessor::new, "events");
        topology.addStateStore(Application.store(SensorProcessor.SENSORS), "sensor-rows");
        topology.addStateStore(Application.store(SensorProcessor.WARDS), "sensor-rows");
        topology.addStateStore(Application.store(SensorProcessor.NUMBERS), "sensor-rows");
        topology.addSink(SensorProcessor.TO_UPPER_LEVELS, wards, "sensor-rows");
        topology.addSink(SensorProcessor.TO_ALERTS, alerts, "sensor-rows");
        topology.addSource("wards-of-partitions", wards);
        topology.addProcessor("upper-rows", UpperLevels::new, "wards-of-partitions");
        topology.addStateStore(Application.store(UpperLevels.PARTS), "upper-rows");
        topology.addStateStore(Application.store(UpperLevels.ROWS), "upper-rows");
        topology.addSink("upper-alerts", alerts, "upper-rows");
        return topology;
    }

    private static String line(KeyValue<byte[], byte[]> row) {
        Sums sums = new Sums();
        sums.read(row.value);
        return Row.node(row.key) + "," + Row.label(Row.window(row.key)) + "," + sums.count + "," + sums.tenths;
    }

    public static void main(String[] arguments) throws InterruptedException {
        Application.run(topology(arguments[2], arguments[3], arguments[4]), arguments, Job::line, SensorProcessor.SENSORS,
            UpperLevels.ROWS);
    }

    private Job() {}
}
