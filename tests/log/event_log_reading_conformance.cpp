// The conformance suite's promises on reading: limits, order, turns, waiting, ranges.
#include <gmock/gmock.h>

#include <chrono>
#include <thread>

#include "tests/log/event_log_conformance.h"

namespace slipstream {

using testing::ElementsAre;

TEST_P(EventLogConformance, APollGivesAtMostTheRecordsAskedFor) {
  const auto events = topic("events", 2);
  std::vector<OutputRecord> records;
  for (int i = 0; i < 100; ++i)
    records.push_back(record(events, std::to_string(i), "v", i % 2));
  append(records);
  const auto reader = log().open_reader();
  ASSERT_TRUE(reader->seek({events, Partition(0)}, Offset(0)));
  ASSERT_TRUE(reader->seek({events, Partition(1)}, Offset(0)));
  std::size_t all = 0;
  for (int polls = 0; polls < 200 && all < 100; ++polls) {
    const auto batches = reader->poll(7, 1 << 20, seconds(5));
    ASSERT_TRUE(batches);
    std::size_t now = 0;
    for (const auto& batch : *batches)
      now += batch.records.size();
    EXPECT_LE(now, 7);
    EXPECT_FALSE(batches->empty());
    all += now;
  }
  EXPECT_EQ(all, 100);
}

TEST_P(EventLogConformance, APollGivesAboutTheBytesAskedForAndAlwaysOneRecord) {
  const auto events = topic("events");
  const std::string value(1000, 'x');
  append({record(events, "a", value), record(events, "b", value), record(events, "c", value),
          record(events, "d", value)});
  const auto reader = log().open_reader();
  ASSERT_TRUE(reader->seek({events, Partition(0)}, Offset(0)));
  const auto tiny = reader->poll(100, 1, seconds(5));
  ASSERT_TRUE(tiny && tiny->size() == 1);
  EXPECT_EQ((*tiny)[0].records.size(), 1);
  const auto two = reader->poll(100, 1500, seconds(5));
  ASSERT_TRUE(two && two->size() == 1);
  EXPECT_EQ((*two)[0].records.size(), 2);
}

TEST_P(EventLogConformance, ReadingGoesOnWhereABatchSaysNext) {
  const auto events = topic("events");
  std::vector<OutputRecord> records;
  for (int i = 0; i < 50; ++i)
    records.push_back(record(events, std::to_string(i), "v"));
  append(records);
  Offset next(0);
  std::vector<std::string> keys;
  while (keys.size() < 50) {
    const auto reader = log().open_reader();  // a new one each time: only `next` connects them
    ASSERT_TRUE(reader->seek({events, Partition(0)}, next));
    const auto batches = reader->poll(9, 1 << 20, seconds(5));
    ASSERT_TRUE(batches && !batches->empty());
    for (const auto& each : batches->back().records)
      keys.emplace_back(each.key);
    next = batches->back().next;
  }
  for (std::size_t i = 0; i < 50; ++i)
    EXPECT_EQ(keys[i], std::to_string(i));
  EXPECT_GE(next, Offset(50));
}

TEST_P(EventLogConformance, SeekGoesBackAndForward) {
  const auto events = topic("events");
  append(
      {record(events, "0", ""), record(events, "1", ""), record(events, "2", ""), record(events, "3", "")});
  const auto reader = log().open_reader();
  const auto first_key = [&](Offset from) {
    EXPECT_TRUE(reader->seek({events, Partition(0)}, from));
    const auto batches = reader->poll(1, 1 << 20, seconds(5));
    EXPECT_TRUE(batches && !batches->empty());
    return batches && !batches->empty() ? std::string(batches->front().records.front().key) : "none";
  };
  EXPECT_EQ(first_key(Offset(2)), "2");
  EXPECT_EQ(first_key(Offset(0)), "0");
  EXPECT_EQ(first_key(Offset(3)), "3");
}

TEST_P(EventLogConformance, ARemovedPartitionIsReadNoMore) {
  const auto events = topic("events", 2);
  append({record(events, "zero", "", 0), record(events, "one", "", 1)});
  const auto reader = log().open_reader();
  ASSERT_TRUE(reader->seek({events, Partition(0)}, Offset(0)));
  ASSERT_TRUE(reader->seek({events, Partition(1)}, Offset(0)));
  reader->remove({events, Partition(0)});
  const auto batches = reader->poll(100, 1 << 20, seconds(5));
  ASSERT_TRUE(batches && batches->size() == 1);
  EXPECT_EQ((*batches)[0].at, (TopicPartition{events, Partition(1)}));
}

TEST_P(EventLogConformance, ABacklogInOnePartitionDoesNotStarveAnother) {
  const auto events = topic("events", 3);
  std::vector<OutputRecord> records;
  for (int i = 0; i < 3000; ++i)
    records.push_back(record(events, "busy", std::string(100, 'x'), 0));
  for (int i = 0; i < 10; ++i)
    records.push_back(record(events, "quiet", "", 2));
  append(records);
  const auto reader = log().open_reader();
  for (int partition = 0; partition < 3; ++partition) {
    ASSERT_TRUE(reader->seek({events, Partition(partition)}, Offset(0)));
  }
  // A broker answers for one partition before the other: fairness is about what has come of both.
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  std::size_t busy = 0;
  std::size_t quiet = 0;
  while (quiet < 10 && busy < 3000) {
    const auto batches = reader->poll(100, 1 << 20, seconds(5));
    ASSERT_TRUE(batches && !batches->empty());
    for (const auto& batch : *batches)
      (batch.at.partition == Partition(2) ? quiet : busy) += batch.records.size();
  }
  EXPECT_EQ(quiet, 10);
  EXPECT_LT(busy, 2500);
}

TEST_P(EventLogConformance, APollWaitsForAFirstRecordAndNoLonger) {
  const auto events = topic("events");
  const auto reader = log().open_reader();
  ASSERT_TRUE(reader->seek({events, Partition(0)}, Offset(0)));
  const auto began = std::chrono::steady_clock::now();
  const auto nothing = reader->poll(100, 1 << 20, milliseconds(60));
  const auto waited = std::chrono::steady_clock::now() - began;
  ASSERT_TRUE(nothing);
  EXPECT_TRUE(nothing->empty());
  EXPECT_GE(waited, std::chrono::milliseconds(55));

  std::thread later([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    append({record(events, "came", "later")});
  });
  const auto again = std::chrono::steady_clock::now();
  const auto batches = reader->poll(100, 1 << 20, seconds(30));
  const auto until_it_came = std::chrono::steady_clock::now() - again;
  later.join();
  ASSERT_TRUE(batches && batches->size() == 1);
  EXPECT_EQ((*batches)[0].records[0].key, "came");
  EXPECT_LT(until_it_came, std::chrono::seconds(20));
}

TEST_P(EventLogConformance, ReadingBeyondTheEndIsOffsetOutOfRange) {
  const auto events = topic("events");
  append({record(events, "a", "1")});
  const auto reader = log().open_reader();
  ASSERT_TRUE(reader->seek({events, Partition(0)}, range(events).end.next()));
  const auto batches = reader->poll(100, 1 << 20, seconds(5));
  ASSERT_FALSE(batches);
  EXPECT_EQ(batches.error().code, ErrorCode::offset_out_of_range);
}

TEST_P(EventLogConformance, OnePartitionOutOfRangeLosesNoRecordOfTheOthers) {
  const auto events = topic("events", 2);
  append({record(events, "a", "1", 0), record(events, "b", "2", 0), record(events, "c", "3", 0)});
  const auto reader = log().open_reader();
  ASSERT_TRUE(reader->seek({events, Partition(0)}, Offset(0)));
  ASSERT_TRUE(reader->seek({events, Partition(1)}, Offset(99)));
  std::vector<std::string> keys;
  bool said = false;
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while ((keys.size() < 3 || !said) && std::chrono::steady_clock::now() < until) {
    const auto batches = reader->poll(1, 1 << 20, milliseconds(100));
    said = said || !batches;
    if (!batches) continue;
    for (const auto& batch : *batches) {
      for (const auto& each : batch.records)
        keys.emplace_back(each.key);
    }
  }
  EXPECT_TRUE(said);
  EXPECT_THAT(keys, ElementsAre("a", "b", "c"));
}

TEST_P(EventLogConformance, ViewsLiveAsLongAsTheirBatch) {
  const auto states = topic(TopicOptions{.name = "states",
                                         .partitions = 1,
                                         .cleanup = Cleanup::compact,
                                         .retention = {},
                                         .retention_bytes = {}});
  auto first = record(states, "key", std::string(300, 'a'));
  first.headers = {{"name", std::string(300, 'h')}};
  append({first});
  std::vector<ReadBatch> kept;
  {
    const auto reader = log().open_reader();
    ASSERT_TRUE(reader->seek({states, Partition(0)}, Offset(0)));
    auto batches = reader->poll(100, 1 << 20, seconds(5));
    ASSERT_TRUE(batches && batches->size() == 1);
    kept = std::move(*batches);
  }
  append({record(states, "key", "newer"), record(states, "other", "last")});
  ASSERT_TRUE(log().clean(Timestamp{2'000'000}));
  const auto& each = kept[0].records.at(0);
  EXPECT_EQ(each.key, "key");
  EXPECT_EQ(each.value, std::string(300, 'a'));
  ASSERT_EQ(each.headers.size(), 1);
  EXPECT_EQ(each.headers[0].value, std::string(300, 'h'));
}

}  // namespace slipstream
