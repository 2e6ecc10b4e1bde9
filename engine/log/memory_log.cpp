#include "engine/log/memory_log.h"

#include "engine/log/memory_partition.h"
#include "engine/log/poll_turns.h"
#include "engine/log/topic_rules.h"

namespace slipstream {

struct MemoryLog::State {
  struct Topic {
    TopicOptions options;
    std::vector<MemoryPartition> partitions;
  };

  std::mutex mutex;
  std::condition_variable appended;
  // Guarded by mutex.
  std::map<std::string, Topic, std::less<>> topics;
  std::map<std::pair<std::string, std::string>, CommittedPositions> positions;
  std::map<std::string, std::uint64_t, std::less<>> newest_producer;
  std::uint64_t appends = 0;

  Result<MemoryPartition*> find(std::string_view topic, Partition partition);
  Result<> check(std::span<const OutputRecord> records);
  std::vector<Offset> append(std::span<const OutputRecord> records);
};

// All below run with the mutex held.

Result<MemoryPartition*> MemoryLog::State::find(std::string_view topic, Partition partition) {
  const auto found = topics.find(topic);
  if (found == topics.end()) return unknown_topic(topic);
  auto& partitions = found->second.partitions;
  if (partition.value < 0 || partition.value >= std::ssize(partitions)) {
    return unknown_partition(topic, partition, found->second.options.partitions);
  }
  return &partitions[static_cast<std::size_t>(partition.value)];
}

Result<> MemoryLog::State::check(std::span<const OutputRecord> records) {
  SLIPSTREAM_TRY(check_sizes(records));
  for (const auto& record : records)
    SLIPSTREAM_TRY(find(record.topic, record.partition));
  return {};
}

std::vector<Offset> MemoryLog::State::append(std::span<const OutputRecord> records) {
  std::vector<Offset> written;
  written.reserve(records.size());
  for (const auto& record : records) {
    written.push_back((*find(record.topic, record.partition))->append(record));
  }
  if (!records.empty()) ++appends;
  appended.notify_all();
  return written;
}

namespace {

class MemoryProducer final : public Producer {
 public:
  MemoryProducer(std::shared_ptr<MemoryLog::State> state, std::string_view identity, std::uint64_t epoch)
      : state_(std::move(state)), identity_(identity), epoch_(epoch) {}

  Result<std::vector<Offset>> commit(const Transaction& transaction) override {
    SLIPSTREAM_TRY(check_positions(transaction));
    const std::scoped_lock lock(state_->mutex);
    if (state_->newest_producer.at(identity_) != epoch_) return producer_fenced(identity_);
    SLIPSTREAM_TRY(state_->check(transaction.outputs));
    if (!transaction.group.empty()) {
      state_->positions[{transaction.group, transaction.member}] = {transaction.next, transaction.metadata};
    }
    return state_->append(transaction.outputs);
  }

 private:
  const std::shared_ptr<MemoryLog::State> state_;
  const std::string identity_;
  const std::uint64_t epoch_;
};

ReadBatch batch_of(TopicPartition at, Offset from, std::vector<MemoryPartition::Slice> slices) {
  ReadBatch batch{std::move(at), {}, from, nullptr};
  for (const auto& slice : slices) {
    for (const auto& record : std::span(slice.first, slice.count)) {
      batch.records.push_back(
          {record.offset, record.timestamp, record.key, record.value, record.tombstone, record.headers});
    }
  }
  if (!batch.records.empty()) batch.next = batch.records.back().offset.next();
  batch.memory = std::make_shared<const std::vector<MemoryPartition::Slice>>(std::move(slices));
  return batch;
}

class MemoryReader final : public Reader {
 public:
  explicit MemoryReader(std::shared_ptr<MemoryLog::State> state) : state_(std::move(state)) {}

  Result<> seek(const TopicPartition& at, Offset offset) override {
    {
      const std::scoped_lock lock(state_->mutex);
      SLIPSTREAM_TRY(state_->find(at.topic, at.partition));
    }
    remove(at);
    places_.push_back({at, offset});
    return {};
  }

  void remove(const TopicPartition& at) override {
    std::erase_if(places_, [&](const Place& place) { return place.at == at; });
  }

