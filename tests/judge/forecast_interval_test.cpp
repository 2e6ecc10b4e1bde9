#include "engine/judge/forecast_interval.h"

#include <gtest/gtest.h>

#include <vector>

namespace slipstream {
namespace {

TEST(ForecastInterval, IsTheDriftMethods) {
  // Steps 2, -1, 5, -2 about their mean 1: s = sqrt(30 / 3); 1.28155 * sqrt(10) * sqrt(1 * (1 + 1/4)) = 4.530969.
  const std::vector<Rational> steps{2, -1, 5, -2};
  EXPECT_EQ(forecast_interval(50, steps, 1),
            (ForecastInterval{Rational(50) - Rational(4'530'969, 1'000'000),
                              Rational(50) + Rational(4'530'969, 1'000'000)}));
  // Three ahead: sqrt(10) * sqrt(3 * (1 + 3/4)) * 1.28155 = 9.285723.
  EXPECT_EQ(forecast_interval(50, steps, 3)->high, Rational(50) + Rational(9'285'723, 1'000'000));
}

TEST(ForecastInterval, IsAPointForWhatMovesEvenly) {
  const std::vector<Rational> steps{Rational(7, 3), Rational(7, 3), Rational(7, 3)};
  EXPECT_EQ(forecast_interval(Rational(1, 3), steps, 5), (ForecastInterval{Rational(1, 3), Rational(1, 3)}));
}

TEST(ForecastInterval, SaysNothingOfTooLittleOrTooMuch) {
  EXPECT_EQ(forecast_interval(50, std::vector<Rational>{1, 2}, 1), std::nullopt);
  const Rational huge = Rational(Integer(1) << 200);
  EXPECT_EQ(forecast_interval(50, std::vector<Rational>{huge, -huge, huge}, 1), std::nullopt);
  const Rational beyond = Rational(Integer(1) << 2000);  // its square is no double
  EXPECT_EQ(forecast_interval(50, std::vector<Rational>{beyond, -beyond, beyond}, 1), std::nullopt);
}

}  // namespace
}  // namespace slipstream
