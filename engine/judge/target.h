// Which target is in force for a node and window, from the definition and the target.set and target.revised
// events.
//
// Pure: the answer depends on the set of revisions, not on the order they came in (they are ordered by
// effective_at, recorded_at and event id).
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/definition/plan.h"
#include "engine/judge/trajectory.h"

namespace slipstream {

// One target.set or target.revised event of this target's KPI and node. It revises the target of its period,
// and no other's; what it does not give stays as it was there.
struct TargetRevision {
  Period period;
  std::optional<Rational> baseline;
  Rational target;                      // Better::range: the lower bound
  std::optional<Rational> target_high;  // Better::range: the upper bound
  std::optional<Trajectory> trajectory;
  // Tolerance::green and ::amber, each the status up to its bound; events name them by what is beyond it,
  // tolerance_amber and tolerance_red.
  std::optional<Rational> tolerance_green, tolerance_amber;
  TargetMode mode = TargetMode::from_start;
  Timestamp effective_at;
  Timestamp recorded_at;
  std::string event_id;
};

// What was expected from an instant until the next course, or until the period's end: one leg of a bent
// trajectory.
struct Course {
  Timestamp from;
  Rational baseline;
  Rational target;
  Rational target_high;
  Trajectory trajectory;
};

struct ResolvedTarget {
  Period period;  // what the trajectory runs over: of the events the target comes from, else the window
  Rational baseline = 0;
  Rational target = 0;       // Better::range: the lower bound
  Rational target_high = 0;  // Better::range: the upper bound
  Trajectory trajectory;
  Tolerance tolerance;
  TargetMode mode = TargetMode::from_start;  // of the newest revision
  std::string revision;                 // event id of the newest revision; empty: the definition's own values
  std::optional<Timestamp> revised_at;  // its effective_at
  // Ascending, the first at the period's start. Empty: the fields above describe the whole period.
  std::vector<Course> courses;
};

// Expected value at `t`; Better::range: of the lower bound. A course runs from its start to the period's end.
Rational expected_at(const ResolvedTarget& target, const Zone& zone, Timestamp t);
// Better::range: the upper bound keeps its distance from the lower one, which alone follows the trajectory.
Rational expected_high_at(const ResolvedTarget& target, const Zone& zone, Timestamp t);

// Does a target of `period` judge figures of `window`? When the window lies in it, as a month and a year to
// date lie in their year. A cumulative window has no beginning: it belongs to the period that its end is in.
bool covers(const Period& period, const Period& window);

// The target in force for the window at `at`: revisions take effect at their effective_at. Of the periods
// with a revision in force that cover the window the narrowest counts (of equal ones the latest), and all
// revisions of that one; trajectory and modes run over it. nullopt when the target comes from events and none
// is in force yet.
//
// Modes, with r = effective_at within that period [t0, t1):
// - from_start: as if it had always been so.
// - from_date: what was expected before r stays; from r on the trajectory runs from the value then expected
//   to the new target (a constant one steps). At or before t0 it is from_start; at or after t1 it changes
//   nothing.
// - pro_rata: target = sum of target_i x share_i, share_i the civil-time share of the period in which i was
//   in force.
// The first revision of a target that comes from events sets it for the whole period, whatever its mode.
std::optional<ResolvedTarget> resolve(const TargetPlan& plan, std::span<const TargetRevision> revisions,
                                      const Period& window, const Zone& zone, Timestamp at);

// The first instant after `at` from which the window's target is another, or its trajectory bends, by time
// alone: a revision that is known already takes effect, or a point of the definition's trajectory is reached.
std::optional<Timestamp> next_change(const TargetPlan& plan, std::span<const TargetRevision> revisions,
                                     const Period& window, Timestamp at);

}  // namespace slipstream
