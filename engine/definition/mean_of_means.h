// A mean of means is wrong whenever the groups differ in size: means travel as sum and count, ratios as
// numerator and denominator, and only the finished whole is divided. The engine keeps to that; these checks
// find formulas that do not.
#pragma once

#include "engine/definition/plan.h"
#include "engine/definition/report.h"

namespace slipstream {

// Reports avg() of a division by a column, "avg(numerator / denominator)": every row's ratio weighs the same,
// whatever its denominator.
void check_mean_of_ratios(const Setting& at, const MeasureExpression& measure, Report& report);

// Reports n averages of a view added up and divided by n, "(mean_a + mean_b) / 2".
void check_mean_of_means(const Setting& at, const Expression& formula, const ViewPlan& view, Report& report);

}  // namespace slipstream
