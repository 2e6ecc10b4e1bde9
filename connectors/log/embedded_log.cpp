#include "connectors/log/embedded_log.h"

#include <fmt/format.h>

#include <algorithm>
#include <mutex>

#include "connectors/log/arrivals.h"
#include "connectors/log/embedded_cleaner.h"
#include "connectors/log/embedded_commit.h"
#include "connectors/log/embedded_reader.h"
#include "connectors/log/embedded_storage.h"
#include "connectors/log/embedded_topics.h"
#include "connectors/log/positions.h"
#include "engine/log/topic_rules.h"

namespace slipstream {
namespace {

// Removals of at least this much are made to free disk space at once.
constexpr std::uint64_t kDropBytesMin = std::uint64_t{16} << 20;
constexpr std::size_t kBytesPerRememberedKey = 48;  // a map entry of compaction at its usual load

// What the log, its readers and its producers share; the last of them closes the database.
struct EmbeddedState {
  EmbeddedState(std::unique_ptr<EmbeddedStorage> opened, const EmbeddedLogOptions& given)
      : storage(std::move(opened)),
        options(given),
        queue(*storage, given.sync, [this] { arrivals.announce(); }) {}

  const std::unique_ptr<EmbeddedStorage> storage;
  const EmbeddedLogOptions options;
  EmbeddedTopics topics;
  Arrivals arrivals;
  CommitQueue queue;
  std::mutex administration;  // one create_topic() or clean() at a time

  Result<> check_writable() const {
    if (!options.read_only) return {};
    return fail(
        ErrorCode::not_supported,
        "the log was opened read-only and takes no writes; open it for writing in the process that owns it");
  }
};
using State = std::shared_ptr<EmbeddedState>;

Result<std::vector<Offset>> commit(EmbeddedState& state, CommitRequest&& request) {
  SLIPSTREAM_TRY(state.queue.commit(request));
  return std::move(request.records).final_offsets();
}

class EmbeddedProducer final : public Producer {
 public:
  EmbeddedProducer(State state, ProducerIdentity identity)
      : state_(std::move(state)), identity_(std::move(identity)) {}

  Result<std::vector<Offset>> commit(const Transaction& transaction) override {
    SLIPSTREAM_TRY(check_positions(transaction));
    CommitRequest request;
    SLIPSTREAM_ASSIGN(request.records, encode_records(transaction.outputs, state_->topics));
    request.producer = identity_;
    if (!transaction.group.empty()) {
      request.positions.emplace(positions_key(transaction.group, transaction.member),
                                encode_positions({transaction.next, transaction.metadata}));
    }
    return slipstream::commit(*state_, std::move(request));
  }

 private:
  const State state_;
  const ProducerIdentity identity_;
};

class EmbeddedReader final : public Reader {
 public:
  explicit EmbeddedReader(State state) : state_(std::move(state)) {}

  Result<> seek(const TopicPartition& at, Offset offset) override {
    SLIPSTREAM_ASSIGN(const EmbeddedPartition* partition, state_->topics.find(at.topic, at.partition));
    remove(at);
    cursors_.emplace_back(*state_->storage, *partition, offset);
    return {};
  }

  void remove(const TopicPartition& at) override {
    std::erase_if(cursors_, [&](const PartitionCursor& cursor) { return cursor.at() == at; });
  }

  Result<std::vector<ReadBatch>> poll(std::size_t records_max, std::size_t bytes_max,
                                      Duration wait) override {
    const auto deadline = deadline_after(wait);
    if (!cursors_.empty()) first_ = (first_ + 1) % cursors_.size();
    while (true) {
      const auto seen = state_->arrivals.count();
      auto batches =
          take_turns(cursors_.size(), first_, {records_max, bytes_max},
                     [&](std::size_t index, PollLimits& limits) { return cursors_[index].take(limits); });
      if (!batches || !batches->empty() || wait.us <= 0) return batches;
      if (!state_->arrivals.wait(seen, deadline)) return batches;
    }
  }

 private:
  const State state_;
  std::vector<PartitionCursor> cursors_;
  std::size_t first_ = 0;  // whose turn comes first in the next poll
};

class EmbeddedLog final : public EventLog {
 public:
  explicit EmbeddedLog(State state) : state_(std::move(state)) {}

  Result<> create_topic(const TopicOptions& options) override;
  Result<std::vector<TopicOptions>> topics() override;
  Result<OffsetRange> offsets(const TopicPartition& at) override;
  Result<std::vector<Offset>> append(std::span<const OutputRecord> records) override;
  Result<std::unique_ptr<Producer>> open_producer(std::string_view identity) override;
  std::unique_ptr<Reader> open_reader() override { return std::make_unique<EmbeddedReader>(state_); }
  Result<CommittedPositions> committed(std::string_view group, std::string_view member) override {
    return state_->storage->positions(group, member);
  }
  Result<std::uint64_t> clean(Timestamp now) override;

