import java.nio.ByteBuffer;
import java.util.Arrays;

/** A task as a store holds it: deadline, completion, whether it is counted as overdue, and the office that holds it. */
final class TaskState {
    static final long NEVER = Long.MAX_VALUE;
    private static final int HEAD_BYTES = 2 * Long.BYTES + 1;

    long due;
    long completed = NEVER;
    boolean overdue;
    byte[] office;

    static TaskState read(byte[] row) {
        TaskState state = new TaskState();
        if (row != null) {
            ByteBuffer buffer = ByteBuffer.wrap(row);
            state.due = buffer.getLong();
            state.completed = buffer.getLong();
            state.overdue = buffer.get() != 0;
            state.office = Arrays.copyOfRange(row, HEAD_BYTES, row.length);
        }
        return state;
    }

    byte[] written() {
        return ByteBuffer.allocate(HEAD_BYTES + office.length).putLong(due).putLong(completed).put((byte) (overdue ? 1 : 0)).put(office)
            .array();
    }

    boolean open() {
        return completed == NEVER;
    }

    /** Adds what the task counts to (due, on time, late, overdue); sign is 1, or -1 to take it back. */
    void count(long[] to, int sign) {
        to[0] += sign;
        to[1] += completed <= due ? sign : 0;
        to[2] += !open() && completed > due ? sign : 0;
        to[3] += open() && overdue ? sign : 0;
    }

    /** A deadline belongs to the month that it ends. */
    int month() {
        return Row.month(Row.day(due - 1));
    }
}
