#include "connectors/log/embedded_commit.h"

#include <fmt/format.h>

#include <unordered_map>

#include "engine/log/topic_rules.h"

namespace slipstream {
namespace {

constexpr std::size_t kGroupBytes = std::size_t{8} << 20;  // a leader takes no further request beyond this

// Finds the builder of each record's partition; consecutive records of one topic are the usual case.
class Encoder {
 public:
  explicit Encoder(const EmbeddedTopics& topics) : topics_(topics) {}

  Result<> add(const OutputRecord& record) {
    SLIPSTREAM_ASSIGN(const std::uint32_t index, index_of(record));
    auto& records = encoded_.partitions[index];
    auto& builder = builders_[index];
    const auto value = record.value ? std::optional<std::string_view>(*record.value) : std::nullopt;
    builder.add(Offset(records.count), record.timestamp, record.key, value, record.headers);
    encoded_.partition_of_record.push_back(index);
    encoded_.offsets.emplace_back(records.count++);
    if (builder.bytes() >= kBlockBytes) records.blocks.push_back(builder.finish());
    return {};
  }

  EncodedRecords finish() {
    for (std::size_t index = 0; index < builders_.size(); ++index) {
      if (!builders_[index].empty()) encoded_.partitions[index].blocks.push_back(builders_[index].finish());
    }
    return std::move(encoded_);
  }

 private:
  Result<std::uint32_t> index_of(const OutputRecord& record) {
    if (topic_ == nullptr || topic_->options.name != record.topic) {
      topic_ = topics_.find(record.topic);
      if (topic_ == nullptr) return unknown_topic(record.topic);
    }
    SLIPSTREAM_ASSIGN(auto* partition, partition_in(*topic_, record.partition));
    if (partition == last_partition_) return last_index_;
    const auto next = static_cast<std::uint32_t>(builders_.size());
    const auto [found, created] = index_.try_emplace(partition, next);
    if (created) {
      encoded_.partitions.push_back({partition, {}, 0, Offset()});
      builders_.emplace_back(BlockCompression::lz4);
    }
    last_partition_ = partition;
    last_index_ = found->second;
    return last_index_;
  }

  const EmbeddedTopics& topics_;
  EncodedRecords encoded_;
  std::deque<RecordBlockBuilder> builders_;  // one for each of encoded_.partitions
  std::unordered_map<const EmbeddedPartition*, std::uint32_t> index_;
  EmbeddedTopic* topic_ = nullptr;
  const EmbeddedPartition* last_partition_ = nullptr;
  std::uint32_t last_index_ = 0;
};

}  // namespace

std::size_t EncodedRecords::bytes() const {
  std::size_t all = 0;
  for (const auto& records : partitions) {
    for (const auto& block : records.blocks)
      all += block.bytes.size();
  }
  return all;
}

std::vector<Offset> EncodedRecords::final_offsets() && {
  for (std::size_t record = 0; record < offsets.size(); ++record) {
    offsets[record].value += partitions[partition_of_record[record]].first.value;
  }
  return std::move(offsets);
}

Result<EncodedRecords> encode_records(std::span<const OutputRecord> records, const EmbeddedTopics& topics) {
  SLIPSTREAM_TRY(check_sizes(records));
  Encoder encoder(topics);
  for (const auto& record : records)
    SLIPSTREAM_TRY(encoder.add(record));
  return encoder.finish();
}

// Exactly one of request, fences and batch is set.
struct CommitQueue::Waiting {
  CommitRequest* request = nullptr;
  std::optional<ProducerIdentity> fences;  // the producer whose epoch to raise; out: its new epoch
  StorageBatch* batch = nullptr;
  Result<> result;
  bool done = false;
  std::condition_variable wake;
};

Result<> CommitQueue::commit(CommitRequest& request) {
  Waiting waiting;
  waiting.request = &request;
  return enqueue(waiting);
}

Result<ProducerIdentity> CommitQueue::new_epoch(std::string_view producer) {
  Waiting waiting;
  waiting.fences = ProducerIdentity{std::string(producer), 0};
  SLIPSTREAM_TRY(enqueue(waiting));
  return *std::move(waiting.fences);
}

Result<> CommitQueue::write(StorageBatch& batch) {
  Waiting waiting;
  waiting.batch = &batch;
  return enqueue(waiting);
}

Result<> CommitQueue::enqueue(Waiting& waiting) {
  std::unique_lock lock(mutex_);
  queue_.push_back(&waiting);
  waiting.wake.wait(lock, [&] { return waiting.done || queue_.front() == &waiting; });
  if (!waiting.done) lead(lock);
  return std::move(waiting.result);
}

void CommitQueue::lead(std::unique_lock<std::mutex>& lock) {
  const auto taken = group();
  Result<> written;
  if (failure_) {
    written = tl::unexpected<Error>(*failure_);
  } else {
    lock.unlock();
    written = write_group(taken);
    lock.lock();
    if (!written) fail_with(written.error());
  }
  for (auto* each : taken) {
    queue_.pop_front();
    if (each->result) each->result = written;  // else it was refused for a reason of its own
    each->done = true;
    each->wake.notify_one();
  }
  if (!queue_.empty()) queue_.front()->wake.notify_one();
}

Result<> CommitQueue::write_group(const std::vector<Waiting*>& taken) {
  auto records = storage_.batch();
  for (auto* each : taken)
    prepare(*each, records);
  auto& batch = taken.front()->batch != nullptr ? *taken.front()->batch : records;
  if (!batch.empty()) SLIPSTREAM_TRY(storage_.write(batch, sync_));
  show(taken);
  return {};
}

// The requests at the front of the queue that are written together. A batch of another kind goes alone.
std::vector<CommitQueue::Waiting*> CommitQueue::group() const {
  std::vector<Waiting*> taken;
  std::size_t bytes = 0;
  for (auto* each : queue_) {
    if (!taken.empty() && (each->batch != nullptr || taken.front()->batch != nullptr || bytes > kGroupBytes))
      break;
    if (each->request != nullptr) bytes += each->request->records.bytes();
    taken.push_back(each);
  }
  return taken;
}

void CommitQueue::prepare(Waiting& waiting, StorageBatch& batch) {
  if (waiting.fences) waiting.fences->epoch = ++newest_epoch_[waiting.fences->name];
  if (waiting.request == nullptr) return;
  auto& request = *waiting.request;
  if (request.producer && newest_epoch_[request.producer->name] != request.producer->epoch) {
    waiting.result = producer_fenced(request.producer->name);
    return;
  }
  for (auto& records : request.records.partitions) {
    auto& partition = *records.partition;
    records.first = partition.assigned_end;
    for (const auto& block : records.blocks) {
      batch.put_block(partition.id, Offset(records.first.value + block.last.value), block);
    }
    partition.assigned_end = Offset(records.first.value + records.count);
  }
  if (request.positions) batch.put_meta(request.positions->first, request.positions->second);
}

void CommitQueue::show(const std::vector<Waiting*>& group) {
  bool any = false;
  for (const auto* each : group) {
    if (each->request == nullptr || !each->result) continue;
    for (const auto& records : each->request->records.partitions) {
      records.partition->end.store(records.first.value + records.count);
      any = true;
    }
  }
  if (any) shown_();
}

void CommitQueue::fail_with(const Error& error) {
  failure_ =
      Error{error.code, fmt::format("the log takes no more writes since one failed; repair the cause and "
                                    "restart. The failure: {}",
                                    error.message)};
}

}  // namespace slipstream
