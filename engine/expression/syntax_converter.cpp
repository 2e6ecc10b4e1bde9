// The rules of conversion, one for each kind of node.
#include "engine/expression/syntax_converter.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace slipstream {
namespace {

using namespace parse_tree;

class Converter {
 public:
  Converter(std::string_view text, std::vector<ExpressionError>& errors) : text_(text), errors_(errors) {}

  // False when an error was reported.
  bool convert(const json::value& tree, Syntax& out) {
    const json::value* value = only_value(tree);
    return value != nullptr && expression(*value, out);
  }

 private:
  using Rule = bool (Converter::*)(const json::object&, Syntax&);

  bool refuse(std::size_t position, std::string message, std::string hint = {},
              ErrorCode code = ErrorCode::not_supported) {
    errors_.push_back({code, position, std::move(message), std::move(hint)});
    return false;
  }

  std::size_t place_of(const json::object& body, std::size_t fallback) const {
    const json::value* value = body.if_contains("location");
    const std::int64_t* location = value == nullptr ? nullptr : value->if_int64();
    if (location == nullptr || *location < static_cast<std::int64_t>(kStatementPrefix.size()))
      return fallback;
    return std::min(static_cast<std::size_t>(*location) - kStatementPrefix.size(), text_.size());
  }

  // The one target of the one plain SELECT.
  const json::value* only_value(const json::value& tree) {
    const auto fail_shape = [&] {
      refuse(0, "only one expression may stand here", {}, ErrorCode::syntax);
      return static_cast<const json::value*>(nullptr);
    };
    const json::object* root = tree.if_object();
    const json::array* statements = root == nullptr ? nullptr : array_at(*root, "stmts");
    if (statements == nullptr || statements->size() != 1) return fail_shape();
    const json::object* raw = statements->front().if_object();
    const json::object* statement = raw == nullptr ? nullptr : object_at(*raw, "stmt");
    const json::object* select = statement == nullptr ? nullptr : object_at(*statement, "SelectStmt");
    if (select == nullptr) return fail_shape();
    for (const auto& member : *select)
      if (member.key() != "targetList" && member.key() != "limitOption" && member.key() != "op")
        return fail_shape();
    const json::array* targets = array_at(*select, "targetList");
    if (targets == nullptr || targets->size() != 1) return fail_shape();
    const Node target = node_of(targets->front());
    if (target.kind != "ResTarget" || target.body == nullptr || target.body->contains("name"))
      return fail_shape();
    const json::value* value = target.body->if_contains("val");
    return value == nullptr ? fail_shape() : value;
  }

  bool expression(const json::value& value, Syntax& out) {
    const Node node = node_of(value);
    if (node.body == nullptr) return refuse(place_, "this is not an expression", {}, ErrorCode::syntax);
    out.position = place_of(*node.body, place_);
    const std::size_t outer_place = std::exchange(place_, out.position);
    if (++depth_ > kExpressionDepthMax)
      return refuse(out.position,
                    fmt::format("the expression nests deeper than {} levels", kExpressionDepthMax),
                    "split it into several", ErrorCode::invalid_value);
    const Rule rule = rule_for(node.kind);
    const bool good = rule == nullptr ? refuse_kind(node.kind, out.position) : (this->*rule)(*node.body, out);
    --depth_;
    place_ = outer_place;
    return good;
  }

  static Rule rule_for(std::string_view kind) {
    static constexpr std::array<std::pair<std::string_view, Rule>, 12> kRules = {{
        {"A_Const", &Converter::constant},
        {"ColumnRef", &Converter::column},
        {"A_Expr", &Converter::operation},
        {"BoolExpr", &Converter::logical},
        {"NullTest", &Converter::null_test},
        {"BooleanTest", &Converter::boolean_test},
        {"FuncCall", &Converter::function},
        {"TypeCast", &Converter::cast},
        {"CaseExpr", &Converter::case_of},
        {"CoalesceExpr", &Converter::coalesce},
        {"MinMaxExpr", &Converter::extreme},
        {"SQLValueFunction", &Converter::clock_keyword},
    }};
    for (const auto& [name, rule] : kRules)
      if (name == kind) return rule;
    return nullptr;
  }

