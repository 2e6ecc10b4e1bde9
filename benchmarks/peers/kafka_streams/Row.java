import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;

/**
 * The key of a row: a node's path and its window, 4 bytes: a day since 1970, or a month since the year 0 below MONTHS. Days and months
 * are those of UTC.
 */
final class Row {
    private static final int MONTHS = Integer.MIN_VALUE;
    private static final long DAY_US = 86_400_000_000L;
    private static final int WINDOW_BYTES = 4;

    static int day(long us) {
        return (int) Math.floorDiv(us, DAY_US);
    }

    static int month(int day) {
        LocalDate date = LocalDate.ofEpochDay(day);
        return MONTHS + date.getYear() * 12 + date.getMonthValue() - 1;
    }

    static byte[] key(byte[] node, int window) {
        return ByteBuffer.allocate(node.length + WINDOW_BYTES).put(node).putInt(window).array();
    }

    static String node(byte[] key) {
        return new String(key, 0, key.length - WINDOW_BYTES, StandardCharsets.UTF_8);
    }

    static int window(byte[] key) {
        return ByteBuffer.wrap(key).getInt(key.length - WINDOW_BYTES);
    }

    static String label(int window) {
        if (window >= 0) {
            return LocalDate.ofEpochDay(window).toString();
        }
        int month = window - MONTHS;
        return String.format("%04d-%02d", month / 12, month % 12 + 1);
    }

    private Row() {}
}
