#include "engine/decode/dead_letter.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <flatbuffers/flatbuffers.h>
#include <slipstream_wire/dead_letter_generated.h>

#include <algorithm>

namespace slipstream {
namespace {

RecordView view_of(const OutputRecord& record) {
  RecordView view;
  view.timestamp = record.timestamp;
  view.key = record.key;
  view.tombstone = !record.value.has_value();
  if (record.value) view.value = *record.value;
  view.headers = record.headers;
  return view;
}

DeadLetter sample() {
  return {ErrorCode::conflicting_duplicate,
          "task.completed: id e1 has other content",
          "fold",
          {"city.events", Partition(3), Offset(1234)},
          "T1",
          std::string("{\"x\":\0}", 7),
          {{"ce_id", "e1"}, {"binary", std::string("\0\xff", 2)}, {"ce_id", "again"}},
          {111},
          {222},
          "00112233aabbccdd"};
}

std::string header_of(const OutputRecord& record, std::string_view name) {
  for (const Header& header : record.headers)
    if (header.name == name) return header.value;
  return "(absent)";
}

TEST(DeadLetter, KeepsTheOriginalRecordInFront) {
  const DeadLetter letter = sample();
  const OutputRecord record = to_record(letter, "city.dead-letters", Partition(1));
  EXPECT_EQ(record.topic, "city.dead-letters");
  EXPECT_EQ(record.partition, Partition(1));
  EXPECT_EQ(record.key, letter.key);
  EXPECT_EQ(record.value, letter.value);
  EXPECT_EQ(record.timestamp, letter.timestamp);
  ASSERT_GT(record.headers.size(), letter.headers.size());
  EXPECT_TRUE(std::equal(letter.headers.begin(), letter.headers.end(), record.headers.begin()));
}

TEST(DeadLetter, CarriesKafkaConnectsErrorHeaders) {
  const OutputRecord record = to_record(sample(), "d", Partition(0));
  EXPECT_EQ(header_of(record, "__connect.errors.topic"), "city.events");
  EXPECT_EQ(header_of(record, "__connect.errors.partition"), "3");
  EXPECT_EQ(header_of(record, "__connect.errors.offset"), "1234");
  EXPECT_EQ(header_of(record, "__connect.errors.stage"), "fold");
  EXPECT_EQ(header_of(record, "__connect.errors.class.name"), "slipstream.fold");
  EXPECT_EQ(header_of(record, "__connect.errors.exception.class.name"),
            "slipstream.data.conflicting_duplicate");
  EXPECT_EQ(header_of(record, "__connect.errors.exception.message"),
            "task.completed: id e1 has other content");
}

TEST(DeadLetter, TheNoteIsAVerifiableFlatbuffer) {
  const std::string note = header_of(to_record(sample(), "d", Partition(0)), kDeadLetterHeader);
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(note.data());
  flatbuffers::Verifier verifier(bytes, note.size());
  ASSERT_TRUE(wire::VerifyDeadLetterBuffer(verifier));
  EXPECT_EQ(wire::GetDeadLetter(bytes)->code()->str(), "conflicting_duplicate");
  EXPECT_EQ(wire::GetDeadLetter(bytes)->blame()->str(), "data");
}

TEST(DeadLetter, ComesBackFromItsRecord) {
  const OutputRecord record = to_record(sample(), "d", Partition(0));
  const auto letter = from_record(view_of(record));
  ASSERT_TRUE(letter) << letter.error().message;
  EXPECT_EQ(*letter, sample());
}

TEST(DeadLetter, ReplayGivesTheExactOriginalRecord) {
  const std::vector<Header> headers{{"h", "v"}};
  RecordView original;
  original.offset = Offset(9);
  original.timestamp = {5};
  original.key = "k";
  original.value = "bytes";
  original.headers = headers;
  const DeadLetter letter = make_dead_letter({ErrorCode::malformed_record, "why"}, "decode",
                                             {"events", Partition(2)}, original, {7}, "v1");
  const OutputRecord record = to_record(letter, "d", Partition(0));
  const auto back = from_record(view_of(record));
  ASSERT_TRUE(back);
  const OutputRecord replayed = original_record(*back);
  EXPECT_EQ(replayed.topic, "events");
  EXPECT_EQ(replayed.partition, Partition(2));
  EXPECT_EQ(replayed.key, "k");
  EXPECT_EQ(replayed.value, "bytes");
  EXPECT_EQ(replayed.headers, headers);
  EXPECT_EQ(replayed.timestamp, Timestamp{5});
  EXPECT_EQ(back->at.offset, Offset(9));
}

TEST(DeadLetter, ATombstoneStaysATombstone) {
  DeadLetter letter = sample();
  letter.value.reset();
  const OutputRecord record = to_record(letter, "d", Partition(0));
  EXPECT_FALSE(record.value);
  EXPECT_EQ(*from_record(view_of(record)), letter);
}

TEST(DeadLetter, ARecordRefusedAgainKeepsItsOwnHeaders) {
  const OutputRecord first = to_record(sample(), "d", Partition(0));
  const DeadLetter second = make_dead_letter({ErrorCode::unknown_node, "still"}, "fold", {"d", Partition(0)},
                                             view_of(first), {9}, "v2");
  const auto back = from_record(view_of(to_record(second, "dd", Partition(0))));
  ASSERT_TRUE(back);
  EXPECT_EQ(*back, second);
  EXPECT_EQ(original_record(*back).headers, first.headers);
}

TEST(DeadLetter, HeadersThatToolsAddLaterChangeNothing) {
  OutputRecord record = to_record(sample(), "d", Partition(0));
  record.headers.insert(record.headers.begin(), {"added", "in front"});
  record.headers.push_back({"added", "behind"});
  EXPECT_EQ(*from_record(view_of(record)), sample());
}

TEST(DeadLetter, AMissingOrDamagedNoteIsMalformed) {
  RecordView plain;
  EXPECT_EQ(from_record(plain).error().code, ErrorCode::malformed_record);
  OutputRecord record = to_record(sample(), "d", Partition(0));
  const std::string note = record.headers.back().value;
  for (std::size_t length = 0; length + 8 < note.size(); ++length) {
    record.headers.back().value = note.substr(0, length);
    const auto letter = from_record(view_of(record));
    ASSERT_FALSE(letter) << length;
    EXPECT_EQ(letter.error().code, ErrorCode::malformed_record);
  }
}

TEST(DeadLetter, AsManyHeadersAsARecordHasRoomForComeBack) {
  DeadLetter letter = sample();
  letter.headers.assign(200'000, {"a", "b"});
  const auto back = from_record(view_of(to_record(letter, "d", Partition(0))));
  ASSERT_TRUE(back.has_value()) << back.error().message;
  EXPECT_EQ(back->headers.size(), letter.headers.size());
}

RC_GTEST_PROP(DeadLetter, AnyBytesComeBack,
              (std::string key, std::string value, std::string reason, bool tombstone)) {
  DeadLetter letter = sample();
  letter.key = key;
  if (tombstone) {
    letter.value.reset();
  } else {
    letter.value = value;
  }
  letter.reason = reason;
  letter.headers.push_back({key, value});
  RC_ASSERT(*from_record(view_of(to_record(letter, "d", Partition(0)))) == letter);
}

}  // namespace
}  // namespace slipstream
