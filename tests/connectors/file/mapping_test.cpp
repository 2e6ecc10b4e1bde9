#include "connectors/file/mapping.h"

#include <fmt/format.h>

#include "import_fixture.h"

namespace slipstream {
namespace {

using testing::good_mapping;
using testing::mapping_from;

struct BadMapping {
  std::string yaml;
  std::vector<std::string> found;  // "line:column code path", in order
};

constexpr std::string_view kHead = "format: csv\ntime_zone: UTC\nsource: s\n";

// Beneath kHead, so that the first line of `events` is line 4.
std::string with_head(std::string_view rest) { return std::string(kHead) + std::string(rest); }

std::vector<std::string> found_in(std::string_view yaml) {
  Diagnostics diagnostics;
  const auto mapping = mapping_from(yaml, diagnostics);
  EXPECT_EQ(mapping.has_value(), diagnostics.empty()) << yaml;
  std::vector<std::string> found;
  for (const Diagnostic& d : diagnostics)
    found.push_back(fmt::format("{}:{} {} {}", d.mark.line, d.mark.column, name_of(d.code), d.path));
  return found;
}

TEST(Mapping, what_is_wrong_is_told_with_its_place) {
  const std::vector<BadMapping> table = {
      {"format: xml\ntime_zone: UTC\nsource: s\nevents: [{type: task.completed, time: t, fields: {task: "
       "a}}]\n",
       {"1:9 invalid_value format"}},
      {"format: csv\ntime_zone: Mars/Phobos\nsource: s\nevents: [{type: task.completed, time: t, fields: "
       "{task: a}}]\n",
       {"2:12 unknown_name time_zone"}},
      {"format: csv\nevents: [{type: task.completed, time: t, fields: {task: a}}]\n",
       {"1:1 invalid_value ", "1:1 invalid_value "}},
      {with_head("delimiter: ab\nevents: [{type: task.completed, time: t, fields: {task: a}}]\n"),
       {"4:12 invalid_value delimiter"}},
      {with_head("delimiter: \"\\\"\"\nevents: [{type: task.completed, time: t, fields: {task: a}}]\n"),
       {"4:12 invalid_value delimiter"}},
      {with_head("encoding: latin1\nevents: [{type: task.completed, time: t, fields: {task: a}}]\n"),
       {"4:11 not_supported encoding"}},
      {with_head("event: []\n"), {"4:1 unknown_key event", "1:1 invalid_value "}},
      {with_head("events: []\n"), {"4:9 type_mismatch events"}},
      {with_head("events:\n  - { type: task.complete, time: t, fields: {task: a} }\n"),
       {"5:13 unknown_event_type events[1].type"}},
      {with_head("events:\n  - { type: task.completed, fields: {task: a} }\n"),
       {"5:5 invalid_value events[1]"}},
      {with_head("events:\n  - { type: task.completed, time: t }\n"), {"5:5 invalid_value events[1]"}},
      {with_head("events:\n  - { type: task.completed, time: t, fields: {task: a, wieght: b} }\n"),
       {"5:56 unknown_key events[1].fields.wieght"}},
      {with_head("events:\n  - { type: task.completed, time: t, fields: {note: b} }\n"),
       {"5:46 missing_field events[1].fields"}},
      {with_head("events:\n  - { type: task.assigned, time: t, fields: {task: a, weight: \"=heavy\"} }\n"),
       {"5:63 type_mismatch events[1].fields.weight"}},
      {with_head("events:\n  - { type: task.assigned, time: t, fields: {task: a, weight: \"=-1\"} }\n"),
       {"5:63 type_mismatch events[1].fields.weight"}},
      {with_head("events:\n  - { type: task.assigned, time: \"=soon\", fields: {task: a} }\n"),
       {"5:34 invalid_value events[1].time"}},
      {with_head("events:\n  - { type: task.assigned, time: t, id: \"=one\", fields: {task: a} }\n"),
       {"5:41 invalid_value events[1].id"}},
      {with_head("events:\n  - { type: task.assigned, time: t, fields: {task: \"x{a\"} }\n"),
       {"5:54 syntax events[1].fields.task"}},
      {with_head("events:\n  - { type: task.assigned, time: t, fields: {task: \"a}\"} }\n"),
       {"5:54 syntax events[1].fields.task"}},
      {with_head("events:\n  - { type: task.assigned, time: t, fields: {task: \"x{ }\"} }\n"),
       {"5:54 syntax events[1].fields.task"}},
      {with_head("events:\n  - { type: task.assigned, time: t, when: \"a > 'x'\", fields: {task: a} }\n"),
       {"5:46 syntax events[1].when"}},
      {with_head("events:\n  - { type: task.assigned, time: t, when: \"a = x\", fields: {task: a} }\n"),
       {"5:46 syntax events[1].when"}},
      {with_head("events:\n  - { type: task.assigned, time: t, when: \"= 'x'\", fields: {task: a} }\n"),
       {"5:44 syntax events[1].when"}},
      {with_head("events:\n  - { type: task.assigned, time: t, fields: {task: a}, attributes: {unit: b, "
                 "actor: c} }\n"),
       {"5:69 duplicate_name events[1].attributes.unit", "5:78 duplicate_name events[1].attributes.actor"}},
      {with_head("events:\n  - { type: measurement.reported, time: t, fields: {indicator: a, node: b} }\n"),
       {"5:52 missing_field events[1].fields"}},
      {with_head("events:\n  - { type: measurement.reported, time: t, fields: {indicator: a, node: b, "
                 "numerator: c} }\n"),
       {"5:52 missing_field events[1].fields"}},
      {with_head("events:\n  - { type: task.assigned, time: t, fields: {task: [a]} }\n"),
       {"5:52 type_mismatch events[1].fields.task"}},
      {with_head("events:\n  - { type: task.assigned, time: t, fields: {task: a, task: b} }\n"),
       {"5:55 duplicate_name events[1].fields.task"}},
      {with_head("lookups: { states: { fiel: a.csv, key: k } }\nevents: [{type: task.completed, time: t, "
                 "fields: {task: a}}]\n"),
       {"4:22 unknown_key lookups.states.fiel", "4:20 invalid_value lookups.states"}},
      {"format: flatbuffers\nevents: [{type: task.completed, time: t, fields: {task: a}}]\n",
       {"2:9 not_supported events", "1:1 invalid_value ", "1:1 invalid_value "}},
      {"format: jsonl\ndelimiter: \";\"\n", {"2:12 invalid_value delimiter"}},
      {"- a\n", {"1:1 type_mismatch "}},
  };
  for (const BadMapping& bad : table)
    EXPECT_EQ(found_in(bad.yaml), bad.found) << bad.yaml;
}

TEST(Mapping, all_errors_are_told_at_once_with_hints) {
  Diagnostics diagnostics;
  EXPECT_FALSE(
      mapping_from(with_head("sorce: x\nevents:\n"
                             "  - { type: task.asigned, time: t, fields: {task: a} }\n"
                             "  - { type: task.completed, tiem: t, time: u, fields: {tsk: a, task: b} }\n"),
                   diagnostics));
  ASSERT_EQ(diagnostics.size(), 4U);
  EXPECT_EQ(diagnostics[0].hint, "did you mean 'source'?");
  EXPECT_EQ(diagnostics[1].hint, "did you mean 'task.assigned'?");
  EXPECT_EQ(diagnostics[2].hint, "did you mean 'time'?");
  EXPECT_EQ(diagnostics[3].hint, "did you mean 'task'?");
}

TEST(Mapping, only_columns_that_something_uses_are_wanted) {
  const Mapping mapping = good_mapping(R"(
format: csv
time_zone: Europe/Amsterdam
source: s
delimiter: ";"
lookups: { states: { file: s.csv, key: state, by: Bundes land } }
events:
  - type: task.assigned
    when: "kind <> 'it''s'"
    time: "{day}T{hour}"
    fields: { task: "{{{id}}}", unit: "{states.region}/{ states.name }", person: states.boss }
)");
  EXPECT_EQ(mapping.columns, (std::vector<std::string>{"Bundes land", "kind", "day", "hour", "id"}));
  ASSERT_EQ(mapping.lookups.size(), 1U);
  EXPECT_EQ(mapping.lookups[0].columns, (std::vector<std::string>{"region", "name", "boss"}));
  EXPECT_EQ(mapping.delimiter, ';');
  ASSERT_EQ(mapping.events.size(), 1U);
  EXPECT_EQ(mapping.events[0].when->test, RowCondition::Test::different);
  EXPECT_EQ(mapping.events[0].when->text, "it's");
}

TEST(Mapping, files_of_events_need_no_more_than_their_format) {
  EXPECT_TRUE(good_mapping("format: jsonl\n").events.empty());
  EXPECT_EQ(good_mapping("format: flatbuffers\ntime_zone: Asia/Ho_Chi_Minh\n").zone.name(),
            "Asia/Ho_Chi_Minh");
}

TEST(Mapping, the_hash_is_of_what_is_written_and_not_of_its_layout) {
  const std::string plain = with_head("events: [{type: task.completed, time: t, fields: {task: a}}]\n");
  const std::string spread =
      "# comment\n" +
      with_head("events:\n  - type: task.completed\n    time: t\n    fields:\n      task: a\n");
  const std::string other = with_head("events: [{type: task.completed, time: t, fields: {task: b}}]\n");
  EXPECT_EQ(good_mapping(plain).hash, good_mapping(spread).hash);
  EXPECT_NE(good_mapping(plain).hash, good_mapping(other).hash);
}

}  // namespace
}  // namespace slipstream
