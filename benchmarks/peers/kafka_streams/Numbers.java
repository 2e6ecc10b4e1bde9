import java.nio.ByteBuffer;

/** The highest number of a sensor's readings, and which of the 64 up to it were there; numbers too far back count as new. */
final class Numbers {
    private static final int REACH = 64;

    /** The row after a number that is new; null when it was there. */
    static byte[] after(byte[] row, long number) {
        ByteBuffer before = row == null ? null : ByteBuffer.wrap(row);
        long highest = before == null ? -1 : before.getLong();
        long seen = before == null ? 0 : before.getLong();
        if (number > highest) {
            seen = number - highest < REACH ? seen << (number - highest) | 1 : 1;
            highest = number;
        } else if (highest - number < REACH) {
            long bit = 1L << (highest - number);
            if ((seen & bit) != 0) {
                return null;
            }
            seen |= bit;
        }
        return ByteBuffer.allocate(2 * Long.BYTES).putLong(highest).putLong(seen).array();
    }

    private Numbers() {}
}
