// CSV files as rows: the header, the byte order mark, UTF-8, and rows that are too long.
#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "connectors/file/csv_row.h"
#include "connectors/file/file_window.h"
#include "connectors/file/row_source.h"
#include "engine/decode/json_text.h"
#include "engine/definition/suggestion.h"

namespace slipstream {
namespace {

class CsvSource final : public RowSource {
 public:
  CsvSource(FileWindow window, char delimiter, RowPlace place)
      : window_(std::move(window)), delimiter_(delimiter), place_(place) {}

  Result<> read_header(const std::filesystem::path& path, const std::vector<std::string>& columns);
  void go_on_from(FileWindow window, RowPlace place) {
    window_ = std::move(window);
    place_ = place;
    taken_ = 0;
  }
  Result<bool> next(Row& row) override;

 private:
  Result<bool> scan();
  Result<> skip_line();
  void take_cells(Row& row) const;
  std::optional<RowProblem> problem_of_scan() const;

  FileWindow window_;
  char delimiter_;
  RowPlace place_;         // of the next row
  std::size_t taken_ = 0;  // bytes of the last row, still in the window for its views
  std::vector<std::string> header_;
  std::vector<std::size_t> positions_;  // of the wanted columns in the header
  CsvRow csv_;
};

// Reads the next row that is not an empty line into csv_; false at the end of the file.
Result<bool> CsvSource::scan() {
  window_.consume(taken_);
  taken_ = 0;
  while (true) {
    const std::string_view bytes = window_.bytes();
    const bool all = window_.holds_the_end();
    if (bytes.empty() && all) return false;
    const bool longest = bytes.size() >= kRowBytesMax;
    const auto row_bytes = bytes.substr(0, kRowBytesMax);
    const MoreInput more = longest || all ? MoreInput::no : MoreInput::may_follow;
    if (bytes.empty() || !scan_csv_row(row_bytes, delimiter_, more, csv_)) {
      SLIPSTREAM_TRY(window_.extend());
      continue;
    }
    if (csv_.lines == 0 && longest) csv_.problem = CsvProblem::no_line_end;
    const bool empty_line = csv_.problem == CsvProblem::none && csv_.text_length == 0;
    if (!empty_line) return true;
    window_.consume(csv_.length);
    place_ = {place_.offset + csv_.length, place_.line + csv_.lines};
  }
}

Result<bool> CsvSource::next(Row& row) {
  SLIPSTREAM_ASSIGN(const bool found, scan());
  if (!found) return false;
  row.place = place_;
  row.text = window_.bytes().substr(0, csv_.text_length);
  row.problem = problem_of_scan();
  if (!row.problem) take_cells(row);
  place_ = {place_.offset + csv_.length, place_.line + csv_.lines};
  taken_ = csv_.length;
  if (csv_.problem == CsvProblem::no_line_end) {
    row.text = {};  // the bytes go while the line's end is looked for
    SLIPSTREAM_TRY(skip_line());
  }
  row.next = place_;
  return true;
}

// Drops the rest of a line that is too long.
Result<> CsvSource::skip_line() {
  window_.consume(taken_);
  taken_ = 0;
  while (true) {
    const std::string_view bytes = window_.bytes();
    const std::size_t line_end = bytes.find('\n');
    const std::size_t count = line_end == std::string_view::npos ? bytes.size() : line_end + 1;
    window_.consume(count);
    place_.offset += count;
    if (line_end != std::string_view::npos) ++place_.line;
    if (line_end != std::string_view::npos || window_.holds_the_end()) return {};
    SLIPSTREAM_TRY(window_.extend());
  }
}

std::optional<RowProblem> CsvSource::problem_of_scan() const {
  if (csv_.problem == CsvProblem::no_line_end)
    return RowProblem{
        ErrorCode::record_too_large, "",
        fmt::format("longer than {} bytes; is the delimiter or a line end missing?", kRowBytesMax)};
  if (csv_.problem != CsvProblem::none) {
    const bool named = csv_.problem_field < header_.size();
    return RowProblem{ErrorCode::malformed_record, named ? header_[csv_.problem_field] : "",
                      std::string(reason_of(csv_.problem))};
  }
  if (csv_.fields.size() != header_.size())
    return RowProblem{
        ErrorCode::malformed_record, "",
        fmt::format("{} fields, but the header has {}; put a field that contains '{}' in quotes",
                    csv_.fields.size(), header_.size(), delimiter_)};
  if (!is_plain_text(window_.bytes().substr(0, csv_.text_length)))
    return RowProblem{ErrorCode::invalid_utf8, "",
                      "not UTF-8 without NUL characters; convert the file, for example with iconv"};
  return std::nullopt;
}

void CsvSource::take_cells(Row& row) const {
  row.cells.clear();
  for (const std::size_t position : positions_)
    row.cells.push_back(csv_.fields[position]);
}

// Finds the wanted columns; an error names all that are missing.
Result<> CsvSource::read_header(const std::filesystem::path& path, const std::vector<std::string>& columns) {
  const auto refused = [&](ErrorCode code, const std::string& what) {
    return fail(code, fmt::format("{}:1: {}", path.string(), what));
  };
  SLIPSTREAM_TRY(window_.extend());
  const std::string_view start = window_.bytes().substr(0, 2);
  if (start == "\xFF\xFE" || start == "\xFE\xFF")
    return refused(ErrorCode::not_supported, "the file is UTF-16; save it as UTF-8");
  if (window_.bytes().starts_with(kByteOrderMark)) {
    window_.consume(kByteOrderMark.size());
    place_.offset += kByteOrderMark.size();
  }
  SLIPSTREAM_ASSIGN(const bool found, scan());
  if (!found)
    return refused(ErrorCode::malformed_record, "the file is empty; its first row must name the columns");
  header_.assign(csv_.fields.begin(), csv_.fields.end());
  if (const auto problem = problem_of_scan()) return refused(problem->code, "header: " + problem->message);
  std::string missing;
  for (const std::string& column : columns) {
    const auto at = std::find(header_.begin(), header_.end(), column);
    if (at == header_.end()) {
      const std::string hint = suggest(column, header_);
      missing +=
          fmt::format("{}'{}'{}", missing.empty() ? "" : ", ", column, hint.empty() ? "" : " (" + hint + ")");
    } else if (std::find(at + 1, header_.end(), column) != header_.end()) {
      return refused(ErrorCode::duplicate_name, fmt::format("column '{}' stands there twice", column));
    }
    positions_.push_back(static_cast<std::size_t>(at - header_.begin()));
  }
  if (!missing.empty())
    return refused(ErrorCode::unknown_name,
                   fmt::format("no column {}; there are: {}", missing, listed(header_)));
  place_ = {place_.offset + csv_.length, place_.line + csv_.lines};
  taken_ = csv_.length;
  return {};
}

}  // namespace

Result<std::unique_ptr<RowSource>> open_csv(const std::filesystem::path& path, char delimiter,
                                            const std::vector<std::string>& columns,
                                            std::optional<RowPlace> from) {
  SLIPSTREAM_ASSIGN(FileWindow window, FileWindow::open(path));
  auto source = std::make_unique<CsvSource>(std::move(window), delimiter, RowPlace{});
  SLIPSTREAM_TRY(source->read_header(path, columns));
  if (from) {
    SLIPSTREAM_ASSIGN(FileWindow rest, FileWindow::open(path, from->offset));
    source->go_on_from(std::move(rest), *from);
  }
  return std::unique_ptr<RowSource>(std::move(source));
}

}  // namespace slipstream
