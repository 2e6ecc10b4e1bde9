import java.nio.ByteBuffer;

/** Due, on time, late and overdue as a store holds them. */
final class Counts {
    static final int NUMBERS = 4;
    static final int BYTES = NUMBERS * Long.BYTES;

    static long[] read(byte[] row) {
        long[] counts = new long[NUMBERS];
        if (row != null) {
            ByteBuffer.wrap(row).asLongBuffer().get(counts);
        }
        return counts;
    }

    static byte[] written(long[] counts) {
        ByteBuffer row = ByteBuffer.allocate(BYTES);
        row.asLongBuffer().put(counts);
        return row.array();
    }

    private Counts() {}
}
