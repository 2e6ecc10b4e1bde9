import java.nio.ByteBuffer;
import java.util.Arrays;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;

/** What each partition has of an office and month replaces what it had, and the difference goes to office, district and city. */
final class TaskLevels implements Processor<byte[], byte[], byte[], byte[]> {
    static final String PARTS = "office-parts";
    static final String ROWS = "task-levels";

    private KeyValueStore<byte[], byte[]> parts;
    private KeyValueStore<byte[], byte[]> rows;

    @Override
    public void init(ProcessorContext<byte[], byte[]> context) {
        parts = context.getStateStore(PARTS);
        rows = context.getStateStore(ROWS);
    }

    @Override
    public void process(Record<byte[], byte[]> record) {
        byte[] part = ByteBuffer.allocate(record.key().length + 4).put(record.key()).put(record.value(), Counts.BYTES, 4).array();
        byte[] row = Arrays.copyOf(record.value(), Counts.BYTES);
        long[] before = Counts.read(parts.get(part));
        long[] after = Counts.read(row);
        parts.put(part, row);
        byte[] office = Arrays.copyOf(record.key(), record.key().length - 4);
        int month = Row.window(record.key());
        for (byte[] node : new byte[][] {office, Arrays.copyOf(office, "d00".length()), UpperLevels.ROOT}) {
            byte[] key = Row.key(node, month);
            long[] counts = Counts.read(rows.get(key));
            for (int i = 0; i < counts.length; ++i) {
                counts[i] += after[i] - before[i];
            }
            rows.put(key, counts[0] == 0 ? null : Counts.written(counts));
        }
    }
}
