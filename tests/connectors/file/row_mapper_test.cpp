#include "connectors/file/row_mapper.h"

#include <fmt/format.h>

#include "import_fixture.h"

namespace slipstream {
namespace {

using testing::decoded;
using testing::good_mapping;
using testing::kNow;
using testing::TemporaryFolder;

// The rows of a CSV text by a mapping, as events or problems.
struct Mapped {
  std::vector<ImportedEvent> events;
  std::vector<RowProblem> problems;
};

Mapped map_rows(std::string_view yaml, std::string_view csv, std::string_view lookup = "") {
  const TemporaryFolder folder;
  const Mapping mapping = good_mapping(yaml);
  const auto path = folder.write("a.csv", csv);
  folder.write("lookup.csv", lookup);
  auto lookups = read_lookups(mapping, path, "");
  EXPECT_TRUE(lookups) << lookups.error().message;
  auto source = mapping.format == FileFormat::csv ? open_csv(path, mapping.delimiter, mapping.columns)
                                                  : open_json_lines(path, mapping.columns);
  EXPECT_TRUE(source) << source.error().message;
  RowMapper mapper(mapping, std::move(lookups->tables), kNow);
  Mapped mapped;
  Row row;
  while (*(*source)->next(row))
    if (auto problem = mapper.map(row, mapped.events)) mapped.problems.push_back(*problem);
  return mapped;
}

std::string head(std::string_view events) {
  return "format: csv\ntime_zone: Europe/Amsterdam\nsource: test\n" + std::string(events);
}

TEST(RowMapper, a_row_becomes_each_event_that_wants_it) {
  const Mapped mapped = map_rows(testing::kTaskMapping,
                                 "id,unit,assigned,due,completed\n"
                                 "7,Roads,2026-01-01T09:00:00+01:00,2026-01-10,2026-01-01\n"
                                 "8,Parks,2025-07-01 10:00:00,,\n");
  ASSERT_TRUE(mapped.problems.empty()) << mapped.problems[0].message;
  ASSERT_EQ(mapped.events.size(), 3U);
  Decoder decoder(DecodeOptions{});
  const Event assigned = decoded(decoder, mapped.events[0].bytes);
  EXPECT_EQ(assigned.type, EventType::task_assigned);
  EXPECT_EQ(assigned.id, "7/assigned");
  EXPECT_EQ(assigned.source, "test/tasks");
  EXPECT_EQ(assigned.subject, "7");
  EXPECT_EQ(mapped.events[0].key, "7");
  EXPECT_EQ(mapped.events[0].kind, EventKind::task);
  EXPECT_EQ(assigned.time, *parse_timestamp("2026-01-01T08:00:00Z"));
  EXPECT_EQ(assigned.effective_at, assigned.time);
  EXPECT_EQ(assigned.find(Field::unit)->as_text(), "Roads");
  // A deadline given as a date ends at local midnight.
  EXPECT_EQ(assigned.find(Field::due_at)->as_timestamp(), *parse_timestamp("2026-01-10T23:00:00Z"));
  EXPECT_EQ(decoded(decoder, mapped.events[1].bytes).type, EventType::task_completed);
  const Event second = decoded(decoder, mapped.events[2].bytes);
  EXPECT_EQ(second.time, *parse_timestamp("2025-07-01T08:00:00Z"));  // local summer time
  EXPECT_EQ(second.find(Field::due_at), nullptr);
}

TEST(RowMapper, conditions_compare_the_text_of_a_column) {
  const std::string events =
      "events:\n"
      "  - { type: task.accepted, when: \"kind = 'a'\", id: \"1{n}\", time: \"=2025-01-01\", fields: { task: "
      "n } }\n"
      "  - { type: task.returned, when: \"kind <> ''\", id: \"2{n}\", time: \"=2025-01-01\", fields: { task: "
      "n } }\n"
      "  - { type: task.resumed, when: kind, id: \"3{n}\", time: \"=2025-01-01\", fields: { task: n } }\n";
  const Mapped mapped = map_rows(head(events), "n,kind\n1,a\n2,b\n3,\n");
  ASSERT_TRUE(mapped.problems.empty());
  std::string ids;
  Decoder decoder(DecodeOptions{});
  for (const ImportedEvent& event : mapped.events)
    ids += std::string(decoded(decoder, event.bytes).id) + " ";
  EXPECT_EQ(ids, "11 21 31 22 32 ");
}

TEST(RowMapper, envelope_attributes_and_lists_come_from_columns) {
  const std::string events = R"(events:
  - type: task.assigned
    id: "{n}"
    time: at
    effective_at: since
    recorded_at: at
    entity_version: version
    actor: who
    supersedes: old
    fields: { task: n, co_units: others, weight: weight, starred: star }
    attributes: { colour: colour, place: "{x}-{y}", empty: nothing }
)";
  const Mapped mapped = map_rows(head(events),
                                 "n,at,since,version,who,old,others,weight,star,colour,x,y,nothing\n"
                                 "1,2025-03-01,2025-02-01,3,Lan,0,Roads; Parks,12.50,true,red,4,5,\n");
  ASSERT_TRUE(mapped.problems.empty()) << mapped.problems[0].message;
  Decoder decoder(DecodeOptions{});
  const Event event = decoded(decoder, mapped.events.at(0).bytes);
  EXPECT_EQ(event.entity_version, 3);
  EXPECT_EQ(event.actor, "Lan");
  EXPECT_EQ(event.supersedes, "0");
  EXPECT_EQ(event.effective_at, *parse_timestamp("2025-01-31T23:00:00Z"));
  EXPECT_EQ(event.find(Field::co_units)->as_text(), "[\"Roads\",\"Parks\"]");
  EXPECT_EQ(event.find(Field::weight)->as_decimal(), *Decimal::parse("12.5"));
  EXPECT_TRUE(event.find(Field::starred)->as_boolean());
  EXPECT_EQ(event.find_attribute("colour")->as_text(), "red");
  EXPECT_EQ(event.find_attribute("place")->as_text(), "4-5");
  EXPECT_EQ(event.find_attribute("empty"), nullptr);
}

constexpr std::string_view kLookupMapping = R"(
format: csv
time_zone: UTC
source: test
lookups: { states: { file: lookup.csv, key: state, by: st } }
events:
  - { type: measurement.reported, id: "{st}", time: "=2025-01-01",
      fields: { indicator: "=i", node: "{states.region}/{st}", value: v } }
)";

