#include "engine/log/faulty_log.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "engine/log/memory_log.h"

namespace slipstream {
namespace {

const std::string kTopic = "events";

class FaultyLogTest : public testing::Test {
 protected:
  FaultyLogTest() { EXPECT_TRUE(durable_->create_topic({.name = kTopic, .partitions = 3})); }

  FaultyLog faulty(const LogFaults& faults, std::uint64_t seed = 1) {
    return FaultyLog(durable_, faults, choose_from_seed(seed));
  }
  static OutputRecord record(int number) {
    return {kTopic, Partition(number % 3), std::to_string(number), "v", {}, Timestamp{number}};
  }
  static Transaction transaction(int number) {
    return {{record(number), record(number + 1)},
            "group",
            "member",
            {{{kTopic, Partition(0)}, Offset(number)}},
            std::to_string(number)};
  }
  std::int64_t durable_records() {
    std::int64_t all = 0;
    for (int partition = 0; partition < 3; ++partition)
      all += durable_->offsets({kTopic, Partition(partition)})->end.value;
    return all;
  }
  static std::vector<std::pair<Partition, Offset>> read(FaultyLog& log, int polls) {
    std::vector<std::pair<Partition, Offset>> all;
    const auto reader = log.open_reader();
    for (int partition = 0; partition < 3; ++partition) {
      EXPECT_TRUE(reader->seek({kTopic, Partition(partition)}, Offset(0)));
    }
    for (; polls > 0; --polls) {
      const auto batches = reader->poll(10, 1 << 20, seconds(1000));
      EXPECT_TRUE(batches);
      for (const auto& batch : *batches) {
        for (const auto& each : batch.records)
          all.emplace_back(batch.at.partition, each.offset);
      }
    }
    return all;
  }
  void fill(int records) {
    for (int number = 0; number < records; ++number) {
      const std::vector one = {record(number)};
      ASSERT_TRUE(durable_->append(one));
    }
  }

