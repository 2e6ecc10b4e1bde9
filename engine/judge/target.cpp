#include "engine/judge/target.h"

#include <algorithm>
#include <tuple>

namespace slipstream {
namespace {

// The answer in the making: `latest` is the target as last written, before pro-rata weighting.
struct Resolution {
  ResolvedTarget target;
  Rational latest, latest_high;
};

// Within the years 1 to 9999, so that a length never overflows.
std::int64_t length_us(const Period& period) { return period.end.us - period.start.us; }

bool is_narrower(const Period& a, const Period& b) {
  return length_us(a) != length_us(b) ? length_us(a) < length_us(b) : a.start > b.start;
}

// Those of the narrowest period, in order.
std::vector<const TargetRevision*> in_force(std::span<const TargetRevision> revisions, const Period& window,
                                            Timestamp at) {
  std::vector<const TargetRevision*> result;
  for (const TargetRevision& revision : revisions) {
    if (revision.effective_at > at || !covers(revision.period, window)) continue;
    if (!result.empty() && is_narrower(revision.period, result.front()->period)) result.clear();
    if (result.empty() || revision.period == result.front()->period) result.push_back(&revision);
  }
  std::sort(result.begin(), result.end(), [](const TargetRevision* a, const TargetRevision* b) {
    return std::tie(a->effective_at, a->recorded_at, a->event_id) <
           std::tie(b->effective_at, b->recorded_at, b->event_id);
  });
  return result;
}

Resolution defined(const TargetPlan& plan, const Period& period) {
  Resolution resolution;
  resolution.target.period = period;
  resolution.target.baseline = plan.baseline;
  resolution.target.target = plan.target;
  resolution.target.target_high = plan.target_high;
  resolution.target.trajectory = plan.trajectory;
  resolution.target.tolerance = plan.tolerance;
  resolution.latest = plan.target;
  resolution.latest_high = plan.target_high;
  return resolution;
}

Course whole_period(const ResolvedTarget& target) {
  return {target.period.start, target.baseline, target.target, target.target_high, target.trajectory};
}

// What every mode takes over from the revision.
void take(Resolution& resolution, const TargetRevision& revision) {
  ResolvedTarget& target = resolution.target;
  if (revision.baseline) target.baseline = *revision.baseline;
  if (revision.trajectory) target.trajectory = *revision.trajectory;
  if (revision.tolerance_green) target.tolerance.green = *revision.tolerance_green;
  if (revision.tolerance_amber) target.tolerance.amber = *revision.tolerance_amber;
  target.mode = revision.mode;
  target.revision = revision.event_id;
  target.revised_at = revision.effective_at;
  resolution.latest = revision.target;
  // An upper bound that was never given, or that the lower one has passed: the lower one is all there is.
  resolution.latest_high = revision.target_high.value_or(std::max(resolution.latest_high, revision.target));
}

void apply_from_start(Resolution& resolution, const TargetRevision& revision) {
  take(resolution, revision);
  resolution.target.target = resolution.latest;
  resolution.target.target_high = resolution.latest_high;
  resolution.target.courses.clear();
}

void apply_from_date(Resolution& resolution, const TargetRevision& revision, const Zone& zone) {
  ResolvedTarget& target = resolution.target;
  if (target.courses.empty()) target.courses.push_back(whole_period(target));
  const Rational reached = expected_at(target, zone, revision.effective_at);
  take(resolution, revision);
  target.target = resolution.latest;
  target.target_high = resolution.latest_high;
  target.courses.push_back(
      {revision.effective_at, reached, target.target, target.target_high, target.trajectory});
}

// target_1 x share_1 + ... + target_n x share_n, one revision at a time: the new one replaces the one before
// it for the share of the period that is left.
void apply_pro_rata(Resolution& resolution, const TargetRevision& revision, const Zone& zone) {
  ResolvedTarget& target = resolution.target;
  const Rational old = resolution.latest, old_high = resolution.latest_high;
  take(resolution, revision);
  const Rational left = 1 - elapsed_fraction(target.period, zone, revision.effective_at);
  target.target += (resolution.latest - old) * left;
  target.target_high += (resolution.latest_high - old_high) * left;
  if (target.courses.empty()) return;
  Course& course = target.courses.back();
  course.target = target.target;
  course.target_high = target.target_high;
  course.trajectory = target.trajectory;
}

void apply(Resolution& resolution, const TargetRevision& revision, const Zone& zone) {
  const Period& period = resolution.target.period;
  const bool bends = revision.mode != TargetMode::from_start && revision.effective_at > period.start;
  if (!bends) return apply_from_start(resolution, revision);
  if (revision.effective_at >= period.end) return;
  if (revision.mode == TargetMode::from_date) return apply_from_date(resolution, revision, zone);
  apply_pro_rata(resolution, revision, zone);
}

// The course in force at `t`.
Course course_at(const ResolvedTarget& target, Timestamp t) {
  if (target.courses.empty()) return whole_period(target);
  const Course* found = &target.courses.front();
  for (const Course& course : target.courses)
    if (course.from <= t) found = &course;
  return *found;
}

}  // namespace

bool covers(const Period& period, const Period& window) {
  if (window.end > period.end) return false;
  return is_representable(window.start) ? period.start <= window.start : period.start < window.end;
}

Rational expected_at(const ResolvedTarget& target, const Zone& zone, Timestamp t) {
  const Course course = course_at(target, t);
  return expected_at(course.trajectory, course.baseline, course.target, {course.from, target.period.end},
                     zone, t);
}

Rational expected_high_at(const ResolvedTarget& target, const Zone& zone, Timestamp t) {
  const Course course = course_at(target, t);
  return expected_at(target, zone, t) + (course.target_high - course.target);
}

std::optional<ResolvedTarget> resolve(const TargetPlan& plan, std::span<const TargetRevision> revisions,
                                      const Period& window, const Zone& zone, Timestamp at) {
  const std::vector<const TargetRevision*> chain = in_force(revisions, window, at);
  const Period& period = chain.empty() ? window : chain.front()->period;
  std::optional<Resolution> resolution;
  if (!plan.from_events) resolution = defined(plan, period);
  for (const TargetRevision* revision : chain) {
    if (resolution) {
      apply(*resolution, *revision, zone);
      continue;
    }
    resolution = defined(plan, period);
    apply_from_start(*resolution, *revision);
  }
  if (!resolution) return std::nullopt;
  return std::move(resolution->target);
}

std::optional<Timestamp> next_change(const TargetPlan& plan, std::span<const TargetRevision> revisions,
                                     const Period& window, Timestamp at) {
  std::optional<Timestamp> next;
  const auto consider = [&](Timestamp change) {
    if (change > at && (!next || change < *next)) next = change;
  };
  for (const TrajectoryPoint& point : plan.trajectory.points)
    consider(point.at);
  for (const TargetRevision& revision : revisions)
    if (covers(revision.period, window)) consider(revision.effective_at);
  return next;
}

}  // namespace slipstream
