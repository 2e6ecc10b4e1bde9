#include "engine/app/state_shelf.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "engine/state/memory_store.h"
#include "tests/definition/plan_of.h"

namespace slipstream {
namespace {

class StateShelfTest : public testing::Test {
 protected:
  void put(std::int32_t shard, std::uint64_t sequence, std::int64_t clock_us = 1000, bool caught_up = true) {
    CommitNote note;
    note.shard = Partition(shard);
    note.sequence = CommitSequence(sequence);
    note.clock = Timestamp{clock_us};
    shelf_.put(Partition(shard), {store_.snapshot(), note, caught_up});
  }

  MemoryStore store_;
  StateShelf shelf_{plan_of(kDueByMonth), 2, {"reference", Partition(0)}};
};

TEST_F(StateShelfTest, ShowsNothingUntilEveryShardIsHere) {
  EXPECT_EQ(shelf_.newest(), nullptr);
  put(1, 5);
  EXPECT_EQ(shelf_.newest(), nullptr);
  EXPECT_THAT(shelf_.missing(), testing::ElementsAre(Partition(0)));
  ASSERT_EQ(shelf_.here().size(), 1);
  EXPECT_EQ(shelf_.here().at(Partition(1)).note.sequence, CommitSequence(5));
  put(0, 1);
  EXPECT_NE(shelf_.newest(), nullptr);
  EXPECT_THAT(shelf_.missing(), testing::IsEmpty());
}

TEST_F(StateShelfTest, IsAsOfTheEarliestClockOfThoseThatHaveCommitted) {
  put(0, 0, 7);
  put(1, 3, 2000);
  EXPECT_EQ(shelf_.newest()->clock, Timestamp{2000});
  put(0, 1, 1500);
  EXPECT_EQ(shelf_.newest()->clock, Timestamp{1500});
}

TEST_F(StateShelfTest, HasAnotherVersionAfterEachCommitAndWhenItHasCaughtUp) {
  put(0, 1);
  put(1, 1, 1000, false);
  const auto first = shelf_.newest();
  EXPECT_FALSE(first->complete);
  EXPECT_EQ(shelf_.newest()->version, first->version);
  put(1, 1);
  const auto second = shelf_.newest();
  EXPECT_TRUE(second->complete);
  EXPECT_NE(second->version, first->version);
  put(1, 2);
  EXPECT_NE(shelf_.newest()->version, second->version);
}

TEST_F(StateShelfTest, ReadsTheReferenceTopicsWordAgainOnlyWhenMoreOfItWasFolded) {
  const TopicPartition reference{"reference", Partition(0)};
  const auto commit = [&](std::uint64_t sequence, std::int64_t folded) {
    CommitNote note;
    note.sequence = CommitSequence(sequence);
    note.next[reference] = Offset(folded);
    shelf_.put(Partition(0), {store_.snapshot(), note, true});
    return *read_reference(shelf_.newest()->state);
  };
  put(1, 1);
  const auto first = commit(1, 5);
  EXPECT_EQ(commit(2, 5), first);
  const auto second = commit(3, 6);
  EXPECT_NE(second, first);
  EXPECT_EQ(commit(4, 6), second);
}

TEST_F(StateShelfTest, AShardThatGoesWaitsForItsReaders) {
  put(0, 1);
  put(1, 1);
  auto reading = shelf_.newest();
  std::atomic<bool> is_off = false;
  std::thread worker([&] {
    shelf_.take_off(Partition(0), seconds(30));
    is_off = true;
  });
  while (shelf_.newest() != nullptr)
    std::this_thread::yield();
  EXPECT_FALSE(is_off);
  reading.reset();
  worker.join();
  EXPECT_TRUE(is_off);
}

TEST_F(StateShelfTest, AShardThatGoesDoesNotWaitForEver) {
  put(0, 1);
  put(1, 1);
  const auto reading = shelf_.newest();
  shelf_.take_off(Partition(0), milliseconds(1));
  shelf_.take_off(Partition(0), seconds(30));  // it is not there any more
  EXPECT_EQ(shelf_.newest(), nullptr);
}

}  // namespace
}  // namespace slipstream
