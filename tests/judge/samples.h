// Plans, targets and instants that the tests of judging share.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "engine/base/rational.h"
#include "engine/base/time.h"
#include "engine/definition/plan.h"
#include "engine/judge/alert_record.h"
#include "engine/judge/alert_text.h"

namespace slipstream {

inline Zone zone_named(std::string_view name) { return Zone::find(name).value(); }

// "2021-01-20" (local midnight), "2021-01-20 14:30" or RFC 3339.
inline Timestamp instant(std::string_view text, const Zone& zone) {
  std::string padded(text);
  if (padded.size() == 10) padded += "T00:00:00";
  if (padded[10] == ' ') padded[10] = 'T';
  if (padded.size() == 16) padded += ":00";
  return parse_timestamp(padded, &zone).value();
}

inline const Zone kUtc;

inline Period period(std::string_view first_day, std::string_view end_day, const Zone& zone) {
  return {instant(first_day, zone), instant(end_day, zone)};
}

inline Rational ratio(std::int64_t numerator, std::int64_t denominator) {
  return Rational(Integer(numerator), Integer(denominator));
}

inline KpiPlan kpi_with(Better better, int precision = 2, std::string unit = "percent") {
  KpiPlan kpi;
  kpi.name = "on_time_rate";
  kpi.title = {"On-time rate", "Tỷ lệ đúng hạn"};
  kpi.unit = std::move(unit);
  kpi.better = better;
  kpi.precision = precision;
  return kpi;
}

inline ResolvedTarget target_of(Period period, Rational baseline, Rational target,
                                TrajectoryKind kind = TrajectoryKind::linear) {
  ResolvedTarget resolved;
  resolved.period = period;
  resolved.baseline = std::move(baseline);
  resolved.target = std::move(target);
  resolved.trajectory.kind = kind;
  resolved.tolerance = {0, 5, ToleranceUnit::absolute};
  return resolved;
}

inline AlertPlan alert_with(Duration for_duration, Duration keep_firing_for) {
  AlertPlan plan;
  plan.name = "permits_slipping";
  plan.title = {"Permits slipping", "Cấp phép chậm tiến độ"};
  plan.for_duration = for_duration;
  plan.keep_firing_for = keep_firing_for;
  plan.labels = {{"team", "permits"}};
  return plan;
}

}  // namespace slipstream
