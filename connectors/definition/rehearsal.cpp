#include "connectors/definition/rehearsal.h"

#include <algorithm>
#include <tuple>

#include "engine/decode/catalogue.h"
#include "engine/log/read_range.h"
#include "engine/shard/expulsion_record.h"

namespace slipstream {
namespace {

DecodeOptions for_routing(DecodeOptions options, const Zone& zone) {
  options.zone = zone;
  return options;
}

}  // namespace

// What a shard's runner owns: the shelf's store, which outlives it.
class Rehearsal::RecordingStore final : public Store {
 public:
  explicit RecordingStore(Shelf shelf) : shelf_(std::move(shelf)) {}

  Result<std::optional<std::string>> get(Family family, std::string_view key) const override {
    return shelf_.store->get(family, key);
  }
  Result<std::vector<std::optional<std::string>>> get_many(Family family,
                                                           std::span<const std::string> keys) const override {
    return shelf_.store->get_many(family, keys);
  }
  Result<> scan(Family family, std::string_view from, std::string_view to,
                const std::function<bool(std::string_view, std::string_view)>& visit) const override {
    return shelf_.store->scan(family, from, to, visit);
  }
  Result<> apply(const StateBatch& batch, bool sync) override {
    shelf_.batches->push_back(batch);
    return shelf_.store->apply(batch, sync);
  }
  std::shared_ptr<const StateReader> snapshot() const override { return shelf_.store->snapshot(); }

