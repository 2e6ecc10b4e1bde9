#include "tests/permits/replay.h"

#include <fmt/format.h>

#include <algorithm>
#include <random>
#include <stdexcept>

#include "connectors/definition/yaml_document.h"
#include "connectors/file/event_reader.h"
#include "engine/state/memory_store.h"

namespace slipstream::testing {
namespace {

constexpr Duration kSkewMax = days(36'500);  // history is replayed with the clock in its midst

template <class T>
T expect(Result<T> result) {
  if (!result)
    throw std::runtime_error(std::string(name_of(result.error().code)) + ": " + result.error().message);
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

}  // namespace

// A store whose next batch can be lost, as when the process dies between the log's commit and the store's.
class LossyStore final : public Store {
 public:
  bool lose_next = false;

  Result<std::optional<std::string>> get(Family family, std::string_view key) const override {
    return inner_.get(family, key);
  }
  Result<std::vector<std::optional<std::string>>> get_many(Family family,
                                                           std::span<const std::string> keys) const override {
    return inner_.get_many(family, keys);
  }
  Result<> scan(Family family, std::string_view from, std::string_view to,
                const std::function<bool(std::string_view, std::string_view)>& visit) const override {
    return inner_.scan(family, from, to, visit);
  }
  Result<> apply(const StateBatch& batch, bool sync) override {
    if (std::exchange(lose_next, false)) return fail(ErrorCode::io, "the process died here");
    return inner_.apply(batch, sync);
  }
  std::shared_ptr<const StateReader> snapshot() const override { return inner_.snapshot(); }

 private:
  MemoryStore inner_;
};

std::optional<std::filesystem::path> real_data(const std::string& folder) {
  const auto path = std::filesystem::path(SLIPSTREAM_SOURCE_DIR) / ".." / "shared" / "data" / folder;
  if (!std::filesystem::exists(path)) return std::nullopt;
  return path;
}

std::filesystem::path test_file(const std::string& name) {
  return std::filesystem::path(SLIPSTREAM_SOURCE_DIR) / "tests" / name;
}

std::vector<ImportedEvent> read_events(const std::filesystem::path& file,
                                       const std::filesystem::path& mapping_file) {
  Diagnostics diagnostics;
  const auto document = read_yaml_file(mapping_file, diagnostics);
  const auto mapping = document ? load_mapping(*document, mapping_file.string(), diagnostics) : std::nullopt;
  if (!mapping)
    throw std::runtime_error(diagnostics.empty() ? "no mapping" : format_diagnostic(diagnostics.front()));
  const Timestamp clock = expect(parse_timestamp("2026-01-01T00:00:00Z"));
  Lookups lookups = expect(read_lookups(*mapping, file, mapping_file.parent_path()));
  const auto reader = expect(open_events(file, *mapping, std::move(lookups.tables), clock));
  std::vector<ImportedEvent> events;
  ReadRow row;
  while (expect(reader->next(row))) {
    if (row.problem)
      throw std::runtime_error(fmt::format("{}: a bad row: {}", file.string(), row.problem->message));
    for (ImportedEvent& event : row.events)
      events.push_back(std::move(event));
  }
  return events;
}

Replay::Replay(std::shared_ptr<const Plan> plan, const std::vector<ImportedEvent>& events, Timestamp clock,
               Disorder disorder)
    : plan_(std::move(plan)), disorder_(disorder), random_(disorder.seed) {
  std::vector<const ImportedEvent*> order;
  for (const ImportedEvent& event : events)
    order.push_back(&event);
  std::mt19937_64 random(disorder.shuffle_seed.value_or(disorder.seed));
  for (const ImportedEvent& event : events)
    if (static_cast<int>(random() % 100) < disorder.duplicates_percent) order.push_back(&event);
  if (disorder.shuffle_seed) std::shuffle(order.begin(), order.end(), random);

  const TopicNames topics;
  expect(create_topics(*log_, topics, disorder.partitions));
  std::vector<OutputRecord> records;
  for (const ImportedEvent* event : order)
    records.push_back(
        {topics.events, partition_of(event->key, disorder.partitions), event->key, event->bytes, {}, clock});
  expect(log_->append(records));
  for (std::int32_t i = 0; i < disorder.partitions; ++i)
    stores_.push_back(std::make_unique<LossyStore>());
  runners_.resize(stores_.size());
  run(clock);
}

Replay::~Replay() = default;

bool Replay::decide(int one_in) {
  random_ = random_ * 6364136223846793005ULL + 1442695040888963407ULL;
  return (random_ >> 33) % static_cast<std::uint64_t>(one_in) == 0;
}

void Replay::open(std::size_t shard) {
  runners_[shard].reset();
  ShardOptions options;
  options.shard = Partition(static_cast<std::int32_t>(shard));
  options.partitions = disorder_.partitions;
  options.decode.future_skew_max = kSkewMax;
  ShardRunner::Limits limits;
  limits.records_max = disorder_.batch;
  runners_[shard] = expect(ShardRunner::open(*plan_, options, *log_, *stores_[shard], limits));
}

// One round of one shard: read, fold, commit, and perhaps die. True if there was anything to do.
bool Replay::work(std::size_t shard, Timestamp clock) {
  ShardRunner& runner = *runners_[shard];
  const std::size_t read = expect(runner.poll(Duration{}));
  expect(runner.tick(clock));
  const bool any = disorder_.crashes == Crashes::random && decide(7);
  stores_[shard]->lose_next = disorder_.crashes == Crashes::between_log_and_store || (any && decide(2));
  const auto commit = runner.commit(true);
  if (!commit || any || disorder_.crashes == Crashes::every_commit) {
    ++restarts_;
    stores_[shard]->lose_next = false;
    open(shard);
  }
  stores_[shard]->lose_next = false;
  return read > 0 || !commit || commit->outputs > 0;
}

void Replay::run(Timestamp clock) {
  for (std::size_t shard = 0; shard < runners_.size(); ++shard)
    open(shard);
  for (bool busy = true; busy;) {
    busy = false;
    for (std::size_t shard = 0; shard < runners_.size(); ++shard)
      busy |= work(shard, clock);
  }
}

CommittedState Replay::state() const {
  CommittedState state;
  state.plan = plan_;
  for (const auto& store : stores_)
    state.shards.push_back(store->snapshot());
  return state;
}

EventSource Replay::source() const {
  DecodeOptions decode;
  decode.zone = plan_->zone;
  decode.future_skew_max = kSkewMax;
  return {*log_, {}, decode};
}

Counters Replay::counters() const {
  Counters sum;
  for (const auto& runner : runners_)
    sum += runner->note().counters;
  return sum;
}

std::string Replay::dump() const { return dump_views(state()); }

std::string dump_views(const CommittedState& state) {
  std::string out;
  for (std::size_t view = 0; view < state.plan->views.size(); ++view) {
    ViewQuery query;
    query.view = view;
    expect(read_view(state, query, [&](ViewRow&& row) {
      out += fmt::format("{},{},{}", state.plan->views[view].name, row.node, row.label);
      for (const KpiValue& value : row.measures)
        out += "," + format_value(value, state.plan->zone);
      out += "\n";
      return true;
    }));
  }
  return out;
}

}  // namespace slipstream::testing
