import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import slipstream.wire.Event;
import slipstream.wire.Observation;

/**
 * Readings to the rows of their sensors, and to what this partition has of each ward and day. Wards are sent on once a second, only
 * those that changed and whole: one that is sent twice replaces itself, so nothing is lost or doubled by a crash in between.
 */
final class SensorProcessor implements Processor<byte[], byte[], byte[], byte[]> {
    static final String SENSORS = "sensors";
    static final String WARDS = "wards";
    static final String NUMBERS = "numbers";
    static final String TO_UPPER_LEVELS = "to-upper-levels";
    static final String TO_ALERTS = "to-alerts";
    private static final int WARD_PATH = "d00/w000".length();

    private final Event event = new Event();
    private final Observation reading = new Observation();
    private final Sums sums = new Sums();
    private final Map<Integer, Integer> monthOfDay = new HashMap<>();
    private final Set<ByteBuffer> changed = new HashSet<>();
    private ProcessorContext<byte[], byte[]> context;
    private KeyValueStore<byte[], byte[]> sensors;
    private KeyValueStore<byte[], byte[]> wards;
    private KeyValueStore<byte[], byte[]> numbers;

    @Override
    public void init(ProcessorContext<byte[], byte[]> given) {
        context = given;
        sensors = context.getStateStore(SENSORS);
        wards = context.getStateStore(WARDS);
        numbers = context.getStateStore(NUMBERS);
        try (KeyValueIterator<byte[], byte[]> rows = wards.all()) {  // what a crash may have kept from being sent
            rows.forEachRemaining(row -> changed.add(ByteBuffer.wrap(row.key)));
        }
        context.schedule(Duration.ofSeconds(1), PunctuationType.WALL_CLOCK_TIME, this::sendWards);
    }

    @Override
    public void process(Record<byte[], byte[]> record) {
        Event.getRootAsEvent(ByteBuffer.wrap(record.value()), event);
        event.data(reading);
        long us = event.hasEffectiveAt() ? event.effectiveAt() : event.time();
        long tenths = reading.value().low();
        byte[] sensor = record.key();
        if (reading.hasSequence()) {
            byte[] row = Numbers.after(numbers.get(sensor), reading.sequence());
            if (row == null) {
                return;
            }
            numbers.put(sensor, row);
        }
        int day = Row.day(us);
        int month = monthOfDay.computeIfAbsent(day, Row::month);
        add(sensors, Row.key(sensor, day), tenths);

        byte[] monthKey = Row.key(sensor, month);
        sums.read(sensors.get(monthKey));
        boolean was = sums.above(Job.TARGET_TENTHS);
        sums.count += 1;
        sums.tenths += tenths;
        sensors.put(monthKey, sums.written());
        if (was != sums.above(Job.TARGET_TENTHS)) {
            context.forward(Job.alert(new String(sensor, StandardCharsets.UTF_8), month, sums, record.timestamp()), TO_ALERTS);
        }

        byte[] ward = ByteBuffer.allocate(WARD_PATH + 4).put(sensor, 0, WARD_PATH).putInt(day).array();
        add(wards, ward, tenths);
        changed.add(ByteBuffer.wrap(ward));
    }

    private void add(KeyValueStore<byte[], byte[]> rows, byte[] key, long tenths) {
        sums.read(rows.get(key));
        sums.count += 1;
        sums.tenths += tenths;
        rows.put(key, sums.written());
    }

    private void sendWards(long now) {
        int partition = context.taskId().partition();
        for (ByteBuffer ward : changed) {
            byte[] row = wards.get(ward.array());
            byte[] value = ByteBuffer.allocate(Sums.BYTES + 4).put(row).putInt(partition).array();
            context.forward(new Record<>(ward.array(), value, now), TO_UPPER_LEVELS);
        }
        changed.clear();
    }
}
