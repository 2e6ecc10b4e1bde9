// Implementation of the byte formats described in encoding.h.
#include "engine/base/encoding.h"

#include <utility>

namespace slipstream {
namespace {

template <class Unsigned>
void write_big_endian(char* at, Unsigned value) {
  for (std::size_t i = 0; i < sizeof(Unsigned); ++i)
    at[i] = static_cast<char>(static_cast<std::uint8_t>(value >> (8 * (sizeof(Unsigned) - 1 - i))));
}

template <class Unsigned>
void append_big_endian(std::string& out, Unsigned value) {
  char bytes[sizeof(Unsigned)];
  write_big_endian(bytes, value);
  out.append(bytes, sizeof(Unsigned));
}

template <class Unsigned>
bool read_big_endian(std::string_view& rest, Unsigned& value) {
  if (rest.size() < sizeof(Unsigned)) return false;
  std::uint64_t read = 0;
  for (std::size_t i = 0; i < sizeof(Unsigned); ++i)
    read = read << 8 | static_cast<std::uint8_t>(rest[i]);
  value = static_cast<Unsigned>(read);
  rest.remove_prefix(sizeof(Unsigned));
  return true;
}

template <class Unsigned>
void append_groups(std::string& out, Unsigned value) {
  while (value >= 0x80) {
    out.push_back(static_cast<char>(static_cast<std::uint8_t>(value) | 0x80));
    value >>= 7;
  }
  out.push_back(static_cast<char>(value));
}

template <class Unsigned>
bool read_groups(std::string_view& rest, Unsigned& value) {
  constexpr std::size_t kBits = sizeof(Unsigned) * 8;
  constexpr std::size_t kBytesMax = (kBits + 6) / 7;
  Unsigned read = 0;
  for (std::size_t i = 0; i < rest.size() && i < kBytesMax; ++i) {
    const auto byte = static_cast<std::uint8_t>(rest[i]);
    const auto group = static_cast<Unsigned>(byte & 0x7F);
    if (i == kBytesMax - 1 && group >> (kBits - 7 * i) != 0) return false;
    read |= group << (7 * i);
    if ((byte & 0x80) != 0) continue;
    if (byte == 0 && i > 0) return false;
    value = read;
    rest.remove_prefix(i + 1);
    return true;
  }
  return false;
}

constexpr std::uint32_t kSign32 = 0x8000'0000U;
constexpr std::uint64_t kSign64 = 0x8000'0000'0000'0000U;
constexpr char kEscape = '\x00';
constexpr char kEscapedZero = '\xFF';
constexpr char kEnd = '\x01';

}  // namespace

void append_u8(std::string& out, std::uint8_t value) { out.push_back(static_cast<char>(value)); }
void append_u16(std::string& out, std::uint16_t value) { append_big_endian(out, value); }
void append_u32(std::string& out, std::uint32_t value) { append_big_endian(out, value); }
void append_u64(std::string& out, std::uint64_t value) { append_big_endian(out, value); }
void append_i32(std::string& out, std::int32_t value) {
  append_big_endian(out, static_cast<std::uint32_t>(value) ^ kSign32);
}
void append_i64(std::string& out, std::int64_t value) {
  append_big_endian(out, static_cast<std::uint64_t>(value) ^ kSign64);
}
void append_timestamp(std::string& out, Timestamp value) { append_i64(out, value.us); }
void write_timestamp(char* at, Timestamp value) {
  write_big_endian(at, static_cast<std::uint64_t>(value.us) ^ kSign64);
}
void append_varint(std::string& out, std::uint64_t value) { append_groups(out, value); }
void append_zigzag(std::string& out, std::int64_t value) {
  append_groups(out, static_cast<std::uint64_t>(value) << 1 ^ static_cast<std::uint64_t>(value >> 63));
}
void append_zigzag128(std::string& out, Int128 value) {
  append_groups(out, static_cast<UInt128>(value) << 1 ^ static_cast<UInt128>(value >> 127));
}
void append_string(std::string& out, std::string_view value) {
  append_varint(out, value.size());
  out.append(value);
}

void append_key_string(std::string& out, std::string_view value) {
  for (auto zero = value.find(kEscape); zero != std::string_view::npos; zero = value.find(kEscape)) {
    out.append(value.substr(0, zero + 1));
    out.push_back(kEscapedZero);
    value.remove_prefix(zero + 1);
  }
  out.append(value);
  out.push_back(kEscape);
  out.push_back(kEnd);
}

void append_decimal(std::string& out, Decimal value) {
  append_u8(out, static_cast<std::uint8_t>(value.scale()));
  append_zigzag128(out, value.units());
}

std::string prefix_end(std::string_view prefix) {
  std::string end(prefix);
  while (!end.empty() && end.back() == '\xFF')
    end.pop_back();
  if (!end.empty()) end.back() = static_cast<char>(static_cast<std::uint8_t>(end.back()) + 1);
  return end;
}

bool ByteReader::read_u8(std::uint8_t& value) { return read_big_endian(rest_, value); }
bool ByteReader::read_u16(std::uint16_t& value) { return read_big_endian(rest_, value); }
bool ByteReader::read_u32(std::uint32_t& value) { return read_big_endian(rest_, value); }
bool ByteReader::read_u64(std::uint64_t& value) { return read_big_endian(rest_, value); }

bool ByteReader::read_i32(std::int32_t& value) {
  std::uint32_t read = 0;
  if (!read_u32(read)) return false;
  value = static_cast<std::int32_t>(read ^ kSign32);
  return true;
}

bool ByteReader::read_i64(std::int64_t& value) {
  std::uint64_t read = 0;
  if (!read_u64(read)) return false;
  value = static_cast<std::int64_t>(read ^ kSign64);
  return true;
}

bool ByteReader::read_timestamp(Timestamp& value) { return read_i64(value.us); }
bool ByteReader::read_varint(std::uint64_t& value) { return read_groups(rest_, value); }

bool ByteReader::read_zigzag(std::int64_t& value) {
  std::uint64_t read = 0;
  if (!read_groups(rest_, read)) return false;
  value = static_cast<std::int64_t>(read >> 1 ^ (std::uint64_t{0} - (read & 1)));
  return true;
}

bool ByteReader::read_zigzag128(Int128& value) {
  UInt128 read = 0;
  if (!read_groups(rest_, read)) return false;
  value = static_cast<Int128>(read >> 1 ^ (UInt128{0} - (read & 1)));
  return true;
}

bool ByteReader::read_string(std::string_view& value) {
  ByteReader ahead = *this;
  std::uint64_t length = 0;
  if (!ahead.read_varint(length) || !ahead.read_bytes(length, value)) return false;
  *this = ahead;
  return true;
}

bool ByteReader::read_string(std::string& value) {
  std::string_view read;
  if (!read_string(read)) return false;
  value = read;
  return true;
}

bool ByteReader::read_key_string(std::string& value) {
  std::string read;
  std::string_view ahead = rest_;
  while (true) {
    const auto mark = ahead.find(kEscape);
    if (mark == std::string_view::npos || mark + 1 >= ahead.size()) return false;
    read.append(ahead.substr(0, mark));
    const char kind = ahead[mark + 1];
    ahead.remove_prefix(mark + 2);
    if (kind == kEnd) break;
    if (kind != kEscapedZero) return false;
    read.push_back(kEscape);
  }
  value = std::move(read);
  rest_ = ahead;
  return true;
}

bool ByteReader::read_decimal(Decimal& value) {
  ByteReader ahead = *this;
  std::uint8_t scale = 0;
  Int128 units = 0;
  if (!ahead.read_u8(scale) || !ahead.read_zigzag128(units) || scale > Decimal::kScaleMax) return false;
  const Decimal read = Decimal::from_units(units, scale);
  if (!read.has_valid_precision()) return false;
  value = read;
  *this = ahead;
  return true;
}

bool ByteReader::read_bytes(std::size_t count, std::string_view& value) {
  if (rest_.size() < count) return false;
  value = rest_.substr(0, count);
  rest_.remove_prefix(count);
  return true;
}

}  // namespace slipstream
