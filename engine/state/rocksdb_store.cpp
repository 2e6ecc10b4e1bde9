#include "engine/state/rocksdb_store.h"

#include <fmt/format.h>
#include <rocksdb/table_properties.h>
#include <rocksdb/utilities/checkpoint.h>
#include <rocksdb/write_batch.h>

#include <algorithm>
#include <numeric>

#include "engine/state/rocksdb_database.h"
#include "engine/state/rocksdb_families.h"
#include "engine/state/rocksdb_status.h"

namespace slipstream {
namespace {

using Database = std::shared_ptr<RocksdbDatabase>;
using Values = std::vector<std::optional<std::string>>;

constexpr std::uint64_t kOwnMemoryBytes = std::uint64_t{64} << 20;
constexpr std::size_t kChangeBytes = 16;  // of a change in a WriteBatch, its key and value apart, with room

rocksdb::Slice slice_of(std::string_view bytes) { return {bytes.data(), bytes.size()}; }
std::string_view view_of(const rocksdb::Slice& slice) { return {slice.data(), slice.size()}; }

tl::unexpected<Error> read_error(const rocksdb::Status& status, const std::string& what) {
  return tl::unexpected<Error>(error_of(status, what, "cannot be read"));
}

// Reads as of the snapshot in `options`, or as of now when it has none.
class RocksdbReader : public StateReader {
 public:
  RocksdbReader(Database database, std::string what)
      : database_(std::move(database)), what_(std::move(what)) {}

  Result<std::optional<std::string>> get(Family family, std::string_view key) const override {
    rocksdb::PinnableSlice value;
    const auto status = db().Get(options_, handle(family), slice_of(key), &value);
    if (status.IsNotFound()) return std::nullopt;
    if (!status.ok()) return read_error(status, what_);
    return std::string(view_of(value));
  }

  Result<Values> get_many(Family family, std::span<const std::string> keys) const override {
    if (std::ranges::is_sorted(keys)) return get_sorted(family, {keys.begin(), keys.end()});
    std::vector<std::size_t> order(keys.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::sort(order, {}, [&](std::size_t index) -> const std::string& { return keys[index]; });
    std::vector<rocksdb::Slice> sorted;
    sorted.reserve(keys.size());
    for (const auto index : order)
      sorted.emplace_back(keys[index]);
    SLIPSTREAM_ASSIGN(Values found, get_sorted(family, sorted));
    Values values(keys.size());
    for (std::size_t index = 0; index < order.size(); ++index)
      values[order[index]] = std::move(found[index]);
    return values;
  }

  Result<> scan(Family family, std::string_view from, std::string_view to,
                const std::function<bool(std::string_view, std::string_view)>& visit) const override {
    auto options = options_;
    const auto end = slice_of(to);
    if (!to.empty()) options.iterate_upper_bound = &end;
    const std::unique_ptr<rocksdb::Iterator> entry(db().NewIterator(options, handle(family)));
    for (entry->Seek(slice_of(from)); entry->Valid(); entry->Next()) {
      if (!visit(view_of(entry->key()), view_of(entry->value()))) return {};
    }
    if (!entry->status().ok()) return read_error(entry->status(), what_);
    return {};
  }

 protected:
  rocksdb::DB& db() const { return database_->db(); }
  rocksdb::ColumnFamilyHandle* handle(Family family) const {
    return database_->family(static_cast<std::size_t>(family));
  }
  void read_as_of(const rocksdb::Snapshot* snapshot) { options_.snapshot = snapshot; }

 private:
  Result<Values> get_sorted(Family family, const std::vector<rocksdb::Slice>& keys) const {
    std::vector<rocksdb::PinnableSlice> found(keys.size());
    std::vector<rocksdb::Status> statuses(keys.size());
    db().MultiGet(options_, handle(family), keys.size(), keys.data(), found.data(), statuses.data(), true);
    Values values(keys.size());
    for (std::size_t index = 0; index < keys.size(); ++index) {
      if (statuses[index].IsNotFound()) continue;
      if (!statuses[index].ok()) return read_error(statuses[index], what_);
      values[index].emplace(view_of(found[index]));
    }
    return values;
  }

  const Database database_;
  const std::string what_;
  rocksdb::ReadOptions options_;
};

class RocksdbSnapshot final : public RocksdbReader {
 public:
  RocksdbSnapshot(Database open, const std::string& name)
      : RocksdbReader(std::move(open), name), snapshot_(db().GetSnapshot()) {
    read_as_of(snapshot_);
  }
  ~RocksdbSnapshot() override { db().ReleaseSnapshot(snapshot_); }
  RocksdbSnapshot(const RocksdbSnapshot&) = delete;
  RocksdbSnapshot& operator=(const RocksdbSnapshot&) = delete;

 private:
  const rocksdb::Snapshot* const snapshot_;
};

class OpenRocksdbStore final : public RocksdbStore {
 public:
  OpenRocksdbStore(Database database, const std::string& what)
      : database_(std::move(database)), what_(what), now_(database_, what) {}

  Result<std::optional<std::string>> get(Family family, std::string_view key) const override {
    return now_.get(family, key);
  }
  Result<Values> get_many(Family family, std::span<const std::string> keys) const override {
    return now_.get_many(family, keys);
  }
  Result<> scan(Family family, std::string_view from, std::string_view to,
                const std::function<bool(std::string_view, std::string_view)>& visit) const override {
    return now_.scan(family, from, to, visit);
  }

