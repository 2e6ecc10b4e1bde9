import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.tuple.Tuple5;
import org.apache.flink.connector.kafka.source.reader.deserializer.KafkaRecordDeserializationSchema;
import org.apache.flink.util.Collector;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import slipstream.wire.Event;
import slipstream.wire.EventType;
import slipstream.wire.Task;

/** Records, read in place, to (task, event type's number, its office or nothing, its deadline or completion, its time), in microseconds. */
final class TaskEvents implements KafkaRecordDeserializationSchema<Tuple5<String, Integer, String, Long, Long>> {
    private static final long serialVersionUID = 1;
    static final TypeInformation<Tuple5<String, Integer, String, Long, Long>> TYPE =
        Types.TUPLE(Types.STRING, Types.INT, Types.STRING, Types.LONG, Types.LONG);

    private transient Event event;
    private transient Task task;

    @Override
    public void deserialize(ConsumerRecord<byte[], byte[]> record, Collector<Tuple5<String, Integer, String, Long, Long>> to) {
        if (event == null) {
            event = new Event();
            task = new Task();
        }
        Event.getRootAsEvent(ByteBuffer.wrap(record.value()), event);
        event.data(task);
        int type = event.type();
        String office = type == EventType.task_assigned || type == EventType.task_reassigned ? task.unit() : "";
        long us = type == EventType.task_completed ? task.completedAt() : task.hasDueAt() ? task.dueAt() : 0;
        to.collect(Tuple5.of(new String(record.key(), StandardCharsets.ISO_8859_1), type, office, us, event.time()));
    }

    @Override
    public TypeInformation<Tuple5<String, Integer, String, Long, Long>> getProducedType() {
        return TYPE;
    }
}
