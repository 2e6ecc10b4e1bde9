// What an expression says, before names and types are known: the parser's result, the typer's input. Internal
// to the module; parsing alone knows libpg_query.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/expression/expression.h"

namespace slipstream {

// Bounds on hostile text.
inline constexpr std::size_t kExpressionBytesMax = 16 * 1024;
inline constexpr std::size_t kExpressionDepthMax = 200;
inline constexpr std::size_t kExpressionOperatorsMax = 2'000;

enum class SyntaxKind : std::uint8_t {
  null,
  boolean,     // text "true" or "false"
  integer,     // text: digits, maybe signed
  decimal,     // text: as written
  text,        // text: the content
  column,      // text: the name
  function,    // text: the name; args; call
  cast,        // text: the type's name; args[0]
  negation,    // - args[0]
  arithmetic,  // text: + - * / % ||
  comparison,  // text: = <> < <= > >=
  logical_and,
  logical_or,
  logical_not,
  is_null,        // negated: IS NOT NULL
  boolean_test,   // text: true, false, unknown; negated
  distinct_from,  // negated: IS NOT DISTINCT FROM
  between,        // args: value, low, high; negated
  in_list,        // args: value, items; negated
  like,           // args: value, pattern, maybe escape; negated; text: like or ilike
  case_simple,    // args: operand, then (value, result) pairs, then the result of ELSE
  case_searched,  // args: (condition, result) pairs, then the result of ELSE
  coalesce,
  nullif,
  greatest,
  least,
};

struct Syntax;

// What an aggregate call may carry beside its arguments.
struct CallModifiers {
  bool star = false;
  bool distinct = false;
  bool within_group = false;
  bool descending = false;
  std::vector<Syntax> order;
  std::vector<Syntax> filter;  // none or one
};

struct Syntax {
  SyntaxKind kind = SyntaxKind::null;
  bool negated = false;
  std::size_t position = 0;  // bytes from the start of the user's text
  std::string text;
  std::vector<Syntax> args;
  std::shared_ptr<const CallModifiers> call;  // functions written with any modifier
};

// Appends what is wrong and returns nullopt when the text is no single expression of the language.
std::optional<Syntax> parse_syntax(std::string_view text, std::vector<ExpressionError>& errors);

// Checks on the text alone (source_text.cpp): size, encoding, nesting, balance, one statement. They bound
// what the parser's recursion can cost.
std::optional<ExpressionError> check_source(std::string_view text);
// Messages and hints quote the text, and the parser cuts what it quotes within a character: each becomes one
// line of valid UTF-8, from the error at `from` on.
void put_on_one_line(std::vector<ExpressionError>& errors, std::size_t from);
// The integer constant written at `position`, signs and parentheses before it included: libpg_query's JSON
// leaves out the value of constants that are not positive.
std::optional<std::int64_t> integer_at(std::string_view text, std::size_t position);
// The byte where the 1-based character `character` starts.
std::size_t byte_of_character(std::string_view text, std::size_t character);

}  // namespace slipstream
