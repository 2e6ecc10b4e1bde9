#include "tests/log/event_log_conformance.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include <atomic>
#include <numeric>
#include <set>

namespace slipstream {

using testing::ElementsAre;
using testing::Pair;

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(EventLogConformance);

std::string EventLogConformance::unique(const std::string& name) {
  static std::atomic<int> count = 0;
  return name + "-" + std::to_string(::getpid()) + "-" + std::to_string(count++);
}

std::string EventLogConformance::topic(const std::string& name, std::int32_t partitions) {
  return topic({.name = name,
                .partitions = partitions,
                .cleanup = Cleanup::retain,
                .retention = {},
                .retention_bytes = {}});
}

std::string EventLogConformance::topic(TopicOptions options) {
  options.name = unique(options.name);
  const auto created = log().create_topic(options);
  EXPECT_TRUE(created) << created.error().message;
  return options.name;
}

OutputRecord EventLogConformance::record(const std::string& topic, std::string key,
                                         std::optional<std::string> value, std::int32_t partition,
                                         Timestamp timestamp) {
  return {topic, Partition(partition), std::move(key), std::move(value), {}, timestamp};
}

std::vector<Offset> EventLogConformance::append(const std::vector<OutputRecord>& records) {
  auto written = log().append(records);
  EXPECT_TRUE(written) << written.error().message;
  std::set<std::pair<std::string, std::int32_t>> partitions;
  for (const auto& each : records)
    partitions.emplace(each.topic, each.partition.value);
  for (const auto& [topic, partition] : partitions)
    range(topic, partition);  // waits until readers see them
  return written.value_or(std::vector<Offset>());
}

OffsetRange EventLogConformance::range(const std::string& topic, std::int32_t partition) {
  const auto found = log().offsets({topic, Partition(partition)});
  EXPECT_TRUE(found) << found.error().message;
  return found.value_or(OffsetRange());
}

std::vector<ReadRecord> EventLogConformance::read(const std::string& topic, std::int32_t partition,
                                                  std::optional<Offset> from) {
  const auto whole = range(topic, partition);
  Offset next = from.value_or(whole.earliest);
  const auto reader = log().open_reader();
  EXPECT_TRUE(reader->seek({topic, Partition(partition)}, next));
  std::vector<ReadRecord> records;
  for (int idle = 0; next < whole.end && idle < 2;) {
    const auto batches = reader->poll(1000, 1 << 20, milliseconds(500));
    if (!batches) {
      ADD_FAILURE() << batches.error().message;
      return records;
    }
    idle = batches->empty() ? idle + 1 : 0;
    for (const auto& batch : *batches) {
      for (const auto& each : batch.records) {
        records.push_back({each.offset,
                           std::string(each.key),
                           each.tombstone ? std::nullopt : std::optional<std::string>(each.value),
                           {each.headers.begin(), each.headers.end()},
                           each.timestamp});
      }
      next = batch.next;
    }
  }
  return records;
}

std::vector<std::pair<std::string, std::string>> EventLogConformance::keys_and_values(
    const std::vector<ReadRecord>& records) {
  std::vector<std::pair<std::string, std::string>> all;
  for (const auto& each : records)
    all.emplace_back(each.key, each.value.value_or("(tombstone)"));
  return all;
}

namespace {

std::vector<std::int64_t> numbers(const std::vector<Offset>& offsets) {
  std::vector<std::int64_t> all;
  for (const auto offset : offsets)
    all.push_back(offset.value);
  return all;
}

Transaction transaction_of(std::vector<OutputRecord> outputs) { return {std::move(outputs), "", "", {}, ""}; }

}  // namespace

TEST_P(EventLogConformance, OffsetsGrowByOneFromZeroInEachPartition) {
  const auto events = topic("events", 2);
  EXPECT_THAT(
      numbers(append({record(events, "a", "1"), record(events, "b", "2", 1), record(events, "c", "3")})),
      ElementsAre(0, 0, 1));
  const auto later = numbers(append({record(events, "d", "4", 1), record(events, "e", "5")}));
  EXPECT_EQ(range(events, 0).earliest, Offset(0));
  if (GetParam().markers_take_offsets) {
    EXPECT_THAT(later, ElementsAre(testing::Ge(1), testing::Ge(2)));
    return;
  }
  EXPECT_THAT(later, ElementsAre(1, 2));
  EXPECT_EQ(range(events, 0).end, Offset(3));
  EXPECT_EQ(range(events, 1).end, Offset(2));
}

TEST_P(EventLogConformance, RecordsComeBackAsTheyWereAppendedInOrder) {
  const auto events = topic("events");
  const std::string every_byte = [] {
    std::string bytes(256, '\0');
    std::iota(bytes.begin(), bytes.end(), '\0');
    return bytes;
  }();
  auto binary = record(events, every_byte, every_byte, 0, Timestamp{1'700'000'000'123'000});
  binary.headers = {{"ce_id", every_byte}, {"empty", ""}, {"ce_id", "again"}};
  auto deleted = record(events, "key", std::nullopt, 0, Timestamp{1'600'000'000'000'000});
  deleted.headers = {{"why", "gone"}};
  append({binary, deleted, record(events, "key", "", 0, Timestamp{1000}), record(events, "", "no key")});

  const auto records = read(events);
  ASSERT_EQ(records.size(), 4);
  EXPECT_EQ(records[0].key, every_byte);
  EXPECT_EQ(records[0].value, every_byte);
  EXPECT_EQ(records[0].headers, binary.headers);
  EXPECT_EQ(records[0].timestamp, binary.timestamp);
  EXPECT_EQ(records[1].value, std::nullopt);
  EXPECT_EQ(records[1].headers, deleted.headers);
  EXPECT_EQ(records[1].timestamp, deleted.timestamp);
  EXPECT_EQ(records[2].value, "");
  EXPECT_EQ(records[2].timestamp, Timestamp{1000});
  EXPECT_TRUE(records[2].headers.empty());
  EXPECT_EQ(records[3].key, "");
  EXPECT_EQ(records[3].offset, Offset(3));
}

TEST_P(EventLogConformance, ALargeRecordComesBackWhole) {
  const auto events = topic("events");
  std::string large(GetParam().record_bytes - 1000, 'x');
  for (std::size_t i = 0; i < large.size(); ++i)
    large[i] = static_cast<char>(i * 2654435761U >> 13);
  append(
      {record(events, "before", "small"), record(events, "large", large), record(events, "after", "small")});
  const auto records = read(events);
  ASSERT_EQ(records.size(), 3);
  EXPECT_TRUE(records[1].value == large);
  EXPECT_EQ(records[2].key, "after");
}

TEST_P(EventLogConformance, ManyRecordsOfOneCallComeBackInOrder) {
  const auto events = topic("events", 3);
  std::vector<OutputRecord> records;
  for (int i = 0; i < 30'000; ++i) {
    records.push_back(
        record(events, std::to_string(i), std::string(static_cast<std::size_t>(i % 90), 'v'), i % 3));
  }
  append(records);
  for (int partition = 0; partition < 3; ++partition) {
    const auto found = read(events, partition);
    ASSERT_EQ(found.size(), 10'000);
    for (std::size_t i = 0; i < found.size(); ++i) {
      const auto& written = records[3 * i + static_cast<std::size_t>(partition)];
      ASSERT_EQ(found[i].offset.value, static_cast<std::int64_t>(i));
      ASSERT_EQ(found[i].key, written.key);
      ASSERT_EQ(found[i].value, written.value);
    }
  }
}

TEST_P(EventLogConformance, AnAppendWithOneImpossibleRecordWritesNone) {
  const auto events = topic("events");
  const std::vector<OutputRecord> unknown = {record(events, "a", "1"), record(unique("nowhere"), "b", "2")};
  const auto to_nowhere = log().append(unknown);
  ASSERT_FALSE(to_nowhere);
  EXPECT_EQ(to_nowhere.error().code, ErrorCode::not_found);
  const std::vector<OutputRecord> beyond = {record(events, "a", "1"), record(events, "b", "2", 1)};
  const auto to_beyond = log().append(beyond);
  ASSERT_FALSE(to_beyond);
  EXPECT_EQ(to_beyond.error().code, ErrorCode::not_found);
  EXPECT_EQ(range(events).end, Offset(0));
}

TEST_P(EventLogConformance, AppendingNothingIsNoError) { EXPECT_TRUE(append({}).empty()); }

TEST_P(EventLogConformance, ATopicIsCreatedOnceAndKeepsItsOptions) {
  TopicOptions options{.name = unique("states"),
                       .partitions = 3,
                       .cleanup = Cleanup::compact,
                       .retention = {},
                       .retention_bytes = {}};
  ASSERT_TRUE(log().create_topic(options));
  EXPECT_TRUE(log().create_topic(options));
  auto other = options;
  other.partitions = 4;
  const auto refused = log().create_topic(other);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::already_exists);
  EXPECT_NE(refused.error().message.find(options.name), std::string::npos);
  const auto all = log().topics();
  ASSERT_TRUE(all);
  EXPECT_THAT(*all, testing::Contains(options));
}

TEST_P(EventLogConformance, ATopicNameKafkaWouldRefuseIsRefused) {
  for (const std::string name : {"", "a b", "ü", ".", "..", "a/b"}) {
    const auto refused = log().create_topic(
        {.name = name, .partitions = 1, .cleanup = Cleanup::retain, .retention = {}, .retention_bytes = {}});
    ASSERT_FALSE(refused) << name;
    EXPECT_EQ(refused.error().code, ErrorCode::invalid_value);
  }
}

TEST_P(EventLogConformance, AskingForAnUnknownTopicSaysSo) {
  const auto offsets = log().offsets({unique("nowhere"), Partition(0)});
  ASSERT_FALSE(offsets);
  EXPECT_EQ(offsets.error().code, ErrorCode::not_found);
  const auto sought = log().open_reader()->seek({unique("nowhere"), Partition(0)}, Offset(0));
  ASSERT_FALSE(sought);
  EXPECT_EQ(sought.error().code, ErrorCode::not_found);
}

TEST_P(EventLogConformance, ManyTopicsKeepTheirRecordsApart) {
  std::vector<std::string> names;
  for (int i = 0; i < 60; ++i)
    names.push_back(topic("topic", 2));
  for (const auto& name : names)
    append({record(name, "key", name, 1)});
  for (const auto& name : names) {
    EXPECT_THAT(keys_and_values(read(name, 1)), ElementsAre(Pair("key", name)));
    EXPECT_TRUE(read(name, 0).empty());
  }
}

// Transactions

TEST_P(EventLogConformance, ACommitWritesOutputsPositionsAndMetadataTogether) {
  const auto alerts = topic("alerts", 2);
  const auto events = topic("events");
  const auto group = unique("engine");
  auto producer = log().open_producer(unique("shard-0"));
  ASSERT_TRUE(producer);
  Transaction transaction{{record(alerts, "a", "1"), record(alerts, "b", "2", 1), record(alerts, "c", "3")},
                          group,
                          "shard-0",
                          {{{events, Partition(0)}, Offset(17)}},
                          std::string("note\0\xff", 6)};
  const auto offsets = (*producer)->commit(transaction);
  ASSERT_TRUE(offsets) << offsets.error().message;
  EXPECT_THAT(numbers(*offsets), ElementsAre(0, 0, 1));
  EXPECT_THAT(keys_and_values(read(alerts, 0)), ElementsAre(Pair("a", "1"), Pair("c", "3")));
  EXPECT_THAT(keys_and_values(read(alerts, 1)), ElementsAre(Pair("b", "2")));
  const auto committed = log().committed(group, "shard-0");
  ASSERT_TRUE(committed);
  EXPECT_EQ(committed->next, transaction.next);
  EXPECT_EQ(committed->metadata, transaction.metadata);
}

TEST_P(EventLogConformance, ACommitReplacesTheMembersPositionsAndNoOthers) {
  const auto events = topic("events", 2);
  const auto group = unique("engine");
  auto producer = log().open_producer(unique("shard"));
  ASSERT_TRUE(producer);
  const TopicPartition first{events, Partition(0)};
  const TopicPartition second{events, Partition(1)};
  ASSERT_TRUE((*producer)->commit({{}, group, "shard-0", {{first, Offset(1)}}, "one"}));
  ASSERT_TRUE((*producer)->commit({{}, group, "shard-1", {{second, Offset(9)}}, "other"}));
  ASSERT_TRUE((*producer)->commit({{}, group, "shard-0", {{first, Offset(2)}}, "two"}));
  const auto committed = log().committed(group, "shard-0");
  ASSERT_TRUE(committed);
  EXPECT_THAT(committed->next, ElementsAre(Pair(first, Offset(2))));
  EXPECT_EQ(committed->metadata, "two");
  const auto other = log().committed(group, "shard-1");
  ASSERT_TRUE(other);
  EXPECT_THAT(other->next, ElementsAre(Pair(second, Offset(9))));
}

TEST_P(EventLogConformance, AMemberThatNeverCommittedHasEmptyPositions) {
  const auto committed = log().committed(unique("nobody"), "shard-0");
  ASSERT_TRUE(committed);
  EXPECT_TRUE(committed->next.empty());
  EXPECT_EQ(committed->metadata, "");
}

TEST_P(EventLogConformance, ACommitWithOneImpossibleOutputChangesNothing) {
  const auto alerts = topic("alerts");
  const auto group = unique("engine");
  auto producer = log().open_producer(unique("shard"));
  ASSERT_TRUE(producer);
  const auto refused = (*producer)->commit({{record(alerts, "a", "1"), record(unique("nowhere"), "b", "2")},
                                            group,
                                            "shard-0",
                                            {{{alerts, Partition(0)}, Offset(1)}},
                                            "note"});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::not_found);
  EXPECT_TRUE(read(alerts).empty());
  const auto committed = log().committed(group, "shard-0");
  ASSERT_TRUE(committed);
  EXPECT_TRUE(committed->next.empty());
}

TEST_P(EventLogConformance, PositionsWithoutAGroupAreRefused) {
  const auto events = topic("events");
  auto producer = log().open_producer(unique("shard"));
  ASSERT_TRUE(producer);
  const auto refused = (*producer)->commit({{}, "", "", {{{events, Partition(0)}, Offset(1)}}, ""});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::invalid_value);
}

TEST_P(EventLogConformance, ANewerProducerFencesTheOlderOfTheSameIdentity) {
  const auto alerts = topic("alerts");
  const auto group = unique("engine");
  const auto identity = unique("shard-0");
  auto older = log().open_producer(identity);
  auto bystander = log().open_producer(unique("shard-1"));
  ASSERT_TRUE(older && bystander);
  ASSERT_TRUE((*older)->commit(transaction_of({record(alerts, "k", "older")})));
  auto newer = log().open_producer(identity);
  ASSERT_TRUE(newer);
  const auto refused = (*older)->commit(
      {{record(alerts, "k", "zombie")}, group, "shard-0", {{{alerts, Partition(0)}, Offset(5)}}, ""});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::fenced);
  EXPECT_TRUE((*newer)->commit(transaction_of({record(alerts, "k", "newer")})));
  EXPECT_TRUE((*bystander)->commit(transaction_of({record(alerts, "k", "bystander")})));
  EXPECT_THAT(keys_and_values(read(alerts)),
              ElementsAre(Pair("k", "older"), Pair("k", "newer"), Pair("k", "bystander")));
  const auto committed = log().committed(group, "shard-0");
  ASSERT_TRUE(committed);
  EXPECT_TRUE(committed->next.empty());
}

}  // namespace slipstream
