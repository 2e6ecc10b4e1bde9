import java.io.BufferedWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.Map;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.state.api.OperatorIdentifier;
import org.apache.flink.state.api.SavepointReader;
import org.apache.flink.state.api.functions.KeyedStateReaderFunction;
import org.apache.flink.state.rocksdb.EmbeddedRocksDBStateBackend;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.util.CloseableIterator;
import org.apache.flink.util.Collector;

/** The rows of a checkpoint, a line each: node, window, count, sum in tenths. Arguments: the checkpoint, and a file to write to. */
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

    public static void main(String[] arguments) throws Exception {
        StreamExecutionEnvironment environment = StreamExecutionEnvironment.createLocalEnvironment(2);
        SavepointReader checkpoint = SavepointReader.read(environment, arguments[0], new EmbeddedRocksDBStateBackend(true));
        try (BufferedWriter to = Files.newBufferedWriter(Path.of(arguments[1]))) {
            for (String operator : new String[] {Job.SENSORS, Job.UPPER}) {
                try (CloseableIterator<String> lines = checkpoint.readKeyedState(OperatorIdentifier.forUid(operator), new Lines(),
                        Types.STRING, Types.STRING).executeAndCollect()) {
                    for (Iterator<String> line = lines; line.hasNext();) {
                        to.write(line.next());
                        to.newLine();
                    }
                }
            }
        }
    }

    private ReadRows() {}
}
