// A log from which records have gone: what a shard still needs of them is missed, and nothing else is.
#include <gtest/gtest.h>

#include "engine/log/memory_log.h"
#include "engine/shard/runner.h"
#include "engine/state/memory_store.h"
#include "tests/definition/plan_of.h"

namespace slipstream {
namespace {

const Timestamp kNow = *parse_timestamp("2026-03-01T00:00:00Z");

class CutLog : public testing::Test {
 protected:
  void SetUp() override {
    plan_ = plan_of(kDueByMonth);
    ASSERT_NE(plan_, nullptr);
    create_topics_in(log_);
  }
  void create_topics_in(EventLog& log) const {
    for (TopicOptions topic : topics_of(topics_, 1)) {
      if (topic.name == topics_.events) topic.retention = hours(1);
      ASSERT_TRUE(log.create_topic(topic));
    }
  }

  // A task's event that was logged so many days before kNow.
  void append(const std::string& task, int days_ago) { append(task, days_ago, log_); }
  void append(const std::string& task, int days_ago, EventLog& log) const {
    const Timestamp at{kNow.us - days(days_ago).us};
    const std::string value = R"({"specversion":"1.0","source":"test","type":"task.assigned","id":")" + task +
                              R"(","subject":")" + task + R"(","time":")" + format_timestamp(at) +
                              R"(","data":{"task":")" + task + R"(","unit":"u","due_at":"2026-04-01"}})";
    ASSERT_TRUE(log.append({{OutputRecord{topics_.events, Partition(0), task, value, {}, at}}}));
  }
  // Two blocks would be one: whatever is older than an hour goes.
  void cut() { ASSERT_TRUE(log_.clean(kNow)); }
  Offset begin() { return log_.offsets({topics_.events, Partition(0)})->earliest; }

  Result<CommitNote> run(Store& store) { return run(store, log_); }
  Result<CommitNote> run(Store& store, EventLog& log) {
    SLIPSTREAM_ASSIGN(const auto runner, ShardRunner::open(*plan_, ShardOptions{}, log, store));
    while (true) {
      SLIPSTREAM_ASSIGN(const std::size_t read, runner->poll(Duration{}));
      if (read == 0) break;
    }
    SLIPSTREAM_TRY(runner->tick(kNow));
    SLIPSTREAM_TRY(runner->judge());
    SLIPSTREAM_TRY(runner->commit(false));
    return runner->note();
  }
  // The positions outlive the topics.
  void commit_note(const CommitNote& note, EventLog& log) const {
    const auto producer = ShardRunner::open_producer(log, topics_, Partition(0));
    ASSERT_TRUE((*producer)->commit({{}, topics_.group, member_of(Partition(0)), {}, encode_note(note)}));
  }
  void expect_missing(const Result<CommitNote>& ran, const std::string& said) {
    ASSERT_FALSE(ran);
    EXPECT_EQ(ran.error().code, ErrorCode::offset_out_of_range);
    EXPECT_NE(ran.error().message.find(said), std::string::npos) << ran.error().message;
  }

  std::shared_ptr<const Plan> plan_;
  const TopicNames topics_;
  MemoryLog log_;
};

TEST_F(CutLog, DoesNotMatterToAStateThatHasFoldedIt) {
  MemoryStore store;
  append("a", 2);
  ASSERT_TRUE(run(store));
  cut();
  ASSERT_EQ(begin(), Offset(1));
  append("b", 0);
  const auto ran = run(store);
  ASSERT_TRUE(ran) << ran.error().message;
  EXPECT_EQ(ran->counters.folded, 2u);
}

TEST_F(CutLog, CannotGiveBackALostState) {
  MemoryStore store, lost;
  append("a", 2);
  append("b", 0);
  ASSERT_TRUE(run(store));
  cut();
  expect_missing(run(lost), "begins at offset 1, and what it held from offset 0 on is needed");
}

TEST_F(CutLog, DoesNotBringAnOldStateUpToDate) {
  MemoryStore old, newer;
  append("a", 3);
  ASSERT_TRUE(run(old));
  append("b", 2);
  append("c", 0);
  ASSERT_TRUE(run(newer));
  cut();
  expect_missing(run(old), "begins at offset 2, and what it held from offset 1 on is needed");
}

TEST_F(CutLog, MayBeginLateAndIsFoldedFromThereAgain) {
  append("a", 2);
  append("b", 0);
  cut();
  MemoryStore store, lost;
  const auto first = run(store);
  ASSERT_TRUE(first) << first.error().message;
  EXPECT_EQ(first->counters.folded, 1u);
  const auto again = run(lost);
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(again->counters.folded, 1u);
}

TEST_F(CutLog, ThatWasCreatedAnewIsNotTakenForTheOldOneWhetherItHoldsLessOrMore) {
  MemoryStore store, lost;
  append("a", 0);
  append("b", 0);
  const auto ran = run(store);
  ASSERT_TRUE(ran);
  MemoryLog anew;
  create_topics_in(anew);
  commit_note(*ran, anew);
  expect_missing(run(store, anew), "ends at offset 0, though records before offset 2 have been folded");
  for (const char* task : {"a", "c", "d"})
    append(task, 0, anew);
  expect_missing(run(store, anew), "holds another record at offset 1 than the last commit has read");
  expect_missing(run(lost, anew), "holds another record at offset 1 than the last commit has read");
}

TEST_F(CutLog, OfMoreCommitsIsNotTakenForTheOneThatAStateIsOf) {
  MemoryStore store, other;
  append("a", 0);
  ASSERT_TRUE(run(store));
  MemoryLog anew;
  create_topics_in(anew);
  for (const char* task : {"b", "c"}) {
    append(task, 0, anew);
    ASSERT_TRUE(run(other, anew));
  }
  expect_missing(run(store, anew), "holds another record at offset 0 than the state has read");
}

TEST_F(CutLog, OfWhichTheNewestRecordHasGoneIsTheSameLog) {
  MemoryStore store;
  append("a", 2);
  append("b", 2);
  ASSERT_TRUE(run(store));
  append("c", 0);
  cut();
  ASSERT_EQ(begin(), Offset(2));
  const auto ran = run(store);
  ASSERT_TRUE(ran) << ran.error().message;
  EXPECT_EQ(ran->counters.folded, 3u);
}

}  // namespace
}  // namespace slipstream
