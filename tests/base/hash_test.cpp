#include "engine/base/hash.h"

#include <gtest/gtest.h>

namespace slipstream {
namespace {

// Reference values of XXH3's specification for the empty input, seed 0.
TEST(Hash, AgreesWithTheReferenceOfXxh3) {
  EXPECT_EQ(hash64(""), 0x2D06800538D394C2ULL);
  EXPECT_EQ(hash128("").hex(), "99aa06d3014798d86001c324468d497f");
}

TEST(Hash, OneByteOrAnotherSeedChangesIt) {
  EXPECT_NE(hash64("a"), hash64("b"));
  EXPECT_NE(hash64("a"), hash64("a", 1));
  EXPECT_NE(hash128("a"), hash128("b"));
}

TEST(Hash, HexAlwaysHasThirtyTwoDigits) {
  EXPECT_EQ((Hash128{1, 2}.hex()), "00000000000000010000000000000002");
}

TEST(Hash, PiecesHashAsTheWhole) {
  std::string bytes;
  HashStream stream;
  EXPECT_EQ(stream.hash(), hash128(""));
  for (std::size_t piece = 1; piece < 3000; piece += 131) {
    const std::string more(piece, static_cast<char>('a' + piece % 26));
    bytes += more;
    stream.add(more);
    EXPECT_EQ(stream.hash(), hash128(bytes));
  }
}

}  // namespace
}  // namespace slipstream
