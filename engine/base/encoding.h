// Bytes of store keys and values.
//
// Fixed integers are big-endian, so that byte order is number order; signed ones have their sign bit flipped
// first. varint: LEB128, 7 bits a byte, low group first, at most 10 bytes, canonical (no needless trailing
// zero group). zigzag: 0, -1, 1, -2 ... -> 0, 1, 2, 3 ..., then varint. string: varint length, then the
// bytes. key string: each 0x00 is written 0x00 0xFF, the end is 0x00 0x01. Composite keys of key strings and
// fixed integers sort as the tuple of their parts does, and no key string is a prefix of another.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/base/decimal.h"
#include "engine/base/time.h"

namespace slipstream {

void append_u8(std::string& out, std::uint8_t value);
void append_u16(std::string& out, std::uint16_t value);
void append_u32(std::string& out, std::uint32_t value);
void append_u64(std::string& out, std::uint64_t value);
void append_i32(std::string& out, std::int32_t value);
void append_i64(std::string& out, std::int64_t value);
void append_timestamp(std::string& out, Timestamp value);  // as i64: keys sort by time
void write_timestamp(char* at, Timestamp value);           // the same 8 bytes over those at `at`
void append_varint(std::string& out, std::uint64_t value);
void append_zigzag(std::string& out, std::int64_t value);
void append_zigzag128(std::string& out, Int128 value);  // at most 19 bytes
void append_string(std::string& out, std::string_view value);
void append_key_string(std::string& out, std::string_view value);
void append_decimal(std::string& out,
                    Decimal value);  // scale as one byte, then units as zigzag128; as given, not normalized

// The first key after every key that starts with `prefix`; empty when there is none (all bytes 0xFF): scan to
// the end.
std::string prefix_end(std::string_view prefix);

// Reads from the front of bytes it does not own. A read that finds too few bytes, or malformed ones, returns
// false, leaves its argument as it was and the reader where it was.
class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : rest_(bytes) {}

  bool at_end() const { return rest_.empty(); }
  std::string_view rest() const { return rest_; }

  [[nodiscard]] bool read_u8(std::uint8_t& value);
  [[nodiscard]] bool read_u16(std::uint16_t& value);
  [[nodiscard]] bool read_u32(std::uint32_t& value);
  [[nodiscard]] bool read_u64(std::uint64_t& value);
  [[nodiscard]] bool read_i32(std::int32_t& value);
  [[nodiscard]] bool read_i64(std::int64_t& value);
  [[nodiscard]] bool read_timestamp(Timestamp& value);
  [[nodiscard]] bool read_varint(std::uint64_t& value);
  [[nodiscard]] bool read_zigzag(std::int64_t& value);
  [[nodiscard]] bool read_zigzag128(Int128& value);
  [[nodiscard]] bool read_string(std::string_view& value);  // lives as long as the bytes
  [[nodiscard]] bool read_string(std::string& value);
  [[nodiscard]] bool read_key_string(std::string& value);
  [[nodiscard]] bool read_decimal(Decimal& value);  // false also beyond 38 digits or 18 decimals
  [[nodiscard]] bool read_bytes(std::size_t count, std::string_view& value);

 private:
  std::string_view rest_;
};

}  // namespace slipstream
