import java.time.LocalDate;
import java.util.HashMap;
import java.util.Map;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.api.java.tuple.Tuple5;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;
import org.apache.flink.util.OutputTag;

/**
 * Counts and sums of one node by window: a day since 1970, or a month since the year 0 below MONTHS. A month whose mean crosses the
 * target gives an alert: its key and its value. What counts goes on to the levels above, by a side output; of numbered readings each
 * number counts once, unless it is too far behind the highest.
 */
final class Rows extends KeyedProcessFunction<String, Tuple5<String, Integer, Long, Long, Long>, Tuple2<String, String>> {
    private static final long serialVersionUID = 1;
    private static final int MONTHS = Integer.MIN_VALUE;
    private static final long TARGET_TENTHS = 500;
    private static final int REACH = 64;
    static final OutputTag<Tuple5<String, Integer, Long, Long, Long>> COUNTED = new OutputTag<>("counted", Readings.TYPE);

    private transient MapState<Integer, Tuple2<Long, Long>> rows;
    private transient ValueState<Tuple2<Long, Long>> numbers;  // the highest, and which of the 64 up to it were there
    private transient Map<Integer, Integer> monthOfDay;

    static MapStateDescriptor<Integer, Tuple2<Long, Long>> descriptor() {
        return new MapStateDescriptor<>("rows", Types.INT, Types.TUPLE(Types.LONG, Types.LONG));
    }

    static int month(int day) {
        LocalDate date = LocalDate.ofEpochDay(day);
        return MONTHS + date.getYear() * 12 + date.getMonthValue() - 1;
    }

    static String label(int window) {
        if (window >= 0) {
            return LocalDate.ofEpochDay(window).toString();
        }
        int month = window - MONTHS;
        return String.format("%04d-%02d", month / 12, month % 12 + 1);
    }

    @Override
    public void open(OpenContext context) {
        rows = getRuntimeContext().getMapState(descriptor());
        numbers = getRuntimeContext().getState(new ValueStateDescriptor<>("numbers", Types.TUPLE(Types.LONG, Types.LONG)));
        monthOfDay = new HashMap<>();
    }

    @Override
    public void processElement(Tuple5<String, Integer, Long, Long, Long> change, Context context, Collector<Tuple2<String, String>> alerts)
            throws Exception {
        if (change.f4 >= 0 && !isNew(change.f4)) {
            return;
        }
        context.output(COUNTED, change);
        int month = monthOfDay.computeIfAbsent(change.f1, Rows::month);
        add(change.f1, change.f2, change.f3);
        Tuple2<Long, Long> sums = add(month, change.f2, change.f3);
        boolean was = above(sums.f0 - change.f2, sums.f1 - change.f3);
        boolean is = above(sums.f0, sums.f1);
        if (was != is) {
            String node = context.getCurrentKey();
            alerts.collect(Tuple2.of(node + "," + label(month), "{\"node\":\"" + node + "\",\"month\":\"" + label(month) + "\",\"count\":"
                + sums.f0 + ",\"tenths\":" + sums.f1 + ",\"status\":\"" + (is ? "firing" : "resolved") + "\"}"));
        }
    }

    private boolean isNew(long number) throws Exception {
        Tuple2<Long, Long> seen = numbers.value();
        if (seen == null) {
            seen = Tuple2.of(-1L, 0L);
        }
        if (number > seen.f0) {
            seen.f1 = number - seen.f0 < REACH ? seen.f1 << (number - seen.f0) | 1 : 1L;
            seen.f0 = number;
        } else if (seen.f0 - number < REACH) {
            long bit = 1L << (seen.f0 - number);
            if ((seen.f1 & bit) != 0) {
                return false;
            }
            seen.f1 |= bit;
        }
        numbers.update(seen);
        return true;
    }

    private static boolean above(long count, long tenths) {
        return tenths > TARGET_TENTHS * count;
    }

    private Tuple2<Long, Long> add(int window, long count, long tenths) throws Exception {
        Tuple2<Long, Long> sums = rows.get(window);
        if (sums == null) {
            sums = Tuple2.of(count, tenths);
        } else {
            sums.f0 += count;
            sums.f1 += tenths;
        }
        rows.put(window, sums);
        return sums;
    }
}
