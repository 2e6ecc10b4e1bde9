#include "engine/state/faulty_store.h"

#include <gtest/gtest.h>

#include <set>

namespace slipstream {
namespace {

StateBatch batch(int number) {
  return {{Family::rows, std::to_string(number), "row"},
          {Family::meta, "last", std::to_string(number)},
          {Family::rows, std::to_string(number - 1), std::nullopt}};
}

// The last batch the disk holds; fails the test unless exactly the batches up to it are there.
int last_batch(const StateReader& contents) {
  const auto last = contents.get(Family::meta, "last");
  EXPECT_TRUE(last);
  const int number = *last ? std::stoi(**last) : 0;
  int rows = 0;
  EXPECT_TRUE(contents.scan(Family::rows, "", "", [&](std::string_view key, auto) {
    ++rows;
    EXPECT_EQ(key, std::to_string(number));
    return true;
  }));
  EXPECT_EQ(rows, number > 0 ? 1 : 0);
  return number;
}

TEST(FaultyStore, ACrashLosesASuffixOfUnsyncedBatchesAndNeverASyncedOne) {
  std::set<int> survived;
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    FaultyStore disk({}, choose_from_seed(seed));
    auto store = disk.open();
    for (int number = 1; number <= 10; ++number)
      ASSERT_TRUE(store->apply(batch(number), number == 5));
    disk.crash();
    disk.restart();
    const int last = last_batch(*disk.open());
    EXPECT_EQ(disk.batches_lost(), static_cast<std::uint64_t>(10 - last));
    survived.insert(last);
  }
  EXPECT_EQ(survived, (std::set{5, 6, 7, 8, 9, 10}));
}

TEST(FaultyStore, WhatSurvivedACrashSurvivesTheNext) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    FaultyStore disk({}, choose_from_seed(seed));
    auto store = disk.open();
    for (int number = 1; number <= 5; ++number)
      ASSERT_TRUE(store->apply(batch(number), false));
    disk.crash();
    const int last = last_batch(disk.contents());
    disk.restart();
    disk.crash();
    EXPECT_EQ(last_batch(disk.contents()), last);
  }
}

TEST(FaultyStore, AStoreOpenedBeforeACrashFailsForever) {
  FaultyStore disk({}, choose_from_seed(1));
  auto store = disk.open();
  ASSERT_TRUE(store->apply(batch(1), true));
  disk.crash();
  EXPECT_TRUE(disk.crashed());
  EXPECT_FALSE(store->get(Family::meta, "last"));
  disk.restart();
  const auto refused = store->apply(batch(2), true);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::io);
  EXPECT_EQ(last_batch(*disk.open()), 1);
}

TEST(FaultyStore, ARefusedBatchChangesNothingAndACrashAfterOneMayKeepIt) {
  FaultyStore refusing({.refused_batch = 1}, choose_from_seed(1));
  EXPECT_FALSE(refusing.open()->apply(batch(1), true));
  EXPECT_FALSE(refusing.crashed());
  EXPECT_EQ(last_batch(refusing.contents()), 0);
  FaultyStore before({.crash_before_apply = 1}, choose_from_seed(1));
  EXPECT_FALSE(before.open()->apply(batch(1), true));
  EXPECT_TRUE(before.crashed());
  EXPECT_EQ(last_batch(before.contents()), 0);
  FaultyStore after({.crash_after_apply = 1}, choose_from_seed(1));
  EXPECT_FALSE(after.open()->apply(batch(1), true));
  EXPECT_TRUE(after.crashed());
  EXPECT_EQ(last_batch(after.contents()), 1);
}

}  // namespace
}  // namespace slipstream
