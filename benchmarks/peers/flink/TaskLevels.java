import java.util.HashMap;
import java.util.Map;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.api.java.tuple.Tuple6;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;

/** Sums changes of office, district and city until the next checkpoint's barrier, as UpperLevels does. */
final class TaskLevels extends AbstractStreamOperator<Tuple6<String, Integer, Long, Long, Long, Long>>
        implements OneInputStreamOperator<Tuple6<String, Integer, Long, Long, Long, Long>, Tuple6<String, Integer, Long, Long, Long, Long>> {
    private static final long serialVersionUID = 1;
    private static final int DISTRICT_PATH = "d00".length();

    private transient Map<Tuple2<String, Integer>, long[]> offices;

    @Override
    public void open() throws Exception {
        super.open();
        offices = new HashMap<>();
    }

    @Override
    public void processElement(StreamRecord<Tuple6<String, Integer, Long, Long, Long, Long>> element) {
        Tuple6<String, Integer, Long, Long, Long, Long> change = element.getValue();
        add(offices, change.f0, change.f1, change.f2, change.f3, change.f4, change.f5);
    }

    private static void add(Map<Tuple2<String, Integer>, long[]> to, String node, int month, long... changes) {
        long[] counts = to.computeIfAbsent(Tuple2.of(node, month), unused -> new long[changes.length]);
        for (int i = 0; i < changes.length; ++i) {
            counts[i] += changes[i];
        }
    }

    @Override
    public void prepareSnapshotPreBarrier(long checkpoint) {
        send();
    }

    @Override
    public void finish() {
        send();
    }

    private void send() {
        Map<Tuple2<String, Integer>, long[]> above = new HashMap<>();
        offices.forEach((office, counts) -> {
            add(above, office.f0.substring(0, DISTRICT_PATH), office.f1, counts);
            add(above, "city", office.f1, counts);
        });
        send(offices);
        send(above);
        offices.clear();
    }

    private void send(Map<Tuple2<String, Integer>, long[]> rows) {
        rows.forEach((row, counts) ->
            output.collect(new StreamRecord<>(Tuple6.of(row.f0, row.f1, counts[0], counts[1], counts[2], counts[3]))));
    }
}
