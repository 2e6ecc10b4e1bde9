#include "connectors/file/csv_row.h"

#include <algorithm>

namespace slipstream {
namespace {

constexpr char kQuote = '"';

// Reads the fields of one row. Each step returns false when the input ends too soon to know.
class RowScan {
 public:
  RowScan(std::string_view bytes, char delimiter, MoreInput more, CsvRow& row)
      : bytes_(bytes), delimiter_(delimiter), ends_(more == MoreInput::no), row_(row) {}

  bool run() {
    while (true) {
      if (!read_field()) return false;
      if (row_.problem != CsvProblem::none || at_row_end_) break;
    }
    if (row_.problem != CsvProblem::none) return recover();
    row_.length = at_;
    return true;
  }

 private:
  bool at_end() const { return at_ >= bytes_.size(); }
  bool read_field() { return !at_end() && bytes_[at_] == kQuote ? read_quoted() : read_plain(); }

  bool read_plain() {
    const std::size_t begin = at_;
    while (!at_end() && bytes_[at_] != delimiter_ && bytes_[at_] != '\n' && bytes_[at_] != kQuote)
      ++at_;
    if (at_end() && !ends_) return false;
    if (!at_end() && bytes_[at_] == kQuote) return note(CsvProblem::quote_inside_field);
    std::size_t end = at_;
    if (!at_end() && bytes_[at_] == '\n' && end > begin && bytes_[end - 1] == '\r') --end;
    row_.fields.push_back(bytes_.substr(begin, end - begin));
    return end_field(end);
  }

  bool read_quoted() {
    const std::size_t begin = ++at_;
    bool doubled = false;
    while (true) {
      at_ = std::min(bytes_.find(kQuote, at_), bytes_.size());
      if (at_end()) return ends_ ? note(CsvProblem::unterminated_quote) : false;
      if (at_ + 1 == bytes_.size() && !ends_)
        return false;  // the next byte tells whether the quote is doubled
      if (at_ + 1 == bytes_.size() || bytes_[at_ + 1] != kQuote) break;
      doubled = true;
      at_ += 2;
    }
    const std::string_view inside = bytes_.substr(begin, at_ - begin);
    row_.fields.push_back(doubled ? undouble(inside) : inside);
    ++at_;
    return after_quoted();
  }

  bool after_quoted() {
    const std::size_t end = at_;
    if (!at_end() && bytes_[at_] == '\r') {
      if (at_ + 1 == bytes_.size() && !ends_) return false;
      ++at_;
      if (!at_end() && bytes_[at_] != '\n') return note(CsvProblem::text_after_quote);
    }
    if (at_end()) return ends_ ? end_field(end) : false;
    if (bytes_[at_] != delimiter_ && bytes_[at_] != '\n') return note(CsvProblem::text_after_quote);
    return end_field(end);
  }

  std::string_view undouble(std::string_view inside) {
    std::string& text = row_.unquoted.emplace_back();
    text.reserve(inside.size());
    for (std::size_t i = 0; i < inside.size(); ++i) {
      text.push_back(inside[i]);
      if (inside[i] == kQuote) ++i;
    }
    return text;
  }

  // At a delimiter, a line end or the end of the input.
  bool end_field(std::size_t text_end) {
    at_row_end_ = at_end() || bytes_[at_] == '\n';
    if (at_row_end_) row_.text_length = text_end;
    if (!at_end()) ++at_;
    return true;
  }

  bool note(CsvProblem problem) {
    row_.problem = problem;
    row_.problem_field =
        problem == CsvProblem::text_after_quote ? row_.fields.size() - 1 : row_.fields.size();
    return true;
  }

  // The row ends with the line: with the line of the problem, but with the row's first line when a quote
  // never closes, since the lines after it are more likely rows of their own than text of this one.
  bool recover() {
    const std::size_t from =
        row_.problem == CsvProblem::unterminated_quote ? 0 : std::min(at_, bytes_.size());
    const std::size_t line_end = bytes_.find('\n', from);
    if (line_end == std::string_view::npos && !ends_) return false;
    row_.fields.clear();
    row_.text_length = std::min(line_end, bytes_.size());
    row_.length = line_end == std::string_view::npos ? bytes_.size() : line_end + 1;
    if (row_.text_length > 0 && bytes_[row_.text_length - 1] == '\r') --row_.text_length;
    return true;
  }

  const std::string_view bytes_;
  const char delimiter_;
  const bool ends_;
  CsvRow& row_;
  std::size_t at_ = 0;
  bool at_row_end_ = false;
};

}  // namespace

std::string_view reason_of(CsvProblem problem) {
  switch (problem) {
    case CsvProblem::none:
      return "";
    case CsvProblem::quote_inside_field:
      return "a quote inside a field; put the whole field in quotes and double it";
    case CsvProblem::text_after_quote:
      return "text after a closing quote; double a quote that belongs to the text";
    case CsvProblem::unterminated_quote:
      return "a quote that is never closed";
    case CsvProblem::no_line_end:
      return "the row is longer than a row may be";
  }
  return "";
}

bool scan_csv_row(std::string_view bytes, char delimiter, MoreInput more, CsvRow& row) {
  row.fields.clear();
  row.unquoted.clear();
  row.length = row.text_length = row.problem_field = 0;
  row.problem = CsvProblem::none;
  if (!RowScan(bytes, delimiter, more, row).run()) return false;
  row.lines = std::count(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(row.length), '\n');
  return true;
}

bool is_csv_delimiter(char c) {
  const auto byte = static_cast<unsigned char>(c);
  const bool word = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  return (byte >= 0x20 || c == '\t') && byte < 0x7f && c != kQuote && !word;
}

std::string quoted_csv_field(std::string_view text) {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) return std::string(text);
  std::string field(1, kQuote);
  for (const char c : text) {
    if (c == kQuote) field.push_back(kQuote);
    field.push_back(c);
  }
  field.push_back(kQuote);
  return field;
}

}  // namespace slipstream
