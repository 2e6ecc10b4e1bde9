// A log in front of another: what a test does not override stays as it is.
#pragma once

#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "engine/log/event_log.h"

namespace slipstream::testing {

class ForwardingLog : public EventLog {
 public:
  explicit ForwardingLog(EventLog& log) : log_(log) {}
  Result<> create_topic(const TopicOptions& options) override { return log_.create_topic(options); }
  Result<std::vector<TopicOptions>> topics() override { return log_.topics(); }
  Result<OffsetRange> offsets(const TopicPartition& at) override { return log_.offsets(at); }
  Result<std::vector<Offset>> append(std::span<const OutputRecord> records) override {
    return log_.append(records);
  }
  Result<std::unique_ptr<Producer>> open_producer(std::string_view identity) override {
    return log_.open_producer(identity);
  }
  std::unique_ptr<Reader> open_reader() override { return log_.open_reader(); }
  Result<CommittedPositions> committed(std::string_view group, std::string_view member) override {
    return log_.committed(group, member);
  }
  Result<std::uint64_t> clean(Timestamp now) override { return log_.clean(now); }

 private:
  EventLog& log_;
};

}  // namespace slipstream::testing
