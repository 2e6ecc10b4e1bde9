// Motions of clock-dependent values.
#include "engine/expression/clock.h"

#include <algorithm>
#include <cstdlib>

#include "engine/base/time.h"

namespace slipstream {
namespace {

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

// When something that moves `speed` microseconds each microsecond has moved by `distance_us`.
Timestamp when_moved(std::int64_t distance_us, int speed, Motion motion, Timestamp now) {
  const Int128 steps = (Int128{distance_us} + std::abs(speed) - 1) / std::abs(speed);
  return std::min(motion.until, later(now, steps));
}

// A distance, at most `most_us`, within which going from `t` in `direction` meets no change of offset; 1 at
// least.
std::int64_t same_offset_us(Timestamp t, std::int64_t most_us, int direction, const Zone& zone) {
  if (direction > 0) {
    const auto change = offset_change(t, most_us, zone);
    return change ? change->us - t.us : most_us;
  }
  const std::int64_t offset = zone.civil_us(t) - t.us;
  std::int64_t distance = most_us;
  while (distance > 1 && zone.civil_us({t.us - distance}) - (t.us - distance) != offset)
    distance /= 2;
  return std::max<std::int64_t>(distance, 1);
}

// How far `t` can go in `direction` before date_trunc or extract of it can change; 1 at least.
std::int64_t steady_distance(CalendarField field, Timestamp t, int direction, const Zone& zone) {
  if (direction > 0) return next_change_of(field, t, zone).us - t.us;
  const std::int64_t into = std::clamp<std::int64_t>(t.us - truncate_to(field, t, zone).us, 0, kDayUs);
  return into == 0 ? 1 : std::min(into, same_offset_us(t, into, direction, zone)) + 1;
}

struct LinearPiece {
  std::int64_t distance_us = 1;
  int slope = 1;  // of the shifted timestamp, per microsecond of `t`
};

// How far `t` can go in `direction` while the shift of it goes along, or, in the hour that a change of offset
// skips, stands still.
LinearPiece linear_piece(Timestamp t, Interval interval, int sign, int direction, const Zone& zone) {
  std::int64_t horizon = same_offset_us(t, kShiftHorizonUs, direction, zone);
  if (interval.months != 0) {
    const std::int64_t to_midnight = direction > 0 ? next_change_of(CalendarField::day, t, zone).us - t.us
                                                   : t.us - truncate_to(CalendarField::day, t, zone).us + 1;
    horizon = std::clamp<std::int64_t>(to_midnight, 1, horizon);
  }
  const std::int64_t start = add_interval(t, interval, sign, zone).us;
  const auto moved = [&](std::int64_t k) {
    return (add_interval({t.us + direction * k}, interval, sign, zone).us - start) * direction;
  };
  const int slope = moved(1) == 0 ? 0 : 1;
  const auto linear = [&](std::int64_t k) { return moved(k) == slope * k; };
  if (horizon == 1 || linear(horizon - 1)) return {horizon, slope};
  std::int64_t good = 0;
  std::int64_t bad = horizon - 1;
  while (bad - good > 1) {
    const std::int64_t middle = good + (bad - good) / 2;
    (linear(middle) ? good : bad) = middle;
  }
  return {bad, slope};
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
  if (motion.slope != 0) {
    const LinearPiece piece = linear_piece(t, interval, sign, motion.slope > 0 ? 1 : -1, zone);
    motion.until = when_moved(piece.distance_us, motion.slope, motion, now);
    motion.slope *= piece.slope;
  }
  motion.slack_us = add_slack(motion.slack_us, interval.months != 0 ? kMonthShiftSlackUs : kDayShiftSlackUs);
  return motion;
}

Motion truncated(Motion motion, CalendarField field, Timestamp t, Timestamp now, const Zone& zone) {
  if (motion.slope != 0)
    motion.until = when_moved(steady_distance(field, t, motion.slope, zone), motion.slope, motion, now);
  motion.slope = 0;
  motion.slack_us = add_slack(motion.slack_us, unit_length_max(field));
  return motion;
}

Motion extracted(Motion motion, CalendarField field, Timestamp t, Timestamp now, const Zone& zone) {
  if (motion.slope == 0) return Motion::steady_until(motion.until);
  const std::int64_t distance = is_continuous(field) ? 1 : steady_distance(field, t, motion.slope, zone);
  return Motion::steady_until(when_moved(distance, motion.slope, motion, now));
}

Motion extracted(Motion motion, CalendarField field, Interval interval, Timestamp now) {
  if (motion.slope == 0) return Motion::steady_until(motion.until);
  return Motion::steady_until(
      when_moved(steady_us(field, interval, motion.slope), motion.slope, motion, now));
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
