// The journal's record of an expulsion says exactly what was decided, and is told apart from an alert's.
#include "engine/shard/expulsion_record.h"

#include <gtest/gtest.h>

#include "engine/judge/alert_record.h"

namespace slipstream {
namespace {

Expulsion sample() {
  return {{"city.events", Partition(3), Offset(1234)},
          "e17",
          Offset(2000),
          std::string("mresidents\0\1", 12),
          ErrorCode::unknown_indicator,
          "indicator residents was not defined",
          Timestamp{1'773'000'000'000'000},
          "00112233aabbccdd",
          99,
          Partition(3)};
}

TEST(ExpulsionRecord, IsReadBackAsItWasWritten) {
  EXPECT_EQ(*read_expulsion(write_expulsion(sample())), sample());
  Expulsion reading = sample();
  reading.entity.clear();
  reading.code = ErrorCode::unknown_node;
  EXPECT_EQ(*read_expulsion(write_expulsion(reading)), reading);
}

TEST(ExpulsionRecord, IsReadAtAnyAddress) {
  const std::string bytes = write_expulsion(sample());
  for (std::size_t shift = 1; shift < 8; ++shift) {
    const std::string shifted = std::string(shift, 'x') + bytes;
    EXPECT_EQ(*read_expulsion(std::string_view(shifted).substr(shift)), sample()) << shift;
  }
}

TEST(ExpulsionRecord, IsToldApartFromATransition) {
  EXPECT_TRUE(is_expulsion(write_expulsion(sample())));
  EXPECT_FALSE(is_expulsion(write_alert_record(AlertRecord{})));
  EXPECT_FALSE(is_expulsion(""));
  EXPECT_FALSE(is_expulsion("SLEX"));
  EXPECT_EQ(read_expulsion(write_alert_record(AlertRecord{})).error().code, ErrorCode::malformed_record);
}

TEST(ExpulsionRecord, DamagedBytesAreRefusedOrReadWithinThemselves) {
  const std::string bytes = write_expulsion(sample());
  for (std::size_t length = 0; length < bytes.size(); ++length)
    EXPECT_FALSE(read_expulsion(std::string_view(bytes).substr(0, length))) << length;
  for (std::size_t i = 0; i < bytes.size(); ++i)
    for (const char change : {'\1', '\x80', '\xFF'}) {
      std::string changed = bytes;
      changed[i] = static_cast<char>(changed[i] ^ change);
      if (const auto read = read_expulsion(changed); !read) {
        EXPECT_EQ(read.error().code, ErrorCode::malformed_record);
      }
    }
}

}  // namespace
}  // namespace slipstream
