#include "engine/judge/trajectory.h"

#include <algorithm>

namespace slipstream {
namespace {

constexpr std::int64_t kUsPerDay = 86'400'000'000;

// Value at `t` on the straight line, in civil time, between two points.
Rational between(const TrajectoryPoint& a, const TrajectoryPoint& b, const Zone& zone, Timestamp t) {
  return a.value + (b.value - a.value) * elapsed_fraction({a.at, b.at}, zone, t);
}

Rational on_steps(const Trajectory& trajectory, const Rational& baseline, Timestamp t) {
  Rational value = baseline;
  for (const TrajectoryPoint& point : trajectory.points) {
    if (point.at > t) break;
    value = point.value;
  }
  return value;
}

Rational on_table(const Trajectory& trajectory, const Rational& baseline, const Rational& target,
                  const Period& period, const Zone& zone, Timestamp t) {
  TrajectoryPoint before{period.start, baseline};
  for (const TrajectoryPoint& point : trajectory.points) {
    if (point.at > t) return between(before, point, zone, t);
    before = point;
  }
  if (before.at >= period.end) return before.value;
  return between(before, {period.end, target}, zone, t);
}

}  // namespace

Rational elapsed_fraction(const Period& period, const Zone& zone, Timestamp t) {
  if (t >= period.end || !is_representable(period.start)) return 1;
  if (t <= period.start) return 0;
  const std::int64_t start = zone.civil_us(period.start);
  const std::int64_t end = zone.civil_us(period.end);
  // Within the hour a clock repeats, civil time may stand before the start, or the end before the start.
  if (end <= start) return 0;
  const std::int64_t now = std::clamp(zone.civil_us(t), start, end);
  return {now - start, end - start};
}

Rational civil_days(Timestamp from, Timestamp to, const Zone& zone) {
  return {zone.civil_us(to) - zone.civil_us(from), kUsPerDay};
}

Rational expected_at(const Trajectory& trajectory, const Rational& baseline, const Rational& target,
                     const Period& period, const Zone& zone, Timestamp t) {
  const Timestamp held = std::clamp(t, period.start, std::max(period.start, period.end));
  switch (trajectory.kind) {
    case TrajectoryKind::constant:
      return target;
    case TrajectoryKind::linear:
      return baseline + (target - baseline) * elapsed_fraction(period, zone, held);
    case TrajectoryKind::stepped:
      return on_steps(trajectory, baseline, held);
    case TrajectoryKind::table:
      return on_table(trajectory, baseline, target, period, zone, held);
  }
  return target;
}

}  // namespace slipstream
