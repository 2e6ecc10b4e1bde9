// Where a figure is expected to stand at an instant between a target's baseline and the target itself.
//
// Pure and exact: fractions of a period are ratios of microseconds of *local civil time*, so that every local
// day weighs the same, the 23-hour and 25-hour days of a DST change included. In the hour a clock repeats,
// civil time, and with it the expected value, passes twice.
#pragma once

#include "engine/base/rational.h"
#include "engine/base/time.h"
#include "engine/definition/plan.h"

namespace slipstream {

// [start, end): a window, or the one period of a target. A cumulative window has no beginning: start is
// Timestamp::min().
struct Period {
  Timestamp start;
  Timestamp end;
  friend constexpr auto operator<=>(const Period&, const Period&) = default;
};

// Share of the period that has passed at `t`, 0 to 1: 0 before it, 1 from its end on (an empty period too).
// A period without a beginning has passed at any instant: 1.
Rational elapsed_fraction(const Period& period, const Zone& zone, Timestamp t);

// Local civil days from `from` to `to`; a DST day counts as one.
Rational civil_days(Timestamp from, Timestamp to, const Zone& zone);

// Expected value at `t`, which is held within the period. A table is completed by (start, baseline) when its
// first point comes later, and by (end, target) when its last one comes earlier. A stepped trajectory stays
// at its last point: a step to the target is a point as well.
Rational expected_at(const Trajectory& trajectory, const Rational& baseline, const Rational& target,
                     const Period& period, const Zone& zone, Timestamp t);

}  // namespace slipstream
