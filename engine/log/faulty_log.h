// A log that fails as real ones do, for the simulator; what it says is durable is durable in the log it
// wraps.
//
// A crash: from some moment every call of every object fails with log_unavailable and crashed() is true. The
// simulator drops its shards, calls restart() and opens new readers and producers; those of before stay dead,
// as those of a dead process do. A commit that fails is atomic still: written whole (the outcome is unknown
// to the caller) or not at all. Belongs to one thread, never waits, and behaves the same each time for the
// same choices.
#pragma once

#include <memory>

#include "engine/log/event_log.h"
#include "engine/log/fault_choices.h"

namespace slipstream {

struct LogFaults {
  OneIn refused_commit = 0;   // nothing is written, the caller gets log_unavailable
  OneIn unknown_outcome = 0;  // written, yet the caller gets log_unavailable
  OneIn crash_before_commit = 0;
  OneIn crash_after_commit = 0;  // written, but the caller never learns
  OneIn repeated_append = 0;     // append() writes its records twice: a source that retried
  OneIn redelivery = 0;  // a poll gives a partition's records again from up to `redelivered_max` before
  std::uint32_t redelivered_max = 16;
  OneIn slow_partition = 0;  // a partition gives nothing for up to `slow_polls_max` polls
  std::uint32_t slow_polls_max = 8;
  bool short_reads = false;          // a partition's turn gives a random number of records
  bool shuffled_partitions = false;  // partitions take their turns in random order
};

struct LogFaultCounts {
  std::uint64_t refused = 0, unknown = 0, crashes = 0, repeated = 0, redelivered = 0, slowed = 0;
};

class FaultyLog final : public EventLog {
 public:
  FaultyLog(std::shared_ptr<EventLog> durable, const LogFaults& faults, Choose choose);
  ~FaultyLog() override;

  bool crashed() const;
  void crash();
  void restart();
  void set_faults(const LogFaults& faults);  // e.g. none, to let a run settle
  LogFaultCounts counts() const;

  Result<> create_topic(const TopicOptions& options) override;
  Result<std::vector<TopicOptions>> topics() override;
  Result<OffsetRange> offsets(const TopicPartition& at) override;
  Result<std::vector<Offset>> append(std::span<const OutputRecord> records) override;
  Result<std::unique_ptr<Producer>> open_producer(std::string_view identity) override;
  std::unique_ptr<Reader> open_reader() override;
  Result<CommittedPositions> committed(std::string_view group, std::string_view member) override;
  Result<std::uint64_t> clean(Timestamp now) override;

  struct State;

 private:
  std::shared_ptr<State> state_;
};

}  // namespace slipstream
