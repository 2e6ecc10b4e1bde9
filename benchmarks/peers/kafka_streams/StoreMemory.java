import java.util.Map;
import org.apache.kafka.streams.state.RocksDBConfigSetter;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.Cache;
import org.rocksdb.LRUCache;
import org.rocksdb.Options;
import org.rocksdb.WriteBufferManager;

/**
 * One block cache for all stores, which memtables, indexes and filters count against: as "Memory Management" of the developer guide
 * of Kafka Streams has it.
 */
public final class StoreMemory implements RocksDBConfigSetter {
    private static final long BYTES = 512L << 20;
    private static final long MEMTABLE_BYTES = 192L << 20;
    private static final Cache CACHE = new LRUCache(BYTES, -1, false, 0.1);
    private static final WriteBufferManager MEMTABLES = new WriteBufferManager(MEMTABLE_BYTES, CACHE);

    @Override
    public void setConfig(String store, Options options, Map<String, Object> configs) {
        BlockBasedTableConfig table = (BlockBasedTableConfig) options.tableFormatConfig();
        table.setBlockCache(CACHE);
        table.setCacheIndexAndFilterBlocks(true);
        table.setCacheIndexAndFilterBlocksWithHighPriority(true);
        table.setPinTopLevelIndexAndFilter(true);
        options.setWriteBufferManager(MEMTABLES);
        options.setWriteBufferSize(64L << 20);
        options.setTableFormatConfig(table);
    }

    @Override
    public void close(String store, Options options) {
        // The cache and the manager are of all stores, and end with the process.
    }
}
