// The promises of EventLog (engine/log/event_log.h), tested through its interface alone: every implementation
// instantiates this suite with its own factory. Adding the three event_log_*conformance.cpp to a
// test binary and an INSTANTIATE_TEST_SUITE_P is all it takes.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <ostream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "engine/log/event_log.h"

namespace slipstream {

// One log of its own for one test.
class LogUnderTest {
 public:
  virtual ~LogUnderTest() = default;
  virtual EventLog& log() = 0;
  // Closes the log and opens what is durable of it; pointers and readers of before are gone.
  virtual void reopen() = 0;
};

// A log that outlives its handle: opened by a function, time and again.
class ReopenedLog final : public LogUnderTest {
 public:
  using Open = std::function<Result<std::unique_ptr<EventLog>>()>;
  explicit ReopenedLog(Open open) : open_(std::move(open)) { reopen(); }
  EventLog& log() override { return *log_; }
  void reopen() override {
    log_.reset();
    auto opened = open_();
    if (!opened) throw std::runtime_error(opened.error().message);
    log_ = std::move(*opened);
  }

 private:
  const Open open_;
  std::unique_ptr<EventLog> log_;
};

struct LogKind {
  std::string name;
  std::function<std::unique_ptr<LogUnderTest>()> open;  // null: it cannot be had here
  std::function<std::string()> why_not = {};            // and why
  // Where implementations may differ:
  bool cleans_at_once = true;           // clean() does it; a broker does it in its own time
  bool markers_take_offsets = false;    // a transaction leaves a gap in the offsets, as in Kafka
  std::size_t record_bytes = 10 << 20;  // the largest record worth trying
  friend std::ostream& operator<<(std::ostream& out, const LogKind& kind) { return out << kind.name; }
};

// A record as read, owning its bytes.
struct ReadRecord {
  Offset offset;
  std::string key;
  std::optional<std::string> value;
  std::vector<Header> headers;
  Timestamp timestamp;
};

class EventLogConformance : public testing::TestWithParam<LogKind> {
 protected:
  EventLogConformance() : opened_(GetParam().open()) {}
  void SetUp() override {
    if (opened_ == nullptr) GTEST_SKIP() << GetParam().why_not();  // a failure in continuous integration
  }

  EventLog& log() { return opened_->log(); }
  void reopen() { opened_->reopen(); }

  // A topic name that no other test has: a broker's topics outlive a test.
  static std::string unique(const std::string& name);
  // Creates a topic and returns its name.
  std::string topic(const std::string& name, std::int32_t partitions = 1);
  std::string topic(TopicOptions options);

  static OutputRecord record(const std::string& topic, std::string key, std::optional<std::string> value,
                             std::int32_t partition = 0, Timestamp timestamp = Timestamp{1'000'000});
  std::vector<Offset> append(const std::vector<OutputRecord>& records);
  // Everything of a partition from `from` (its earliest offset when not given) to its end.
  std::vector<ReadRecord> read(const std::string& topic, std::int32_t partition = 0,
                               std::optional<Offset> from = {});
  static std::vector<std::pair<std::string, std::string>> keys_and_values(
      const std::vector<ReadRecord>& records);
  OffsetRange range(const std::string& topic, std::int32_t partition = 0);

 private:
  std::unique_ptr<LogUnderTest> opened_;
};

}  // namespace slipstream
