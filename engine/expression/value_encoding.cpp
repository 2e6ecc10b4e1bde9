// Bytes of values.
//
// append_value: one byte of Type, then: boolean u8 0/1; integer zigzag; decimal (normalized) as
// append_decimal; text as a string; timestamp zigzag; interval zigzag months, days, microseconds.
//
// append_ordered: one byte of rank (0 NULL, 1 boolean, 2 number, 3 text, 4 timestamp, 5 interval), then:
// boolean u8; text as a key string; timestamp i64; interval the 16 bytes of comparable_us, big-endian, sign
// bit flipped; number:
//   one byte 0 negative, 1 zero, 2 positive; non-zero then: one byte exponent + 64, where the magnitude is
//   0.d1d2... * 10^exponent with d1 not 0; then the digits without trailing zeros, each as digit + 1; then 0.
//   All bytes after the first are complemented for a negative number.
#include "engine/base/encoding.h"
#include "engine/expression/value.h"

namespace slipstream {
namespace {

enum class Rank : std::uint8_t { null = 0, boolean = 1, number = 2, text = 3, timestamp = 4, interval = 5 };
constexpr int kExponentBias = 64;

void append_rank(std::string& out, Rank rank) { append_u8(out, static_cast<std::uint8_t>(rank)); }

void append_ordered_number(std::string& out, Decimal value) {
  append_rank(out, Rank::number);
  value = value.normalized();
  append_u8(out, static_cast<std::uint8_t>(value.sign() + 1));
  if (value.is_zero()) return;
  std::string digits = to_string(value.units());
  if (value.sign() < 0) digits.erase(0, 1);
  const int exponent = static_cast<int>(digits.size()) - value.scale();
  digits.erase(digits.find_last_not_of('0') + 1);
  const std::uint8_t flip = value.sign() < 0 ? 0xFF : 0x00;
  append_u8(out, static_cast<std::uint8_t>(exponent + kExponentBias) ^ flip);
  for (const char digit : digits)
    append_u8(out, static_cast<std::uint8_t>(digit - '0' + 1) ^ flip);
  append_u8(out, flip);
}

void append_ordered_interval(std::string& out, Interval interval) {
  append_rank(out, Rank::interval);
  const Int128 us = comparable_us(interval);
  append_i64(out, static_cast<std::int64_t>(us >> 64));
  append_u64(out, static_cast<std::uint64_t>(us));
}

bool read_boolean(ByteReader& reader, Value& value) {
  std::uint8_t byte = 0;
  if (!reader.read_u8(byte) || byte > 1) return false;
  value = Value::boolean(byte == 1);
  return true;
}

bool read_integer(ByteReader& reader, Value& value) {
  std::int64_t number = 0;
  if (!reader.read_zigzag(number)) return false;
  value = Value::integer(number);
  return true;
}

bool read_number(ByteReader& reader, Value& value) {
  Decimal number;
  if (!reader.read_decimal(number) || number.scale() != number.normalized().scale()) return false;
  value = Value::decimal(number);
  return true;
}

bool read_text(ByteReader& reader, Value& value) {
  std::string_view text;
  if (!reader.read_string(text)) return false;
  value = Value::text(text);
  return true;
}

bool read_instant(ByteReader& reader, Value& value) {
  std::int64_t us = 0;
  if (!reader.read_zigzag(us)) return false;
  value = Value::timestamp({us});
  return true;
}

bool fits_int32(std::int64_t number) { return number >= INT32_MIN && number <= INT32_MAX; }

bool read_span(ByteReader& reader, Value& value) {
  std::int64_t months = 0, day_count = 0, us = 0;
  if (!reader.read_zigzag(months) || !reader.read_zigzag(day_count) || !reader.read_zigzag(us)) return false;
  if (!fits_int32(months) || !fits_int32(day_count)) return false;
  value = Value::interval({static_cast<std::int32_t>(months), static_cast<std::int32_t>(day_count), us});
  return true;
}

bool read_any(ByteReader& reader, Value& value) {
  std::uint8_t type = 0;
  if (!reader.read_u8(type)) return false;
  switch (static_cast<Type>(type)) {
    case Type::null:
      value = Value::null();
      return true;
    case Type::boolean:
      return read_boolean(reader, value);
    case Type::integer:
      return read_integer(reader, value);
    case Type::decimal:
      return read_number(reader, value);
    case Type::text:
      return read_text(reader, value);
    case Type::timestamp:
      return read_instant(reader, value);
    case Type::interval:
      return read_span(reader, value);
  }
  return false;
}

}  // namespace

void append_ordered(std::string& out, const Value& value) {
  switch (value.type()) {
    case Type::null:
      return append_rank(out, Rank::null);
    case Type::boolean:
      append_rank(out, Rank::boolean);
      return append_u8(out, value.as_boolean() ? 1 : 0);
    case Type::integer:
      return append_ordered_number(out, Decimal(value.as_integer()));
    case Type::decimal:
      return append_ordered_number(out, value.as_decimal());
    case Type::text:
      append_rank(out, Rank::text);
      return append_key_string(out, value.as_text());
    case Type::timestamp:
      append_rank(out, Rank::timestamp);
      return append_timestamp(out, value.as_timestamp());
    case Type::interval:
      return append_ordered_interval(out, value.as_interval());
  }
}

void append_value(std::string& out, const Value& value) {
  append_u8(out, static_cast<std::uint8_t>(value.type()));
  switch (value.type()) {
    case Type::null:
      return;
    case Type::boolean:
      return append_u8(out, value.as_boolean() ? 1 : 0);
    case Type::integer:
      return append_zigzag(out, value.as_integer());
    case Type::decimal:
      return append_decimal(out, value.as_decimal().normalized());
    case Type::text:
      return append_string(out, value.as_text());
    case Type::timestamp:
      return append_zigzag(out, value.as_timestamp().us);
    case Type::interval:
      append_zigzag(out, value.as_interval().months);
      append_zigzag(out, value.as_interval().days);
      return append_zigzag(out, value.as_interval().us);
  }
}

Result<Value> read_value(std::string_view& in) {
  ByteReader reader(in);
  Value value;
  if (!read_any(reader, value))
    return fail(ErrorCode::store_corrupt,
                "stored value is cut off or malformed; restore the store from a checkpoint");
  in = reader.rest();
  return value;
}

}  // namespace slipstream
