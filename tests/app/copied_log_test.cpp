// A copy of a log is the same log under other names and offsets: whatever names a place in it names the same
// record, and half a copy is never taken for a whole one.
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "engine/app/copied_places.h"
#include "engine/app/dead_letter_replay.h"
#include "engine/app/log_copy.h"
#include "engine/app/log_scan.h"
#include "engine/base/rational.h"
#include "engine/judge/alert_message.h"
#include "engine/shard/expulsion_record.h"
#include "engine/shard/runner.h"
#include "engine/state/memory_store.h"
#include "tests/app/marked_log.h"

namespace slipstream {
namespace {

constexpr Timestamp kTime{1'600'000'000'123'000};
const TopicPartition kFirst{"events", Partition(0)}, kSecond{"events", Partition(1)};

TopicNames named(const std::string& prefix) {
  TopicNames names;
  for (std::string* name :
       {&names.events, &names.reference, &names.partials, &names.decisions, &names.alert_events,
        &names.alert_state, &names.views, &names.dead_letters, &names.imports, &names.replays, &names.group})
    name->insert(0, prefix);
  return names;
}

struct Stored {
  Offset offset;
  std::string key, value;
  std::vector<Header> headers;
  friend bool operator==(const Stored&, const Stored&) = default;
};
std::vector<Stored> records_of(EventLog& log, const TopicPartition& at) {
  std::vector<Stored> records;
  const auto read = scan_partition(log, at, {}, [&](const RecordView& record) {
    records.push_back({record.offset,
                       std::string(record.key),
                       std::string(record.value),
                       {record.headers.begin(), record.headers.end()}});
    return true;
  });
  EXPECT_TRUE(read) << read.error().message;
  return records;
}
std::string value_at(EventLog& log, const EventPosition& position) {
  for (const Stored& record : records_of(log, {position.topic, position.partition}))
    if (record.offset == position.offset) return record.value;
  return "(nothing)";
}

using Progress = std::function<void(const CopiedTopic&)>;
Result<std::vector<CopiedTopic>> copy(EventLog& from, const std::string& from_prefix, EventLog& to,
                                      const std::string& to_prefix, const Progress& progress = {}) {
  const TopicNames from_names = named(from_prefix), to_names = named(to_prefix);
  return copy_log({from, from_names}, {to, to_names}, progress);
}

AlertRecord alert_about(const EventPosition& position) {
  AlertRecord record;
  record.state.id = "a1";
  record.state.subject = {"slipping", "rate", "Roads", {kTime, kTime + days(30)}, "2020-09"};
  record.state.judgement.value = Rational(Integer(1), Integer(3));
  record.state.definition_version = "0123456789abcdef";
  record.state.transitions = 1;
  record.transition.id = "a1-1";
  record.transition.alert_id = "a1";
  record.transition.number = 1;
  record.transition.at = kTime;
  record.transition.sentence_en = R"(say "evidence":[] twice)";
  record.transition.evidence = {{"e1", position}, {"e2", {"elsewhere", Partition(0), Offset(7)}}};
  return record;
}

// Two shards with everything in their log that names a place in it.
class CopiedLog : public testing::Test {
 protected:
  CopiedLog() {
    EXPECT_TRUE(create_topics(log_, names_, 2));
    EXPECT_TRUE(log_.create_topic({names_.replays, 1, Cleanup::compact, {}, {}}));
    for (int i = 0; i < 4; ++i) {
      append("events", 0, "first " + std::to_string(i));
      append("events", 1, "second " + std::to_string(i));
    }
    append("reference", 0, "unit");
    for (const Offset refused : {Offset(2), Offset(6)}) {
      DeadLetter letter;
      letter.code = ErrorCode::wrong_type;
      letter.stage = "decode";
      letter.at = {"events", Partition(1), refused};
      letter.value = value_at(log_, letter.at);
      letter.headers = {{"of the original", "kept"}};
      append(to_record(letter, "dead_letters", Partition(0)));
    }
    append("dead_letters", 0, "of another program");
    append("dead_letters.replayed", 0, "then", "0/2");
    Expulsion expulsion;
    expulsion.record = {"events", Partition(0), Offset(2)};
    expulsion.before = Offset(5);  // between two records
    expulsion.event_id = "e";
    append("decisions", 0, write_expulsion(expulsion));
    append("decisions", 1, write_alert_record(alert_));
    append("alerts.events", 1, transition_message(alert_, {}).value, "a1");
    append("alerts.state", 1, state_message(alert_, {}).value, "a1");
    append("alerts.state", 1, state_message(alert_, {"", "", AlertEncoding::flatbuffers}).value, "a2");
    append({"alerts.state", Partition(1), "a0", std::nullopt, {}, kTime});
    for (int shard = 0; shard < 2; ++shard)
      commit(shard);
  }

  void append(OutputRecord record) { ASSERT_TRUE(log_.append(std::vector{std::move(record)})); }
  void append(const std::string& topic, int partition, std::string value, std::string key = "k") {
    append({topic, Partition(partition), std::move(key), std::move(value), {{"h", "v"}}, kTime});
  }
  void commit(int shard) {
    CommitNote note;
    note.shard = Partition(shard);
    note.sequence = CommitSequence(3);
    note.clock = kTime;
    note.next = {{{"events", Partition(shard)}, Offset(6)},  // one record has not been read
                 {{"reference", Partition(0)}, Offset(2)},
                 {{"partials", Partition(shard)}, Offset(0)}};
    const std::string member = "shard-" + std::to_string(shard);
    const auto producer = log_.open_producer("slipstream/" + member);
    ASSERT_TRUE(producer);
    ASSERT_TRUE((*producer)->commit({{}, "slipstream", member, note.next, encode_note(note)}));
  }

  TopicNames names_;
  MarkedLog log_;
  AlertRecord alert_ = alert_about({"events", Partition(1), Offset(4)});
};

TEST_F(CopiedLog, WhatNamesAPlaceNamesTheSameRecord) {
  MemoryLog to;
  const auto copied = copy(log_, "", to, "x.");
  ASSERT_TRUE(copied) << copied.error().message;
  const TopicPartition events{"x.events", Partition(0)};
  EXPECT_EQ(records_of(to, events).size(), 4u);
  EXPECT_EQ(records_of(to, events).back().offset, Offset(3));

  const auto letters = records_of(to, {"x.dead_letters", Partition(0)});
  ASSERT_EQ(letters.size(), 3u);
  std::vector<PlacedLetter> placed;
  DeadLetterChoice choice;
  choice.range.to = Offset(2);
  ASSERT_TRUE(scan_dead_letters(to, named("x."), choice, [&](const PlacedLetter& letter) {
    placed.push_back(letter);
    return true;
  }));
  for (const PlacedLetter& letter : placed)
    EXPECT_EQ(value_at(to, letter.letter.at), letter.letter.value);
  EXPECT_EQ(placed.back().letter.headers, (std::vector<Header>{{"of the original", "kept"}}));
  EXPECT_EQ(letters.back().value, "of another program");
  EXPECT_EQ(records_of(to, {"x.dead_letters.replayed", Partition(0)}).front().key, replay_key(placed.back()));

  const auto expelled = read_expulsion(records_of(to, {"x.decisions", Partition(0)}).front().value);
  ASSERT_TRUE(expelled);
  EXPECT_EQ(value_at(to, expelled->record), "first 1");
  EXPECT_EQ(expelled->before, Offset(3)) << "behind the third, as in the original";

  AlertRecord expected = alert_;
  expected.transition.evidence.front().position = {"x.events", Partition(1), Offset(2)};
  EXPECT_EQ(value_at(to, {"x.events", Partition(1), Offset(2)}), "second 2");
  EXPECT_EQ(records_of(to, {"x.decisions", Partition(1)}).front().value, write_alert_record(expected));
  EXPECT_EQ(records_of(to, {"x.alerts.events", Partition(1)}).front().value,
            transition_message(expected, {}).value);
  const auto states = records_of(to, {"x.alerts.state", Partition(1)});
  EXPECT_EQ(states.at(0).value, state_message(expected, {}).value);
  EXPECT_EQ(states.at(1).value, write_alert_record(expected));
  EXPECT_EQ(states.at(2).key, "a0");

  for (int shard = 0; shard < 2; ++shard) {
    const auto committed = to.committed("x.slipstream", "shard-" + std::to_string(shard));
    ASSERT_TRUE(committed);
    const auto note = decode_note(committed->metadata);
    ASSERT_TRUE(note) << note.error().message;
    EXPECT_EQ(note->sequence, CommitSequence(3));
    EXPECT_EQ(note->next, committed->next);
    EXPECT_EQ(note->next, (std::map<TopicPartition, Offset>{{{"x.events", Partition(shard)}, Offset(3)},
                                                            {{"x.reference", Partition(0)}, Offset(1)},
                                                            {{"x.partials", Partition(shard)}, Offset(0)}}));
  }
}

TEST_F(CopiedLog, SaysWhereOffsetsAreKept) {
  MemoryLog to, further;
  const auto moved = copy(log_, "", to, "x.").value(), kept = copy(to, "x.", further, "").value();
  for (const CopiedTopic& topic : moved)
    EXPECT_EQ(topic.offsets_kept, topic.records <= 1 || topic.topic.name == "x.decisions")
        << topic.topic.name << ": the first record of a partition moves nowhere";
  for (const CopiedTopic& topic : kept)
    EXPECT_TRUE(topic.offsets_kept) << topic.topic.name;
}

TEST_F(CopiedLog, CopiedBackItIsTheSame) {
  MemoryLog to, back, again;
  ASSERT_TRUE(copy(log_, "", to, "x."));
  ASSERT_TRUE(copy(to, "x.", back, ""));
  ASSERT_TRUE(copy(back, "", again, "x."));
  const auto topics = to.topics().value();
  for (const TopicOptions& topic : topics)
    for (int i = 0; i < topic.partitions; ++i)
      EXPECT_EQ(records_of(again, {topic.name, Partition(i)}), records_of(to, {topic.name, Partition(i)}));
  for (const char* member : {"shard-0", "shard-1"})
    EXPECT_EQ(again.committed("x.slipstream", member)->metadata,
              to.committed("x.slipstream", member)->metadata);
}

// The original is written to while it is copied, and what is there of the copy stays half a copy.
TEST_F(CopiedLog, HalfACopyIsNotGoneOnIn) {
  MemoryLog half, third;
  bool written = false;
  const auto write_once = [&](const CopiedTopic& topic) {
    if (topic.topic.name == "decisions" && !std::exchange(written, true)) append("events", 0, "more");
  };
  const auto copied = copy(log_, "", half, "", write_once);
  ASSERT_FALSE(copied);
  EXPECT_EQ(copied.error().code, ErrorCode::log_unavailable);
  EXPECT_NE(copied.error().message.find("stop its engine"), std::string::npos);

  for (const char* member : {"shard-0", "shard-1"})
    EXPECT_EQ(decode_note(half.committed("slipstream", member)->metadata).error().code,
              ErrorCode::store_corrupt);
  MemoryStore store;
  ShardOptions options;
  options.partitions = 2;
  const Plan plan;
  const auto opened = ShardRunner::open(plan, options, half, store, {}, nullptr);
  ASSERT_FALSE(opened);
  EXPECT_NE(opened.error().message.find("half of a copy"), std::string::npos) << opened.error().message;
  EXPECT_EQ(copy(half, "", third, "").error().code, ErrorCode::store_corrupt);
  const auto again = copy(log_, "", half, "");
  ASSERT_FALSE(again);
  EXPECT_NE(again.error().message.find("interrupted"), std::string::npos) << again.error().message;
}

TEST_F(CopiedLog, ACommitMeanwhileIsNoticed) {
  MemoryLog to;
  const auto copied = copy(log_, "", to, "", [&](const CopiedTopic& topic) {
    if (topic.topic.name != "reference") return;
    const auto producer = log_.open_producer("slipstream/shard-0");
    ASSERT_TRUE((*producer)->commit({{}, "slipstream", "shard-0", {}, encode_note({})}));
  });
  ASSERT_FALSE(copied);
  EXPECT_EQ(copied.error().code, ErrorCode::log_unavailable);
}

TEST_F(CopiedLog, WhoElseWritesToTheDestinationIsNoticed) {
  MemoryLog to;
  const auto copied = copy(log_, "", to, "", [&](const CopiedTopic& topic) {
    const OutputRecord record{"dead_letters", Partition(0), "k", "v", {}, kTime};
    if (topic.topic.name != "reference") return;
    ASSERT_TRUE(to.append(std::vector{record}));
  });
  ASSERT_FALSE(copied);
  EXPECT_NE(copied.error().message.find("somebody else"), std::string::npos) << copied.error().message;
}

TEST_F(CopiedLog, ADestinationOfAnotherShapeIsRefusedAndLeftAlone) {
  MemoryLog other, used, run;
  ASSERT_TRUE(create_topics(other, names_, 3));
  EXPECT_EQ(copy(log_, "", other, "").error().code, ErrorCode::invalid_value);
  ASSERT_TRUE(create_topics(used, names_, 2));
  ASSERT_TRUE(used.append(std::vector{OutputRecord{"events", Partition(1), "k", "v", {}, kTime}}));
  EXPECT_EQ(copy(log_, "", used, "").error().code, ErrorCode::already_exists);
  ASSERT_TRUE(run.open_producer("slipstream/shard-1")
                  .value()
                  ->commit({{}, "slipstream", "shard-1", {}, encode_note({})}));
  EXPECT_EQ(copy(log_, "", run, "").error().code, ErrorCode::already_exists);
  for (MemoryLog* log : {&other, &used, &run})
    EXPECT_EQ(log->committed("slipstream", "shard-0")->metadata, "");
}

TEST(LogCopy, WhatRetentionHasLetGoIsMissed) {
  TopicNames names;
  MemoryLog log, to;
  ASSERT_TRUE(log.create_topic({names.events, 1, Cleanup::retain, hours(1), {}}));
  const OutputRecord old{names.events, Partition(0), "k", "v", {}, kTime};
  ASSERT_TRUE(log.append(std::vector{old}));
  ASSERT_EQ(log.clean(kTime + days(1)).value(), 1u);
  const auto copied = copy(log, "", to, "");
  ASSERT_FALSE(copied);
  EXPECT_EQ(copied.error().code, ErrorCode::offset_out_of_range);
  EXPECT_TRUE(to.topics()->empty());
}

TEST(LogCopy, ShardsThatNeverCommittedBeginAtTheBeginning) {
  TopicNames names;
  MemoryLog log, to;
  ASSERT_TRUE(create_topics(log, names, 2));
  ASSERT_TRUE(copy(log, "", to, ""));
  EXPECT_EQ(to.committed("slipstream", "shard-0")->metadata, "");
}

TEST(CopiedPlaces, ReadingGoesOnBehindTheSameRecord) {
  CopiedPlaces places(std::map<std::string, std::string>{{"events", "x.events"}});
  std::int64_t copy = 0;
  for (const std::int64_t original : {3, 4, 5, 9, 11, 12})
    places.add(kFirst, Offset(original), Offset(copy++));
  const std::int64_t expected[] = {0, 0, 0, 0, 1, 2, 3, 3, 3, 3, 4, 4, 5, 6, 6};
  for (std::int64_t next = 0; next < std::ssize(expected); ++next)
    EXPECT_EQ(places.next(kFirst, Offset(next)), Offset(expected[next])) << next;
  EXPECT_EQ(places.next(kSecond, Offset(5)), Offset(0)) << "nothing was copied";
  EXPECT_EQ(places.of(EventPosition{"other", Partition(0), Offset(5)}),
            (EventPosition{"other", Partition(0), Offset(5)}));
}

}  // namespace
}  // namespace slipstream
