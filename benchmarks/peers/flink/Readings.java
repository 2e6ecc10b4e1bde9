import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.tuple.Tuple5;
import org.apache.flink.connector.kafka.source.reader.deserializer.KafkaRecordDeserializationSchema;
import org.apache.flink.util.Collector;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import slipstream.wire.Event;
import slipstream.wire.Observation;

/** Records, read in place, to (node, day since 1970, count, sum in tenths, the reading's number or -1). Days are those of UTC. */
final class Readings implements KafkaRecordDeserializationSchema<Tuple5<String, Integer, Long, Long, Long>> {
    static final TypeInformation<Tuple5<String, Integer, Long, Long, Long>> TYPE =
        Types.TUPLE(Types.STRING, Types.INT, Types.LONG, Types.LONG, Types.LONG);
    private static final long DAY_US = 86_400_000_000L;

    private transient Event event;
    private transient Observation reading;

    @Override
    public void deserialize(ConsumerRecord<byte[], byte[]> record, Collector<Tuple5<String, Integer, Long, Long, Long>> to) {
        if (event == null) {
            event = new Event();
            reading = new Observation();
        }
        Event.getRootAsEvent(ByteBuffer.wrap(record.value()), event);
        event.data(reading);
        long us = event.hasEffectiveAt() ? event.effectiveAt() : event.time();
        to.collect(Tuple5.of(new String(record.key(), StandardCharsets.ISO_8859_1), (int) Math.floorDiv(us, DAY_US), 1L,
            reading.value().low(), reading.hasSequence() ? reading.sequence() : -1L));
    }

    @Override
    public TypeInformation<Tuple5<String, Integer, Long, Long, Long>> getProducedType() {
        return TYPE;
    }
}
