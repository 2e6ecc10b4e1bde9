// Import files: CSV, JSON Lines and files of FlatBuffers events. No byte of a file is lost: each belongs to a
// row, good or bad, or to an empty line; places ascend and count lines; reading can go on at any row; what a
// mapping makes of a good row decodes.
#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <functional>

#include "connectors/definition/yaml_document.h"
#include "connectors/file/csv_row.h"
#include "connectors/file/event_reader.h"
#include "connectors/file/file_window.h"
#include "engine/base/hash.h"
#include "engine/decode/json_text.h"
#include "tests/fuzz/fuzz_target.h"
#include "tests/fuzz/unpacked.h"

using namespace slipstream;

namespace {

constexpr std::size_t kInputBytesMax = kRowBytesMax + kRowBytesMax / 4;
constexpr Timestamp kClock{1'893'456'000'000'000};  // 2030-01-01T00:00:00Z

constexpr std::string_view kMapping = R"(
format: csv
time_zone: Europe/Amsterdam
source: fuzz/cases
events:
  - type: task.assigned
    id: "{case_id}/assigned"
    time: assigned_at
    fields: { task: case_id, title: "Permit {case_id} {note}", unit: department, person: person, due_at: due_at,
              weight: weight, co_units: others, starred: "=true" }
    attributes: { channel: note }
  - type: task.completed
    when: completed_at
    time: completed_at
    fields: { task: case_id, completed_at: completed_at }
  - type: measurement.reported
    when: department = 'General'
    time: assigned_at
    fields: { indicator: "=cases", node: department, value: weight, period_start: assigned_at, period_end: due_at }
)";

// A file in memory with a path.
class MemoryFile {
 public:
  explicit MemoryFile(std::string_view bytes) : descriptor_(memfd_create("fuzz", 0)) {
    FUZZ_PROMISE(descriptor_ >= 0, "no file in memory");
    const ssize_t written = write(descriptor_, bytes.data(), bytes.size());
    FUZZ_PROMISE(written == static_cast<ssize_t>(bytes.size()), "not written");
  }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;
  ~MemoryFile() { close(descriptor_); }
  std::filesystem::path path() const { return fmt::format("/proc/self/fd/{}", descriptor_); }

 private:
  int descriptor_;
};

const Mapping& sample_mapping() {
  static const Mapping mapping = [] {
    Diagnostics diagnostics;
    const auto document = parse_yaml(kMapping, "mapping", diagnostics);
    FUZZ_PROMISE(document.has_value(), format_diagnostic(diagnostics.front()));
    auto loaded = load_mapping(*document, "mapping", diagnostics);
    FUZZ_PROMISE(loaded.has_value(), format_diagnostic(diagnostics.front()));
    return *std::move(loaded);
  }();
  return mapping;
}

std::string shown(RowPlace place) { return fmt::format("line {} at byte {}", place.line, place.offset); }
std::int64_t line_ends(std::string_view bytes) { return std::count(bytes.begin(), bytes.end(), '\n'); }

// What a source skips between rows, one line after another.
bool are_empty_lines(std::string_view bytes, std::string_view blanks) {
  while (!bytes.empty()) {
    const std::string_view line = bytes.substr(0, bytes.find('\n'));
    if (line.find_first_not_of(blanks) != std::string_view::npos) return false;
    bytes.remove_prefix(std::min(line.size() + 1, bytes.size()));
  }
  return true;
}

void check_problem(const RowProblem& problem) {
  FUZZ_PROMISE(blame_of(problem.code) == Blame::data, std::string(name_of(problem.code)));
  FUZZ_PROMISE(!problem.message.empty() && problem.message.find('\n') == std::string::npos, problem.message);
}

// Follows the rows of a file and holds each place against the file's bytes.
class PlaceCheck {
 public:
  PlaceCheck(std::string_view file, RowPlace start, std::string_view blanks)
      : file_(file), at_(start), blanks_(blanks) {}

