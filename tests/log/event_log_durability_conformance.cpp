// The conformance suite's promises on cleaning, reopening and many threads.
#include <gmock/gmock.h>

#include <atomic>
#include <map>
#include <mutex>
#include <random>
#include <thread>

#include "tests/log/event_log_conformance.h"

namespace slipstream {

using testing::ElementsAre;
using testing::Pair;

namespace {

TopicOptions compacted(const std::string& name, std::int32_t partitions = 1) {
  return {.name = name,
          .partitions = partitions,
          .cleanup = Cleanup::compact,
          .retention = {},
          .retention_bytes = {}};
}

constexpr Timestamp kStart{1'700'000'000'000'000};

}  // namespace

// Cleaning

TEST_P(EventLogConformance, CompactionKeepsTheLatestOfEachKeyAtItsOffset) {
  if (!GetParam().cleans_at_once) return;
  const auto states = topic(compacted("states"));
  append({record(states, "a", "1"), record(states, "b", "1"), record(states, "a", "2")});
  append({record(states, "c", "1"), record(states, "b", "2"), record(states, "a", "3")});
  const auto removed = log().clean(Timestamp{2'000'000});
  ASSERT_TRUE(removed) << removed.error().message;
  EXPECT_EQ(*removed, 3);
  const auto records = read(states, 0, Offset(0));
  EXPECT_THAT(keys_and_values(records), ElementsAre(Pair("c", "1"), Pair("b", "2"), Pair("a", "3")));
  ASSERT_EQ(records.size(), 3);
  EXPECT_EQ(records[0].offset, Offset(3));
  EXPECT_EQ(records[2].offset, Offset(5));
  EXPECT_EQ(range(states).end, Offset(6));
}

TEST_P(EventLogConformance, CompactionAgreesWithAMapWhateverTheBatches) {
  std::mt19937 random(7);
  const auto states = topic(compacted("states"));
  std::map<std::string, std::pair<Offset, std::optional<std::string>>> latest;
  for (int round = 0; round < 12; ++round) {
    for (int call = 0; call < 20; ++call) {
      std::vector<OutputRecord> records;
      for (unsigned i = 0; i < 1 + random() % 30; ++i) {
        const auto value = random() % 5 == 0 ? std::nullopt : std::optional(std::to_string(random()));
        records.push_back(record(states, "key-" + std::to_string(random() % 97), value, 0, kStart));
      }
      const auto offsets = append(records);
      ASSERT_EQ(offsets.size(), records.size());
      for (std::size_t i = 0; i < records.size(); ++i)
        latest[records[i].key] = {offsets[i], records[i].value};
    }
    ASSERT_TRUE(log().clean(kStart));
    std::map<std::string, std::pair<Offset, std::optional<std::string>>> found;
    Offset previous(-1);
    const auto records = read(states, 0, Offset(0));
    for (const auto& each : records) {
      ASSERT_GT(each.offset, previous);
      previous = each.offset;
      found[each.key] = {each.offset, each.value};
    }
    ASSERT_EQ(found, latest);
    if (GetParam().cleans_at_once) {
      EXPECT_EQ(records.size(), latest.size());
    }
  }
}

TEST_P(EventLogConformance, ATombstoneStaysADaySoThatReadersSeeItAndThenGoes) {
  if (!GetParam().cleans_at_once) return;
  const auto states = topic(compacted("states"));
  append({record(states, "gone", "value", 0, kStart), record(states, "gone", std::nullopt, 0, kStart),
          record(states, "stays", "value", 0, kStart)});
  ASSERT_TRUE(log().clean(kStart + hours(23)));
  EXPECT_THAT(keys_and_values(read(states)),
              ElementsAre(Pair("gone", "(tombstone)"), Pair("stays", "value")));
  ASSERT_TRUE(log().clean(kStart + hours(25)));
  EXPECT_THAT(keys_and_values(read(states)), ElementsAre(Pair("stays", "value")));
}

TEST_P(EventLogConformance, AReaderInTheMiddleGoesOnAfterCompaction) {
  if (!GetParam().cleans_at_once) return;
  const auto states = topic(compacted("states"));
  for (int i = 0; i < 20; ++i)
    append({record(states, "same", std::to_string(i))});
  const auto reader = log().open_reader();
  ASSERT_TRUE(reader->seek({states, Partition(0)}, Offset(0)));
  ASSERT_TRUE(reader->poll(5, 1 << 20, seconds(5)));
  append({record(states, "other", "x")});
  ASSERT_TRUE(log().clean(Timestamp{2'000'000}));
  std::vector<std::string> values;
  for (auto batches = reader->poll(100, 1 << 20, Duration()); batches && !batches->empty();
       batches = reader->poll(100, 1 << 20, Duration())) {
    for (const auto& batch : *batches) {
      for (const auto& each : batch.records)
        values.emplace_back(each.value);
    }
  }
  ASSERT_GE(values.size(), 2);
  EXPECT_EQ(values[values.size() - 2], "19");
  EXPECT_EQ(values.back(), "x");
}

TEST_P(EventLogConformance, AReaderReachesTheEndOverWhatIsNoMoreThere) {
  const auto states = topic(compacted("states"));
  append({record(states, "stays", "value", 0, kStart), record(states, "gone", std::nullopt, 0, kStart)});
  append({record(states, "last", "value", 0, kStart)});
  ASSERT_TRUE(log().clean(kStart + days(2)));
  const auto reader = log().open_reader();
  ASSERT_TRUE(reader->seek({states, Partition(0)}, Offset(0)));
  const Offset end = range(states).end;
  Offset next(0);
  for (int polls = 0; polls < 20 && next < end; ++polls) {
    const auto batches = reader->poll(100, 1 << 20, seconds(1));
    ASSERT_TRUE(batches);
    for (const auto& batch : *batches) {
      EXPECT_GT(batch.next, next);
      next = batch.next;
    }
  }
  EXPECT_EQ(next, end);
  const auto nothing_new = reader->poll(100, 1 << 20, milliseconds(50));
  ASSERT_TRUE(nothing_new);
  EXPECT_TRUE(nothing_new->empty());
}

TEST_P(EventLogConformance, RetentionByTimeRemovesTheOldAndMovesEarliestUp) {
  if (!GetParam().cleans_at_once) return;
  const auto events = topic(TopicOptions{.name = "events",
                                         .partitions = 2,
                                         .cleanup = Cleanup::retain,
                                         .retention = days(7),
                                         .retention_bytes = {}});
  append({record(events, "old", "1", 0, kStart), record(events, "old", "2", 0, kStart)});
  append({record(events, "new", "3", 0, kStart + days(5))});
  append({record(events, "new", "4", 0, kStart)});  // old, but behind one that stays
  ASSERT_EQ(log().clean(kStart + days(6)), 0U);
  const auto removed = log().clean(kStart + days(8));
  ASSERT_TRUE(removed);
  EXPECT_EQ(*removed, 2);
  EXPECT_EQ(range(events).earliest, Offset(2));
  EXPECT_EQ(range(events).end, Offset(4));
  EXPECT_THAT(keys_and_values(read(events)), ElementsAre(Pair("new", "3"), Pair("new", "4")));
  EXPECT_EQ(log().clean(kStart + days(8)), 0U);
}

TEST_P(EventLogConformance, ReadingBelowEarliestIsOffsetOutOfRange) {
  if (!GetParam().cleans_at_once) return;
  const auto events = topic(TopicOptions{.name = "events",
                                         .partitions = 1,
                                         .cleanup = Cleanup::retain,
                                         .retention = days(7),
                                         .retention_bytes = {}});
  append({record(events, "old", "1", 0, kStart)});
  append({record(events, "new", "2", 0, kStart + days(20))});
  const auto reader = log().open_reader();
  ASSERT_TRUE(reader->seek({events, Partition(0)}, Offset(0)));
  ASSERT_TRUE(log().clean(kStart + days(20)));
  for (int attempt = 0; attempt < 2; ++attempt) {
    const auto batches = reader->poll(100, 1 << 20, Duration());
    ASSERT_FALSE(batches);
    EXPECT_EQ(batches.error().code, ErrorCode::offset_out_of_range);
  }
  ASSERT_TRUE(reader->seek({events, Partition(0)}, Offset(1)));
  const auto batches = reader->poll(100, 1 << 20, seconds(5));
  ASSERT_TRUE(batches && batches->size() == 1);
  EXPECT_EQ((*batches)[0].records[0].key, "new");
}

TEST_P(EventLogConformance, RetentionByBytesKeepsTheNewestWithinTheBound) {
  if (!GetParam().cleans_at_once) return;
  const auto events = topic(TopicOptions{.name = "events",
                                         .partitions = 1,
                                         .cleanup = Cleanup::retain,
                                         .retention = {},
                                         .retention_bytes = 50'000});
  for (int i = 0; i < 100; ++i)
    append({record(events, std::to_string(i), std::string(1000, 'x'))});
  const auto removed = log().clean(kStart);
  ASSERT_TRUE(removed);
  const auto records = read(events);
  EXPECT_EQ(records.size() + *removed, 100);
  EXPECT_LE(records.size(), 50);
  EXPECT_GE(records.size(), 40);
  EXPECT_EQ(records.back().key, "99");
  EXPECT_EQ(range(events).earliest, records.front().offset);
}

TEST_P(EventLogConformance, OffsetsGoOnAfterRetentionTookEverything) {
  if (!GetParam().cleans_at_once) return;
  const auto events = topic(TopicOptions{.name = "events",
                                         .partitions = 1,
                                         .cleanup = Cleanup::retain,
                                         .retention = days(1),
                                         .retention_bytes = {}});
  append({record(events, "a", "1", 0, kStart), record(events, "b", "2", 0, kStart)});
  ASSERT_EQ(log().clean(kStart + days(2)), 2U);
  EXPECT_EQ(range(events).earliest, Offset(2));
  reopen();
  EXPECT_EQ(range(events).earliest, Offset(2));
  EXPECT_EQ(range(events).end, Offset(2));
  ASSERT_EQ(append({record(events, "c", "3", 0, kStart)}), std::vector{Offset(2)});
  EXPECT_THAT(keys_and_values(read(events)), ElementsAre(Pair("c", "3")));
}

TEST_P(EventLogConformance, CleaningRemovesNothingFromATopicThatKeepsEverything) {
  const auto events = topic("events");
  for (int i = 0; i < 40; ++i)
    append({record(events, "same", std::to_string(i), 0, kStart)});
  EXPECT_EQ(log().clean(kStart + days(10'000)), 0U);
  const auto records = read(events);
  ASSERT_EQ(records.size(), 40);
  for (int i = 0; i < 40; ++i)
    EXPECT_EQ(records[static_cast<std::size_t>(i)].value, std::to_string(i));
}

// Reopening

TEST_P(EventLogConformance, WhatWasAcknowledgedIsThereAfterReopening) {
  const auto events = topic("events", 2);
  const auto states = topic(compacted("states"));
  const auto group = unique("engine");
  auto with_headers = record(events, "a", "1");
  with_headers.headers = {{"name", std::string("\0\x01", 2)}};
  append({with_headers, record(events, "b", std::nullopt, 1)});
  {
    auto producer = log().open_producer(unique("shard"));
    ASSERT_TRUE(producer);
    ASSERT_TRUE((*producer)->commit(
        {{record(states, "k", "v")}, group, "shard-0", {{{events, Partition(0)}, Offset(1)}}, "note"}));
  }
  const auto own_topics = [&] {  // of a cluster that others use too
    auto topics = log().topics();
    EXPECT_TRUE(topics) << topics.error().message;
    std::erase_if(*topics,
                  [&](const TopicOptions& each) { return each.name != events && each.name != states; });
    return *topics;
  };
  const auto topics_before = own_topics();
  ASSERT_EQ(topics_before.size(), 2);
  reopen();
  EXPECT_EQ(own_topics(), topics_before);
  const auto records = read(events, 0);
  ASSERT_EQ(records.size(), 1);
  EXPECT_EQ(records[0].headers, with_headers.headers);
  EXPECT_THAT(keys_and_values(read(events, 1)), ElementsAre(Pair("b", "(tombstone)")));
  EXPECT_THAT(keys_and_values(read(states)), ElementsAre(Pair("k", "v")));
  const auto committed = log().committed(group, "shard-0");
  ASSERT_TRUE(committed);
  EXPECT_EQ(committed->metadata, "note");
  EXPECT_THAT(committed->next, ElementsAre(Pair(TopicPartition{events, Partition(0)}, Offset(1))));
  const auto next = append({record(events, "c", "3", 1)});
  ASSERT_EQ(next.size(), 1);
  EXPECT_GE(next[0], Offset(1));
}

// Threads

class Gathered {
 public:
  void add(const ReadBatch& batch) {
    const std::scoped_lock lock(mutex_);
    auto& next = next_[batch.at];
    for (const auto& each : batch.records) {
      in_order_ = in_order_ && each.offset >= next;
      next = each.offset.next();
      ++count_;
      auto& last = last_of_writer_[{batch.at, std::string(each.key)}];
      const auto number = std::stoi(std::string(each.value));
      writers_in_order_ = writers_in_order_ && number > last;
      last = number;
    }
  }
  std::size_t count() const {
    const std::scoped_lock lock(mutex_);
    return count_;
  }
  bool in_order() const { return in_order_ && writers_in_order_; }

 private:
  mutable std::mutex mutex_;
  std::map<TopicPartition, Offset> next_;
  std::map<std::pair<TopicPartition, std::string>, int> last_of_writer_;
  std::size_t count_ = 0;
  bool in_order_ = true;
  bool writers_in_order_ = true;
};

TEST_P(EventLogConformance, ManyThreadsWriteAndReadWithoutLossOrDisorder) {
  constexpr int kWriters = 4;
  constexpr int kCommits = 60;
  constexpr int kPartitions = 3;
  const auto events = topic("events", kPartitions);
  std::vector<std::thread> threads;
  for (int writer = 0; writer < kWriters; ++writer) {
    threads.emplace_back([&, writer] {
      auto producer = log().open_producer(events + "-" + std::to_string(writer));
      ASSERT_TRUE(producer);
      for (int commit = 1; commit <= kCommits; ++commit) {
        std::vector<OutputRecord> records;
        for (int partition = 0; partition < kPartitions; ++partition) {
          records.push_back(record(events, std::to_string(writer), std::to_string(commit), partition));
        }
        const bool plain = commit % 2 == 0;
        const auto written = plain ? log().append(records) : (*producer)->commit({records, "", "", {}, ""});
        ASSERT_TRUE(written) << written.error().message;
      }
    });
  }
  std::vector<Gathered> gathered(2);
  for (auto& each : gathered) {
    threads.emplace_back([&] {
      const auto reader = log().open_reader();
      for (int partition = 0; partition < kPartitions; ++partition) {
        ASSERT_TRUE(reader->seek({events, Partition(partition)}, Offset(0)));
      }
      for (int idle = 0; each.count() < kWriters * kCommits * kPartitions && idle < 20;) {
        const auto batches = reader->poll(64, 1 << 20, milliseconds(500));
        ASSERT_TRUE(batches) << batches.error().message;
        idle = batches->empty() ? idle + 1 : 0;
        for (const auto& batch : *batches)
          each.add(batch);
      }
    });
  }
  for (auto& thread : threads)
    thread.join();
  for (const auto& each : gathered) {
    EXPECT_EQ(each.count(), kWriters * kCommits * kPartitions);
    EXPECT_TRUE(each.in_order());
  }
}

TEST_P(EventLogConformance, ReadersMissNothingWhileTheLogIsCleaned) {
  const auto events = topic("events", 2);
  std::atomic<bool> done = false;
  std::thread writer([&] {
    for (int i = 1; i <= 400; ++i)
      append({record(events, "w", std::to_string(i), i % 2)});
    done = true;
  });
  std::thread cleaner([&] {
    while (!done)
      EXPECT_TRUE(log().clean(kStart));
  });
  Gathered gathered;
  const auto reader = log().open_reader();
  ASSERT_TRUE(reader->seek({events, Partition(0)}, Offset(0)));
  ASSERT_TRUE(reader->seek({events, Partition(1)}, Offset(0)));
  for (int idle = 0; gathered.count() < 400 && idle < 20;) {
    const auto batches = reader->poll(7, 1 << 20, milliseconds(500));
    ASSERT_TRUE(batches) << batches.error().message;
    idle = batches->empty() ? idle + 1 : 0;
    for (const auto& batch : *batches)
      gathered.add(batch);
  }
  writer.join();
  cleaner.join();
  EXPECT_EQ(gathered.count(), 400);
  EXPECT_TRUE(gathered.in_order());
}

}  // namespace slipstream
