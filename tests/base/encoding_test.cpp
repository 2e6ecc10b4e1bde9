#include "engine/base/encoding.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <tuple>

namespace slipstream {
namespace {

using std::string;

template <class Append, class Value>
string bytes_of(Append append, Value value) {
  string out;
  append(out, value);
  return out;
}

// Strings with many zero, one and 0xFF bytes, which are where an escape goes wrong.
rc::Gen<string> nasty_string() {
  return rc::gen::container<string>(rc::gen::element<char>('\x00', '\x01', '\x02', 'a', '\xFE', '\xFF'));
}

TEST(Encoding, FixedIntegersAreBigEndian) {
  EXPECT_EQ(bytes_of(append_u32, 0x01020304U), string("\x01\x02\x03\x04", 4));
  EXPECT_EQ(bytes_of(append_i32, -1), string("\x7F\xFF\xFF\xFF", 4));
}

RC_GTEST_PROP(EncodingProperty, ByteOrderOfFixedIntegersIsNumberOrder, (std::int64_t a, std::int64_t b)) {
  RC_ASSERT((bytes_of(append_i64, a) <=> bytes_of(append_i64, b)) == (a <=> b));
  const auto c = static_cast<std::uint64_t>(a);
  const auto d = static_cast<std::uint64_t>(b);
  RC_ASSERT((bytes_of(append_u64, c) <=> bytes_of(append_u64, d)) == (c <=> d));
}

RC_GTEST_PROP(EncodingProperty, CompositeKeysSortAsTheTupleOfTheirParts, ()) {
  using Key = std::tuple<string, string, std::int64_t>;
  const auto key_bytes = [](const Key& key) {
    string out;
    append_key_string(out, std::get<0>(key));
    append_key_string(out, std::get<1>(key));
    append_i64(out, std::get<2>(key));
    return out;
  };
  const auto number = rc::gen::arbitrary<std::int64_t>();
  const Key a(*nasty_string(), *nasty_string(), *number);
  const Key b(*nasty_string(), *nasty_string(), *number);
  RC_ASSERT((key_bytes(a) <=> key_bytes(b)) == (a <=> b));
}

RC_GTEST_PROP(EncodingProperty, EveryPartComesBackAndNothingIsLeft,
              (std::uint8_t byte, std::uint16_t u16, std::uint32_t u32, std::uint64_t u64, std::int32_t i32,
               std::int64_t i64, std::uint64_t high)) {
  const string text = *nasty_string();
  const Int128 wide = static_cast<Int128>(static_cast<unsigned __int128>(high) << 64 | u64);
  string out;
  append_u8(out, byte);
  append_u16(out, u16);
  append_u32(out, u32);
  append_u64(out, u64);
  append_i32(out, i32);
  append_i64(out, i64);
  append_timestamp(out, Timestamp{i64});
  append_varint(out, u64);
  append_zigzag(out, i64);
  append_zigzag128(out, wide);
  append_string(out, text);
  append_key_string(out, text);
  append_decimal(out, Decimal::from_units(i64, byte % 19));

  ByteReader reader(out);
  std::uint8_t byte_read = 0;
  std::uint16_t u16_read = 0;
  std::uint32_t u32_read = 0;
  std::uint64_t u64_read = 0;
  std::int32_t i32_read = 0;
  std::int64_t i64_read = 0;
  Timestamp time_read;
  Int128 wide_read = 0;
  string text_read;
  Decimal decimal_read;
  RC_ASSERT(reader.read_u8(byte_read) && byte_read == byte);
  RC_ASSERT(reader.read_u16(u16_read) && u16_read == u16);
  RC_ASSERT(reader.read_u32(u32_read) && u32_read == u32);
  RC_ASSERT(reader.read_u64(u64_read) && u64_read == u64);
  RC_ASSERT(reader.read_i32(i32_read) && i32_read == i32);
  RC_ASSERT(reader.read_i64(i64_read) && i64_read == i64);
  RC_ASSERT(reader.read_timestamp(time_read) && time_read.us == i64);
  RC_ASSERT(reader.read_varint(u64_read) && u64_read == u64);
  RC_ASSERT(reader.read_zigzag(i64_read) && i64_read == i64);
  RC_ASSERT(reader.read_zigzag128(wide_read) && wide_read == wide);
  RC_ASSERT(reader.read_string(text_read) && text_read == text);
  RC_ASSERT(reader.read_key_string(text_read) && text_read == text);
  RC_ASSERT(reader.read_decimal(decimal_read) && decimal_read.units() == i64 &&
            decimal_read.scale() == byte % 19);
  RC_ASSERT(reader.at_end());
}

// Every read on every cut of a valid encoding of its own.
template <class Read>
void expect_cuts_fail(const string& bytes, Read read) {
  for (std::size_t length = 0; length < bytes.size(); ++length) {
    ByteReader reader(std::string_view(bytes).substr(0, length));
    EXPECT_FALSE(read(reader)) << length;
    EXPECT_EQ(reader.rest().size(), length) << "a failed read moved";
  }
}

TEST(Encoding, ACutEncodingIsRefusedAndTheReaderStays) {
  expect_cuts_fail(bytes_of(append_u64, std::uint64_t{1}), [](ByteReader& reader) {
    std::uint64_t value = 0;
    return reader.read_u64(value);
  });
  expect_cuts_fail(bytes_of(append_varint, UINT64_MAX), [](ByteReader& reader) {
    std::uint64_t value = 0;
    return reader.read_varint(value);
  });
  expect_cuts_fail(bytes_of(append_string, "abc"), [](ByteReader& reader) {
    std::string_view value;
    return reader.read_string(value);
  });
  expect_cuts_fail(bytes_of(append_key_string, std::string_view("a\0b", 3)), [](ByteReader& reader) {
    string value;
    return reader.read_key_string(value);
  });
  expect_cuts_fail(bytes_of(append_decimal, Decimal::from_units(-12345, 2)), [](ByteReader& reader) {
    Decimal value;
    return reader.read_decimal(value);
  });
}

TEST(Encoding, AVarintHasOneEncodingOnly) {
  std::uint64_t value = 0;
  EXPECT_FALSE(ByteReader(std::string_view("\x80\x00", 2)).read_varint(value)) << "a needless group";
  EXPECT_FALSE(ByteReader("\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x02").read_varint(value)) << "65 bits";
  EXPECT_TRUE(ByteReader("\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01").read_varint(value));
  EXPECT_EQ(value, UINT64_MAX);
}

TEST(Encoding, AnUnknownEscapeIsRefused) {
  string value;
  EXPECT_FALSE(ByteReader(std::string_view("a\x00\x02", 3)).read_key_string(value));
}

TEST(Encoding, ADecimalBeyondItsPrecisionIsRefused) {
  Decimal value;
  EXPECT_FALSE(ByteReader(std::string_view("\x13\x02", 2)).read_decimal(value)) << "scale 19";
  string wide("\x00", 1);
  append_zigzag128(wide, Int128{1} << 126 | Int128{1} << 125);
  EXPECT_FALSE(ByteReader(wide).read_decimal(value)) << "39 digits";
}

TEST(Encoding, NoByteSequenceBreaksTheReader) {
  EXPECT_TRUE(rc::check([](const string& bytes) {
    ByteReader reader(bytes);
    string text;
    std::string_view view;
    std::uint64_t number = 0;
    Decimal decimal;
    const std::size_t before = reader.rest().size();
    if (!reader.read_key_string(text) && !reader.read_string(view) && !reader.read_varint(number) &&
        !reader.read_decimal(decimal))
      RC_ASSERT(reader.rest().size() == before);
  }));
}

RC_GTEST_PROP(EncodingProperty, PrefixEndSeparatesKeysWithThePrefixFromLaterOnes, ()) {
  const string prefix = *nasty_string();
  const string other = *nasty_string();
  const string end = prefix_end(prefix);
  RC_ASSERT(end.empty() || prefix + other < end);
  if (other > prefix && !other.starts_with(prefix)) RC_ASSERT(!end.empty() && other >= end);
}

}  // namespace
}  // namespace slipstream
