import java.util.HashMap;
import java.util.Map;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.api.java.tuple.Tuple5;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;

/**
 * Sums readings of the levels above a sensor until the next checkpoint's barrier and sends the sums before it, so that nothing has to
 * be in a checkpoint: as the operators of Flink's SQL do with mini-batches.
 */
final class UpperLevels extends AbstractStreamOperator<Tuple5<String, Integer, Long, Long, Long>>
        implements OneInputStreamOperator<Tuple5<String, Integer, Long, Long, Long>, Tuple5<String, Integer, Long, Long, Long>> {
    private static final long serialVersionUID = 1;
    private static final int WARD_PATH = "d00/w000".length();
    private static final int DISTRICT_PATH = "d00".length();

    private transient Map<Tuple2<String, Integer>, long[]> wards;
    private transient Tuple2<String, Integer> key;

    @Override
    public void open() throws Exception {
        super.open();
        wards = new HashMap<>();
        key = new Tuple2<>();
    }

    @Override
    public void processElement(StreamRecord<Tuple5<String, Integer, Long, Long, Long>> element) {
        Tuple5<String, Integer, Long, Long, Long> reading = element.getValue();
        add(wards, reading.f0.substring(0, WARD_PATH), reading.f1, reading.f2, reading.f3);
    }

    private void add(Map<Tuple2<String, Integer>, long[]> to, String node, int day, long count, long tenths) {
        key.setFields(node, day);
        long[] sums = to.get(key);
        if (sums == null) {
            sums = new long[2];
            to.put(Tuple2.of(node, day), sums);
        }
        sums[0] += count;
        sums[1] += tenths;
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
        wards.forEach((ward, sums) -> {
            add(above, ward.f0.substring(0, DISTRICT_PATH), ward.f1, sums[0], sums[1]);
            add(above, "city", ward.f1, sums[0], sums[1]);
        });
        send(wards);
        send(above);
        wards.clear();
    }

    private void send(Map<Tuple2<String, Integer>, long[]> rows) {
        rows.forEach((row, sums) -> output.collect(new StreamRecord<>(Tuple5.of(row.f0, row.f1, sums[0], sums[1], -1L))));
    }
}
