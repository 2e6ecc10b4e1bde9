// How far a forecast may be out, by how unevenly the figure has moved so far. An estimate: the only figure here that is
// not exact.
#pragma once

#include <optional>
#include <span>

#include "engine/base/rational.h"

namespace slipstream {

struct ForecastInterval {
  Rational low, high;
  friend bool operator==(const ForecastInterval&, const ForecastInterval&) = default;
};

inline constexpr std::size_t kForecastStepsMin = 3;

// Holds the figure at the period's end with 80 % confidence if it moves as a random walk with drift:
//   forecast -+ 1.2816 s sqrt(h (1 + h / n))
// with s the standard deviation of the n steps about their mean, h = `steps_ahead` (at least 1); Hyndman and
// Athanasopoulos, Forecasting: Principles and Practice, 3rd ed., section 5.5, the drift method. Rounded to 6 digits after
// the point. `steps`: from one finished window to the next, in the KPI's unit; nullopt for fewer than kForecastStepsMin.
std::optional<ForecastInterval> forecast_interval(const Rational& forecast, std::span<const Rational> steps,
                                                  int steps_ahead);

}  // namespace slipstream