  Result<std::vector<ReadBatch>> poll(std::size_t records_max, std::size_t bytes_max,
                                      Duration wait) override {
    const auto deadline = deadline_after(wait);
    if (!places_.empty()) first_ = (first_ + 1) % places_.size();
    while (true) {
      const auto seen = appends();
      auto batches =
          take_turns(places_.size(), first_, {records_max, bytes_max},
                     [&](std::size_t index, PollLimits& limits) { return take(places_[index], limits); });
      if (!batches || !batches->empty() || wait.us <= 0) return batches;
      std::unique_lock lock(state_->mutex);
      if (!state_->appended.wait_until(lock, deadline, [&] { return state_->appends != seen; }))
        return batches;
    }
  }

 private:
  struct Place {
    TopicPartition at;
    Offset next;
  };

  std::uint64_t appends() const {
    const std::scoped_lock lock(state_->mutex);
    return state_->appends;
  }

  Result<std::optional<ReadBatch>> take(Place& place, PollLimits& limits) {
    std::vector<MemoryPartition::Slice> slices;
    {
      const std::scoped_lock lock(state_->mutex);
      SLIPSTREAM_ASSIGN(const MemoryPartition* partition, state_->find(place.at.topic, place.at.partition));
      const auto range = partition->range();
      if (place.next < range.earliest || place.next > range.end) {
        return out_of_range(place.at, place.next, range);
      }
      slices = partition->slices(place.next, limits);
    }
    if (slices.empty()) return std::nullopt;
    auto batch = batch_of(place.at, place.next, std::move(slices));
    place.next = batch.next;
    return batch;
  }

  const std::shared_ptr<MemoryLog::State> state_;
  std::vector<Place> places_;
  std::size_t first_ = 0;  // whose turn comes first in the next poll
};

}  // namespace

MemoryLog::MemoryLog() : state_(std::make_shared<State>()) {}
MemoryLog::~MemoryLog() = default;

Result<> MemoryLog::create_topic(const TopicOptions& options) {
  SLIPSTREAM_TRY(check_topic(options));
  const std::scoped_lock lock(state_->mutex);
  const auto [found, created] = state_->topics.try_emplace(options.name);
  if (created) {
    found->second = {options, std::vector<MemoryPartition>(static_cast<std::size_t>(options.partitions))};
  }
  if (found->second.options != options) return topic_differs(options.name);
  return {};
}

Result<std::vector<TopicOptions>> MemoryLog::topics() {
  const std::scoped_lock lock(state_->mutex);
  std::vector<TopicOptions> all;
  for (const auto& [name, topic] : state_->topics)
    all.push_back(topic.options);
  return all;
}

Result<OffsetRange> MemoryLog::offsets(const TopicPartition& at) {
  const std::scoped_lock lock(state_->mutex);
  SLIPSTREAM_ASSIGN(const MemoryPartition* partition, state_->find(at.topic, at.partition));
  return partition->range();
}

Result<std::vector<Offset>> MemoryLog::append(std::span<const OutputRecord> records) {
  const std::scoped_lock lock(state_->mutex);
  SLIPSTREAM_TRY(state_->check(records));
  return state_->append(records);
}

Result<std::unique_ptr<Producer>> MemoryLog::open_producer(std::string_view identity) {
  const std::scoped_lock lock(state_->mutex);
  const auto epoch = ++state_->newest_producer[std::string(identity)];
  return std::make_unique<MemoryProducer>(state_, identity, epoch);
}

std::unique_ptr<Reader> MemoryLog::open_reader() { return std::make_unique<MemoryReader>(state_); }

Result<CommittedPositions> MemoryLog::committed(std::string_view group, std::string_view member) {
  const std::scoped_lock lock(state_->mutex);
  const auto found = state_->positions.find({std::string(group), std::string(member)});
  return found == state_->positions.end() ? CommittedPositions{} : found->second;
}

Result<std::uint64_t> MemoryLog::clean(Timestamp now) {
  const std::scoped_lock lock(state_->mutex);
  std::uint64_t removed = 0;
  for (auto& [name, topic] : state_->topics) {
    for (auto& partition : topic.partitions)
      removed += partition.clean(topic.options, now);
  }
  return removed;
}

}  // namespace slipstream
