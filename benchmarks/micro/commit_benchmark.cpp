// What a commit costs for each row that it carries, and a reading with everything from its bytes to the store.
#include <benchmark/benchmark.h>
#include <stdlib.h>

#include <filesystem>

#include "benchmarks/micro/city.h"
#include "benchmarks/micro/counted.h"
#include "engine/decode/encoder.h"
#include "engine/shard/shard.h"
#include "engine/state/rocksdb_store.h"

namespace slipstream::bench {
namespace {

constexpr int kSensors = 1000;

// A store of production in a directory that goes with it.
class TemporaryStore {
 public:
  TemporaryStore() : directory_(made_directory()), store_(must(open_rocksdb_store(directory_))) {}
  ~TemporaryStore() {
    store_.reset();
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
  }
  TemporaryStore(const TemporaryStore&) = delete;
  TemporaryStore& operator=(const TemporaryStore&) = delete;

  Store& operator*() { return *store_; }

 private:
  static std::filesystem::path made_directory() {
    auto pattern = (std::filesystem::temp_directory_path() / "slipstream-benchmark-XXXXXX").string();
    return ::mkdtemp(pattern.data());
  }

  std::filesystem::path directory_;
  std::unique_ptr<Store> store_;
};

struct Rows {
  Rows() {
    for (const Contribution& contribution : contributions)
      rows.push_back(must(table.find_or_load(RowName(contribution.node, contribution.slice))));
    for (SliceRow* row : rows)
      table.layout().count_row(row->state(), +1);
  }
  void seal(StateBatch& batch) {
    for (SliceRow* row : rows)
      table.mark_dirty(*row);
    table.seal(batch, [](const SliceRow&, std::string_view) {});
  }

  const Plan plan = plan_of(kAir);
  const Readings readings{kSensors, 3};
  EntityContributions entity_contributions{plan};
  const std::vector<Contribution> contributions = contributions_of(readings, entity_contributions);
  TemporaryStore store;
  RowTable table{plan.views[0].id, plan.views[0].layout, Family::rows, *store};
  std::vector<SliceRow*> rows;
};

// Changed rows in key order and as bytes, in the batch that the store takes.
void seal_rows(benchmark::State& state) {
  Rows rows;
  for (auto _ : state) {
    StateBatch batch;
    rows.seal(batch);
    benchmark::DoNotOptimize(batch);
  }
  state.SetItemsProcessed(state.iterations() * kSensors);
}
BENCHMARK(seal_rows)->Apply(counted<20>);

// The batch into RocksDB's write-ahead log and memtable.
void apply_rows(benchmark::State& state) {
  Rows rows;
  StateBatch batch;
  rows.seal(batch);
  for (auto _ : state)
    must((*rows.store).apply(batch, false));
  state.SetItemsProcessed(state.iterations() * kSensors);
}
BENCHMARK(apply_rows)->Apply(counted<20>);

// Records of readings, each time with the offsets that come next.
class Records {
 public:
  explicit Records(const Readings& readings) {
    batch_.at = {TopicNames().events, Partition(0)};
    for (const Event& event : readings.events())
      bytes_.push_back(must(encode_flatbuffers(event)));
    for (const std::string& bytes : bytes_) {
      RecordView& record = batch_.records.emplace_back();
      record.timestamp = kNow;
      record.value = bytes;
    }
  }
  const ReadBatch& next() {
    for (RecordView& record : batch_.records) {
      record.offset = batch_.next;
      batch_.next = batch_.next.next();
    }
    return batch_;
  }

 private:
  std::vector<std::string> bytes_;
  ReadBatch batch_;
};

// A shard's step with a thousand readings, its seal, and the batch into the store: all but the log.
void commit_readings(benchmark::State& state) {
  const Plan plan = plan_of(kAir);
  Records records(Readings(kSensors, 3));
  TemporaryStore store;
  Shard shard(plan, ShardOptions(), *store);
  must(shard.open());
  must(shard.step(TickInput{kNow}));
  for (auto _ : state) {
    must(shard.step(RecordsInput{&records.next()}));
    const Effects effects = must(shard.step(SealInput()));
    must((*store).apply(effects.state, false));
  }
  if (shard.note().counters.folded != static_cast<std::uint64_t>(state.iterations()) * kSensors)
    state.SkipWithError("not every reading was folded");
  state.SetItemsProcessed(state.iterations() * kSensors);
}
BENCHMARK(commit_readings)->Apply(counted<20>);

}  // namespace
}  // namespace slipstream::bench

BENCHMARK_MAIN();
