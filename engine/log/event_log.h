// The log: topics of partitions of records, the one durable truth. Three implementations pass one conformance
// suite: the embedded log and Kafka (connectors/log), and the log in memory of tests.
//
// Contract
// - An offset never changes; offsets of a partition grow from 0. Compaction and retention leave gaps at
//   reading, and in Kafka the marks of transactions do.
// - append() and commit() return when the records are durable; on error nothing of the call is visible.
//   Readers may see them a moment later; offsets() waits for them.
// - commit() is atomic: all outputs and the group's positions, or nothing. Positions of one (group, member)
//   are replaced together with its metadata.
// - A Producer has an identity; opening one with the same identity fences the older one (error fenced on its
//   next use).
// - A reader sees committed records only, in offset order per partition.
// - Timestamps, from the first millisecond of 1970 on, are kept to the millisecond at least.
// - Thread-safe: any thread may use the EventLog; a Reader and a Producer belong to one thread each.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/error.h"
#include "engine/base/ids.h"
#include "engine/base/time.h"

namespace slipstream {

struct Header {
  std::string name;
  std::string value;
  friend bool operator==(const Header&, const Header&) = default;
};

// A record to append. A record without value is a tombstone: it deletes its key from a compacted topic.
struct OutputRecord {
  std::string topic;
  Partition partition;
  std::string key;
  std::optional<std::string> value;
  std::vector<Header> headers;
  Timestamp timestamp;
};

// A record as read; the views live as long as the ReadBatch.
struct RecordView {
  Offset offset;
  Timestamp timestamp;
  std::string_view key;
  std::string_view value;
  bool tombstone = false;
  std::span<const Header> headers;
};

// Consecutive records of one partition. One without records says only that reading goes on further: what lay
// between is nothing to read.
struct ReadBatch {
  TopicPartition at;
  std::vector<RecordView> records;
  Offset next;  // where reading goes on after these (beyond the last record, and beyond compacted gaps)
  std::shared_ptr<const void> memory;  // keeps the views alive
};

enum class Cleanup : std::uint8_t { retain, compact };
// A compacted topic keeps a tombstone this long after its timestamp, so that a reader that is behind sees the
// deletion.
inline constexpr Duration kTombstoneRetention = hours(24);

struct TopicOptions {
  std::string name;
  std::int32_t partitions = 1;
  Cleanup cleanup = Cleanup::retain;
  std::optional<Duration> retention = {};             // retain only: records older than this may go
  std::optional<std::uint64_t> retention_bytes = {};  // per partition
  // Told of existing topics, by logs whose topics differ in it: the largest record, with key and headers.
  std::optional<std::uint64_t> record_bytes_max = {};

  // What a topic is created with.
  friend bool operator==(const TopicOptions& a, const TopicOptions& b) {
    return a.name == b.name && a.partitions == b.partitions && a.cleanup == b.cleanup &&
           a.retention == b.retention && a.retention_bytes == b.retention_bytes;
  }
};

struct OffsetRange {
  Offset earliest;  // first offset still readable
  Offset end;       // one past the last committed record
};

// What a group has committed for one member (a shard): where to go on, and the member's own note (opaque
// bytes).
struct CommittedPositions {
  std::map<TopicPartition, Offset> next;
  std::string metadata;
};

struct Transaction {
  std::vector<OutputRecord> outputs;
  std::string group;
  std::string member;  // e.g. "shard-3"
  std::map<TopicPartition, Offset> next;
  std::string metadata;
};

class Producer {
 public:
  virtual ~Producer() = default;
  // Atomic. Returns the offset of each output, in order.
  virtual Result<std::vector<Offset>> commit(const Transaction& transaction) = 0;
};

class Reader {
 public:
  virtual ~Reader() = default;
  // Sets where the next poll of a partition starts; adds the partition when it is new.
  virtual Result<> seek(const TopicPartition& at, Offset offset) = 0;
  virtual void remove(const TopicPartition& at) = 0;
  // The next records of the assigned partitions, in turn: at most `records_max` in all and about `bytes_max`;
  // waits up to `wait` for a first batch. An empty result means that nothing came.
  virtual Result<std::vector<ReadBatch>> poll(std::size_t records_max, std::size_t bytes_max,
                                              Duration wait) = 0;
};

class EventLog {
 public:
  virtual ~EventLog() = default;

  // Error already_exists when a topic of the name has other options; the same options again are no error.
  virtual Result<> create_topic(const TopicOptions& options) = 0;
  virtual Result<std::vector<TopicOptions>> topics() = 0;
  virtual Result<OffsetRange> offsets(
      const TopicPartition& at) = 0;  // not_found when the topic does not exist
  // Appends without a transaction, atomically per call. Returns the offset of each record, in order.
  virtual Result<std::vector<Offset>> append(std::span<const OutputRecord> records) = 0;
  virtual Result<std::unique_ptr<Producer>> open_producer(std::string_view identity) = 0;
  virtual std::unique_ptr<Reader> open_reader() = 0;
  // Empty positions when the member has never committed.
  virtual Result<CommittedPositions> committed(std::string_view group, std::string_view member) = 0;
  // Deletes what retention and compaction allow, as of `now`. Returns the number of records removed.
  virtual Result<std::uint64_t> clean(Timestamp now) = 0;
};

// Kafka's default partitioner: murmur2 of the key, positive, modulo the number of partitions.
Partition partition_of(std::string_view key, std::int32_t partitions);

}  // namespace slipstream
