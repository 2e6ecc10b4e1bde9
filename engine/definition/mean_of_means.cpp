#include "engine/definition/mean_of_means.h"

#include <algorithm>

#include "engine/expression/syntax.h"

namespace slipstream {
namespace {

bool names_column(const Syntax& node) {
  return node.kind == SyntaxKind::column || std::any_of(node.args.begin(), node.args.end(), names_column);
}

bool is_operator(const Syntax& node, std::string_view sign) {
  return node.kind == SyntaxKind::arithmetic && node.text == sign && node.args.size() == 2;
}

// A division by something that differs from row to row, anywhere in the arithmetic of an argument.
const Syntax* find_ratio(const Syntax& node) {
  if (node.kind != SyntaxKind::arithmetic && node.kind != SyntaxKind::negation &&
      node.kind != SyntaxKind::cast)
    return nullptr;
  if (is_operator(node, "/") && names_column(node.args[1])) return &node;
  for (const Syntax& arg : node.args)
    if (const Syntax* found = find_ratio(arg)) return found;
  return nullptr;
}

bool is_average(const Syntax& node, const ViewPlan& view) {
  if (node.kind != SyntaxKind::column)
    return std::any_of(node.args.begin(), node.args.end(),
                       [&](const Syntax& arg) { return is_average(arg, view); });
  for (const MeasurePlan& measure : view.measures)
    if (measure.name == node.text)
      return measure.expression.aggregate == Aggregate::avg ||
             measure.expression.aggregate == Aggregate::ratio;
  return false;
}

void collect_terms(const Syntax& node, std::vector<const Syntax*>& terms) {
  if (!is_operator(node, "+")) {
    terms.push_back(&node);
    return;
  }
  collect_terms(node.args[0], terms);
  collect_terms(node.args[1], terms);
}

bool is_mean_of_means(const Syntax& node, const ViewPlan& view) {
  if (!is_operator(node, "/")) return false;
  const Syntax& divisor = node.args[1];
  if (divisor.kind != SyntaxKind::integer && divisor.kind != SyntaxKind::decimal) return false;
  std::vector<const Syntax*> terms;
  collect_terms(node.args[0], terms);
  const auto number = Decimal::parse(divisor.text);
  return terms.size() > 1 && number && *number == Decimal(static_cast<std::int64_t>(terms.size())) &&
         std::all_of(terms.begin(), terms.end(), [&](const Syntax* term) { return is_average(*term, view); });
}

const Syntax* find_mean_of_means(const Syntax& node, const ViewPlan& view) {
  if (is_mean_of_means(node, view)) return &node;
  for (const Syntax& arg : node.args)
    if (const Syntax* found = find_mean_of_means(arg, view)) return found;
  return nullptr;
}

// The first byte of what the node was written as: an operator's own place is its sign.
std::size_t begin_of(const Syntax& node) {
  std::size_t begin = node.position;
  for (const Syntax& arg : node.args)
    begin = std::min(begin, begin_of(arg));
  return begin;
}

}  // namespace

void check_mean_of_ratios(const Setting& at, const MeasureExpression& measure, Report& report) {
  if (measure.aggregate != Aggregate::avg) return;
  std::vector<ExpressionError> errors;
  const auto call = parse_syntax(measure.text, errors);
  if (!call || call->args.empty()) return;
  const Syntax* ratio = find_ratio(call->args[0]);
  if (ratio == nullptr) return;
  report.add(ErrorCode::invalid_value, at.node->mark_at(begin_of(*ratio)), at.path,
             "a mean of ratios: a row with a small divisor would weigh as much as one with a large divisor",
             "write ratio(numerator, denominator), which sums both and then divides");
}

void check_mean_of_means(const Setting& at, const Expression& formula, const ViewPlan& view, Report& report) {
  std::vector<ExpressionError> errors;
  const auto syntax = parse_syntax(formula.text(), errors);
  if (!syntax) return;
  const Syntax* mean = find_mean_of_means(*syntax, view);
  if (mean == nullptr) return;
  report.add(ErrorCode::invalid_value, at.node->mark_at(begin_of(*mean)), at.path,
             "a mean of means: each mean would weigh the same, however many rows it stands for",
             "measure the sums and the counts, and divide one total by the other");
}

}  // namespace slipstream
