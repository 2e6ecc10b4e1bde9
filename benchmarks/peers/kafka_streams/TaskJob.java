import java.util.Arrays;
import java.util.stream.Collectors;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.Topology;

/** The task fold on Kafka Streams. Arguments: those of Application; it has no alerts. */
public final class TaskJob {
    private static Topology topology(String events, String offices) {
        Topology topology = new Topology();
        topology.addSource("events", events);
        topology.addProcessor("task-states", TaskProcessor::new, "events");
        topology.addStateStore(Application.store(TaskProcessor.TASKS), "task-states");
        topology.addStateStore(Application.store(TaskProcessor.DEADLINES), "task-states");
        topology.addStateStore(Application.store(TaskProcessor.OFFICES), "task-states");
        topology.addSink("to-task-levels", offices, "task-states");
        topology.addSource("offices-of-partitions", offices);
        topology.addProcessor("task-levels", TaskLevels::new, "offices-of-partitions");
        topology.addStateStore(Application.store(TaskLevels.PARTS), "task-levels");
        topology.addStateStore(Application.store(TaskLevels.ROWS), "task-levels");
        return topology;
    }

    private static String line(KeyValue<byte[], byte[]> row) {
        return Row.node(row.key) + "," + Row.label(Row.window(row.key)) + ","
            + Arrays.stream(Counts.read(row.value)).mapToObj(Long::toString).collect(Collectors.joining(","));
    }

    public static void main(String[] arguments) throws InterruptedException {
        Application.run(topology(arguments[2], arguments[3]), arguments, TaskJob::line, TaskLevels.ROWS);
    }

    private TaskJob() {}
}
