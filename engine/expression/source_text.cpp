// A look at an expression's text before the parser sees it: strings, quoted names and comments are skipped,
// brackets and operators counted.
#include <fmt/format.h>

#include <charconv>

#include "engine/base/ascii.h"
#include "engine/expression/syntax.h"
#include "engine/expression/utf8.h"

namespace slipstream {
namespace {

constexpr std::string_view kOperators = "+-*/%<>=~!@#^&|:";

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f'; }
bool is_word(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
         static_cast<signed char>(c) < 0;
}

// The end of the comment that starts at `at`; `at` when none does. Block comments nest.
std::size_t skip_comment(std::string_view text, std::size_t at) {
  if (text.substr(at, 2) == "--") return std::min(text.find('\n', at), text.size());
  if (text.substr(at, 2) != "/*") return at;
  std::size_t depth = 0;
  while (at < text.size()) {
    const std::string_view pair = text.substr(at, 2);
    if (pair == "/*") {
      ++depth;
      at += 2;
    } else if (pair == "*/") {
      at += 2;
      if (--depth == 0) return at;
    } else {
      ++at;
    }
  }
  return text.size();
}

// The end of the string or quoted name that starts at `at`.
std::size_t skip_quoted(std::string_view text, std::size_t at, bool backslashes) {
  const char quote = text[at++];
  while (at < text.size()) {
    if (backslashes && text[at] == '\\')
      at += 2;
    else if (text[at++] == quote)
      return at;
  }
  return text.size();
}

class SourceCheck {
 public:
  explicit SourceCheck(std::string_view text) : text_(text) {}

  std::optional<ExpressionError> run() {
    while (at_ < text_.size() && !error_)
      step();
    if (!error_ && depth_ > 0) complain("a '(' is not closed");
    return error_;
  }

 private:
  void complain(std::string message, std::string hint = {}, ErrorCode code = ErrorCode::syntax) {
    error_ = ExpressionError{code, at_, std::move(message), std::move(hint)};
  }

  void step() {
    const char c = text_[at_];
    if (const std::size_t end = skip_comment(text_, at_); end != at_) {
      at_ = end;
    } else if (c == '\'' || c == '"') {
      at_ = skip_quoted(text_, at_, false);
    } else if (is_word(c)) {
      step_word();
    } else {
      step_symbol(c);
    }
  }

  void step_word() {
    const std::size_t start = at_;
    while (at_ < text_.size() && is_word(text_[at_]))
      ++at_;
    const std::string_view word = text_.substr(start, at_ - start);
    const bool escapes = (word == "E" || word == "e") && at_ < text_.size() && text_[at_] == '\'';
    if (escapes) at_ = skip_quoted(text_, at_, true);
    if (word.size() == 3 || word.size() == 4) count_keyword(word);
  }

  // Keywords that nest without a bracket.
  void count_keyword(std::string_view word) {
    const std::string lower = lower_case(word);
    if (lower == "not" || lower == "case" || lower == "like") count_operator();
  }

  void step_symbol(char c) {
    if (c == '(' || c == '[') {
      if (++depth_ > kExpressionDepthMax) return complain_depth();
    } else if (c == ')' || c == ']') {
      if (depth_ == 0) return complain(fmt::format("'{}' closes nothing", c));
      --depth_;
    } else if (c == ';') {
      return complain("only one expression may stand here", "remove the ';'");
    } else if (c == '$') {
      return complain("parameters and '$' quotes are not available here", "write 'text' in single quotes",
                      ErrorCode::not_supported);
    } else if (kOperators.find(c) != std::string_view::npos) {
      count_operator();
    }
    ++at_;
  }

  void count_operator() {
    if (++operators_ > kExpressionOperatorsMax)
      complain(fmt::format("more than {} operators in one expression", kExpressionOperatorsMax),
               "split it into several", ErrorCode::invalid_value);
  }
  void complain_depth() {
    complain(fmt::format("brackets nest deeper than {} levels", kExpressionDepthMax), {},
             ErrorCode::invalid_value);
  }

  std::string_view text_;
  std::size_t at_ = 0, depth_ = 0, operators_ = 0;
  std::optional<ExpressionError> error_;
};

std::size_t first_invalid_byte(std::string_view text) {
  std::size_t good = 0;
  for (std::size_t size = 1; good < text.size(); size = 1) {
    while (size <= 4 && good + size <= text.size() && !is_utf8(text.substr(good, size)))
      ++size;
    if (size > 4 || good + size > text.size()) break;
    good += size;
  }
  return good;
}

}  // namespace

std::optional<ExpressionError> check_source(std::string_view text) {
  if (text.size() > kExpressionBytesMax)
    return ExpressionError{ErrorCode::invalid_value, kExpressionBytesMax,
                           fmt::format("the expression is longer than {} bytes", kExpressionBytesMax),
                           "split it into several"};
  if (!is_utf8(text))
    return ExpressionError{ErrorCode::syntax, first_invalid_byte(text), "the text is not valid UTF-8",
                           "save the file as UTF-8"};
  if (const std::size_t nul = text.find('\0'); nul != std::string_view::npos)
    return ExpressionError{ErrorCode::syntax, nul, "the text holds a NUL byte", "remove it"};
  if (text.find_first_not_of(" \t\r\n\f") == std::string_view::npos)
    return ExpressionError{ErrorCode::syntax, 0, "the expression is empty", ""};
  return SourceCheck(text).run();
}

std::optional<std::int64_t> integer_at(std::string_view text, std::size_t position) {
  bool negative = false;
  while (position < text.size() && !is_digit(text[position])) {
    if (const std::size_t end = skip_comment(text, position); end != position) {
      position = end;
      continue;
    }
    const char c = text[position++];
    if (c == '-')
      negative = !negative;
    else if (c != '(' && !is_space(c))
      return std::nullopt;
  }
  std::int64_t value = 0;
  const char* end = text.data() + text.size();
  if (std::from_chars(text.data() + std::min(position, text.size()), end, value).ec != std::errc{})
    return std::nullopt;
  return negative ? -value : value;
}

void put_on_one_line(std::vector<ExpressionError>& errors, std::size_t from) {
  for (std::size_t i = from; i < errors.size(); ++i) {
    errors[i].message = one_line(errors[i].message);
    errors[i].hint = one_line(errors[i].hint);
  }
}

std::size_t byte_of_character(std::string_view text, std::size_t character) {
  return character <= 1 ? 0 : bytes_of_code_points(text, static_cast<std::int64_t>(character) - 1);
}

}  // namespace slipstream
