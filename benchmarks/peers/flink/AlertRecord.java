import java.nio.charset.StandardCharsets;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.connector.kafka.sink.KafkaRecordSerializationSchema;
import org.apache.kafka.clients.producer.ProducerRecord;

/** An alert as a record of its topic. */
final class AlertRecord implements KafkaRecordSerializationSchema<Tuple2<String, String>> {
    private static final long serialVersionUID = 1;
    private final String topic;

    AlertRecord(String topic) {
        this.topic = topic;
    }

    @Override
    public ProducerRecord<byte[], byte[]> serialize(Tuple2<String, String> alert, KafkaSinkContext context, Long timestamp) {
        return new ProducerRecord<>(topic, alert.f0.getBytes(StandardCharsets.UTF_8), alert.f1.getBytes(StandardCharsets.UTF_8));
    }
}
