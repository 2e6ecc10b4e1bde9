// Rows of an import file, one at a time, as the cells of the columns a mapping uses: CSV and JSON Lines look
// alike from here on. A row that cannot be read is a row with a problem, never an end of the file. Belongs to
// one thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/error.h"

namespace slipstream {

inline constexpr std::size_t kRowBytesMax = std::size_t{1} << 20;

// Where a row begins.
struct RowPlace {
  std::uint64_t offset = 0;  // in bytes
  std::int64_t line = 1;
  friend bool operator==(const RowPlace&, const RowPlace&) = default;
};

// What is wrong with one row.
struct RowProblem {
  ErrorCode code = ErrorCode::malformed_record;
  std::string column;  // may be empty
  std::string message;
};

// Views live until the source reads its next row.
struct Row {
  RowPlace place;
  RowPlace next;                        // where the row after it begins
  std::string_view text;                // as it stands in the file, without its line end
  std::vector<std::string_view> cells;  // of the wanted columns, in their order; empty: absent or empty
  std::optional<RowProblem> problem;    // then `cells` mean nothing
};

class RowSource {
 public:
  virtual ~RowSource() = default;
  // False at the end of the file. Error io.
  virtual Result<bool> next(Row& row) = 0;
};

// The columns are found by their names in the first row. `from`: a row to begin with, none: the first after
// the header. Errors: unreadable_file; malformed_record for a header that is no CSV; unknown_name for columns
// it does not have; duplicate_name for wanted columns it has twice; not_supported for UTF-16.
Result<std::unique_ptr<RowSource>> open_csv(const std::filesystem::path& path, char delimiter,
                                            const std::vector<std::string>& columns,
                                            std::optional<RowPlace> from = {});

// One JSON object a line. A column is a member, "a.b" a member of a member; text comes without quotes and
// escapes, numbers as written, a list or object as its JSON text, null and an absent member as empty. Empty
// lines are no rows.
Result<std::unique_ptr<RowSource>> open_json_lines(const std::filesystem::path& path,
                                                   const std::vector<std::string>& columns,
                                                   std::optional<RowPlace> from = {});

// Lines as they are: the one cell is the line. Empty lines are no rows.
Result<std::unique_ptr<RowSource>> open_lines(const std::filesystem::path& path,
                                              std::optional<RowPlace> from = {});

}  // namespace slipstream
