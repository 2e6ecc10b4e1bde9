// Writing to the embedded log: records become blocks in the caller's thread, blocks get their offsets and
// reach the disk in the commit queue.
//
// The queue is LevelDB's: each caller queues a request; the first in the queue leads, writes every request
// that waits as one batch with one sync, and wakes them. Offsets are given out by the leader alone and shown
// to readers after the write, so a partition's records become visible in offset order, and what is on disk
// has no hole below it.
#pragma once

#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "connectors/log/embedded_storage.h"
#include "connectors/log/embedded_topics.h"

namespace slipstream {

inline constexpr std::size_t kBlockBytes = std::size_t{512}
                                           << 10;  // a block is closed when its body reaches this

// The records of one call for one partition, offsets counted from 0.
struct PartitionRecords {
  EmbeddedPartition* partition = nullptr;
  std::vector<RecordBlock> blocks;
  std::int64_t count = 0;
  Offset first;  // set by the queue: the offset of record 0
};

// All records of one call.
struct EncodedRecords {
  std::vector<PartitionRecords> partitions;
  std::vector<std::uint32_t> partition_of_record;  // index into partitions
  std::vector<Offset> offsets;  // counted from 0, until the queue has given out the first ones

  std::size_t bytes() const;
  std::vector<Offset> final_offsets() &&;
};

// Errors: not_found, record_too_large.
Result<EncodedRecords> encode_records(std::span<const OutputRecord> records, const EmbeddedTopics& topics);

struct ProducerIdentity {
  std::string name;
  std::uint64_t epoch = 0;
};

struct CommitRequest {
  EncodedRecords records;
  std::optional<ProducerIdentity> producer;                      // whose epoch must be the newest
  std::optional<std::pair<std::string, std::string>> positions;  // meta key and value
};

// Thread-safe.
class CommitQueue {
 public:
  // `shown` is called after records became visible.
  CommitQueue(const EmbeddedStorage& storage, bool sync, std::function<void()> shown)
      : storage_(storage), sync_(sync), shown_(std::move(shown)) {}

  Result<> commit(CommitRequest& request);
  // A new epoch for the producer, after everything that older ones had queued.
  Result<ProducerIdentity> new_epoch(std::string_view producer);
  // Writes other than records; refused after a failure like those.
  Result<> write(StorageBatch& batch);

 private:
  struct Waiting;

  Result<> enqueue(Waiting& waiting);
  void lead(std::unique_lock<std::mutex>& lock);
  Result<> write_group(const std::vector<Waiting*>& taken);
  std::vector<Waiting*> group() const;
  void prepare(Waiting& waiting, StorageBatch& batch);
  void fail_with(const Error& error);
  void show(const std::vector<Waiting*>& group);

  const EmbeddedStorage& storage_;
  const bool sync_;
  const std::function<void()> shown_;
  std::mutex mutex_;
  std::deque<Waiting*> queue_;                                      // guarded by mutex_; the front one leads
  std::optional<Error> failure_;                                    // guarded by mutex_; set once
  std::map<std::string, std::uint64_t, std::less<>> newest_epoch_;  // of the leader
};

}  // namespace slipstream