  bool refuse_kind(std::string_view kind, std::size_t position) {
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 11> kNames = {{
        {"SubLink", "a subquery"},
        {"RowExpr", "a row of several values"},
        {"A_ArrayExpr", "an array"},
        {"A_Indirection", "a subscript or field selection"},
        {"ParamRef", "a parameter"},
        {"CollateClause", "COLLATE"},
        {"NamedArgExpr", "a named argument"},
        {"SetToDefault", "DEFAULT"},
        {"GroupingFunc", "GROUPING"},
        {"XmlExpr", "XML"},
        {"CurrentOfExpr", "CURRENT OF"},
    }};
    for (const auto& [name, words] : kNames)
      if (name == kind) return refuse(position, fmt::format("{} is not available in expressions", words));
    return refuse(position, fmt::format("this construct ({}) is not available in expressions", kind));
  }

  bool list(const json::array* items, std::vector<Syntax>& out) {
    bool good = true;
    if (items == nullptr) return good;
    out.reserve(out.size() + items->size());
    for (const json::value& item : *items)
      good = expression(item, out.emplace_back()) && good;
    return good;
  }
  bool argument(const json::object& body, std::string_view key, Syntax& out) {
    const json::value* value = body.if_contains(key);
    return value == nullptr || expression(*value, out.args.emplace_back());
  }

  bool constant(const json::object& body, Syntax& out) {
    const auto set = [&](SyntaxKind kind, std::string_view content) {
      out.kind = kind;
      out.text = content;
      return true;
    };
    if (flag_at(body, "isnull")) return set(SyntaxKind::null, "");
    if (const json::object* value = object_at(body, "sval"))
      return set(SyntaxKind::text, string_at(*value, "sval"));
    if (const json::object* value = object_at(body, "boolval"))
      return set(SyntaxKind::boolean, flag_at(*value, "boolval") ? "true" : "false");
    if (const json::object* value = object_at(body, "fval")) return number(string_at(*value, "fval"), out);
    if (body.contains("ival")) return small_integer(*body.at("ival").if_object(), out);
    return refuse(out.position, "bit strings are not available in expressions");
  }

  // Digits alone are an integer when they fit, as in PostgreSQL.
  bool number(std::string_view digits, Syntax& out) {
    const bool whole = digits.find_first_not_of("-0123456789") == std::string_view::npos;
    const auto value = whole ? Decimal::parse(digits) : fail(ErrorCode::syntax, "");
    out.kind = value && value->to_integer() ? SyntaxKind::integer : SyntaxKind::decimal;
    out.text = digits;
    return true;
  }

  bool small_integer(const json::object& body, Syntax& out) {
    out.kind = SyntaxKind::integer;
    if (const json::value* value = body.if_contains("ival"); value != nullptr && value->is_int64()) {
      out.text = std::to_string(value->get_int64());
      return true;
    }
    const auto written = integer_at(text_, out.position);
    if (!written) return refuse(out.position, "this number cannot be read", {}, ErrorCode::syntax);
    out.text = std::to_string(*written);
    return true;
  }

  bool column(const json::object& body, Syntax& out) {
    out.kind = SyntaxKind::column;
    out.text = dotted(array_at(body, "fields"));
    if (out.text.empty() || out.text == "*")
      return refuse(out.position, "'*' is not available in expressions");
    return true;
  }

  bool operation(const json::object& body, Syntax& out) {
    const std::string_view kind = string_at(body, "kind");
    const std::string name = dotted(array_at(body, "name"));
    if (kind == "AEXPR_OP") return operator_call(name, body, out);
    if (kind == "AEXPR_IN") return in_list(name, body, out);
    if (kind == "AEXPR_BETWEEN" || kind == "AEXPR_NOT_BETWEEN")
      return between(kind != "AEXPR_BETWEEN", body, out);
    if (kind == "AEXPR_LIKE" || kind == "AEXPR_ILIKE") return like(kind == "AEXPR_ILIKE", name, body, out);
    if (kind == "AEXPR_DISTINCT" || kind == "AEXPR_NOT_DISTINCT") {
      out.kind = SyntaxKind::distinct_from;
      out.negated = kind == "AEXPR_NOT_DISTINCT";
    } else if (kind == "AEXPR_NULLIF") {
      out.kind = SyntaxKind::nullif;
    } else {
      return refuse(out.position, fmt::format("the operator {} is not available in expressions", name));
    }
    return both_sides(body, out);
  }

