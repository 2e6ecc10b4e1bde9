import java.nio.file.Path;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.connector.kafka.source.KafkaSource;
import org.apache.flink.connector.kafka.source.enumerator.initializer.OffsetsInitializer;
import org.apache.flink.connector.kafka.source.reader.deserializer.KafkaRecordDeserializationSchema;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/**
 * What the jobs share: a cluster within this process, and the topic of events. Arguments of a job: bootstrap servers, group, topic of
 * events, topic of alerts, directory of state and checkpoints, milliseconds from a checkpoint to the next, and, to go on after a
 * crash, the newest checkpoint.
 */
final class Cluster {
    private static Configuration settings(Path directory, String intervalMs) {
        Configuration settings = new Configuration();
        settings.setString("state.backend.type", "rocksdb");
        settings.setString("state.backend.rocksdb.predefined-options", "FLASH_SSD_OPTIMIZED");
        settings.setString("io.tmp.dirs", directory.resolve("local").toString());
        settings.setString("execution.checkpointing.dir", directory.resolve("checkpoints").toUri().toString());
        settings.setString("execution.checkpointing.interval", intervalMs + " ms");
        settings.setString("execution.checkpointing.mode", "EXACTLY_ONCE");
        settings.setString("execution.checkpointing.incremental", "true");
        settings.setString("execution.checkpointing.externalized-checkpoint-retention", "RETAIN_ON_CANCELLATION");
        settings.setString("taskmanager.memory.managed.size", "512m");
        settings.setString("taskmanager.numberOfTaskSlots", "2");
        settings.setString("parallelism.default", "2");
        settings.setString("pipeline.object-reuse", "true");
        settings.setString("restart-strategy.type", "none");
        return settings;
    }

    static StreamExecutionEnvironment environment(String[] arguments) {
        Configuration settings = settings(Path.of(arguments[4]), arguments[5]);
        if (arguments.length > 6) {
            settings.setString("execution.state-recovery.path", arguments[6]);
        }
        return StreamExecutionEnvironment.createLocalEnvironment(2, settings);
    }

    static <T> KafkaSource<T> events(String[] arguments, KafkaRecordDeserializationSchema<T> deserializer) {
        return KafkaSource.<T>builder()
            .setBootstrapServers(arguments[0])
            .setGroupId(arguments[1])
            .setTopics(arguments[2])
            .setStartingOffsets(OffsetsInitializer.earliest())
            .setDeserializer(deserializer)
            .setProperty("max.poll.records", "4000")
            .setProperty("max.partition.fetch.bytes", String.valueOf(4 << 20))
            .build();
    }

    private Cluster() {}
}
