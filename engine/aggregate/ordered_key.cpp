#include "engine/aggregate/ordered_key.h"

#include <algorithm>

#include "engine/aggregate/exact_sum.h"
#include "engine/base/encoding.h"

namespace slipstream {
namespace {

constexpr std::uint8_t kZero = 0x80;
constexpr std::size_t kMagnitudeBytesMax = 24;  // 2^127 * 10^18 < 2^187
constexpr Int128 kDay_us = 86'400'000'000;
constexpr std::size_t kComparableBytes = 16;

void append_big_endian(std::string& out, Int128 value) {
  const auto bits = static_cast<UInt128>(value);
  append_i64(out, static_cast<std::int64_t>(bits >> 64));
  append_u64(out, static_cast<std::uint64_t>(bits));
}

void append_decimal_key(std::string& out, Decimal value) {
  ExactSum<4> scaled;
  scaled.add(value.units(), kFactorsToScale18[static_cast<std::size_t>(value.scale())], 1);
  const auto limbs = scaled.magnitude();
  const auto byte_at = [&limbs](std::size_t i) {
    return static_cast<std::uint8_t>(limbs[i / 8] >> (i % 8 * 8));
  };
  std::size_t length = kMagnitudeBytesMax;
  while (length > 0 && byte_at(length - 1) == 0)
    --length;
  const bool negative = scaled.is_negative();
  append_u8(out, static_cast<std::uint8_t>(negative ? kZero - length : kZero + length));
  for (std::size_t i = length; i-- > 0;)
    append_u8(out, negative ? static_cast<std::uint8_t>(~byte_at(i)) : byte_at(i));
}

bool is_decimal_key(std::string_view key) {
  if (key.empty()) return false;
  const int head = static_cast<std::uint8_t>(key[0]) - kZero;
  const auto length = static_cast<std::size_t>(std::abs(head));
  if (length > kMagnitudeBytesMax || key.size() != length + 1) return false;
  const std::uint8_t leading_zero = head < 0 ? 0xFF : 0x00;
  return length == 0 || static_cast<std::uint8_t>(key[1]) != leading_zero;
}

Rational read_decimal_key(std::string_view key) {
  const bool negative = static_cast<std::uint8_t>(key[0]) < kZero;
  Integer magnitude = 0;
  for (const char byte : key.substr(1))
    magnitude = (magnitude << 8) + static_cast<std::uint8_t>(negative ? ~byte : byte);
  return Rational(negative ? Integer(-magnitude) : magnitude, Integer(kFactorsToScale18[0]));
}

// The parts of an interval's key; the microseconds as they are beside months and days.
struct IntervalParts {
  std::int32_t months = 0, days = 0;
  Int128 us = 0;
};

bool read_interval_parts(std::string_view key, IntervalParts& parts) {
  ByteReader in(key);
  std::int64_t high = 0;
  std::uint64_t low = 0;
  if (!in.read_i64(high) || !in.read_u64(low) || !in.read_i32(parts.months) || !in.read_i32(parts.days))
    return false;
  const Int128 civil_days = Int128{parts.months} * 30 + parts.days;
  const auto comparable = static_cast<UInt128>(static_cast<std::uint64_t>(high)) << 64 | low;
  parts.us = static_cast<Int128>(comparable - static_cast<UInt128>(civil_days * kDay_us));
  return in.at_end() && parts.us >= INT64_MIN && parts.us <= INT64_MAX;
}

}  // namespace

std::size_t append_ordered_key(std::string& out, Type type, const Value& value) {
  const std::size_t begin = out.size();
  switch (type) {
    case Type::null:
      break;
    case Type::boolean:
      append_u8(out, value.as_boolean() ? 1 : 0);
      break;
    case Type::integer:
      append_i64(out, value.as_integer());
      break;
    case Type::decimal:
      append_decimal_key(out,
                         value.type() == Type::integer ? Decimal(value.as_integer()) : value.as_decimal());
      break;
    case Type::text:
      out.append(value.as_text());
      break;
    case Type::timestamp:
      append_i64(out, value.as_timestamp().us);
      break;
    case Type::interval:
      append_big_endian(out, comparable_us(value.as_interval()));
      append_i32(out, value.as_interval().months);
      append_i32(out, value.as_interval().days);
      return kComparableBytes;
  }
  return out.size() - begin;
}

bool is_ordered_key(Type type, std::string_view key) {
  IntervalParts parts;
  switch (type) {
    case Type::null:
      return key.empty();
    case Type::boolean:
      return key.size() == 1 && (key[0] == 0 || key[0] == 1);
    case Type::integer:
    case Type::timestamp:
      return key.size() == 8;
    case Type::decimal:
      return is_decimal_key(key);
    case Type::text:
      return true;
    case Type::interval:
      return read_interval_parts(key, parts);
  }
  return false;
}

KpiValue read_ordered_key(Type type, std::string_view key) {
  SLIPSTREAM_INVARIANT(is_ordered_key(type, key), "key of " + std::to_string(key.size()) + " bytes");
  ByteReader in(key);
  std::int64_t number = 0;
  IntervalParts parts;
  switch (type) {
    case Type::null:
      return KpiValue::null();
    case Type::boolean:
      return KpiValue::boolean(key[0] != 0);
    case Type::integer:
      return in.read_i64(number) ? KpiValue::integer(number) : KpiValue::null();
    case Type::timestamp:
      return in.read_i64(number) ? KpiValue::timestamp({number}) : KpiValue::null();
    case Type::decimal:
      return KpiValue::decimal(read_decimal_key(key));
    case Type::text:
      return KpiValue::text(key);
    case Type::interval:
      return read_interval_parts(key, parts)
                 ? KpiValue::interval({parts.months, parts.days, static_cast<std::int64_t>(parts.us)})
                 : KpiValue::null();
  }
  return KpiValue::null();
}

}  // namespace slipstream