  bool both_sides(const json::object& body, Syntax& out) {
    const bool left = argument(body, "lexpr", out);
    return argument(body, "rexpr", out) && left;
  }

  bool operator_call(const std::string& name, const json::object& body, Syntax& out) {
    static constexpr std::array<std::string_view, 6> kArithmetic = {"+", "-", "*", "/", "%", "||"};
    static constexpr std::array<std::string_view, 6> kComparisons = {"=", "<>", "<", "<=", ">", ">="};
    const auto among = [&](const auto& names) {
      return std::find(names.begin(), names.end(), name) != names.end();
    };
    if (!body.contains("lexpr")) return prefix_operator(name, body, out);
    out.text = name;
    if (among(kArithmetic))
      out.kind = SyntaxKind::arithmetic;
    else if (among(kComparisons))
      out.kind = SyntaxKind::comparison;
    else
      return refuse(out.position, fmt::format("the operator {} is not available in expressions", name),
                    name == "^" ? "write power(x, n)" : "");
    return both_sides(body, out);
  }

  bool prefix_operator(const std::string& name, const json::object& body, Syntax& out) {
    if (name == "-" || name == "+") {
      out.kind = SyntaxKind::negation;
      out.text = name;
      return argument(body, "rexpr", out);
    }
    return refuse(out.position, fmt::format("the operator {} is not available in expressions", name));
  }

  bool in_list(const std::string& name, const json::object& body, Syntax& out) {
    out.kind = SyntaxKind::in_list;
    out.negated = name == "<>";
    const bool left = argument(body, "lexpr", out);
    const json::object* right = object_at(body, "rexpr");
    const json::object* items = right == nullptr ? nullptr : object_at(*right, "List");
    if (items == nullptr) return refuse(out.position, "IN takes a list in brackets", {}, ErrorCode::syntax);
    return list(array_at(*items, "items"), out.args) && left;
  }

  bool between(bool negated, const json::object& body, Syntax& out) {
    out.kind = SyntaxKind::between;
    out.negated = negated;
    const bool left = argument(body, "lexpr", out);
    const json::object* right = object_at(body, "rexpr");
    const json::object* bounds = right == nullptr ? nullptr : object_at(*right, "List");
    return bounds != nullptr && list(array_at(*bounds, "items"), out.args) && left;
  }

  bool like(bool any_case, const std::string& name, const json::object& body, Syntax& out) {
    out.kind = SyntaxKind::like;
    out.negated = name.starts_with('!');
    out.text = any_case ? "ilike" : "like";
    if (!both_sides(body, out)) return false;
    Syntax& pattern = out.args.back();
    if (pattern.kind != SyntaxKind::function || pattern.text != "like_escape") return true;
    std::vector<Syntax> parts = std::move(pattern.args);
    out.args.pop_back();
    for (Syntax& part : parts)
      out.args.push_back(std::move(part));
    return true;
  }

  bool logical(const json::object& body, Syntax& out) {
    const std::string_view op = string_at(body, "boolop");
    out.kind = op == "AND_EXPR"  ? SyntaxKind::logical_and
               : op == "OR_EXPR" ? SyntaxKind::logical_or
                                 : SyntaxKind::logical_not;
    return list(array_at(body, "args"), out.args);
  }

  bool null_test(const json::object& body, Syntax& out) {
    out.kind = SyntaxKind::is_null;
    out.negated = string_at(body, "nulltesttype") == "IS_NOT_NULL";
    return argument(body, "arg", out);
  }

  bool boolean_test(const json::object& body, Syntax& out) {
    const std::string_view test = string_at(body, "booltesttype");
    out.kind = SyntaxKind::boolean_test;
    out.negated = test.starts_with("IS_NOT_");
    out.text = test.ends_with("TRUE") ? "true" : test.ends_with("FALSE") ? "false" : "unknown";
    return argument(body, "arg", out);
  }

  bool function(const json::object& body, Syntax& out) {
    out.kind = SyntaxKind::function;
    out.text = without_catalog(dotted(array_at(body, "funcname")));
    if (body.contains("over"))
      return refuse(out.position, "window functions are not available in expressions");
    if (flag_at(body, "func_variadic"))
      return refuse(out.position, "VARIADIC is not available in expressions");
    const bool good = list(array_at(body, "args"), out.args);
    return modifiers(body, out) && good;
  }

