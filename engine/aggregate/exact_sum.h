// A sum that is exact, linear and never overflows: a two's complement integer of 64-bit limbs.
//
// Linearity (guarantee G1) needs a group: adding and subtracting in any order must end at the same bits, so
// nothing may saturate or round. Two's complement of a fixed width is such a group; the width is chosen so
// that no sum that a row can meet leaves its range, hence there is no overflow to detect or report:
//   2 limbs: integers and microseconds. |summand| <= 2^63, so 2^64 summands fit; an interval of the most
//            months there are is below 2^73, so 2^54 of those fit.
//   4 limbs: decimals at the fixed scale 18. |summand| < 2^127 * 10^18 < 2^187, so 2^68 summands fit.
// A per-row scale would save 8 to 16 bytes for small amounts, but a scale that grows with the largest one
// seen does not shrink again after a retraction, and 192 bits would need a second counter to detect overflow.
//
// Bytes: a length 0 to 8 * limbs, then the two's complement little-endian without redundant sign bytes.
#pragma once

#include <array>
#include <boost/multiprecision/cpp_int.hpp>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "engine/base/decimal.h"
#include "engine/base/encoding.h"

namespace slipstream {

// 10^(18 - scale): what brings units at `scale` to the fixed scale 18.
constexpr std::uint64_t factor_to_scale_18(int scale) {
  std::uint64_t factor = 1;
  for (int digit = scale; digit < Decimal::kScaleMax; ++digit)
    factor *= 10;
  return factor;
}
inline constexpr auto kFactorsToScale18 = [] {
  std::array<std::uint64_t, Decimal::kScaleMax + 1> factors{};
  for (int scale = 0; scale <= Decimal::kScaleMax; ++scale)
    factors[static_cast<std::size_t>(scale)] = factor_to_scale_18(scale);
  return factors;
}();

template <std::size_t kLimbs>
class ExactSum {
 public:
  static_assert(kLimbs == 2 || kLimbs == 4);

  // Adds sign * units * factor; sign is +1 or -1.
  void add(Int128 units, std::uint64_t factor, int sign) {
    if (units <= INT64_MAX && units >= INT64_MIN && factor <= kFactorsToScale18[0]) [[likely]] {
      const Int128 term = units * static_cast<Int128>(factor);
      add_small(sign < 0 ? -term : term);
      return;
    }
    const bool negative = (units < 0) != (sign < 0);
    const UInt128 size = slipstream::magnitude(units);
    const UInt128 low = static_cast<UInt128>(static_cast<std::uint64_t>(size)) * factor;
    const UInt128 high = (size >> 64) * factor + (low >> 64);
    const std::uint64_t product[3] = {static_cast<std::uint64_t>(low), static_cast<std::uint64_t>(high),
                                      static_cast<std::uint64_t>(high >> 64)};
    ExactSum term;
    for (std::size_t i = 0; i < kLimbs && i < 3; ++i)
      term.limbs_[i] = product[i];
    add(term, negative ? -1 : 1);
  }

  void add(const ExactSum& other, int sign) {
    const std::uint64_t flip = sign < 0 ? ~std::uint64_t{0} : 0;
    UInt128 carry = sign < 0 ? 1 : 0;
    for (std::size_t i = 0; i < kLimbs; ++i) {
      carry += static_cast<UInt128>(limbs_[i]) + (other.limbs_[i] ^ flip);
      limbs_[i] = static_cast<std::uint64_t>(carry);
      carry >>= 64;
    }
  }

  bool is_zero() const { return limbs_ == std::array<std::uint64_t, kLimbs>{}; }
  bool is_negative() const { return limbs_[kLimbs - 1] >> 63 != 0; }
  // The absolute value, least significant limb first.
  std::array<std::uint64_t, kLimbs> magnitude() const {
    if (!is_negative()) return limbs_;
    ExactSum negated;
    negated.add(*this, -1);
    return negated.limbs_;
  }

  // nullopt: it needs more bits.
  std::optional<Int128> to_int128() const {
    const std::uint64_t sign = limbs_[1] >> 63 != 0 ? ~std::uint64_t{0} : 0;
    for (std::size_t i = 2; i < kLimbs; ++i)
      if (limbs_[i] != sign) return std::nullopt;
    return static_cast<Int128>(static_cast<UInt128>(limbs_[1]) << 64 | limbs_[0]);
  }
  boost::multiprecision::cpp_int to_integer() const {
    const auto limbs = magnitude();
    boost::multiprecision::cpp_int result;
    for (std::size_t i = kLimbs; i-- > 0;)
      result = (result << 64) + limbs[i];
    return is_negative() ? boost::multiprecision::cpp_int(-result) : result;
  }

  void append_to(std::string& out) const {
    const std::uint8_t filler = is_negative() ? 0xFF : 0x00;
    std::size_t length = kBytes;
    while (length > 0 && byte_at(length - 1) == filler && sign_bit_below(length) == (filler != 0))
      --length;
    out.push_back(static_cast<char>(length));
    for (std::size_t i = 0; i < length; ++i)
      out.push_back(static_cast<char>(byte_at(i)));
  }

  // False when the bytes are no canonical sum.
  bool read_from(ByteReader& in);

 private:
  static constexpr std::size_t kBytes = kLimbs * 8;

  void add_small(Int128 term) {
    const auto bits = static_cast<UInt128>(term);
    const std::uint64_t extension = term < 0 ? ~std::uint64_t{0} : 0;
    UInt128 carry = static_cast<UInt128>(limbs_[0]) + static_cast<std::uint64_t>(bits);
    limbs_[0] = static_cast<std::uint64_t>(carry);
    carry = (carry >> 64) + limbs_[1] + static_cast<std::uint64_t>(bits >> 64);
    limbs_[1] = static_cast<std::uint64_t>(carry);
    for (std::size_t i = 2; i < kLimbs; ++i) {
      carry = (carry >> 64) + limbs_[i] + extension;
      limbs_[i] = static_cast<std::uint64_t>(carry);
    }
  }

  std::uint8_t byte_at(std::size_t i) const {
    return static_cast<std::uint8_t>(limbs_[i / 8] >> (i % 8 * 8));
  }
  // The sign that the bytes below `length - 1` would be read with.
  bool sign_bit_below(std::size_t length) const { return length > 1 && (byte_at(length - 2) & 0x80) != 0; }

  std::array<std::uint64_t, kLimbs> limbs_{};
};

template <std::size_t kLimbs>
bool ExactSum<kLimbs>::read_from(ByteReader& in) {
  std::uint8_t length = 0;
  std::string_view bytes;
  if (!in.read_u8(length) || length > kBytes || !in.read_bytes(length, bytes)) return false;
  const bool negative = length > 0 && (static_cast<std::uint8_t>(bytes.back()) & 0x80) != 0;
  limbs_.fill(negative ? ~std::uint64_t{0} : 0);
  for (std::size_t i = 0; i < length; ++i) {
    const unsigned shift = static_cast<unsigned>(i % 8 * 8);
    limbs_[i / 8] &= ~(std::uint64_t{0xFF} << shift);
    limbs_[i / 8] |= static_cast<std::uint64_t>(static_cast<std::uint8_t>(bytes[i])) << shift;
  }
  std::string canonical;
  append_to(canonical);
  return canonical.size() == length + std::size_t{1};
}

}  // namespace slipstream
