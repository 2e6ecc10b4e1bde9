#include "connectors/file/event_reader.h"

#include "engine/decode/encoder.h"
#include "import_fixture.h"

namespace slipstream {
namespace {

using testing::kNow;
using testing::TemporaryFolder;

std::string event_bytes(std::string_view task) {
  Event event;
  event.type = EventType::task_completed;
  event.id = task;
  event.source = "test";
  event.subject = task;
  event.time = event.effective_at = event.recorded_at = *parse_timestamp("2025-01-01T00:00:00Z");
  event.fields.push_back({Field::task, Value::text(task)});
  return *encode_flatbuffers(event);
}

std::string prefixed(std::string_view bytes) {
  std::string out;
  for (int shift = 0; shift < 32; shift += 8)
    out.push_back(static_cast<char>(bytes.size() >> shift));
  return out.append(bytes);
}

struct Outcome {
  std::string keys;  // of the events, each followed by a space
  std::vector<std::pair<std::int64_t, ErrorCode>> problems;
};

Outcome read_events(FileFormat format, std::string_view bytes, std::optional<RowPlace> from = {},
                    RowPlace* second = nullptr) {
  const TemporaryFolder folder;
  const Mapping mapping = mapping_of_events(format);
  auto reader = *open_events(folder.write("events", bytes), mapping, {}, kNow, from);
  Outcome outcome;
  ReadRow row;
  for (int i = 0; *reader->next(row); ++i) {
    if (row.problem) outcome.problems.emplace_back(row.place.line, row.problem->code);
    for (const ImportedEvent& event : row.events)
      outcome.keys += event.key + " ";
    if (i == 0 && second != nullptr) *second = row.next;
  }
  return outcome;
}

TEST(FlatbuffersFile, events_follow_their_lengths) {
  const std::string file =
      prefixed(event_bytes("a")) + prefixed(event_bytes("b")) + prefixed(event_bytes("c"));
  RowPlace second;
  EXPECT_EQ(read_events(FileFormat::flatbuffers, file, {}, &second).keys, "a b c ");
  EXPECT_EQ(read_events(FileFormat::flatbuffers, file, second).keys, "b c ");
}

TEST(FlatbuffersFile, an_event_that_does_not_verify_costs_itself_alone) {
  const Outcome outcome =
      read_events(FileFormat::flatbuffers, prefixed(event_bytes("a")) + prefixed("nonsense") + prefixed("") +
                                               prefixed(event_bytes("b")));
  EXPECT_EQ(outcome.keys, "a b ");
  ASSERT_EQ(outcome.problems.size(), 2U);
  EXPECT_EQ(outcome.problems[0], (std::pair{std::int64_t{2}, ErrorCode::malformed_record}));
}

TEST(FlatbuffersFile, a_cut_or_absurd_length_ends_the_file_with_one_problem) {
  for (const std::string& tail :
       {std::string("\x01"), std::string("\xff\xff\xff\xff"), prefixed(event_bytes("b")).substr(0, 40)}) {
    const Outcome outcome = read_events(FileFormat::flatbuffers, prefixed(event_bytes("a")) + tail);
    EXPECT_EQ(outcome.keys, "a ");
    EXPECT_EQ(outcome.problems.size(), 1U);
  }
}

TEST(CloudEventLines, structured_events_are_taken_as_they_are) {
  const std::string good =
      R"({"specversion":"1.0","id":"1","source":"s","type":"task.completed","time":"2025-01-01T00:00:00Z","data":{"task":"a"}})";
  const std::string no_id =
      R"({"specversion":"1.0","source":"s","type":"task.completed","time":"2025-01-01T00:00:00Z","data":{"task":"a"}})";
  const Outcome outcome = read_events(FileFormat::json_lines, good + "\n\n" + no_id + "\nnonsense\n" + good);
  EXPECT_EQ(outcome.keys, "a a ");
  ASSERT_EQ(outcome.problems.size(), 2U);
  EXPECT_EQ(outcome.problems[0], (std::pair{std::int64_t{3}, ErrorCode::missing_field}));
  EXPECT_EQ(outcome.problems[1], (std::pair{std::int64_t{4}, ErrorCode::malformed_record}));
}

RC_GTEST_PROP(FlatbuffersFile, any_bytes_are_read_to_their_end, ()) {
  const auto noise =
      *rc::gen::container<std::string>(rc::gen::oneOf(rc::gen::just('\0'), rc::gen::arbitrary<char>()));
  read_events(FileFormat::flatbuffers, prefixed(event_bytes("a")) + noise);
  read_events(FileFormat::json_lines, noise);
}

TEST(InputFiles, names_stand_for_files_directories_and_patterns) {
  const TemporaryFolder folder;
  folder.write("b.csv", "");
  folder.write("a.csv", "");
  folder.write("c.txt", "");
  folder.write(".hidden", "");
  std::filesystem::create_directory(folder.path() / "d.csv");
  const auto names = [&](const std::vector<std::string>& arguments) {
    std::vector<std::string> paths;
    for (const std::string& argument : arguments)
      paths.push_back((folder.path() / argument).string());
    std::string found;
    const auto files = input_files(paths);
    if (!files) return std::string(name_of(files.error().code));
    for (const auto& file : *files)
      found += file.filename().string() + " ";
    return found;
  };
  EXPECT_EQ(names({"b.csv", "a.csv", "b.csv"}), "a.csv b.csv ");
  EXPECT_EQ(names({""}), "a.csv b.csv c.txt ");
  EXPECT_EQ(names({"*.csv"}), "a.csv b.csv ");
  EXPECT_EQ(names({"?.txt", "a.csv"}), "a.csv c.txt ");
  EXPECT_EQ(names({"*.xml"}), "unreadable_file");
  EXPECT_EQ(names({"a.csv", "nothing.csv"}), "unreadable_file");
  EXPECT_EQ(names({"d.csv"}), "unreadable_file");
}

}  // namespace
}  // namespace slipstream