  bool modifiers(const json::object& body, Syntax& out) {
    CallModifiers call;
    call.star = flag_at(body, "agg_star");
    call.distinct = flag_at(body, "agg_distinct");
    call.within_group = flag_at(body, "agg_within_group");
    bool good = true;
    if (const json::array* order = array_at(body, "agg_order")) good = sort_keys(*order, call);
    if (const json::value* filter = body.if_contains("agg_filter"))
      good = expression(*filter, call.filter.emplace_back()) && good;
    if (call.star || call.distinct || call.within_group || !call.order.empty() || !call.filter.empty())
      out.call = std::make_shared<const CallModifiers>(std::move(call));
    return good;
  }

  bool sort_keys(const json::array& keys, CallModifiers& call) {
    bool good = true;
    for (const json::value& key : keys) {
      const Node node = node_of(key);
      const json::value* value = node.body == nullptr ? nullptr : node.body->if_contains("node");
      if (value == nullptr) return refuse(place_, "this ORDER BY cannot be read", {}, ErrorCode::syntax);
      call.descending = string_at(*node.body, "sortby_dir") == "SORTBY_DESC";
      good = expression(*value, call.order.emplace_back()) && good;
    }
    return good;
  }

  bool cast(const json::object& body, Syntax& out) {
    const json::object* type = object_at(body, "typeName");
    if (type == nullptr) return refuse(out.position, "this cast cannot be read", {}, ErrorCode::syntax);
    out.kind = SyntaxKind::cast;
    out.text = without_catalog(dotted(array_at(*type, "names")));
    out.position = place_of(body, place_of(*type, out.position));
    if (type->contains("arrayBounds"))
      return refuse(out.position, "array types are not available in expressions");
    if (type->contains("typmods"))
      return refuse(out.position,
                    fmt::format("a length or precision of {} is not available in casts", out.text),
                    out.text == "interval" ? "write interval '3 days'" : "write round(x, 2) or left(x, 3)");
    return argument(body, "arg", out);
  }

  bool case_of(const json::object& body, Syntax& out) {
    out.kind = body.contains("arg") ? SyntaxKind::case_simple : SyntaxKind::case_searched;
    bool good = argument(body, "arg", out);
    if (const json::array* branches = array_at(body, "args")) {
      for (const json::value& branch : *branches) {
        const Node node = node_of(branch);
        if (node.body == nullptr)
          return refuse(out.position, "this CASE cannot be read", {}, ErrorCode::syntax);
        good = argument(*node.body, "expr", out) && good;
        good = argument(*node.body, "result", out) && good;
      }
    }
    if (body.contains("defresult")) return argument(body, "defresult", out) && good;
    out.args.emplace_back().position = out.position;
    return good;
  }

  bool coalesce(const json::object& body, Syntax& out) {
    out.kind = SyntaxKind::coalesce;
    return list(array_at(body, "args"), out.args);
  }

  bool extreme(const json::object& body, Syntax& out) {
    out.kind = string_at(body, "op") == "IS_GREATEST" ? SyntaxKind::greatest : SyntaxKind::least;
    return list(array_at(body, "args"), out.args);
  }

  bool clock_keyword(const json::object& body, Syntax& out) {
    const std::string_view op = string_at(body, "op");
    out.kind = SyntaxKind::function;
    out.text = op == "SVFOP_CURRENT_TIMESTAMP" ? "now" : op == "SVFOP_CURRENT_DATE" ? "current_date" : "";
    if (out.text.empty())
      return refuse(out.position, "this keyword is not available in expressions",
                    "write now(), current_timestamp or current_date");
    return true;
  }

  std::string_view text_;
  std::vector<ExpressionError>& errors_;
  std::size_t place_ = 0;  // of the innermost node that has one
  std::size_t depth_ = 0;
};

}  // namespace

bool convert_to_syntax(const boost::json::value& tree, std::string_view text, Syntax& out,
                       std::vector<ExpressionError>& errors) {
  return Converter(text, errors).convert(tree, out);
}

}  // namespace slipstream
