#include "tests/state/store_conformance.h"

#include <gmock/gmock.h>

#include <atomic>
#include <map>
#include <random>
#include <thread>

namespace slipstream {

using testing::ElementsAre;
using testing::Pair;

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(StoreConformance);

void StoreConformance::apply(const StateBatch& batch, bool sync) {
  const auto applied = store().apply(batch, sync);
  ASSERT_TRUE(applied) << applied.error().message;
}

std::optional<std::string> StoreConformance::get(const StateReader& reader, Family family,
                                                 const std::string& key) {
  const auto value = reader.get(family, key);
  EXPECT_TRUE(value);
  return value ? *value : std::nullopt;
}

StoreConformance::Pairs StoreConformance::scan(const StateReader& reader, Family family,
                                               std::string_view from, std::string_view to) {
  Pairs all;
  EXPECT_TRUE(reader.scan(family, from, to, [&](std::string_view key, std::string_view value) {
    all.emplace_back(key, value);
    return true;
  }));
  return all;
}

TEST_P(StoreConformance, AKeyHoldsItsLastValueUntilItIsDeleted) {
  EXPECT_EQ(get(store(), Family::rows, "key"), std::nullopt);
  apply({{Family::rows, "key", "one"}});
  EXPECT_EQ(get(store(), Family::rows, "key"), "one");
  apply({{Family::rows, "key", "two"}});
  EXPECT_EQ(get(store(), Family::rows, "key"), "two");
  apply({{Family::rows, "key", ""}});
  EXPECT_EQ(get(store(), Family::rows, "key"), "");
  apply({{Family::rows, "key", std::nullopt}, {Family::rows, "never there", std::nullopt}});
  EXPECT_EQ(get(store(), Family::rows, "key"), std::nullopt);
  EXPECT_TRUE(scan(store(), Family::rows).empty());
}

TEST_P(StoreConformance, TheLastChangeOfAKeyInABatchWins) {
  apply({{Family::meta, "a", "1"},
         {Family::meta, "a", "2"},
         {Family::meta, "b", "1"},
         {Family::meta, "b", {}}});
  EXPECT_THAT(scan(store(), Family::meta), ElementsAre(Pair("a", "2")));
}

TEST_P(StoreConformance, FamiliesAreApart) {
  StateBatch batch;
  for (std::size_t family = 0; family < kFamilyCount; ++family) {
    batch.push_back({static_cast<Family>(family), "key", std::to_string(family)});
  }
  apply(batch);
  for (std::size_t family = 0; family < kFamilyCount; ++family) {
    EXPECT_THAT(scan(store(), static_cast<Family>(family)), ElementsAre(Pair("key", std::to_string(family))));
  }
}

TEST_P(StoreConformance, GetManyAnswersInTheOrderAsked) {
  apply({{Family::rows, "a", "1"}, {Family::rows, "b", ""}, {Family::rows, "c", "3"}});
  const std::vector<std::string> sorted = {"a", "aa", "b", "c"};
  const auto in_order = store().get_many(Family::rows, sorted);
  ASSERT_TRUE(in_order);
  EXPECT_THAT(*in_order, ElementsAre("1", std::nullopt, "", "3"));
  const std::vector<std::string> mixed = {"c", "zz", "a", "c", "b"};
  const auto any_order = store().get_many(Family::rows, mixed);
  ASSERT_TRUE(any_order);
  EXPECT_THAT(*any_order, ElementsAre("3", std::nullopt, "1", "3", ""));
  EXPECT_TRUE(store().get_many(Family::rows, {})->empty());
}

TEST_P(StoreConformance, AScanVisitsTheRangeInByteOrderUntilToldToStop) {
  const std::string zero("a\0b", 3);
  apply({{Family::rows, "b", "4"},
         {Family::rows, "a", "1"},
         {Family::rows, zero, "2"},
         {Family::rows, "a\xff", "3"},
         {Family::rows, "\xff\xff", "5"}});
  EXPECT_THAT(scan(store(), Family::rows), ElementsAre(Pair("a", "1"), Pair(zero, "2"), Pair("a\xff", "3"),
                                                       Pair("b", "4"), Pair("\xff\xff", "5")));
  EXPECT_THAT(scan(store(), Family::rows, "a", "b"),
              ElementsAre(Pair("a", "1"), Pair(zero, "2"), Pair("a\xff", "3")));
  EXPECT_THAT(scan(store(), Family::rows, "aa"),
              ElementsAre(Pair("a\xff", "3"), Pair("b", "4"), Pair("\xff\xff", "5")));
  EXPECT_TRUE(scan(store(), Family::rows, "b", "a").empty());
  int visits = 0;
  ASSERT_TRUE(store().scan(Family::rows, "", "", [&](auto, auto) { return ++visits < 2; }));
  EXPECT_EQ(visits, 2);
}

TEST_P(StoreConformance, AVisitorMayReadTheStore) {
  apply({{Family::rows, "a", "1"}, {Family::rows, "b", "2"}});
  std::vector<std::string> found;
  ASSERT_TRUE(store().scan(Family::rows, "", "", [&](std::string_view key, auto) {
    found.push_back(get(store(), Family::rows, std::string(key)).value_or("none"));
    return true;
  }));
  EXPECT_THAT(found, ElementsAre("1", "2"));
}

TEST_P(StoreConformance, ASnapshotSeesNothingOfWhatComesLater) {
  apply({{Family::rows, "changed", "before"}, {Family::rows, "deleted", "before"}});
  const auto snapshot = store().snapshot();
  for (int i = 0; i < 3; ++i) {
    apply(
        {{Family::rows, "changed", "after"}, {Family::rows, "deleted", {}}, {Family::rows, "new", "after"}});
  }
  EXPECT_EQ(get(*snapshot, Family::rows, "changed"), "before");
  EXPECT_EQ(get(*snapshot, Family::rows, "new"), std::nullopt);
  EXPECT_THAT(scan(*snapshot, Family::rows),
              ElementsAre(Pair("changed", "before"), Pair("deleted", "before")));
  const std::vector<std::string> keys = {"deleted", "changed"};
  EXPECT_THAT(*snapshot->get_many(Family::rows, keys), ElementsAre("before", "before"));
  EXPECT_THAT(scan(store(), Family::rows), ElementsAre(Pair("changed", "after"), Pair("new", "after")));
}

TEST_P(StoreConformance, ASnapshotOutlivesTheStore) {
  apply({{Family::rows, "key", "value"}});
  const auto snapshot = store().snapshot();
  close();
  EXPECT_EQ(get(*snapshot, Family::rows, "key"), "value");
}

TEST_P(StoreConformance, ReopeningFindsWhatWasApplied) {
  apply({{Family::rows, "unsynced", "1"}});
  apply({{Family::totals, "synced", "2"}}, true);
  apply({}, true);
  apply({{Family::meta, "last", "3"}});
  reopen();
  EXPECT_EQ(get(store(), Family::rows, "unsynced"), "1");
  EXPECT_EQ(get(store(), Family::totals, "synced"), "2");
  EXPECT_EQ(get(store(), Family::meta, "last"), "3");
}

// Snapshots are taken and dropped all along, each compared with the map as it was.
TEST_P(StoreConformance, ItAgreesWithAMapThroughAnyBatchesAndSnapshots) {
  std::mt19937 random(3);
  using Map = std::map<std::string, std::string>;
  Map model;
  std::vector<std::pair<std::shared_ptr<const StateReader>, Map>> snapshots;
  for (int step = 0; step < 400; ++step) {
    StateBatch batch;
    for (unsigned i = 0; i < 1 + random() % 8; ++i) {
      const auto key = "key-" + std::to_string(random() % 60);
      const bool deleted = random() % 3 == 0;
      batch.push_back({Family::rows, key, deleted ? std::nullopt : std::optional(std::to_string(random()))});
      if (deleted) model.erase(key);
      if (!deleted) model[key] = *batch[batch.size() - 1].value;
    }
    apply(batch);
    if (random() % 5 == 0) snapshots.emplace_back(store().snapshot(), model);
    if (snapshots.size() > 4) snapshots.erase(snapshots.begin() + random() % 4);
    if (step % 100 == 99) {
      snapshots.clear();
      reopen();
    }
    for (const auto& [snapshot, then] : snapshots) {
      ASSERT_EQ(scan(*snapshot, Family::rows), Pairs(then.begin(), then.end()));
    }
    ASSERT_EQ(scan(store(), Family::rows), Pairs(model.begin(), model.end()));
  }
}

TEST_P(StoreConformance, ASnapshotIsConsistentWhileBatchesAreApplied) {
  apply({{Family::rows, "left", "0"}, {Family::totals, "right", "0"}});
  std::atomic<bool> done = false;
  std::thread writer([&] {
    for (int i = 1; i <= 500; ++i) {
      apply({{Family::rows, "left", std::to_string(i)}, {Family::totals, "right", std::to_string(i)}});
    }
    done = true;
  });
  std::vector<std::thread> readers;
  for (int reader = 0; reader < 2; ++reader) {
    readers.emplace_back([&] {
      do {
        const auto snapshot = store().snapshot();
        const auto left = get(*snapshot, Family::rows, "left");
        EXPECT_EQ(get(*snapshot, Family::totals, "right"), left);
        EXPECT_EQ(scan(*snapshot, Family::rows).size(), 1);
      } while (!done);
    });
  }
  writer.join();
  for (auto& reader : readers)
    reader.join();
  EXPECT_EQ(get(store(), Family::rows, "left"), "500");
}

}  // namespace slipstream
