// A deployment keeps its number of partitions: the events of an entity stay together.
#include <gtest/gtest.h>

#include "engine/log/memory_log.h"
#include "engine/shard/runner.h"
#include "engine/state/memory_store.h"
#include "tests/definition/plan_of.h"

namespace slipstream {
namespace {

class PartitionCount : public testing::Test {
 protected:
  void SetUp() override {
    plan_ = plan_of(kDueByMonth);
    ASSERT_NE(plan_, nullptr);
  }
  Result<CommitNote> run_once(EventLog& log, std::int32_t partitions) {
    MemoryStore store;
    ShardOptions options;
    options.shard = Partition(0);
    options.partitions = partitions;
    SLIPSTREAM_ASSIGN(const auto runner, ShardRunner::open(*plan_, options, log, store));
    SLIPSTREAM_TRY(runner->tick(Timestamp{1'700'000'000'000'000}));
    SLIPSTREAM_TRY(runner->judge());
    SLIPSTREAM_TRY(runner->commit(false));
    return runner->note();
  }

  std::shared_ptr<const Plan> plan_;
  const TopicNames topics_;
};

TEST_F(PartitionCount, IsKeptWithEveryCommit) {
  MemoryLog log;
  ASSERT_TRUE(create_topics(log, topics_, 2));
  ASSERT_TRUE(run_once(log, 2));
  const auto committed = log.committed(topics_.group, member_of(Partition(0)));
  ASSERT_TRUE(committed);
  const auto note = decode_note(committed->metadata);
  ASSERT_TRUE(note);
  EXPECT_EQ(note->partitions, 2);
  EXPECT_TRUE(run_once(log, 2));
}

// As when every topic on Kafka has been given more.
TEST_F(PartitionCount, ThatHasChangedIsRefused) {
  MemoryLog before, after;
  ASSERT_TRUE(create_topics(before, topics_, 2));
  ASSERT_TRUE(create_topics(after, topics_, 3));
  const auto note = run_once(before, 2);
  ASSERT_TRUE(note) << note.error().message;
  ASSERT_GT(note->sequence.value, 0u);
  const auto producer = ShardRunner::open_producer(after, topics_, Partition(0));
  ASSERT_TRUE(
      (*producer)->commit({{}, topics_.group, member_of(Partition(0)), note->next, encode_note(*note)}));
  const auto refused = run_once(after, 3);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::invalid_value);
  EXPECT_NE(refused.error().message.find("had 2 partitions when it was folded and has 3"), std::string::npos)
      << refused.error().message;
}

}  // namespace
}  // namespace slipstream
