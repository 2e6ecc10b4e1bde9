// From text to Syntax by way of libpg_query, the real PostgreSQL parser.
#include <fmt/format.h>
#include <pg_query.h>

#include <boost/json.hpp>

#include "engine/expression/syntax_converter.h"

namespace slipstream {
namespace {

namespace json = boost::json;

// A level of an expression is at most five levels of JSON (CASE, IN).
constexpr std::size_t kJsonDepthMax = kExpressionDepthMax * 5 + 100;

// Owns a parse result of libpg_query.
class Parsed {
 public:
  explicit Parsed(const std::string& statement) : result_(pg_query_parse(statement.c_str())) {}
  Parsed(const Parsed&) = delete;
  Parsed& operator=(const Parsed&) = delete;
  ~Parsed() { pg_query_free_parse_result(result_); }
  const PgQueryError* error() const { return result_.error; }
  std::string_view tree() const { return result_.parse_tree == nullptr ? "" : result_.parse_tree; }

 private:
  PgQueryParseResult result_;
};

// libpg_query's words name our closing bracket when the text ends too early.
ExpressionError parser_error(std::string_view text, const PgQueryError& error) {
  std::string message = error.message == nullptr ? "the expression cannot be parsed" : error.message;
  const std::size_t character = error.cursorpos > 0 ? static_cast<std::size_t>(error.cursorpos) : 0;
  const std::size_t shifted = character > kStatementPrefix.size() ? character - kStatementPrefix.size() : 0;
  const std::size_t position = byte_of_character(text, shifted);
  if (message == "syntax error at or near \")\"" && position >= text.size())
    return {ErrorCode::syntax, text.size(), "the expression ends too early", ""};
  if (const std::size_t suffix = message.rfind(std::string(kStatementSuffix) + "\"");
      suffix != std::string::npos)
    message.erase(suffix, kStatementSuffix.size());
  std::string hint =
      message.starts_with("syntax error") ? "a name that is an SQL word needs double quotes" : "";
  return {ErrorCode::syntax, position, std::move(message), std::move(hint)};
}

std::optional<Syntax> convert_tree(std::string_view text, std::string_view tree_text,
                                   std::vector<ExpressionError>& errors) {
  json::parse_options options;
  options.max_depth = kJsonDepthMax;
  boost::system::error_code code;
  const json::value tree =
      json::parse(json::string_view(tree_text.data(), tree_text.size()), code, {}, options);
  if (code) {
    const bool deep = code == json::error::too_deep;
    errors.push_back({deep ? ErrorCode::invalid_value : ErrorCode::syntax, 0,
                      deep ? fmt::format("the expression nests deeper than {} levels", kExpressionDepthMax)
                           : fmt::format("the expression cannot be read: {}", code.message()),
                      ""});
    return std::nullopt;
  }
  Syntax syntax;
  if (!convert_to_syntax(tree, text, syntax, errors)) return std::nullopt;
  return syntax;
}

}  // namespace

std::optional<Syntax> parse_syntax(std::string_view text, std::vector<ExpressionError>& errors) {
  if (auto error = check_source(text)) {
    errors.push_back(std::move(*error));
    return std::nullopt;
  }
  const Parsed parsed(std::string(kStatementPrefix).append(text).append(kStatementSuffix));
  if (parsed.error() != nullptr) {
    errors.push_back(parser_error(text, *parsed.error()));
    return std::nullopt;
  }
  try {
    return convert_tree(text, parsed.tree(), errors);
  } catch (const std::exception& error) {
    errors.push_back(
        {ErrorCode::syntax, 0, fmt::format("the expression cannot be read: {}", error.what()), ""});
    return std::nullopt;
  }
}

}  // namespace slipstream
