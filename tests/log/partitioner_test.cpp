#include "engine/log/partitioner.h"

#include <gtest/gtest.h>

#include <set>

namespace slipstream {
namespace {

// The pairs of Kafka's own UtilsTest.testMurmur2.
TEST(Partitioner, HashesAsKafkasJavaClientDoes) {
  EXPECT_EQ(murmur2("21"), -973932308);
  EXPECT_EQ(murmur2("foobar"), -790332482);
  EXPECT_EQ(murmur2("a-little-bit-long-string"), -985981536);
  EXPECT_EQ(murmur2("a-little-bit-longer-string"), -1486304829);
  EXPECT_EQ(murmur2("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8"), -58897971);
  EXPECT_EQ(murmur2("abc"), 479470107);
}

// toPositive clears the sign bit; it does not negate.
TEST(Partitioner, TakesTheHashModuloPartitionsWithTheSignBitCleared) {
  EXPECT_EQ(partition_of("21", 7), Partition((-973932308 & 0x7fffffff) % 7));
  EXPECT_EQ(partition_of("abc", 12), Partition(479470107 % 12));
}

TEST(Partitioner, UsesEveryPartition) {
  std::set<std::int32_t> used;
  for (int key = 0; key < 1000; ++key)
    used.insert(partition_of("node-" + std::to_string(key), 16).value);
  EXPECT_EQ(used.size(), 16);
  EXPECT_EQ(*used.begin(), 0);
  EXPECT_EQ(*used.rbegin(), 15);
}

}  // namespace
}  // namespace slipstream
