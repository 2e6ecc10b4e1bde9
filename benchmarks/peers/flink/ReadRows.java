import java.io.BufferedWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.api.java.tuple.Tuple4;
import org.apache.flink.state.api.OperatorIdentifier;
import org.apache.flink.state.api.SavepointReader;
import org.apache.flink.state.api.functions.KeyedStateReaderFunction;
import org.apache.flink.state.rocksdb.EmbeddedRocksDBStateBackend;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.util.CloseableIterator;
import org.apache.flink.util.Collector;

/** The rows of a checkpoint, a line each: node, window and what the job counts. Arguments: the job, the checkpoint, a file to write to. */
public final class ReadRows {
    static final class Lines extends KeyedStateReaderFunction<String, String> {
        private static final long serialVersionUID = 1;
        private transient MapState<Integer, Tuple2<Long, Long>> rows;

        @Override
        public void open(OpenContext context) {
            rows = getRuntimeContext().getMapState(Rows.descriptor());
        }

        @Override
        public void readKey(String node, Context context, Collector<String> to) throws Exception {
            for (Map.Entry<Integer, Tuple2<Long, Long>> row : rows.entries()) {
                to.collect(node + "," + Rows.label(row.getKey()) + "," + row.getValue().f0 + "," + row.getValue().f1);
            }
        }
    }

    static final class TaskLines extends KeyedStateReaderFunction<String, String> {
        private static final long serialVersionUID = 1;
        private transient MapState<Integer, Tuple4<Long, Long, Long, Long>> rows;

        @Override
        public void open(OpenContext context) {
            rows = getRuntimeContext().getMapState(TaskRows.descriptor());
        }

        @Override
        public void readKey(String node, Context context, Collector<String> to) throws Exception {
            for (Map.Entry<Integer, Tuple4<Long, Long, Long, Long>> row : rows.entries()) {
                Tuple4<Long, Long, Long, Long> counts = row.getValue();
                to.collect(node + "," + Rows.label(row.getKey()) + "," + counts.f0 + "," + counts.f1 + "," + counts.f2 + "," + counts.f3);
            }
        }
    }

    private static void write(SavepointReader checkpoint, String operator, KeyedStateReaderFunction<String, String> lines, BufferedWriter to)
            throws Exception {
        try (CloseableIterator<String> line =
                checkpoint.readKeyedState(OperatorIdentifier.forUid(operator), lines, Types.STRING, Types.STRING).executeAndCollect()) {
            while (line.hasNext()) {
                to.write(line.next());
                to.newLine();
            }
        }
    }

    public static void main(String[] arguments) throws Exception {
        StreamExecutionEnvironment environment = StreamExecutionEnvironment.createLocalEnvironment(2);
        SavepointReader checkpoint = SavepointReader.read(environment, arguments[1], new EmbeddedRocksDBStateBackend(true));
        try (BufferedWriter to = Files.newBufferedWriter(Path.of(arguments[2]))) {
            if (arguments[0].equals("TaskJob")) {
                write(checkpoint, TaskJob.ROWS, new TaskLines(), to);
            } else {
                write(checkpoint, Job.SENSORS, new Lines(), to);
                write(checkpoint, Job.UPPER, new Lines(), to);
            }
        }
    }

    private ReadRows() {}
}
