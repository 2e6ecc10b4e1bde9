#include "engine/app/service/event_intake.h"

#include <gtest/gtest.h>

#include <chrono>
#include <future>

#include "engine/log/memory_log.h"
#include "tests/log/forwarding_log.h"

namespace slipstream {
namespace {

constexpr auto kAppendPatience = std::chrono::seconds(30);

// Its first append waits until it is let go.
class GatedLog final : public testing::ForwardingLog {
 public:
  using testing::ForwardingLog::ForwardingLog;
  Result<std::vector<Offset>> append(std::span<const OutputRecord> records) override {
    if (appends_++ == 0) {
      reached.set_value();
      gate.get_future().wait_for(kAppendPatience);
    }
    return ForwardingLog::append(records);
  }

  std::promise<void> reached, gate;

 private:
  int appends_ = 0;
};

class EventIntakeTest : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(memory_.create_topic({.name = "events"})); }

  static std::vector<OutputRecord> records(const std::string& topic,
                                           std::initializer_list<std::string> values) {
    std::vector<OutputRecord> all;
    for (const std::string& value : values)
      all.push_back({topic, Partition(0), "key", value, {{"content-type", "application/json"}}, Timestamp{}});
    return all;
  }

  std::vector<std::string> appended() {
    std::vector<std::string> values;
    const TopicPartition at{"events", Partition(0)};
    const OffsetRange range = *memory_.offsets(at);
    const auto reader = memory_.open_reader();
    EXPECT_TRUE(reader->seek(at, range.earliest));
    while (std::ssize(values) < range.end.value - range.earliest.value) {
      const auto batches = reader->poll(100, 1 << 20, seconds(1));
      for (const ReadBatch& batch : *batches)
        for (const RecordView& record : batch.records) {
          EXPECT_EQ(record.key, "key");
          values.emplace_back(record.value);
        }
    }
    return values;
  }

  MemoryLog memory_;
  GatedLog log_{memory_};
};

TEST_F(EventIntakeTest, ARequestThatTheLogRefusesSpoilsNoOtherThatWaitsWithIt) {
  std::vector<std::string> done;
  const auto say = [&done](std::string name) {
    return [&done, name](const Result<>& outcome) { done.push_back(name + (outcome ? "" : " refused")); };
  };
  EventIntake::Counts counts;
  {
    EventIntake intake(log_, {});
    ASSERT_TRUE(intake.accept(records("events", {"first"}), say("first")));
    ASSERT_EQ(log_.reached.get_future().wait_for(kAppendPatience), std::future_status::ready);
    ASSERT_TRUE(intake.accept(records("events", {"a", "b"}), say("before")));
    ASSERT_TRUE(intake.accept(records("no such topic", {"c"}), say("unknown")));
    ASSERT_TRUE(intake.accept(records("events", {"d"}), say("after")));
    EXPECT_GT(intake.counts().waiting_bytes, 0U);
    log_.gate.set_value();
    const auto until = std::chrono::steady_clock::now() + kAppendPatience;
    while ((counts = intake.counts()).waiting_bytes > 0 && std::chrono::steady_clock::now() < until)
      std::this_thread::yield();
  }
  EXPECT_EQ(done, (std::vector<std::string>{"first", "before", "unknown refused", "after"}));
  EXPECT_EQ(appended(), (std::vector<std::string>{"first", "a", "b", "d"}));
  EXPECT_EQ(counts.requests, 3U);
  EXPECT_EQ(counts.events, 4U);
  EXPECT_EQ(counts.waiting_bytes, 0U);
}

TEST_F(EventIntakeTest, TakesNoMoreThanMayWaitButAlwaysOneRequest) {
  EventIntakeOptions options;
  options.waiting_bytes_max = 1;
  EventIntake intake(log_, options);
  ASSERT_TRUE(intake.accept(records("events", {"larger than that"}), [](const Result<>&) {}));
  ASSERT_EQ(log_.reached.get_future().wait_for(kAppendPatience), std::future_status::ready);
  EXPECT_FALSE(intake.accept(records("events", {"one more"}), [](const Result<>&) { ADD_FAILURE(); }));
  log_.gate.set_value();
}

}  // namespace
}  // namespace slipstream