  // `text`: of the row; none when its bytes are gone.
  void row(RowPlace place, RowPlace next, std::optional<std::string_view> text) {
    skip_to(place.offset);
    FUZZ_PROMISE(place == at_, shown(place) + ", but it is " + shown(at_));
    FUZZ_PROMISE(next.offset > place.offset && next.offset <= file_.size(), shown(next));
    const std::string_view bytes = file_.substr(place.offset, next.offset - place.offset);
    FUZZ_PROMISE(next.line == place.line + line_ends(bytes), shown(next));
    if (text) {
      FUZZ_PROMISE(bytes.starts_with(*text), std::string(*text));
      FUZZ_PROMISE(bytes.substr(text->size()).find_first_not_of("\r\n") == std::string_view::npos,
                   std::string(bytes));
    }
    at_ = next;
    ++rows_;
  }
  void end() { skip_to(file_.size()); }
  std::size_t rows() const { return rows_; }

 private:
  void skip_to(std::uint64_t offset) {
    FUZZ_PROMISE(offset >= at_.offset && offset <= file_.size(), fmt::format("byte {}", offset));
    const std::string_view skipped = file_.substr(at_.offset, offset - at_.offset);
    FUZZ_PROMISE(are_empty_lines(skipped, blanks_), "lost: " + std::string(skipped.substr(0, 200)));
    at_ = {offset, at_.line + line_ends(skipped)};
  }

