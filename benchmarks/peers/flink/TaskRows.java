import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.tuple.Tuple4;
import org.apache.flink.api.java.tuple.Tuple6;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;

/** Due, on time, late and overdue of one node by month. A month without tasks has no row. Nothing goes on from here. */
final class TaskRows extends KeyedProcessFunction<String, Tuple6<String, Integer, Long, Long, Long, Long>, String> {
    private static final long serialVersionUID = 1;

    private transient MapState<Integer, Tuple4<Long, Long, Long, Long>> rows;

    static MapStateDescriptor<Integer, Tuple4<Long, Long, Long, Long>> descriptor() {
        return new MapStateDescriptor<>("task-rows", Types.INT, Types.TUPLE(Types.LONG, Types.LONG, Types.LONG, Types.LONG));
    }

    @Override
    public void open(OpenContext context) {
        rows = getRuntimeContext().getMapState(descriptor());
    }

    @Override
    public void processElement(Tuple6<String, Integer, Long, Long, Long, Long> change, Context context, Collector<String> unused)
            throws Exception {
        Tuple4<Long, Long, Long, Long> counts = rows.get(change.f1);
        if (counts == null) {
            counts = Tuple4.of(0L, 0L, 0L, 0L);
        }
        counts.setFields(counts.f0 + change.f2, counts.f1 + change.f3, counts.f2 + change.f4, counts.f3 + change.f5);
        if (counts.f0 == 0) {
            rows.remove(change.f1);
        } else {
            rows.put(change.f1, counts);
        }
    }
}
