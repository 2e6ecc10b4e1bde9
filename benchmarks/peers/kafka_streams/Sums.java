import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Count and sum of a row as a store holds them: 16 bytes, big-endian. */
final class Sums {
    static final int BYTES = 16;
    long count;
    long tenths;

    void read(byte[] row) {
        if (row == null) {
            count = 0;
            tenths = 0;
            return;
        }
        ByteBuffer buffer = ByteBuffer.wrap(row).order(ByteOrder.BIG_ENDIAN);
        count = buffer.getLong();
        tenths = buffer.getLong();
    }

    byte[] written() {
        return ByteBuffer.allocate(BYTES).putLong(count).putLong(tenths).array();
    }

    boolean above(long targetTenths) {
        return tenths > targetTenths * count;
    }
}
