#include "engine/judge/forecast_interval.h"

#include <cmath>

namespace slipstream {
namespace {

constexpr double kEightyPercent = 1.2815515655446004;  // the normal distribution's 90th percentile
constexpr double kMillion = 1e6;
constexpr double kReachMax = 1e15;  // beyond, nothing is said

}  // namespace

std::optional<ForecastInterval> forecast_interval(const Rational& forecast, std::span<const Rational> steps,
                                                  int steps_ahead) {
  if (steps.size() < kForecastStepsMin) return std::nullopt;
  const Rational count(steps.size());
  Rational mean;
  for (const Rational& step : steps)
    mean += step / count;
  Rational squares;
  for (const Rational& step : steps)
    squares += (step - mean) * (step - mean);
  const Rational ahead(steps_ahead);
  const Rational variance = squares / (count - 1) * ahead * (1 + ahead / count);
  const double reach = kEightyPercent * std::sqrt(variance.to_double());
  if (!(reach < kReachMax)) return std::nullopt;
  const Rational rounded_reach = Rational(std::llround(reach * kMillion)) / 1'000'000;
  return ForecastInterval{forecast - rounded_reach, forecast + rounded_reach};
}

}  // namespace slipstream
