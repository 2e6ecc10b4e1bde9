import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import java.util.function.Function;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.StoreQueryParameters;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.QueryableStoreTypes;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;

/**
 * Runs a topology until the process is asked to end, and then writes rows to a file. Arguments: bootstrap servers, application id,
 * topic of events, topic between the leaves and the levels above them (one partition), topic of alerts, directory of the state,
 * commit interval in milliseconds, and the file.
 */
final class Application {
    static StoreBuilder<KeyValueStore<byte[], byte[]>> store(String name) {
        Serde<byte[]> bytes = Serdes.ByteArray();
        return Stores.keyValueStoreBuilder(Stores.persistentKeyValueStore(name), bytes, bytes).withCachingEnabled()
            .withLoggingEnabled(Map.of());
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
        settings.put(StreamsConfig.consumerPrefix(ConsumerConfig.GROUP_INSTANCE_ID_CONFIG), "1");
        settings.put(StreamsConfig.producerPrefix(ProducerConfig.BATCH_SIZE_CONFIG), 256 << 10);
        settings.put(StreamsConfig.producerPrefix(ProducerConfig.LINGER_MS_CONFIG), 100);
        settings.put(StreamsConfig.producerPrefix(ProducerConfig.BUFFER_MEMORY_CONFIG), 64L << 20);
        return settings;
    }

    private static void printRows(KafkaStreams streams, Path file, Function<KeyValue<byte[], byte[]>, String> line, String... stores) {
        try (PrintWriter to = new PrintWriter(Files.newBufferedWriter(file))) {
            for (String store : stores) {
                try (KeyValueIterator<byte[], byte[]> rows = streams.store(StoreQueryParameters.fromNameAndType(store,
                        QueryableStoreTypes.<byte[], byte[]>keyValueStore())).all()) {
                    rows.forEachRemaining(row -> to.println(line.apply(row)));
                }
            }
        } catch (IOException problem) {
            problem.printStackTrace();
        }
    }

    /** The rows of `stores` are printed as `line` has them. */
    static void run(Topology topology, String[] arguments, Function<KeyValue<byte[], byte[]>, String> line, String... stores)
            throws InterruptedException {
        KafkaStreams streams = new KafkaStreams(topology, settings(arguments));
        CountDownLatch end = new CountDownLatch(1);
        streams.setUncaughtExceptionHandler(problem -> {
            problem.printStackTrace();
            Runtime.getRuntime().halt(1);
            return null;
        });
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            printRows(streams, Path.of(arguments[7]), line, stores);
            streams.close();
            end.countDown();
        }));
        streams.start();
        end.await();
    }

    private Application() {}
}