TEST(RowMapper, a_lookup_gives_what_the_row_itself_lacks) {
  const Mapped mapped =
      map_rows(kLookupMapping, "st,v\nOhio,1\nMars,2\n,3\n", "state,region\nOhio,Midwest\nUtah,\n");
  ASSERT_EQ(mapped.events.size(), 1U);
  EXPECT_EQ(mapped.events[0].key, "Midwest/Ohio");
  ASSERT_EQ(mapped.problems.size(), 2U);
  EXPECT_EQ(mapped.problems[0].code, ErrorCode::missing_field);
  EXPECT_EQ(mapped.problems[0].column, "states.region");
  EXPECT_NE(mapped.problems[0].message.find("'Mars'"), std::string::npos);
  EXPECT_EQ(mapped.problems[1].column, "st");
}

TEST(RowMapper, a_lookup_file_that_contradicts_itself_is_refused) {
  const TemporaryFolder folder;
  const Mapping mapping = good_mapping(kLookupMapping);
  const auto imported = folder.path() / "a.csv";
  EXPECT_EQ(read_lookups(mapping, imported, "").error().code, ErrorCode::unreadable_file);
  folder.write("lookup.csv", "state,region\nOhio,a\nOhio,b\n");
  EXPECT_EQ(read_lookups(mapping, imported, "").error().code, ErrorCode::duplicate_name);
  folder.write("lookup.csv", "state\nOhio\n");
  EXPECT_EQ(read_lookups(mapping, imported, "").error().code, ErrorCode::unknown_name);
  folder.write("lookup.csv", "state,region\nOhio\n");
  EXPECT_EQ(read_lookups(mapping, imported, "").error().code, ErrorCode::malformed_record);
}

TEST(RowMapper, a_lookup_is_looked_for_beside_the_data_and_then_beside_the_mapping) {
  const TemporaryFolder data, mappings;
  const Mapping mapping = good_mapping(kLookupMapping);
  mappings.write("lookup.csv", "state,region\nOhio,from the mapping\n");
  EXPECT_EQ(read_lookups(mapping, data.path() / "a.csv", mappings.path())->tables.at(0).find("Ohio")->at(0),
            "from the mapping");
  data.write("lookup.csv", "state,region\nOhio,from the data\n");
  EXPECT_EQ(read_lookups(mapping, data.path() / "a.csv", mappings.path())->tables.at(0).find("Ohio")->at(0),
            "from the data");
}

struct BadRow {
  std::string_view row;
  ErrorCode code;
  std::string_view column;
};

