#include "engine/judge/judgement.h"

#include <algorithm>

namespace slipstream {
namespace {

struct Bounds {
  Rational low, high;
};

// The bound a value has to mind: the one it is beyond, else the nearer one, the lower one at equal distance.
const Rational& nearer(const Bounds& bounds, const Rational& value) {
  return value - bounds.low <= bounds.high - value ? bounds.low : bounds.high;
}

Rational gap_of(Better better, const Bounds& expected, const Rational& value) {
  switch (better) {
    case Better::higher:
      return value - expected.low;
    case Better::lower:
      return expected.low - value;
    case Better::range:
      break;
  }
  return std::min<Rational>(value - expected.low, expected.high - value);
}

Status status_of(const Rational& gap, const ResolvedTarget& target) {
  const bool relative = target.tolerance.unit == ToleranceUnit::relative;
  const Rational unit = relative ? abs(target.target - target.baseline) : Rational(1);
  if (gap >= -target.tolerance.green * unit) return Status::green;
  if (gap >= -target.tolerance.amber * unit) return Status::amber;
  return Status::red;
}

std::optional<Rational> forecast_of(const ResolvedTarget& target, const Zone& zone, const Rational& value,
                                    Timestamp at) {
  if (target.trajectory.kind == TrajectoryKind::constant) return value;
  const Rational elapsed = elapsed_fraction(target.period, zone, at);
  if (elapsed == 0) return std::nullopt;
  return target.baseline + (value - target.baseline) / elapsed;
}

std::optional<Rational> required_rate_of(const ResolvedTarget& target, const Zone& zone,
                                         const Rational& change, Timestamp at) {
  if (at >= target.period.end) return std::nullopt;
  const Rational days_left = civil_days(std::max(at, target.period.start), target.period.end, zone);
  if (days_left <= 0) return std::nullopt;
  return change / days_left;
}

Bounds bounds_at(const KpiPlan& kpi, const ResolvedTarget& target, const Zone& zone, Timestamp at) {
  const Rational low = expected_at(target, zone, at);
  return {low, kpi.better == Better::range ? expected_high_at(target, zone, at) : low};
}

// What remains to be gained or lost until the target is met.
Rational change_needed(const KpiPlan& kpi, const ResolvedTarget& target, const Rational& value) {
  if (kpi.better != Better::range) return target.target - value;
  return std::clamp<Rational>(value, target.target, std::max(target.target, target.target_high)) - value;
}

}  // namespace

std::string_view name_of(Status status) {
  switch (status) {
    case Status::grey:
      return "grey";
    case Status::green:
      return "green";
    case Status::amber:
      return "amber";
    case Status::red:
      return "red";
  }
  return "grey";
}

Judgement judge(const KpiPlan& kpi, const ResolvedTarget* target, const Zone& zone,
                const std::optional<Rational>& value, Timestamp at) {
  Judgement judgement;
  judgement.value = value;
  if (!target) return judgement;
  const bool range = kpi.better == Better::range;
  const Bounds expected = bounds_at(kpi, *target, zone, at);
  judgement.baseline = target->baseline;
  judgement.expected = expected.low;
  judgement.target = target->target;
  if (!value) return judgement;
  if (range) {
    judgement.expected = nearer(expected, *value);
    judgement.target = nearer({target->target, target->target_high}, *value);
  }
  judgement.gap = gap_of(kpi.better, expected, *value);
  judgement.status = status_of(*judgement.gap, *target);
  if (!range && target->target != target->baseline)
    judgement.attainment = (*value - target->baseline) / (target->target - target->baseline);
  judgement.forecast = forecast_of(*target, zone, *value, at);
  judgement.required_rate = required_rate_of(*target, zone, change_needed(kpi, *target, *value), at);
  return judgement;
}

}  // namespace slipstream
