import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StoreQueryParameters;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.QueryableStoreTypes;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * The indicator fold on Kafka Streams. Arguments: bootstrap servers, application id, topic of events, topic between the sensors and
 * the levels above them (one partition), topic of alerts, directory of the state, commit interval in milliseconds, and a file that
 * the rows are written to when the process is asked to end.
 */
public final class Job {
    static final long TARGET_TENTHS = 500;

    static Record<byte[], byte[]> alert(String node, int month, Sums sums, long timestamp) {
        String key = node + "," + Row.label(month);
        String value = "{\"node\":\"" + node + "\",\"month\":\"" + Row.label(month) + "\",\"count\":" + sums.count + ",\"tenths\":"
            + sums.tenths + ",\"status\":\"" + (sums.above(TARGET_TENTHS) ? "firing" : "resolved") + "\"}";
        return new Record<>(key.getBytes(StandardCharsets.UTF_8), value.getBytes(StandardCharsets.UTF_8), timestamp);
    }

    private static StoreBuilder<KeyValueStore<byte[], byte[]>> store(String name) {
        Serde<byte[]> bytes = Serdes.ByteArray();
        return Stores.keyValueStoreBuilder(Stores.persistentKeyValueStore(name), bytes, bytes).withCachingEnabled()
            .withLoggingEnabled(Map.of());
    }

    private static Topology topology(String events, String wards, String alerts) {
        Topology topology = new Topology();
        topology.addSource("events", events);
        topology.addProcessor("sensor-rows", SensorProcessor::new, "events");
        topology.addStateStore(store(SensorProcessor.SENSORS), "sensor-rows");
        topology.addStateStore(store(SensorProcessor.WARDS), "sensor-rows");
        topology.addStateStore(store(SensorProcessor.NUMBERS), "sensor-rows");
        topology.addSink(SensorProcessor.TO_UPPER_LEVELS, wards, "sensor-rows");
        topology.addSink(SensorProcessor.TO_ALERTS, alerts, "sensor-rows");
        topology.addSource("wards-of-partitions", wards);
        topology.addProcessor("upper-rows", UpperLevels::new, "wards-of-partitions");
        topology.addStateStore(store(UpperLevels.PARTS), "upper-rows");
        topology.addStateStore(store(UpperLevels.ROWS), "upper-rows");
        topology.addSink("upper-alerts", alerts, "upper-rows");
        return topology;
    }

    private static Properties settings(String[] arguments) {
        Properties settings = new Properties();
        settings.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, arguments[0]);
        settings.put(StreamsConfig.APPLICATION_ID_CONFIG, arguments[1]);
        settings.put(StreamsConfig.STATE_DIR_CONFIG, arguments[5]);
        settings.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, arguments[6]);
        settings.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
        settings.put(StreamsConfig.DEFAULT_KEY_SERDE_CLASS_CONFIG, Serdes.ByteArraySerde.class);
        settings.put(StreamsConfig.DEFAULT_VALUE_SERDE_CLASS_CONFIG, Serdes.ByteArraySerde.class);
        settings.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, 2);
        settings.put(StreamsConfig.STATESTORE_CACHE_MAX_BYTES_CONFIG, 256L << 20);
        settings.put(StreamsConfig.ROCKSDB_CONFIG_SETTER_CLASS_CONFIG, StoreMemory.class);
        settings.put(StreamsConfig.consumerPrefix(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG), "earliest");
        settings.put(StreamsConfig.consumerPrefix(ConsumerConfig.MAX_POLL_RECORDS_CONFIG), 4000);
        settings.put(StreamsConfig.consumerPrefix(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG), 4 << 20);
        settings.put(StreamsConfig.producerPrefix(ProducerConfig.BATCH_SIZE_CONFIG), 256 << 10);
        settings.put(StreamsConfig.producerPrefix(ProducerConfig.LINGER_MS_CONFIG), 100);
        settings.put(StreamsConfig.producerPrefix(ProducerConfig.BUFFER_MEMORY_CONFIG), 64L << 20);
        return settings;
    }

    private static void print(KafkaStreams streams, String store, PrintWriter to) {
        Sums sums = new Sums();
        try (KeyValueIterator<byte[], byte[]> rows = streams.store(StoreQueryParameters.fromNameAndType(store,
                QueryableStoreTypes.<byte[], byte[]>keyValueStore())).all()) {
            rows.forEachRemaining(row -> {
                sums.read(row.value);
                to.println(Row.node(row.key) + "," + Row.label(Row.window(row.key)) + "," + sums.count + "," + sums.tenths);
            });
        }
    }

    private static void printRows(KafkaStreams streams, Path answers) {
        try (PrintWriter to = new PrintWriter(Files.newBufferedWriter(answers))) {
            print(streams, SensorProcessor.SENSORS, to);
            print(streams, UpperLevels.ROWS, to);
        } catch (IOException problem) {
            problem.printStackTrace();
        }
    }

    public static void main(String[] arguments) throws InterruptedException {
        KafkaStreams streams = new KafkaStreams(topology(arguments[2], arguments[3], arguments[4]), settings(arguments));
        CountDownLatch end = new CountDownLatch(1);
        streams.setUncaughtExceptionHandler(problem -> {
            problem.printStackTrace();
            Runtime.getRuntime().halt(1);
            return null;
        });
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            printRows(streams, Path.of(arguments[7]));
            streams.close();
            end.countDown();
        }));
        streams.start();
        end.await();
    }

    private Job() {}
}