 private:
  Shelf shelf_;
};

Rehearsal::Rehearsal(std::shared_ptr<const Plan> plan, LocalEngine::Options options)
    : plan_(std::move(plan)),
      options_(std::move(options)),
      decoder_(for_routing(options_.decode, plan_->zone)) {}

Result<std::unique_ptr<Rehearsal>> Rehearsal::open(std::shared_ptr<const Plan> plan,
                                                   LocalEngine::Options options) {
  std::unique_ptr<Rehearsal> rehearsal(new Rehearsal(std::move(plan), std::move(options)));
  SLIPSTREAM_TRY(rehearsal->open_engine());
  return rehearsal;
}

Result<> Rehearsal::open_engine() {
  const auto open_store = [this](Partition shard) -> Result<std::unique_ptr<Store>> {
    Shelf& shelf = shelves_[shard];
    if (!shelf.store) shelf = {std::make_shared<MemoryStore>(), std::make_shared<std::vector<StateBatch>>()};
    return std::make_unique<RecordingStore>(shelf);
  };
  SLIPSTREAM_ASSIGN(engine_, LocalEngine::open(*plan_, options_, log_, open_store));
  return {};
}

// The event's own topic and partition; what cannot be decoded goes where its key, which is empty, leads.
TopicPartition Rehearsal::place_of(const std::string& event, std::string& key) {
  RecordView record;
  record.value = event;
  record.timestamp = clock_;
  Event decoded;
  const auto read = decoder_.decode(record, clock_, decoded);
  const EventKind kind = read ? kind_of(decoded.type) : EventKind::task;
  if (read) key = decoded.subject;
  decoder_.release();
  if (kind == EventKind::reference || kind == EventKind::action)
    return {options_.topics.reference, Partition(0)};
  return {options_.topics.events, partition_of(key, options_.partitions)};
}

Result<> Rehearsal::append(const std::string& event) {
  OutputRecord record;
  const TopicPartition place = place_of(event, record.key);
  record.topic = place.topic;
  record.partition = place.partition;
  record.value = event;
  record.timestamp = clock_;
  SLIPSTREAM_TRY(log_.append({&record, 1}));
  return {};
}

Result<> Rehearsal::advance_to(Timestamp to) {
  clock_ = std::max(clock_, to);
  return engine_->advance_to(to);
}

Result<> Rehearsal::crash(Crash how) {
  engine_.reset();
  for (auto& [shard, shelf] : shelves_) {
    if (how == Crash::clean || shelf.batches->empty()) continue;
    std::vector<StateBatch> kept;
    if (how == Crash::torn) kept.assign(shelf.batches->begin(), std::prev(shelf.batches->end()));
    shelf = {std::make_shared<MemoryStore>(), std::make_shared<std::vector<StateBatch>>(std::move(kept))};
    for (const StateBatch& batch : *shelf.batches)
      SLIPSTREAM_TRY(shelf.store->apply(batch, false));
  }
  return open_engine();
}

CommittedState Rehearsal::committed() const {
  CommittedState state{plan_, {}};
  for (const auto& [shard, shelf] : shelves_)
    state.shards.push_back(shelf.store->snapshot());
  return state;
}

EventSource Rehearsal::source() const {
  return {log_, options_.topics, for_routing(options_.decode, plan_->zone)};
}

Result<std::vector<ReadBatch>> Rehearsal::read_all(const std::string& topic, std::int32_t partitions) const {
  std::vector<ReadBatch> all;
  for (std::int32_t i = 0; i < partitions; ++i) {
    const TopicPartition at{topic, Partition(i)};
    SLIPSTREAM_ASSIGN(const OffsetRange range, log_.offsets(at));
    SLIPSTREAM_TRY(
        read_range(log_, at, range.earliest, range.end, [&](const ReadBatch& batch) -> Result<bool> {
          all.push_back(batch);
          return true;
        }));
  }
  return all;
}

Result<std::vector<AlertRecord>> Rehearsal::decisions_from(const std::map<Partition, Offset>& begin) const {
  std::vector<AlertRecord> decisions;
  SLIPSTREAM_ASSIGN(const std::vector<ReadBatch> batches,
                    read_all(options_.topics.decisions, options_.partitions));
  for (const ReadBatch& batch : batches) {
    const auto first = begin.find(batch.at.partition);
    for (const RecordView& record : batch.records) {
      if (first != begin.end() && record.offset < first->second) continue;
      if (is_expulsion(record.value)) continue;
      SLIPSTREAM_ASSIGN(AlertRecord decision, read_alert_record(record.value));
      decisions.push_back(std::move(decision));
    }
  }
  const auto order = [](const AlertRecord& r) {
    return std::tie(r.transition.at, r.state.subject.rule, r.state.subject.node, r.state.subject.period.start,
                    r.transition.number);
  };
  std::stable_sort(decisions.begin(), decisions.end(),
                   [&](const AlertRecord& a, const AlertRecord& b) { return order(a) < order(b); });
  return decisions;
}

Result<std::vector<AlertRecord>> Rehearsal::take_new_decisions() {
  SLIPSTREAM_ASSIGN(std::vector<AlertRecord> fresh, decisions_from(decisions_taken_));
  for (std::int32_t i = 0; i < options_.partitions; ++i) {
    SLIPSTREAM_ASSIGN(const OffsetRange range, log_.offsets({options_.topics.decisions, Partition(i)}));
    decisions_taken_[Partition(i)] = range.end;
  }
  return fresh;
}

Result<> Rehearsal::replay_dead_letters(std::string_view code) {
  SLIPSTREAM_ASSIGN(const std::vector<DeadLetter> letters, dead_letters());
  for (std::size_t i = 0; i < letters.size(); ++i) {
    if (name_of(letters[i].code) != code || !replayed_.insert(i).second) continue;
    const OutputRecord record = original_record(letters[i]);
    SLIPSTREAM_TRY(log_.append({&record, 1}));
  }
  return {};
}

Result<std::vector<DeadLetter>> Rehearsal::dead_letters() const {
  std::vector<DeadLetter> letters;
  SLIPSTREAM_ASSIGN(const std::vector<ReadBatch> batches, read_all(options_.topics.dead_letters, 1));
  for (const ReadBatch& batch : batches)
    for (const RecordView& record : batch.records) {
      SLIPSTREAM_ASSIGN(DeadLetter letter, from_record(record));
      letters.push_back(std::move(letter));
    }
  return letters;
}

}  // namespace slipstream
