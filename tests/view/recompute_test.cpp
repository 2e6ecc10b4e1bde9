// The brute-force check agrees with the engine, and finds whatever is not so.
#include "engine/view/recompute.h"

#include "engine/aggregate/row_key.h"
#include "engine/base/encoding.h"
#include "tests/view/deployment_fixture.h"

namespace slipstream {
namespace {

class RecomputeTest : public CityTest {
 protected:
  CheckReport check(std::optional<std::size_t> view = std::nullopt) {
    differences_.clear();
    const auto report = check_views(
        state(), source(), view, [&](const Difference& difference) { differences_.push_back(difference); });
    EXPECT_TRUE(report) << report.error().message;
    return report.value_or(CheckReport());
  }

  // Stored totals of the deployment: where each stands.
  struct Stored {
    MemoryStore* store;
    std::string key, value;
  };
  std::vector<Stored> totals() {
    const Family family = state().totals_family();
    std::vector<Stored> rows;
    for (MemoryStore* store : stores_)
      EXPECT_TRUE(store->scan(family, "", "", [&](std::string_view key, std::string_view value) {
        rows.push_back({store, std::string(key), std::string(value)});
        return true;
      }));
    return rows;
  }
  void put(MemoryStore* store, const std::string& key, std::optional<std::string> value) {
    ASSERT_TRUE(store->apply({{state().totals_family(), key, std::move(value)}}, true));
  }

  std::vector<Difference> differences_;
};

TEST_F(RecomputeTest, EveryRowIsWhatTheLogSaysWhateverTheNumberOfPartitions) {
  std::uint64_t rows = 0;
  for (const std::int32_t partitions : {1, 3, 8}) {
    stores_.clear();
    engine_.reset();
    log_ = MemoryLog();
    start_city(partitions);
    const CheckReport report = check();
    EXPECT_TRUE(report.settled);
    EXPECT_EQ(report.differences, 0u) << partitions;
    EXPECT_EQ(report.events, 16u);
    if (partitions > 1) {
      EXPECT_EQ(report.rows, rows);
    }
    rows = report.rows;
  }
  EXPECT_GT(rows, 12u);
}

TEST_F(RecomputeTest, AChangedMissingOrInventedRowIsFound) {
  for (const std::int32_t partitions : {1, 3}) {
    differences_.clear();  // they need the definitions they are of
    stores_.clear();
    engine_.reset();
    log_ = MemoryLog();
    start_city(partitions);
    const std::vector<Stored> rows = totals();
    for (std::size_t i = 0; i < rows.size(); ++i) {
      put(rows[i].store, rows[i].key, std::nullopt);
      EXPECT_EQ(check().differences, 1u) << "row " << i << " is missing";
      const std::string& other = rows[(i + 1) % rows.size()].value;
      const bool same_view = rows[i].key.substr(0, 4) == rows[(i + 1) % rows.size()].key.substr(0, 4);
      if (same_view && other != rows[i].value) {
        put(rows[i].store, rows[i].key, other);
        EXPECT_EQ(check().differences, 1u) << "row " << i << " has another's figures";
      }
      put(rows[i].store, rows[i].key, rows[i].value);
    }
    const auto parsed = parse_row_key(rows[0].key);
    put(rows[0].store, row_key(parsed->view, "nowhere", parsed->slice), rows[0].value);
    EXPECT_EQ(check().differences, 1u);
    ASSERT_EQ(differences_.size(), 1u);
    EXPECT_EQ(differences_[0].node, "nowhere");
    EXPECT_TRUE(differences_[0].stored.has_value());
    EXPECT_FALSE(differences_[0].recomputed.has_value());
  }
}

TEST_F(RecomputeTest, OneViewIsCheckedAlone) {
  start_city(1);
  const std::uint64_t all = check().rows;
  std::uint64_t sum = 0;
  for (std::size_t view = 0; view < plan_->views.size(); ++view)
    sum += check(view).rows;
  EXPECT_EQ(sum, all);
}

TEST_F(RecomputeTest, ShardsAtDifferentPointsAreNotCompared) {
  start_city(3);
  send("unit.created", "u9", "2025-01-01T00:00:00Z", "ponds", R"("unit":"ponds","parent":"city")");
  ASSERT_TRUE(engine_->shards()[1]->poll(Duration{}));
  ASSERT_TRUE(engine_->shards()[1]->commit(true));
  EXPECT_FALSE(check().settled);
  advance_to("2025-05-01T00:00:00Z");
  EXPECT_TRUE(check().settled);
}

}  // namespace
}  // namespace slipstream
