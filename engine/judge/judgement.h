// A KPI's figure held against its target at one instant: gap, status, attainment, forecast, required run
// rate.
//
// Pure and exact: every number is a fraction of integers; rounding is the printer's business.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "engine/judge/target.h"

namespace slipstream {

// Stable numbers: they are stored. grey: there is no figure or no target, so nothing can be said.
enum class Status : std::uint8_t { grey = 0, green = 1, amber = 2, red = 3 };
std::string_view name_of(Status status);  // "grey", "green", ...

// NULL (nullopt) means not known or not defined. All but the dimensionless attainment are in the KPI's unit.
struct Judgement {
  std::optional<Rational> value;
  std::optional<Rational> expected;  // Better::range: the nearer bound (the lower one without a value)
  std::optional<Rational> target;    // at the period's end; Better::range: the bound nearer to the value
  std::optional<Rational> baseline;
  std::optional<Rational> gap;            // negative: worse than expected
  std::optional<Rational> attainment;     // 0 at the baseline, 1 at the target
  std::optional<Rational> forecast;       // of the value at the period's end
  std::optional<Rational> required_rate;  // change a civil day that would end on the target; signed
  Status status = Status::grey;
  friend bool operator==(const Judgement&, const Judgement&) = default;
};

// With y the value, b the baseline, T the target, e(t) the trajectory, t = `at`, period [t0, t1):
//   gap            higher: y - e(t); lower: e(t) - y: earned value management's schedule variance, earned
//                  minus planned (ANSI/EIA-748); range [l, h]: min(y - l, h - y), negative outside
//   status         green if gap >= -green, else amber if gap >= -amber, else red; a relative tolerance is a
//                  share of |T - b|, and thus 0 when T = b
//   attainment     (y - b) / (T - b): progress from baseline to target (linear scaling, as in min-max
//                  normalisation, OECD Handbook on Constructing Composite Indicators, 2008, step 5); NULL
//                  when T = b, and for a range
//   forecast       run rate: b + (y - b) / elapsed_fraction(t), the mean growth so far continued in a
//                  straight line; NULL at fraction 0; y itself from t1 on. Under a constant trajectory the figure is a level that does not
//                  accumulate (a rate, a duration): its forecast is y.
//   required_rate  (T - y) / civil days from t to t1; range: to the nearer bound, 0 within; NULL from t1 on
// `target` null or `value` NULL: grey.
Judgement judge(const KpiPlan& kpi, const ResolvedTarget* target, const Zone& zone,
                const std::optional<Rational>& value, Timestamp at);

}  // namespace slipstream
