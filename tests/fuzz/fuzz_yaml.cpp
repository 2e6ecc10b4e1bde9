// Definitions and mappings in YAML: a plan, or at least one diagnostic that points into the file; what was
// loaded is the same when it is loaded again, and keeps its version when only the layout changes.
#include <algorithm>

#include "connectors/definition/load_file.h"
#include "connectors/definition/yaml_document.h"
#include "connectors/file/mapping.h"
#include "connectors/file/row_mapper.h"
#include "engine/decode/json_text.h"
#include "engine/definition/describe.h"
#include "tests/fuzz/fuzz_target.h"
#include "tests/fuzz/unpacked.h"

using namespace slipstream;

namespace {

constexpr std::size_t kInputBytesMax = 128 * 1024;  // every key may be wrong, and each is reported
constexpr Timestamp kClock{1'893'456'000'000'000};  // 2030-01-01T00:00:00Z
const std::string kFile = "fuzz.yaml";

// Characters of each line.
std::vector<std::ptrdiff_t> characters_of_lines(std::string_view text) {
  std::vector<std::ptrdiff_t> characters(1, 0);
  for (const char c : text) {
    if (c == '\n')
      characters.push_back(0);
    else if ((c & 0xC0) != 0x80)
      ++characters.back();
  }
  return characters;
}

void check_diagnostics(std::string_view text, const Diagnostics& diagnostics) {
  FUZZ_PROMISE(!diagnostics.empty(), "refused without a reason");
  const auto lines = characters_of_lines(text);
  for (const Diagnostic& diagnostic : diagnostics) {
    const std::string shown = format_diagnostic(diagnostic);
    FUZZ_PROMISE(
        blame_of(diagnostic.code) == Blame::configuration || blame_of(diagnostic.code) == Blame::data, shown);
    FUZZ_PROMISE(!diagnostic.message.empty() && diagnostic.file == kFile, shown);
    FUZZ_PROMISE(is_plain_text(shown) && shown.find('\n') == std::string::npos, shown);
    const Mark mark = diagnostic.mark;
    FUZZ_PROMISE(mark.line >= 1 && mark.line <= static_cast<int>(lines.size()), shown);
    FUZZ_PROMISE(mark.column >= 1 && mark.column <= lines[static_cast<std::size_t>(mark.line) - 1] + 1,
                 shown);
  }
}

void check_definitions(const std::string& text) {
  Diagnostics diagnostics;
  const auto plan = load_definition_text(text, kFile, diagnostics);
  if (plan == nullptr) return check_diagnostics(text, diagnostics);
  FUZZ_PROMISE(diagnostics.empty(), format_diagnostic(diagnostics.front()));
  const std::string description = describe(*plan);
  for (const char* layout : {"", "\n# the end\n"}) {
    const auto again = load_definition_text(text + layout, kFile, diagnostics);
    FUZZ_PROMISE(again != nullptr, format_diagnostic(diagnostics.front()));
    FUZZ_PROMISE(again->version == plan->version, again->version + " was " + plan->version);
    FUZZ_PROMISE(describe(*again) == description, describe(*again) + "\nwas\n" + description);
  }
}

// A row of the mapping's columns: its events, or a problem of blame `data`.
void check_row(const Mapping& mapping, std::string_view cell) {
  if (!mapping.lookups.empty()) return;  // their files are not here
  RowMapper mapper(mapping, {}, kClock);
  Row row;
  row.text = cell;
  row.cells.assign(mapping.columns.size(), cell);
  std::vector<ImportedEvent> events;
  const auto problem = mapper.map(row, events);
  if (!problem) return;
  FUZZ_PROMISE(events.empty(), "events and a problem");
  FUZZ_PROMISE(blame_of(problem->code) == Blame::data && !problem->message.empty(), problem->message);
}

void check_mapping(const std::string& text) {
  Diagnostics diagnostics;
  const auto document = parse_yaml(text, kFile, diagnostics);
  if (!document) return check_diagnostics(text, diagnostics);
  FUZZ_PROMISE(diagnostics.empty(), format_diagnostic(diagnostics.front()));
  const auto mapping = load_mapping(*document, kFile, diagnostics);
  if (!mapping) return check_diagnostics(text, diagnostics);
  FUZZ_PROMISE(diagnostics.empty(), format_diagnostic(diagnostics.front()));
  const auto again = load_mapping(*document, kFile, diagnostics);
  FUZZ_PROMISE(again && again->hash == mapping->hash, "loading again gives another mapping");
  for (const char* cell : {"2026-01-31", "12.5", "a/b", "", "[\"a\"]", "{", "true", "3 days"})
    check_row(*mapping, cell);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text = fuzz::unpacked(fuzz::text_of(data, size), kInputBytesMax);
  check_definitions(text);
  check_mapping(text);
  return 0;
}
