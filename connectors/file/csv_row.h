// One row of CSV as RFC 4180 has it: fields between delimiters, quotes around what contains a delimiter, a
// quote or a line end, a quote within quotes doubled, rows ended by LF or CR LF.
//
// Total: any bytes give a row or a problem, and always progress. After a problem reading goes on at the next
// line, so that one stray quote costs one row and not the rest of the file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace slipstream {

enum class CsvProblem : std::uint8_t {
  none,
  quote_inside_field,  // a"b
  text_after_quote,    // "a"b
  unterminated_quote,  // no closing quote before the end of the input or of what one row may take
  no_line_end,         // the row is longer than one row may be
};
std::string_view reason_of(CsvProblem problem);  // for people, with what to do

struct CsvRow {
  std::vector<std::string_view> fields;  // views of the input, or of `unquoted`
  std::deque<std::string> unquoted;      // fields that had doubled quotes
  std::size_t length = 0;                // bytes taken, line end included
  std::size_t text_length = 0;           // without the line end
  std::int64_t lines = 0;                // line ends within `length`
  CsvProblem problem = CsvProblem::none;
  std::size_t problem_field = 0;  // from 0
};

enum class MoreInput : bool {
  no,  // the bytes are all there is, or all that one row may have
  may_follow,
};

// Reads the row that `bytes` begin with. False when the row's end is not among them and more input may
// follow; with MoreInput::no always true. `bytes` is not empty.
bool scan_csv_row(std::string_view bytes, char delimiter, MoreInput more, CsvRow& row);

// What a delimiter may be: a byte of ASCII that is no quote, letter, digit or line end.
bool is_csv_delimiter(char c);

// `text` as one CSV field, quoted where it must be.
std::string quoted_csv_field(std::string_view text);

}  // namespace slipstream