  Result<> apply(const StateBatch& batch, bool sync) override;
  std::shared_ptr<const StateReader> snapshot() const override {
    return std::make_shared<RocksdbSnapshot>(database_, what_);
  }
  Result<> checkpoint(const std::filesystem::path& directory) const override;
  Result<> flush() const override;
  StoreStats stats() const override;

 private:
  std::uint64_t sum(const std::string& property) const;
  std::uint64_t keys_estimate() const;

  const Database database_;
  const std::string what_;
  const RocksdbReader now_;
};

Result<> OpenRocksdbStore::apply(const StateBatch& batch, bool sync) {
  rocksdb::Status status;
  if (batch.empty() && sync) {
    status = database_->db().FlushWAL(true);
  } else if (!batch.empty()) {
    rocksdb::WriteBatch write(batch.bytes() + kChangeBytes * batch.size());
    for (const StateChange& change : batch) {
      auto* handle = database_->family(static_cast<std::size_t>(change.family));
      status = change.value ? write.Put(handle, slice_of(change.key), slice_of(*change.value))
                            : write.Delete(handle, slice_of(change.key));
      if (!status.ok()) break;
    }
    rocksdb::WriteOptions options;
    options.sync = sync;
    if (status.ok()) status = database_->db().Write(options, &write);
  }
  if (!status.ok()) return tl::unexpected<Error>(error_of(status, what_, "cannot be written"));
  return {};
}

Result<> OpenRocksdbStore::checkpoint(const std::filesystem::path& directory) const {
  rocksdb::Checkpoint* made = nullptr;
  auto status = rocksdb::Checkpoint::Create(&database_->db(), &made);
  const std::unique_ptr<rocksdb::Checkpoint> checkpoint(made);
  if (status.ok()) status = checkpoint->CreateCheckpoint(directory.string());
  if (status.ok()) return {};
  if (status.IsInvalidArgument()) {
    return fail(ErrorCode::already_exists,
                fmt::format("checkpoint of {} to {}: the directory exists; name one that does not", what_,
                            directory.string()));
  }
  return tl::unexpected<Error>(
      error_of(status, fmt::format("a checkpoint of {} to {}", what_, directory.string()), "cannot be made"));
}

Result<> OpenRocksdbStore::flush() const {
  const auto status = database_->db().Flush(rocksdb::FlushOptions(), database_->families());
  if (!status.ok()) return tl::unexpected<Error>(error_of(status, what_, "cannot be written"));
  return {};
}

std::uint64_t OpenRocksdbStore::sum(const std::string& property) const {
  std::uint64_t total = 0;
  for (auto* handle : database_->families()) {
    std::uint64_t value = 0;
    if (database_->db().GetIntProperty(handle, property, &value)) total += value;
  }
  return total;
}

// RocksDB's own estimate counts nothing after a quick open: it leaves the statistics of the files unread.
std::uint64_t OpenRocksdbStore::keys_estimate() const {
  std::uint64_t keys = sum(rocksdb::DB::Properties::kNumEntriesActiveMemTable) +
                       sum(rocksdb::DB::Properties::kNumEntriesImmMemTables);
  for (auto* handle : database_->families()) {
    rocksdb::TablePropertiesCollection tables;
    if (!database_->db().GetPropertiesOfAllTables(handle, &tables).ok()) continue;
    for (const auto& [name, table] : tables)
      keys += table->num_entries - std::min(table->num_entries, 2 * table->num_deletions);
  }
  return keys;
}

StoreStats OpenRocksdbStore::stats() const {
  return {.memtable_bytes = sum(rocksdb::DB::Properties::kSizeAllMemTables),
          .table_bytes = sum(rocksdb::DB::Properties::kTotalSstFilesSize),
          .keys_estimate = keys_estimate(),
          .cache_bytes = database_->memory().bytes_used(),
          .pending_compaction_bytes = sum(rocksdb::DB::Properties::kEstimatePendingCompactionBytes),
          .writes_stalled = sum(rocksdb::DB::Properties::kIsWriteStopped) > 0 ||
                            sum(rocksdb::DB::Properties::kActualDelayedWriteRate) > 0};
}

DatabaseRequest request_for(const std::filesystem::path& directory, const RocksdbStoreOptions& options) {
  auto memory = options.memory ? options.memory : std::make_shared<SharedMemory>(kOwnMemoryBytes);
  return {.directory = directory,
          .what = fmt::format("the state in {}", directory.string()),
          .in_use = ErrorCode::io,
          .options = database_options(*memory),
          .families = family_descriptors(*memory),
          .memory = memory};
}

}  // namespace

Result<std::unique_ptr<RocksdbStore>> open_rocksdb_store(const std::filesystem::path& directory,
                                                         const RocksdbStoreOptions& options) {
  const auto request = request_for(directory, options);
  SLIPSTREAM_ASSIGN(Database database, open_database(request));
  return std::make_unique<OpenRocksdbStore>(std::move(database), request.what);
}

Result<std::unique_ptr<StateReader>> open_rocksdb_store_read_only(const std::filesystem::path& directory,
                                                                  const RocksdbStoreOptions& options) {
  const auto request = request_for(directory, options);
  SLIPSTREAM_ASSIGN(Database database, open_database_read_only(request));
  return std::make_unique<RocksdbReader>(std::move(database), request.what);
}

}  // namespace slipstream