  std::string_view file_;
  RowPlace at_;
  std::string_view blanks_;
  std::size_t rows_ = 0;
};

struct SeenRow {
  RowPlace place, next;
  std::string text;
  std::vector<std::string> cells;
  std::string problem;
  friend bool operator==(const SeenRow&, const SeenRow&) = default;
};

SeenRow seen(const Row& row) {
  SeenRow out{row.place, row.next, std::string(row.text), {}, row.problem ? row.problem->message : ""};
  if (!row.problem) out.cells.assign(row.cells.begin(), row.cells.end());
  return out;
}

void check_row(const Row& row, std::size_t columns) {
  if (row.problem) return check_problem(*row.problem);
  FUZZ_PROMISE(row.cells.size() == columns, fmt::format("{} cells", row.cells.size()));
  for (const std::string_view cell : row.cells)
    FUZZ_PROMISE(is_plain_text(cell), std::string(cell));
}

using Open = std::function<Result<std::unique_ptr<RowSource>>(std::optional<RowPlace>)>;

// Reads all rows, and one of them a second time from its own place.
void check_rows(std::string_view file, RowPlace start, std::string_view blanks, std::size_t columns,
                const Open& open) {
  const auto source = open(std::nullopt);
  FUZZ_PROMISE(source.has_value(), source.error().message);
  PlaceCheck places(file, start, blanks);
  const std::uint64_t chosen = hash64(file) % 8;
  std::optional<SeenRow> remembered;
  Row row;
  while (*(*source)->next(row)) {
    check_row(row, columns);
    const bool gone = row.problem && row.problem->code == ErrorCode::record_too_large;
    places.row(row.place, row.next, gone ? std::nullopt : std::optional(row.text));
    if (places.rows() <= chosen + 1) remembered = seen(row);
  }
  places.end();
  if (!remembered) return;
  const auto second = open(remembered->place);
  FUZZ_PROMISE(second.has_value(), second.error().message);
  FUZZ_PROMISE(*(*second)->next(row), "no row at " + shown(remembered->place));
  FUZZ_PROMISE(seen(row) == *remembered, row.text.empty() ? "another row" : std::string(row.text));
}

struct Header {
  std::vector<std::string> names;  // that stand there once
  RowPlace next;                   // the row after it
};

// The header as the row scanner sees it; nullopt when it cannot be one.
std::optional<Header> header_of(std::string_view file, char delimiter) {
  if (file.starts_with("\xFF\xFE") || file.starts_with("\xFE\xFF")) return std::nullopt;
  RowPlace at;
  if (file.starts_with(kByteOrderMark)) at.offset = kByteOrderMark.size();
  CsvRow row;
  do {
    const std::string_view rest = file.substr(at.offset, kRowBytesMax);
    if (rest.empty()) return std::nullopt;
    scan_csv_row(rest, delimiter, MoreInput::no, row);
    const bool whole = rest.size() < kRowBytesMax || row.length < kRowBytesMax;
    if (row.problem != CsvProblem::none || !whole || !is_plain_text(rest.substr(0, row.length)))
      return std::nullopt;
    at = {at.offset + row.length, at.line + row.lines};
  } while (row.text_length == 0);
  Header header{{}, at};
  for (std::size_t i = 0; i < std::min<std::size_t>(row.fields.size(), 8); ++i)
    if (std::count(row.fields.begin(), row.fields.end(), row.fields[i]) == 1)
      header.names.emplace_back(row.fields[i]);
  return header;
}

// Cells written as CSV are read as they were.
void check_quoting(std::string_view file, char delimiter) {
  CsvRow row;
  if (file.empty() || delimiter != ',') return;
  scan_csv_row(file.substr(0, kRowBytesMax), delimiter, MoreInput::no, row);
  if (row.problem != CsvProblem::none) return;
  std::string written;
  std::vector<std::string> fields(row.fields.begin(), row.fields.end());
  for (const std::string& field : fields)
    written += (written.empty() && &field == &fields.front() ? "" : ",") + quoted_csv_field(field);
  if (written.empty()) return;
  CsvRow again;
  scan_csv_row(written, delimiter, MoreInput::no, again);
  FUZZ_PROMISE(again.problem == CsvProblem::none, written);
  FUZZ_PROMISE(std::equal(fields.begin(), fields.end(), again.fields.begin(), again.fields.end()), written);
}

void check_csv(std::string_view file, const MemoryFile& on_disk, char delimiter) {
  const auto header = header_of(file, delimiter);
  check_quoting(file, delimiter);
  if (!header) return;
  check_rows(file, header->next, "\r", header->names.size(), [&](std::optional<RowPlace> from) {
    return open_csv(on_disk.path(), delimiter, header->names, from);
  });
}

void check_json_lines(std::string_view file, const MemoryFile& on_disk) {
  const RowPlace start{file.starts_with(kByteOrderMark) ? kByteOrderMark.size() : 0, 1};
  const std::vector<std::string> columns{"id", "data.task", "data", "a", "a.b", "a.b.c", "list"};
  check_rows(file, start, " \t\r", columns.size(),
             [&](std::optional<RowPlace> from) { return open_json_lines(on_disk.path(), columns, from); });
  check_rows(file, start, " \t\r", 1,
             [&](std::optional<RowPlace> from) { return open_lines(on_disk.path(), from); });
}

// Events as the import appends them: each decodes, and none comes from a bad row.
void check_events(std::string_view file, const MemoryFile& on_disk, const Mapping& mapping) {
  const auto reader = open_events(on_disk.path(), mapping, {}, kClock);
  if (!reader) return;  // a header without the columns
  DecodeOptions options;
  options.zone = mapping.zone;
  Decoder decoder(options);
  Event event;
  ReadRow row;
  RowPlace before;
  while (*(*reader)->next(row)) {
    FUZZ_PROMISE(row.place.offset >= before.offset && row.next.offset > row.place.offset, shown(row.place));
    FUZZ_PROMISE(row.next.offset <= file.size() && row.next.line >= row.place.line, shown(row.next));
    before = row.next;
    if (row.problem) check_problem(*row.problem);
    FUZZ_PROMISE(!row.problem || row.events.empty(), "events of a bad row");
    for (const ImportedEvent& imported : row.events) {
      RecordView record;
      record.value = imported.bytes;
      const auto decoded = decoder.decode(record, kClock, event);
      FUZZ_PROMISE(decoded.has_value(), decoded.error().message);
      FUZZ_PROMISE(event.subject == imported.key && event.type == imported.type, imported.key);
    }
    decoder.release();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view packed = fuzz::text_of(data, size);
  const bool binary = packed.size() > 12 && packed.substr(8, 4) == "SLEV";  // its bytes are no marks
  const std::string file = binary ? std::string(packed) : fuzz::unpacked(packed, kInputBytesMax);
  const MemoryFile on_disk(file);
  if (binary) {
    check_events(file, on_disk, mapping_of_events(FileFormat::flatbuffers));
  } else if (file.starts_with('{')) {
    check_json_lines(file, on_disk);
    check_events(file, on_disk, mapping_of_events(FileFormat::json_lines));
  } else {
    check_csv(file, on_disk, ',');
    check_csv(file, on_disk, ';');
    check_events(file, on_disk, sample_mapping());
  }
  return 0;
}