  std::shared_ptr<MemoryLog> durable_ = std::make_shared<MemoryLog>();
};

TEST_F(FaultyLogTest, WithoutFaultsItIsTheLogItWraps) {
  auto log = faulty({});
  auto producer = log.open_producer("p");
  ASSERT_TRUE(producer && (*producer)->commit(transaction(3)));
  fill(30);
  EXPECT_EQ(read(log, 10).size(), 32);
  EXPECT_EQ(log.committed("group", "member")->metadata, "3");
}

TEST_F(FaultyLogTest, ARefusedCommitWritesNothing) {
  auto log = faulty({.refused_commit = 1});
  auto producer = log.open_producer("p");
  EXPECT_EQ((*producer)->commit(transaction(1)).error().code, ErrorCode::log_unavailable);
  EXPECT_EQ(durable_records(), 0);
  EXPECT_EQ(log.committed("group", "member")->metadata, "");
  EXPECT_FALSE(log.crashed());
}

TEST_F(FaultyLogTest, AnUnknownOutcomeIsWrittenWholeThoughTheCallerIsToldOtherwise) {
  auto log = faulty({.unknown_outcome = 1});
  auto producer = log.open_producer("p");
  EXPECT_EQ((*producer)->commit(transaction(1)).error().code, ErrorCode::log_unavailable);
  EXPECT_EQ(durable_records(), 2);
  EXPECT_EQ(log.committed("group", "member")->metadata, "1");
}

TEST_F(FaultyLogTest, ACrashBeforeACommitLosesItAndAfterItKeepsIt) {
  auto before = faulty({.crash_before_commit = 1});
  auto producer = before.open_producer("p");
  EXPECT_FALSE((*producer)->commit(transaction(1)));
  EXPECT_TRUE(before.crashed());
  EXPECT_EQ(durable_records(), 0);
  auto after = faulty({.crash_after_commit = 1});
  producer = after.open_producer("p");
  EXPECT_FALSE((*producer)->commit(transaction(1)));
  EXPECT_TRUE(after.crashed());
  EXPECT_EQ(durable_records(), 2);
}

TEST_F(FaultyLogTest, AfterACrashEverythingFailsUntilTheRestartAndWhatWasOpenBeforeForever) {
  fill(3);
  auto log = faulty({});
  auto producer = log.open_producer("p");
  const auto reader = log.open_reader();
  ASSERT_TRUE(reader->seek({kTopic, Partition(0)}, Offset(0)));
  log.crash();
  EXPECT_FALSE(reader->poll(10, 1000, Duration()));
  EXPECT_FALSE((*producer)->commit(transaction(1)));
  EXPECT_FALSE(log.topics());
  EXPECT_FALSE(log.offsets({kTopic, Partition(0)}));
  EXPECT_FALSE(log.open_producer("p"));
  log.restart();
  EXPECT_FALSE(log.crashed());
  EXPECT_TRUE(log.topics());
  EXPECT_FALSE(reader->poll(10, 1000, Duration()));
  EXPECT_FALSE((*producer)->commit(transaction(1)));
  EXPECT_EQ(read(log, 3).size(), 3);
  EXPECT_EQ(durable_records(), 3);
}

TEST_F(FaultyLogTest, ARepeatedAppendWritesItsRecordsTwice) {
  auto log = faulty({.repeated_append = 1});
  const std::vector one = {record(0)};
  const auto offsets = log.append(one);
  ASSERT_TRUE(offsets);
  EXPECT_EQ(offsets->at(0), Offset(1));
  EXPECT_EQ(durable_records(), 2);
}

TEST_F(FaultyLogTest, RedeliveryGivesRecordsAgainAndStillAllOfThem) {
  fill(90);
  auto log = faulty({.redelivery = 3, .redelivered_max = 5});
  const auto records = read(log, 200);
  const std::set<std::pair<Partition, Offset>> different(records.begin(), records.end());
  EXPECT_EQ(different.size(), 90);
  EXPECT_GT(records.size(), different.size());
  EXPECT_GT(log.counts().redelivered, 0);
  std::map<Partition, Offset> newest;
  for (const auto& [partition, offset] : records) {
    EXPECT_LE(offset, newest[partition].next());  // it never leaves one out
    newest[partition] = std::max(newest[partition], offset);
  }
}

TEST_F(FaultyLogTest, WhoReadsOneAtATimeComesToTheEndHoweverOftenRecordsAreGivenAgain) {
  fill(90);
  auto log = faulty({.redelivery = 1, .redelivered_max = 16});
  const TopicPartition at{kTopic, Partition(0)};
  const auto reader = log.open_reader();
  ASSERT_TRUE(reader->seek(at, Offset(0)));
  Offset next(0);
  for (int polls = 0; polls < 30 * 17 && next < Offset(30); ++polls) {
    const auto batches = reader->poll(1, 1 << 20, {});
    ASSERT_TRUE(batches && batches->size() == 1);
    next = std::max(next, batches->front().next);
  }
  EXPECT_EQ(next, Offset(30));
}

TEST_F(FaultyLogTest, SlowShortAndShuffledReadsStillGiveEveryRecordOnceInOrder) {
  fill(90);
  auto log = faulty({.slow_partition = 4, .short_reads = true, .shuffled_partitions = true});
  const auto records = read(log, 300);
  ASSERT_EQ(records.size(), 90);
  std::map<Partition, std::int64_t> next;
  for (const auto& [partition, offset] : records)
    EXPECT_EQ(offset.value, next[partition]++);
  EXPECT_GT(log.counts().slowed, 0);
}

TEST_F(FaultyLogTest, TheSameSeedGivesTheSameRunAndAnotherSeedAnother) {
  fill(90);
  const LogFaults faults{
      .redelivery = 5, .slow_partition = 4, .short_reads = true, .shuffled_partitions = true};
  auto first = faulty(faults, 11);
  auto second = faulty(faults, 11);
  auto other = faulty(faults, 12);
  const auto records = read(first, 60);
  EXPECT_EQ(records, read(second, 60));
  EXPECT_NE(records, read(other, 60));
}

}  // namespace
}  // namespace slipstream
