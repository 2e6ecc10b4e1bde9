// Events of a file, row by row, whatever the format: what an import appends to the log, and the rows it
// cannot take. Belongs to one thread.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "connectors/file/mapping.h"
#include "connectors/file/row_mapper.h"
#include "connectors/file/row_source.h"

namespace slipstream {

// A row and what it becomes. `text` lives until the reader reads its next row. In a FlatBuffers file a row is
// one size-prefixed event, a line its number from 1, and `text` is empty.
struct ReadRow {
  RowPlace place;
  RowPlace next;
  std::string_view text;
  std::vector<ImportedEvent> events;  // empty also for a row that no `when` wants
  std::optional<RowProblem> problem;  // then there are no events
};

class EventReader {
 public:
  virtual ~EventReader() = default;
  // False at the end of the file. Error io.
  virtual Result<bool> next(ReadRow& row) = 0;
};

// Lookup files of a mapping, read once for all files of an import.
struct Lookups {
  std::vector<LookupTable> tables;  // in the mapping's order
  Hash128 hash;                     // of the files' contents
};
// Each file is looked for beside the imported file first, then in `mapping_folder`.
Result<Lookups> read_lookups(const Mapping& mapping, const std::filesystem::path& imported,
                             const std::filesystem::path& mapping_folder);

// `mapping` outlives the reader. `clock`: how far the future goes for the events' times. Errors: those of
// opening a row source (row_source.h).
Result<std::unique_ptr<EventReader>> open_events(const std::filesystem::path& path, const Mapping& mapping,
                                                 std::vector<LookupTable> lookups, Timestamp clock,
                                                 std::optional<RowPlace> from = {});

// The files that the arguments name: a file itself, a directory's regular files, or what a pattern with * and
// ? in its last part matches; hidden files only when named. Sorted by name, each once. Error unreadable_file
// for a name that stands for no file.
Result<std::vector<std::filesystem::path>> input_files(const std::vector<std::string>& names);

}  // namespace slipstream
