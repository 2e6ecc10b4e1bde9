// Motions of clock-dependent values.
#include "engine/expression/clock.h"

#include <algorithm>
#include <cstdlib>

namespace slipstream {
namespace {

constexpr std::int64_t kHourUs = 3'600'000'000;
constexpr std::int64_t kDayUs = 24 * kHourUs;
// Offsets of one zone have never spread over more than 26 hours; two of them enter a shift by days.
constexpr std::int64_t kDayShiftSlackUs = 3 * kDayUs;
// Four months of 28 to 31 days and leap days spread by at most five days more.
constexpr std::int64_t kMonthShiftSlackUs = kDayShiftSlackUs + 5 * kDayUs;
// How far ahead a shift by days or months is looked at for a change of offset.
constexpr std::int64_t kShiftHorizonUs = 2 * kDayUs;

std::int64_t add_slack(std::int64_t a, std::int64_t b) {
  return a == kSlackUnbounded || b == kSlackUnbounded || a > kSlackUnbounded - b ? kSlackUnbounded : a + b;
}

// Longest length of a unit that date_trunc cuts off.
std::int64_t unit_length_max(CalendarField field) {
  switch (field) {
    case CalendarField::week:
      return 9 * kDayUs;
    case CalendarField::month:
      return 33 * kDayUs;
    case CalendarField::quarter:
      return 94 * kDayUs;
    case CalendarField::year:
      return 368 * kDayUs;
    default:
      return 3 * kDayUs;
  }
}

// Microseconds for which an argument that moves with `slope` stays on its side of `boundary_us`.
Timestamp until_reached(std::int64_t distance_us, Motion motion, Timestamp now) {
  return std::min(motion.until, later(now, distance_us));
}

// For how many microseconds the shift of t + k stays linear in k; 1 at least.
std::int64_t linear_us(Timestamp t, Interval interval, int sign, int& slope, const Zone& zone) {
  std::int64_t horizon = kShiftHorizonUs;
  if (const auto change = offset_change(t, horizon, zone)) horizon = change->us - t.us;
  if (interval.months != 0) {
    const Timestamp midnight = zone.start_of_day(civil_from_days(days_since_epoch(zone.date_of(t)) + 1));
    if (midnight > t) horizon = std::min(horizon, midnight.us - t.us);
  }
  const std::int64_t start = add_interval(t, interval, sign, zone).us;
  const auto moved = [&](std::int64_t k) {
    return add_interval({t.us + k}, interval, sign, zone).us - start;
  };
  if (moved(1) == 0) slope = 0;  // inside the hour a change of offset skips
  const auto linear = [&](std::int64_t k) { return moved(k) == slope * k; };
  if (horizon <= 1) return 1;
  if (linear(horizon - 1)) return horizon;
  std::int64_t good = 0;
  std::int64_t bad = horizon - 1;
  while (bad - good > 1) {
    const std::int64_t middle = good + (bad - good) / 2;
    (linear(middle) ? good : bad) = middle;
  }
  return bad;
}

// The smallest k >= 1 with difference + slope * k >= target (rising) or <= target (falling); 0 when already
// there.
Int128 steps_to(Int128 difference, int slope, Int128 target) {
  const Int128 distance = slope > 0 ? target - difference : difference - target;
  const Int128 speed = std::abs(slope);
  return distance <= 0 ? 0 : (distance + speed - 1) / speed;
}

std::size_t side_of(Int128 difference) { return difference < 0 ? 0 : difference == 0 ? 1 : 2; }

// The instant of the first change of outcome under the near form, or Timestamp::max().
Timestamp near_change(const Outcomes& outcomes, Int128 difference, int slope, Timestamp now) {
  if (slope == 0) return Timestamp::max();
  const bool current = outcomes[side_of(difference)];
  for (const Int128 target : {Int128{0}, Int128{slope > 0 ? 1 : -1}}) {
    const Int128 steps = steps_to(difference, slope, target);
    if (steps > 0 && outcomes[side_of(difference + slope * steps)] != current) return later(now, steps);
  }
  return Timestamp::max();
}

// Until when the far form keeps the difference on its side of zero.
Timestamp far_safe(Int128 difference, Motion motion, Timestamp now) {
  if (motion.slack_us == kSlackUnbounded || difference == 0) return now;
  const int side = difference < 0 ? -1 : 1;
  const Int128 margin = (difference < 0 ? -difference : difference) - motion.slack_us;
  if (margin <= 0) return now;
  const int approach = -side * motion.far_slope;  // speed towards zero
  return approach <= 0 ? Timestamp::max() : later(now, (margin - 1) / approach);
}

}  // namespace

Timestamp later(Timestamp t, Int128 us) {
  const Int128 sum = us + t.us;
  if (sum >= INT64_MAX) return Timestamp::max();
  return {static_cast<std::int64_t>(sum < INT64_MIN ? Int128{INT64_MIN} : sum)};
}

Motion combined(Motion a, Motion b, int sign) {
  return {a.slope + sign * b.slope, std::min(a.until, b.until), a.far_slope + sign * b.far_slope,
          add_slack(a.slack_us, b.slack_us)};
}

Motion shifted(Motion motion, Timestamp t, Interval interval, int sign, Timestamp now, const Zone& zone) {
  if ((interval.months == 0 && interval.days == 0) || motion.is_constant()) return motion;
  if (motion.slope == 1) {
    int slope = 1;
    const std::int64_t steps = linear_us(t, interval, sign, slope, zone);
    motion.until = std::min(motion.until, later(now, steps));
    motion.slope = slope;
  } else if (motion.slope != 0) {
    motion.slope = 0;
    motion.until = later(now, 1);
  }
  motion.slack_us = add_slack(motion.slack_us, interval.months != 0 ? kMonthShiftSlackUs : kDayShiftSlackUs);
  return motion;
}

Motion truncated(Motion motion, CalendarField field, Timestamp t, Timestamp now, const Zone& zone) {
  if (motion.slope == 1) {
    const Timestamp change = next_change_of(field, t, zone);
    motion.until = until_reached(change.us - t.us, motion, now);
  } else if (motion.slope != 0) {
    motion.until = later(now, 1);
  }
  motion.slope = 0;
  motion.slack_us = add_slack(motion.slack_us, unit_length_max(field));
  return motion;
}

Motion extracted(Motion motion, CalendarField field, Timestamp t, Timestamp now, const Zone& zone) {
  if (motion.slope == 0) return Motion::steady_until(motion.until);
  if (motion.slope != 1 || is_continuous(field)) return Motion::steady_until(later(now, 1));
  const Timestamp change = next_change_of(field, t, zone);
  return Motion::steady_until(until_reached(change.us - t.us, motion, now));
}

Motion extracted(Motion motion, CalendarField field, Interval interval, Timestamp now) {
  if (motion.slope == 0) return Motion::steady_until(motion.until);
  if (std::abs(motion.slope) != 1 || is_continuous(field)) return Motion::steady_until(later(now, 1));
  return Motion::steady_until(until_reached(steady_us(field, interval, motion.slope), motion, now));
}

Outcomes outcomes_of(Comparison comparison) {
  switch (comparison) {
    case Comparison::equal:
      return {false, true, false};
    case Comparison::not_equal:
      return {true, false, true};
    case Comparison::less:
      return {true, false, false};
    case Comparison::less_equal:
      return {true, true, false};
    case Comparison::greater:
      return {false, false, true};
    case Comparison::greater_equal:
      return {false, true, true};
  }
  return {};
}

Timestamp next_change(const Outcomes& outcomes, Int128 difference, Motion motion, Timestamp now) {
  const Timestamp near = near_change(outcomes, difference, motion.slope, now);
  if (near < motion.until || motion.until == Timestamp::max()) return near;
  return std::max(motion.until, far_safe(difference, motion, now));
}

}  // namespace slipstream
