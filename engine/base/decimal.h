// Exact decimal: a 128-bit integer of units and a scale, value = units / 10^scale. No rounding in +, - and *;
// an operation whose exact result does not fit says so. Guarantee G7 stands on it.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/base/error.h"
#include "engine/base/int128.h"

namespace slipstream {

class Decimal {
 public:
  static constexpr int kScaleMax = 18;      // digits after the point
  static constexpr int kPrecisionMax = 38;  // digits in all

  constexpr Decimal() = default;
  constexpr explicit Decimal(std::int64_t integer) : units_(integer) {}
  // value = units / 10^scale; scale 0 to kScaleMax.
  static constexpr Decimal from_units(Int128 units, int scale) { return Decimal(units, scale); }
  // "-12.50", "1e3", "+7": error syntax, or number_out_of_range beyond 38 digits or 18 decimals (trailing
  // zeros of the fraction do not count).
  static Result<Decimal> parse(std::string_view text);

  constexpr Int128 units() const { return units_; }
  constexpr int scale() const { return scale_; }
  // At most kPrecisionMax digits, as every operation here leaves it; from_units() of foreign numbers may
  // break it.
  constexpr bool has_valid_precision() const { return units_ < kUnitsLimit && units_ > -kUnitsLimit; }
  constexpr bool is_zero() const { return units_ == 0; }
  constexpr int sign() const { return units_ > 0 ? 1 : units_ < 0 ? -1 : 0; }

  // Same value with trailing zeros of the fraction removed: the canonical form, used wherever bytes are
  // compared.
  Decimal normalized() const;
  // Exactly representable at `scale`? Then that, else nullopt.
  std::optional<Decimal> rescaled(int scale) const;
  // Rounded half-even to `scale` digits after the point.
  Decimal rounded(int scale) const;
  double to_double() const;                        // for sketches and display only
  std::optional<std::int64_t> to_integer() const;  // when integral and in range
  std::string to_string() const;  // no exponent, at least one digit before the point, scale digits after it

  // nullopt on overflow of 38 digits.
  static std::optional<Decimal> add(Decimal a, Decimal b) {
    if (a.scale_ == b.scale_) [[likely]] {
      Int128 sum = 0;
      if (!__builtin_add_overflow(a.units_, b.units_, &sum) && sum < kUnitsLimit && sum > -kUnitsLimit)
          [[likely]]
        return Decimal(sum, a.scale_);
    }
    return add_unlike(a, b);
  }
  static std::optional<Decimal> subtract(Decimal a, Decimal b) { return add(a, b.negated()); }
  // Exact while the scales add up to at most kScaleMax; beyond, rounded half-even to kScaleMax.
  static std::optional<Decimal> multiply(Decimal a, Decimal b);
  // Rounded half-even to 16 digits after the point or the larger scale of the two. nullopt when b is 0 or on
  // overflow.
  static std::optional<Decimal> divide(Decimal a, Decimal b);
  constexpr Decimal negated() const { return Decimal(-units_, scale_); }

  // Compares values, not representations: 1.0 == 1.00. Never overflows.
  friend std::strong_ordering operator<=>(Decimal a, Decimal b) {
    return a.scale_ == b.scale_ ? a.units_ <=> b.units_ : compare_unlike(a, b);
  }
  friend bool operator==(Decimal a, Decimal b) { return (a <=> b) == std::strong_ordering::equal; }

 private:
  static constexpr Int128 kUnitsLimit =
      Int128{10'000'000'000'000'000'000U} * Int128{10'000'000'000'000'000'000U};

  constexpr Decimal(Int128 units, int scale) : units_(units), scale_(scale) {}
  // Any scales and magnitudes; the paths beside the hot ones above.
  static std::optional<Decimal> add_unlike(Decimal a, Decimal b);
  static std::strong_ordering compare_unlike(Decimal a, Decimal b);

  // At 8 bytes instead of its natural 16: a Value is 32 bytes for it and not 48, and rows are made of values.
  using StoredUnits [[gnu::aligned(8)]] = Int128;
  StoredUnits units_ = 0;
  int scale_ = 0;
};
static_assert(sizeof(Decimal) == 24);

std::string to_string(Int128 value);

}  // namespace slipstream
