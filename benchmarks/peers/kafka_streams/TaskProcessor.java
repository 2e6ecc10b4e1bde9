import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import slipstream.wire.Event;
import slipstream.wire.EventType;
import slipstream.wire.Task;

/**
 * Events of tasks to what this partition has of each office and month. Open tasks are indexed by deadline; once a second those whose
 * deadline has passed, by the newest event's time, become overdue, and offices that changed are sent on whole.
 */
final class TaskProcessor implements Processor<byte[], byte[], byte[], byte[]> {
    static final String TASKS = "tasks";
    static final String DEADLINES = "deadlines";
    static final String OFFICES = "offices";
    private static final byte[] NOTHING = new byte[0];

    private final Event event = new Event();
    private final Task data = new Task();
    private final Set<ByteBuffer> changed = new HashSet<>();
    private ProcessorContext<byte[], byte[]> context;
    private KeyValueStore<byte[], byte[]> tasks;
    private KeyValueStore<byte[], byte[]> deadlines;
    private KeyValueStore<byte[], byte[]> offices;
    private long clock = Long.MIN_VALUE;

    @Override
    public void init(ProcessorContext<byte[], byte[]> given) {
        context = given;
        tasks = context.getStateStore(TASKS);
        deadlines = context.getStateStore(DEADLINES);
        offices = context.getStateStore(OFFICES);
        try (KeyValueIterator<byte[], byte[]> rows = offices.all()) {  // what a crash may have kept from being sent
            rows.forEachRemaining(row -> changed.add(ByteBuffer.wrap(row.key)));
        }
        context.schedule(Duration.ofSeconds(1), PunctuationType.WALL_CLOCK_TIME, this::advance);
    }

    @Override
    public void process(Record<byte[], byte[]> record) {
        Event.getRootAsEvent(ByteBuffer.wrap(record.value()), event);
        event.data(data);
        clock = Math.max(clock, event.time());
        byte[] task = record.key();
        byte[] row = tasks.get(task);
        TaskState state = TaskState.read(row);
        if (row != null) {
            count(state, -1);
            if (state.open() && !state.overdue) {
                deadlines.delete(deadline(state.due, task));
            }
        }
        apply(state);
        state.overdue = state.open() && state.due < clock;
        if (state.open() && !state.overdue) {
            deadlines.put(deadline(state.due, task), NOTHING);
        }
        count(state, 1);
        tasks.put(task, state.written());
    }

    private void apply(TaskState state) {
        switch (event.type()) {
            case EventType.task_assigned:
                state.due = data.dueAt();
                state.office = office();
                break;
            case EventType.task_extended:
                state.due = data.dueAt();
                break;
            case EventType.task_reassigned:
                state.office = office();
                break;
            default:
                state.completed = data.completedAt();
        }
    }

    private byte[] office() {
        ByteBuffer path = data.unitAsByteBuffer();
        byte[] bytes = new byte[path.remaining()];
        path.get(bytes);
        return bytes;
    }

    private void count(TaskState state, int sign) {
        byte[] key = Row.key(state.office, state.month());
        long[] counts = Counts.read(offices.get(key));
        state.count(counts, sign);
        offices.put(key, Counts.written(counts));
        changed.add(ByteBuffer.wrap(key));
    }

    private static byte[] deadline(long due, byte[] task) {
        return ByteBuffer.allocate(Long.BYTES + task.length).putLong(due).put(task).array();
    }

    private void advance(long now) {
        if (clock != Long.MIN_VALUE) {
            List<byte[]> passed = new ArrayList<>();
            try (KeyValueIterator<byte[], byte[]> rows = deadlines.range(deadline(0, NOTHING), deadline(clock, NOTHING))) {
                rows.forEachRemaining(row -> passed.add(row.key));
            }
            passed.forEach(this::makeOverdue);
        }
        sendOffices(now);
    }

    private void makeOverdue(byte[] deadline) {
        byte[] task = new byte[deadline.length - Long.BYTES];
        System.arraycopy(deadline, Long.BYTES, task, 0, task.length);
        TaskState state = TaskState.read(tasks.get(task));
        count(state, -1);
        state.overdue = true;
        count(state, 1);
        tasks.put(task, state.written());
        deadlines.delete(deadline);
    }

    private void sendOffices(long now) {
        int partition = context.taskId().partition();
        for (ByteBuffer office : changed) {
            byte[] value = ByteBuffer.allocate(Counts.BYTES + 4).put(offices.get(office.array())).putInt(partition).array();
            context.forward(new Record<>(office.array(), value, now));
        }
        changed.clear();
    }
}
