import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.tuple.Tuple4;
import org.apache.flink.api.java.tuple.Tuple5;
import org.apache.flink.api.java.tuple.Tuple6;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;
import slipstream.wire.EventType;

/**
 * A task's events to what they change for offices: (office, month, due, on time, late, overdue), taken back and added. An open task
 * has a timer at its deadline, which makes it overdue.
 */
final class TaskStates extends KeyedProcessFunction<String, Tuple5<String, Integer, String, Long, Long>,
        Tuple6<String, Integer, Long, Long, Long, Long>> {
    private static final long serialVersionUID = 1;
    private static final long DAY_US = 86_400_000_000L;
    private static final long NEVER = Long.MAX_VALUE;

    private transient ValueState<Tuple4<String, Long, Long, Boolean>> task;  // office, deadline, completion, whether it is overdue

    @Override
    public void open(OpenContext context) {
        task = getRuntimeContext().getState(
            new ValueStateDescriptor<>("task", Types.TUPLE(Types.STRING, Types.LONG, Types.LONG, Types.BOOLEAN)));
    }

    @Override
    public void processElement(Tuple5<String, Integer, String, Long, Long> event, Context context,
            Collector<Tuple6<String, Integer, Long, Long, Long, Long>> changes) throws Exception {
        Tuple4<String, Long, Long, Boolean> state = task.value();
        if (state == null) {
            state = Tuple4.of("", 0L, NEVER, false);
        } else {
            send(state, -1, changes);
            if (waits(state)) {
                context.timerService().deleteEventTimeTimer(millis(state.f1));
            }
        }
        apply(event, state);
        state.f3 = state.f2 == NEVER && state.f1 < event.f4;
        if (waits(state)) {
            context.timerService().registerEventTimeTimer(millis(state.f1));
        }
        send(state, 1, changes);
        task.update(state);
    }

    @Override
    public void onTimer(long instant, OnTimerContext context, Collector<Tuple6<String, Integer, Long, Long, Long, Long>> changes)
            throws Exception {
        Tuple4<String, Long, Long, Boolean> state = task.value();
        send(state, -1, changes);
        state.f3 = true;
        send(state, 1, changes);
        task.update(state);
    }

    private static void apply(Tuple5<String, Integer, String, Long, Long> event, Tuple4<String, Long, Long, Boolean> state) {
        switch (event.f1) {
            case EventType.task_assigned:
                state.f0 = event.f2;
                state.f1 = event.f3;
                break;
            case EventType.task_extended:
                state.f1 = event.f3;
                break;
            case EventType.task_reassigned:
                state.f0 = event.f2;
                break;
            default:
                state.f2 = event.f3;
        }
    }

    private static boolean waits(Tuple4<String, Long, Long, Boolean> state) {
        return state.f2 == NEVER && !state.f3;
    }

    private static long millis(long us) {
        return us / 1000;  // deadlines are whole hours
    }

    /** A deadline belongs to the month that it ends. */
    private static void send(Tuple4<String, Long, Long, Boolean> state, long sign,
            Collector<Tuple6<String, Integer, Long, Long, Long, Long>> changes) {
        boolean open = state.f2 == NEVER;
        changes.collect(Tuple6.of(state.f0, Rows.month((int) Math.floorDiv(state.f1 - 1, DAY_US)), sign, state.f2 <= state.f1 ? sign : 0L,
            !open && state.f2 > state.f1 ? sign : 0L, open && state.f3 ? sign : 0L));
    }
}
