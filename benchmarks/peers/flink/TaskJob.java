import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.tuple.Tuple5;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;

/** The task fold on Flink. Arguments: those of Cluster; it has no alerts. */
public final class TaskJob {
    static final String ROWS = "task-rows";

    public static void main(String[] arguments) throws Exception {
        StreamExecutionEnvironment environment = Cluster.environment(arguments);
        WatermarkStrategy<Tuple5<String, Integer, String, Long, Long>> clock =
            WatermarkStrategy.<Tuple5<String, Integer, String, Long, Long>>forMonotonousTimestamps()
                .withTimestampAssigner((event, unused) -> event.f4 / 1000);
        environment.fromSource(Cluster.events(arguments, new TaskEvents()), clock, "events", TaskEvents.TYPE)
            .keyBy(event -> event.f0, Types.STRING)
            .process(new TaskStates(), Types.TUPLE(Types.STRING, Types.INT, Types.LONG, Types.LONG, Types.LONG, Types.LONG))
            .uid("task-states")
            .transform("task-levels", Types.TUPLE(Types.STRING, Types.INT, Types.LONG, Types.LONG, Types.LONG, Types.LONG),
                new TaskLevels())
            .keyBy(change -> change.f0, Types.STRING)
            .process(new TaskRows(), Types.STRING).uid(ROWS).name(ROWS)
            .sinkTo(new DiscardingSink<>());
        environment.execute();
    }

    private TaskJob() {}
}
