#include "engine/state/memory_store.h"

#include <gtest/gtest.h>

namespace slipstream {
namespace {

TEST(MemoryStore, KeepsNoVersionThatNobodyCanRead) {
  MemoryStore store;
  for (int round = 0; round < 10; ++round) {
    for (int key = 0; key < 5; ++key) {
      ASSERT_TRUE(store.apply({{Family::rows, std::to_string(key), std::to_string(round)}}, false));
    }
  }
  EXPECT_EQ(store.version_count(), 5);
  auto snapshot = store.snapshot();
  for (int round = 0; round < 10; ++round) {
    ASSERT_TRUE(
        store.apply({{Family::rows, "0", std::to_string(round)}, {Family::rows, "1", std::nullopt}}, false));
  }
  EXPECT_GT(store.version_count(), 5);
  snapshot.reset();
  ASSERT_TRUE(store.apply({{Family::rows, "2", "last"}}, false));
  EXPECT_EQ(store.version_count(), 4);
}

}  // namespace
}  // namespace slipstream
