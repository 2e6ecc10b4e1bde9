// The log of tests, back-tests and the simulator: everything in memory, the same promises as the durable
// ones.
//
// Records stand in chunks that never move, so a reader's views point into them and stay valid after
// compaction and retention have dropped the chunk from the log. One mutex guards everything; readers only
// pick ranges under it.
#pragma once

#include <condition_variable>
#include <mutex>
#include <unordered_map>

#include "engine/log/event_log.h"

namespace slipstream {

class MemoryLog final : public EventLog {
 public:
  MemoryLog();
  ~MemoryLog() override;

  Result<> create_topic(const TopicOptions& options) override;
  Result<std::vector<TopicOptions>> topics() override;
  Result<OffsetRange> offsets(const TopicPartition& at) override;
  Result<std::vector<Offset>> append(std::span<const OutputRecord> records) override;
  Result<std::unique_ptr<Producer>> open_producer(std::string_view identity) override;
  std::unique_ptr<Reader> open_reader() override;
  Result<CommittedPositions> committed(std::string_view group, std::string_view member) override;
  Result<std::uint64_t> clean(Timestamp now) override;

  struct State;  // outlives the log while a Reader or Producer of it does

 private:
  std::shared_ptr<State> state_;
};

}  // namespace slipstream
