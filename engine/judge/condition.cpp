#include "engine/judge/condition.h"

#include <algorithm>
#include <vector>

namespace slipstream {
namespace {

constexpr std::string_view kGreyLiteral = "'grey'";

// Places in alert_scope(): those of the judgement stand first.
constexpr std::uint16_t kValue = 1, kJudgementColumns = 8;

KpiValue decimal_or_null(const std::optional<Rational>& number) {
  return number ? KpiValue::decimal(*number) : KpiValue::null();
}

// In the order of alert_scope().
std::vector<KpiValue> row_of(const KpiValue& status, const Judgement& judgement,
                             std::span<const KpiValue> measures, const Period& window,
                             std::string_view node) {
  std::vector<KpiValue> row{status,
                            decimal_or_null(judgement.value),
                            decimal_or_null(judgement.expected),
                            decimal_or_null(judgement.target),
                            decimal_or_null(judgement.baseline),
                            decimal_or_null(judgement.gap),
                            decimal_or_null(judgement.attainment),
                            decimal_or_null(judgement.forecast)};
  row.insert(row.end(), measures.begin(), measures.end());
  row.push_back(KpiValue::timestamp(window.start));
  row.push_back(KpiValue::timestamp(window.end));
  row.push_back(KpiValue::text(node));
  return row;
}

// Does the condition ask for something that a grey status leaves open?
bool rests_on_judgement(const Expression& when, const Judgement& judgement) {
  const std::vector<std::uint16_t> columns = when.columns_used();
  return std::any_of(columns.begin(), columns.end(), [&](std::uint16_t column) {
    return column == kValue ? !judgement.value : column < kJudgementColumns;
  });
}

}  // namespace

Condition evaluate_condition(const AlertPlan& plan, const ViewPlan& view, const Judgement& judgement,
                             std::span<const KpiValue> measures, const Period& window, std::string_view node,
                             EvaluationContext& context) {
  SLIPSTREAM_INVARIANT(measures.size() == view.measures.size(),
                       view.name + ": " + std::to_string(measures.size()) + " figures for " +
                           std::to_string(view.measures.size()) + " measures");
  const bool grey = judgement.status == Status::grey;
  const bool names_grey = plan.when.text().find(kGreyLiteral) != std::string::npos;
  const KpiValue status = grey && !names_grey ? KpiValue::null() : KpiValue::text(name_of(judgement.status));
  const std::vector<KpiValue> row = row_of(status, judgement, measures, window, node);
  const KpiValue result = evaluate(plan.when, row, context);
  if (result.is_null()) return Condition::unknown;
  if (result.as_boolean()) return Condition::holds;
  return grey && rests_on_judgement(plan.when, judgement) ? Condition::unknown : Condition::clear;
}

}  // namespace slipstream
