import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;

/** What each partition has of a ward and day replaces what it had, and the difference goes to ward, district and city. */
final class UpperLevels implements Processor<byte[], byte[], byte[], byte[]> {
    static final String PARTS = "ward-parts";
    static final String ROWS = "upper-levels";
    static final byte[] ROOT = "city".getBytes(StandardCharsets.UTF_8);

    private final Sums before = new Sums();
    private final Sums after = new Sums();
    private final Sums sums = new Sums();
    private ProcessorContext<byte[], byte[]> context;
    private KeyValueStore<byte[], byte[]> parts;
    private KeyValueStore<byte[], byte[]> rows;

    @Override
    public void init(ProcessorContext<byte[], byte[]> given) {
        context = given;
        parts = context.getStateStore(PARTS);
        rows = context.getStateStore(ROWS);
    }

    @Override
    public void process(Record<byte[], byte[]> record) {
        byte[] value = record.value();
        byte[] part = ByteBuffer.allocate(record.key().length + 4).put(record.key()).put(value, Sums.BYTES, 4).array();
        before.read(parts.get(part));
        byte[] row = Arrays.copyOf(value, Sums.BYTES);
        after.read(row);
        parts.put(part, row);

        byte[] ward = Arrays.copyOf(record.key(), record.key().length - 4);
        int day = Row.window(record.key());
        int month = Row.month(day);
        byte[] district = Arrays.copyOf(ward, "d00".length());
        for (byte[] node : new byte[][] {ward, district, ROOT}) {
            add(node, day, record.timestamp(), false);
            add(node, month, record.timestamp(), true);
        }
    }

    private void add(byte[] node, int window, long timestamp, boolean judged) {
        byte[] key = Row.key(node, window);
        sums.read(rows.get(key));
        boolean was = sums.above(Job.TARGET_TENTHS);
        sums.count += after.count - before.count;
        sums.tenths += after.tenths - before.tenths;
        rows.put(key, sums.written());
        if (judged && was != sums.above(Job.TARGET_TENTHS)) {
            context.forward(Job.alert(new String(node, StandardCharsets.UTF_8), window, sums, timestamp));
        }
    }
}
