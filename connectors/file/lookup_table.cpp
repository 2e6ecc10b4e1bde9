#include "connectors/file/lookup_table.h"

#include <fmt/format.h>

#include "connectors/file/row_source.h"

namespace slipstream {

Result<LookupTable> LookupTable::read(const std::filesystem::path& path, char delimiter,
                                      const LookupPlan& plan) {
  std::vector<std::string> columns = plan.columns;
  columns.push_back(plan.key);
  SLIPSTREAM_ASSIGN(const auto source, open_csv(path, delimiter, columns));
  const auto refused = [&](const Row& row, ErrorCode code, std::string_view what) {
    return fail(code, fmt::format("{}:{}: {}", path.string(), row.place.line, what));
  };
  LookupTable table;
  std::size_t bytes = 0;
  Row row;
  while (true) {
    SLIPSTREAM_ASSIGN(const bool found, source->next(row));
    if (!found) return table;
    if (row.problem) return refused(row, row.problem->code, row.problem->message);
    bytes += row.text.size();
    if (bytes > kLookupBytesMax)
      return refused(row, ErrorCode::record_too_large,
                     fmt::format("a lookup holds at most {} bytes", kLookupBytesMax));
    std::vector<std::string> cells(row.cells.begin(), row.cells.end() - 1);
    const std::string_view key = row.cells.back();
    if (!table.rows_.emplace(key, std::move(cells)).second)
      return refused(row, ErrorCode::duplicate_name,
                     fmt::format("a second row with the {} '{}'", plan.key, key));
  }
}

const std::vector<std::string>* LookupTable::find(std::string_view key) const {
  const auto found = rows_.find(key);
  return found == rows_.end() ? nullptr : &found->second;
}

}  // namespace slipstream
