// Whatever stands in the log, the engine goes on: each record that cannot be taken is kept with its code, its
// reason, its place and its bytes, is counted, and comes back after a fix.
#include <map>

#include "connectors/log/embedded_log.h"
#include "engine/decode/decoder.h"
#include "engine/decode/encoder.h"
#include "tests/app/command_fixture.h"

namespace slipstream {
namespace {

struct BadRecord {
  std::string what;
  std::string value;
  std::string code;
};

std::string json_event(const std::string& id, const std::string& type, const std::string& data,
                       const std::string& time = "2025-02-01T00:00:00Z") {
  return fmt::format(
      R"({{"specversion":"1.0","id":"{}","source":"s","type":"{}","time":"{}","data":{{{}}}}})", id, type,
      time, data);
}

// A good task as FlatBuffer.
std::string flatbuffer_event() {
  RecordView record;
  const std::string json = json_event("f1", "task.assigned", R"("task":"f1","unit":"Roads","weight":2)");
  record.value = json;
  Event event;
  Decoder decoder({});
  EXPECT_TRUE(decoder.decode(record, *parse_timestamp("2025-02-05T00:00:00Z"), event));
  return *encode_flatbuffers(event);
}

// The identifier of an event, and offsets that lead out of the buffer.
std::string hostile_flatbuffer() {
  std::string bytes = flatbuffer_event();
  for (std::size_t i = 8; i < bytes.size(); ++i)
    bytes[i] = '\xff';
  return bytes;
}

std::vector<BadRecord> bad_records() {
  const std::string task = R"("task":"b")";
  return {
      {"a truncated FlatBuffer", flatbuffer_event().substr(0, 40), "malformed_record"},
      {"a hostile FlatBuffer", hostile_flatbuffer(), "malformed_record"},
      {"broken JSON", R"({"specversion":"1.0","id":"b1",)", "malformed_record"},
      {"an empty record", "", "malformed_record"},
      {"a field of another type", json_event("b2", "task.progressed", task + R"(,"percent":"half")"),
       "wrong_type"},
      {"an unknown event type", json_event("b3", "task.painted", task), "unknown_event_type"},
      {"a missing field", json_event("b5", "task.assigned", R"("unit":"Roads")"), "missing_field"},
      {"a number of 400 digits", json_event("b6", "task.progressed", task + R"(,"percent":1e400)"),
       "number_out_of_range"},
      {"a number beyond its field's range", json_event("b7", "task.progressed", task + R"(,"percent":101)"),
       "number_out_of_range"},
      {"text that is not UTF-8", json_event("b8", "task.assigned", task + ",\"title\":\"\xc3\x28\""),
       "invalid_utf8"},
      {"a date that there is not", json_event("b9", "task.assigned", task + R"(,"due_at":"2025-02-30")"),
       "invalid_timestamp"},
      {"the year 9999", json_event("b10", "task.assigned", task, "9999-01-01T00:00:00Z"),
       "invalid_timestamp"},
      {"an oversized record",
       json_event("b11", "task.assigned", R"("task":"large","unit":"Roads","due_at":"2025-02-20")") +
           std::string(2 << 20, ' '),
       "record_too_large"},
      {"a period that ends before it starts",
       json_event(
           "b12", "measurement.reported",
           R"("indicator":"i","node":"n","value":1,"period_start":"2025-02-01","period_end":"2025-01-01")"),
       "invalid_transition"},
      {"a fee that is none", json_event("b13", "task.assigned", task + R"(,"fee":"much")"), "wrong_type"},
      {"the id of t1's assignment with other content",
       R"({"specversion":"1.0","id":"t1/assigned","source":"tasks","type":"task.assigned","time":"2025-01-02T00:00:00Z","data":{"task":"t1","unit":"Parks"}})",
       "conflicting_duplicate"},
  };
}

class BadRecordTest : public TaskCommandTest {
 protected:
  // Puts records into the log as a producer that checks nothing would.
  void append(const std::vector<BadRecord>& records) const {
    const auto log = open_embedded_log(path("data") / "log");
    ASSERT_TRUE(log) << log.error().message;
    std::vector<OutputRecord> outputs;
    for (const BadRecord& record : records)
      outputs.push_back({"events",
                         Partition(0),
                         "key of " + record.what,
                         record.value,
                         {{"origin", record.what}},
                         *parse_timestamp("2025-02-05T00:00:00Z")});
    ASSERT_TRUE((*log)->append(outputs));
  }
  boost::json::object counters_of_a_run(const std::string& options = "") const {
    return ask("run --until-idle " + options).at("counters").as_array().at(0).as_object();
  }
  std::string bytes_of_letter(std::int64_t offset) const {
    return run(fmt::format("dlq show {} --raw --data data", offset)).out;
  }
};

TEST_F(BadRecordTest, IsKeptWithCodeReasonPlaceAndBytesAndCounted) {
  import_and_run("1");
  const std::int64_t first = 9;  // as many events stand before them
  const std::vector<BadRecord> records = bad_records();
  append(records);
  const auto counters = counters_of_a_run();
  EXPECT_EQ(counters.at("received"), first + static_cast<std::int64_t>(records.size()));
  EXPECT_EQ(counters.at("folded"), first);
  EXPECT_EQ(counters.at("dead_lettered"), static_cast<std::int64_t>(records.size()));
  const auto letters = ask("dlq list").at("dead_letters").as_array();
  ASSERT_EQ(letters.size(), records.size());
  for (std::size_t i = 0; i < records.size(); ++i) {
    const auto& letter = letters.at(i).as_object();
    EXPECT_EQ(text(letter.at("code")), records[i].code) << records[i].what << ": " << letter.at("reason");
    EXPECT_EQ(letter.at("topic"), "events");
    EXPECT_EQ(letter.at("partition"), 0);
    EXPECT_EQ(letter.at("at"), first + static_cast<std::int64_t>(i));
    EXPECT_EQ(text(letter.at("key")), "key of " + records[i].what);
    EXPECT_GT(text(letter.at("reason")).size(), 10u) << records[i].what;
    EXPECT_TRUE(bytes_of_letter(letter.at("offset").as_int64()) == records[i].value) << records[i].what;
  }
  EXPECT_EQ(ask("query delivery --node city --window 2025-01").at("rows").as_array().at(0).at("due"), 4);
  EXPECT_EQ(ask("check").at("different"), 0);
}

TEST_F(BadRecordTest, ComesBackAfterAFixAndIsRefusedAgainWithoutOne) {
  import_and_run("1");
  const std::vector<BadRecord> records = bad_records();
  append(records);
  counters_of_a_run();
  ASSERT_EQ(ask("dlq replay").at("replay").as_array().at(0).at("replayed"),
            static_cast<std::int64_t>(records.size()));
  // Room for the large one is the fix; nothing repairs the others.
  const auto counters = counters_of_a_run("--set record_bytes_max=4MiB");
  EXPECT_EQ(counters.at("folded"), 10);
  EXPECT_EQ(counters.at("dead_lettered"), 2 * static_cast<std::int64_t>(records.size()) - 1);
  EXPECT_EQ(ask("query delivery --node Roads --window 2025-02").at("rows").as_array().at(0).at("due"), 1);
  std::map<std::string, int> times;
  const auto letters = ask("dlq list").at("dead_letters").as_array();
  for (const auto& letter : letters)
    ++times[text(letter.at("key"))];
  for (const BadRecord& record : records)
    EXPECT_EQ(times["key of " + record.what], record.code == "record_too_large" ? 1 : 2) << record.what;
}

TEST_F(BadRecordTest, ATimeTooFarAheadCountsOnceTheSkewAllowsIt) {
  import_and_run("1");
  append({{"ahead",
           json_event("a1", "task.assigned", R"("task":"a1","unit":"Roads","due_at":"2025-03-01")",
                      "2025-02-09T00:00:00Z"),
           ""}});
  EXPECT_EQ(counters_of_a_run().at("dead_lettered"), 1);
  ask("dlq replay --code invalid_timestamp");
  EXPECT_EQ(counters_of_a_run("--set 'future_skew_max=7 days'").at("folded"), 10);
}

// What an import can see never reaches the log: the same faults stand in the report, with the line.
TEST_F(BadRecordTest, IsReportedWithItsLineByAnImport) {
  std::string lines = json_event("g1", "task.assigned", R"("task":"g1","unit":"Roads")") + "\n";
  std::vector<std::string> codes;
  for (const BadRecord& record : bad_records()) {
    const bool seen_later = record.code == "conflicting_duplicate" || record.what == "a fee that is none";
    if (seen_later || record.value.empty() || record.what.find("FlatBuffer") != std::string::npos) continue;
    lines += record.value + "\n";
    codes.push_back(record.code);
  }
  write("bad.jsonl", lines);
  const auto file = ask("import bad.jsonl --report report.csv", 1).at("files").as_array().at(0).as_object();
  EXPECT_EQ(file.at("events"), 1);
  EXPECT_EQ(file.at("bad"), static_cast<std::int64_t>(codes.size()));
  std::istringstream report(read(path("report.csv")));
  std::string row;
  std::getline(report, row);
  EXPECT_EQ(row, "file,line,column,code,reason,row");
  for (std::size_t i = 0; i < codes.size(); ++i) {
    std::getline(report, row);
    EXPECT_EQ(row.substr(0, 12), fmt::format("bad.jsonl,{},", i + 2).substr(0, 12)) << row;
    EXPECT_NE(row.find("," + codes[i] + ","), std::string::npos) << row << "\n" << codes[i];
  }
}

}  // namespace
}  // namespace slipstream