TEST(RowMapper, a_row_that_cannot_be_taken_names_code_and_column_and_gives_no_event) {
  const std::string events = R"(events:
  - { type: task.accepted, when: task, id: "{task}/first", time: "=2025-01-01", fields: { task: task } }
  - type: task.assigned
    id: "{task}/{n}"
    time: at
    entity_version: version
    fields: { task: task, weight: weight, due_at: due, starred: star, unit: unit }
)";
  const std::string columns = "task,n,at,version,weight,due,star,unit\n";
  const std::vector<BadRow> table = {
      {"t,1,2025-01-01,,heavy,,,", ErrorCode::wrong_type, "weight"},
      {"t,1,2025-01-01,,-1,,,", ErrorCode::number_out_of_range, "weight"},
      {"t,1,2025-01-01,,1e999,,,", ErrorCode::number_out_of_range, "weight"},
      {"t,1,2025-01-01,,,soon,,", ErrorCode::invalid_timestamp, "due"},
      {"t,1,2025-02-30,,,,,", ErrorCode::invalid_timestamp, "at"},
      {"t,1,,,,,,", ErrorCode::missing_field, "at"},
      {"t,1,2030-01-01,,,,,", ErrorCode::invalid_timestamp, "at"},
      {"t,1,0700-01-01,,,,,", ErrorCode::invalid_timestamp, "at"},
      {"t,,2025-01-01,,,,,", ErrorCode::missing_field, "n"},
      {",1,2025-01-01,,,,,", ErrorCode::missing_field, "task"},
      {"t,1,2025-01-01,x,,,,", ErrorCode::wrong_type, "version"},
      {"t,1,2025-01-01,-1,,,,", ErrorCode::number_out_of_range, "version"},
      {"t,1,2025-01-01,,,,yes,", ErrorCode::wrong_type, "star"},
      {"t,1,2025-01-01,,,,,a//b", ErrorCode::wrong_type, "unit"},
  };
  for (const BadRow& bad : table) {
    const Mapped mapped = map_rows(head(events), columns + std::string(bad.row) + "\n");
    ASSERT_EQ(mapped.problems.size(), 1U) << bad.row;
    EXPECT_EQ(name_of(mapped.problems[0].code), name_of(bad.code))
        << bad.row << ": " << mapped.problems[0].message;
    EXPECT_EQ(mapped.problems[0].column, bad.column) << bad.row;
    EXPECT_TRUE(mapped.events.empty()) << bad.row;
  }
}

TEST(RowMapper, without_an_id_the_same_fact_has_the_same_id_wherever_it_stands) {
  const std::string events =
      "events: [{ type: task.completed, time: at, fields: { task: task, note: note } }]\n";
  const Mapped one = map_rows(head(events), "task,at,note\nt,2025-01-01,x\nt,2025-01-01,y\nu,2025-01-01,x\n");
  const Mapped two = map_rows(head(events), "note,task,at,more\n\"x\",t,2025-01-01T00:00:00+01:00,1\n");
  ASSERT_EQ(one.events.size(), 3U);
  ASSERT_EQ(two.events.size(), 1U);
  Decoder decoder(DecodeOptions{});
  const auto id = [&](const ImportedEvent& event) { return std::string(decoded(decoder, event.bytes).id); };
  EXPECT_EQ(id(one.events[0]), id(two.events[0]));
  EXPECT_NE(id(one.events[0]), id(one.events[1]));
  EXPECT_NE(id(one.events[0]), id(one.events[2]));
  EXPECT_EQ(id(one.events[0]).substr(0, 15), "task.completed/");
}

TEST(RowMapper, json_lines_keep_numbers_exact) {
  const Mapped mapped = map_rows(
      "format: jsonl\ntime_zone: UTC\nsource: s\nevents: [{ type: observation, id: id, time: at,\n"
      "  fields: { metric: \"=m\", node: place.name, value: v } }]\n",
      "{\"id\":\"1\",\"at\":\"2025-01-01T00:00:00Z\",\"place\":{\"name\":\"a/"
      "b\"},\"v\":12345678901234567890.125}\n");
  ASSERT_TRUE(mapped.problems.empty()) << mapped.problems[0].message;
  Decoder decoder(DecodeOptions{});
  const Event event = decoded(decoder, mapped.events.at(0).bytes);
  EXPECT_EQ(event.subject, "a/b");
  EXPECT_EQ(event.find(Field::value)->as_decimal(), *Decimal::parse("12345678901234567890.125"));
}

}  // namespace
}  // namespace slipstream