 private:
  Result<> free_space(const std::vector<std::pair<PartitionId, Offset>>& removed);

  const State state_;
};

Result<> EmbeddedLog::create_topic(const TopicOptions& options) {
  SLIPSTREAM_TRY(check_topic(options));
  const std::scoped_lock lock(state_->administration);
  if (const auto* existing = state_->topics.find(options.name)) {
    if (existing->options != options) return topic_differs(options.name);
    return {};
  }
  SLIPSTREAM_TRY(state_->check_writable());
  const StoredTopic topic{state_->topics.next_id(), options};
  auto batch = state_->storage->batch();
  batch.put_meta(topic_key(options.name), encode_topic(topic));
  SLIPSTREAM_TRY(state_->queue.write(batch));
  state_->topics.add(topic, std::vector<PartitionMarks>(static_cast<std::size_t>(options.partitions)));
  return {};
}

Result<std::vector<TopicOptions>> EmbeddedLog::topics() {
  std::vector<TopicOptions> all;
  for (const auto* topic : state_->topics.all())
    all.push_back(topic->options);
  return all;
}

Result<OffsetRange> EmbeddedLog::offsets(const TopicPartition& at) {
  SLIPSTREAM_ASSIGN(const EmbeddedPartition* partition, state_->topics.find(at.topic, at.partition));
  return partition->range();
}

Result<std::vector<Offset>> EmbeddedLog::append(std::span<const OutputRecord> records) {
  SLIPSTREAM_TRY(state_->check_writable());
  CommitRequest request;
  SLIPSTREAM_ASSIGN(request.records, encode_records(records, state_->topics));
  return commit(*state_, std::move(request));
}

Result<std::unique_ptr<Producer>> EmbeddedLog::open_producer(std::string_view identity) {
  SLIPSTREAM_TRY(state_->check_writable());
  SLIPSTREAM_ASSIGN(auto newest, state_->queue.new_epoch(identity));
  return std::make_unique<EmbeddedProducer>(state_, std::move(newest));
}

Result<std::uint64_t> EmbeddedLog::clean(Timestamp now) {
  SLIPSTREAM_TRY(state_->check_writable());
  const std::scoped_lock lock(state_->administration);
  const auto budget = state_->storage->memory_bytes_max() / 4;
  std::uint64_t records = 0;
  std::uint64_t record_bytes = 0;
  std::vector<std::pair<PartitionId, Offset>> removed;
  for (auto* topic : state_->topics.all()) {
    const CleanRules rules{topic->options, now, budget / kBytesPerRememberedKey};
    for (auto& partition : topic->partitions) {
      SLIPSTREAM_ASSIGN(const auto cleaned,
                        PartitionCleaner(*state_->storage, state_->queue, partition, rules).clean());
      records += cleaned.records;
      record_bytes += cleaned.record_bytes;
      if (cleaned.removed_to) removed.emplace_back(partition.id, *cleaned.removed_to);
    }
  }
  if (record_bytes >= kDropBytesMin) SLIPSTREAM_TRY(free_space(removed));
  return records;
}

Result<> EmbeddedLog::free_space(const std::vector<std::pair<PartitionId, Offset>>& removed) {
  for (const auto& [partition, last] : removed)
    SLIPSTREAM_TRY(state_->storage->drop_keys(partition, last));
  return state_->storage->reclaim();
}

Result<> load_topics(EmbeddedState& state) {
  SLIPSTREAM_ASSIGN(const auto stored, state.storage->topics());
  for (const auto& topic : stored) {
    std::vector<PartitionMarks> marks;
    for (std::int32_t number = 0; number < topic.options.partitions; ++number) {
      SLIPSTREAM_ASSIGN(const auto mark,
                        state.storage->marks({topic.id, static_cast<std::uint32_t>(number)}));
      marks.push_back(mark);
    }
    state.topics.add(topic, marks);
  }
  return {};
}

}  // namespace

Result<std::unique_ptr<EventLog>> open_embedded_log(const std::filesystem::path& directory,
                                                    const EmbeddedLogOptions& options) {
  SLIPSTREAM_ASSIGN(auto storage, EmbeddedStorage::open(directory, options));
  const auto state = std::make_shared<EmbeddedState>(std::move(storage), options);
  SLIPSTREAM_TRY(load_topics(*state));
  return std::make_unique<EmbeddedLog>(state);
}

}  // namespace slipstream
