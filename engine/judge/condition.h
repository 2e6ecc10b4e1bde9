// Evaluates a rule's `when` over a judgement and the measures behind it.
#pragma once

#include <span>
#include <string_view>

#include "engine/definition/plan.h"
#include "engine/expression/expression.h"
#include "engine/judge/alert.h"
#include "engine/judge/judgement.h"

namespace slipstream {

// `measures`: the view's, finished, in its order; `node`: path, outlives the call.
//
// NULL is unknown. Grey is unknown too, in SQL's own logic: `status` reads as NULL while it is grey, so that
// "status = 'red' or overdue > 5" still holds by its second half. A rule that names 'grey' itself ("status =
// 'grey'": a missing report) reads the word, and then starts an alert. Grey never ends one: where it makes
// the condition false, as in "status = 'red' and overdue > 5", that is unknown too, unless the condition uses
// nothing of the judgement ("overdue > 5" alone is clear), or of it but the value while there is one.
Condition evaluate_condition(const AlertPlan& plan, const ViewPlan& view, const Judgement& judgement,
                             std::span<const KpiValue> measures, const Period& window, std::string_view node,
                             EvaluationContext& context);

}  // namespace slipstream
