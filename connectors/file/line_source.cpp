// Lines of a file as rows; the base of JSON Lines.
#include "connectors/file/line_source.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/decode/json_text.h"

namespace slipstream {
Result<LineSource> LineSource::open(const std::filesystem::path& path, std::optional<RowPlace> from) {
  const RowPlace place = from.value_or(RowPlace{});
  SLIPSTREAM_ASSIGN(FileWindow window, FileWindow::open(path, place.offset));
  LineSource source(std::move(window), place);
  if (place.offset == 0) {
    SLIPSTREAM_TRY(source.window_.extend());
    if (source.window_.bytes().starts_with(kByteOrderMark)) source.take(kByteOrderMark.size());
  }
  return source;
}

void LineSource::take(std::size_t count) {
  window_.consume(count);
  place_.offset += count;
}

// The length of the next line with its end, at most kRowBytesMax + 1 of it; 0 at the end of the file.
Result<std::size_t> LineSource::find_line() {
  while (true) {
    const std::string_view bytes = window_.bytes();
    const std::size_t line_end = bytes.find('\n');
    if (line_end != std::string_view::npos) return std::min(line_end + 1, kRowBytesMax + 1);
    if (window_.holds_the_end() || bytes.size() > kRowBytesMax)
      return std::min(bytes.size(), kRowBytesMax + 1);
    SLIPSTREAM_TRY(window_.extend());
  }
}

Result<bool> LineSource::next(Row& row) {
  take(std::exchange(taken_, 0));
  while (true) {
    SLIPSTREAM_ASSIGN(const std::size_t length, find_line());
    if (length == 0) return false;
    row.place = place_;
    row.problem.reset();
    if (length > kRowBytesMax) {
      row.text = {};
      row.problem =
          RowProblem{ErrorCode::record_too_large, "", fmt::format("longer than {} bytes", kRowBytesMax)};
      SLIPSTREAM_TRY(skip_line());
      row.next = place_;
      return true;
    }
    row.text = window_.bytes().substr(0, length);
    const bool ended = row.text.ends_with('\n');
    while (row.text.ends_with('\n') || row.text.ends_with('\r'))
      row.text.remove_suffix(1);
    if (ended) ++place_.line;
    if (row.text.find_first_not_of(" \t") != std::string_view::npos) {
      taken_ = length;
      break;
    }
    take(length);
  }
  row.next = {place_.offset + taken_, place_.line};
  if (!is_plain_text(row.text))
    row.problem = RowProblem{ErrorCode::invalid_utf8, "",
                             "not UTF-8 without NUL characters; convert the file, for example with iconv"};
  row.cells.assign(1, row.text);
  return true;
}

Result<> LineSource::skip_line() {
  while (true) {
    const std::string_view bytes = window_.bytes();
    const std::size_t line_end = bytes.find('\n');
    take(line_end == std::string_view::npos ? bytes.size() : line_end + 1);
    if (line_end != std::string_view::npos) ++place_.line;
    if (line_end != std::string_view::npos || window_.holds_the_end()) return {};
    SLIPSTREAM_TRY(window_.extend());
  }
}

Result<std::unique_ptr<RowSource>> open_lines(const std::filesystem::path& path,
                                              std::optional<RowPlace> from) {
  SLIPSTREAM_ASSIGN(LineSource source, LineSource::open(path, from));
  return std::unique_ptr<RowSource>(std::make_unique<LineSource>(std::move(source)));
}

}  // namespace slipstream
