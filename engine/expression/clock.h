// How clock-dependent values move, and when a comparison of them changes.
//
// A Motion describes a value v as a function of the time x >= now. Near: v(x) = v(now) + slope * (x - now)
// for x < until. Far: |v(x) - (v(now) + far_slope * (x - now))| <= slack_us for every x. The near form gives
// the exact instant of a change; the far form says until when a distant one can be left alone, so that "due
// next year" costs a few evaluations and not one a day.
#pragma once

#include <array>

#include "engine/expression/calendar.h"
#include "engine/expression/expression_node.h"

namespace slipstream {

inline constexpr std::int64_t kSlackUnbounded = INT64_MAX;

struct Motion {
  int slope = 0;
  Timestamp until = Timestamp::max();
  int far_slope = 0;
  std::int64_t slack_us = 0;

  bool is_constant() const { return slope == 0 && until == Timestamp::max(); }
  static Motion of_clock() { return {1, Timestamp::max(), 1, 0}; }
  // Constant until an instant, unknown after.
  static Motion steady_until(Timestamp until) {
    return {0, until, 0, until == Timestamp::max() ? 0 : kSlackUnbounded};
  }
};

// Motion of a + sign * b.
Motion combined(Motion a, Motion b, int sign);
// `t`'s motion passed through add_interval.
Motion shifted(Motion motion, Timestamp t, Interval interval, int sign, Timestamp now, const Zone& zone);
// `t`'s motion passed through date_trunc.
Motion truncated(Motion motion, CalendarField field, Timestamp t, Timestamp now, const Zone& zone);
// `t`'s or `interval`'s motion passed through extract.
Motion extracted(Motion motion, CalendarField field, Timestamp t, Timestamp now, const Zone& zone);
Motion extracted(Motion motion, CalendarField field, Interval interval, Timestamp now);

// What a comparison says for a negative, zero and positive difference.
using Outcomes = std::array<bool, 3>;
Outcomes outcomes_of(Comparison comparison);
// An instant after `now` before which the outcome for `difference`, which moves as `motion`, stays what it
// is: the instant of the change itself when that can be told, Timestamp::max() when there is none.
Timestamp next_change(const Outcomes& outcomes, Int128 difference, Motion motion, Timestamp now);

Timestamp later(Timestamp t, Int128 us);  // t + us, saturating

}  // namespace slipstream
