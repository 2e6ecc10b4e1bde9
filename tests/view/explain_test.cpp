// A figure is the sum of what explains it: of tasks, of figures carried forward, of readings.
#include "engine/view/explain.h"

#include <algorithm>

#include "engine/aggregate/row_key.h"
#include "tests/view/deployment_fixture.h"

namespace slipstream {
namespace {

class ExplainTest : public CityTest {
 protected:
  Explanation explained(const std::string& view_name, const std::string& node, const std::string& label,
                        std::size_t listed_max = 1000) {
    const std::size_t view = static_cast<std::size_t>(plan_->find_view(view_name) - plan_->views.data());
    const auto window = plan_->views[view].windows.parse_label(label);
    EXPECT_TRUE(window) << label;
    auto explanation = explain(state(), source(), {view, node, *window, listed_max});
    EXPECT_TRUE(explanation) << explanation.error().message;
    return std::move(*explanation);
  }
  static std::vector<std::string> entities(const Explanation& explanation) {
    std::vector<std::string> names;
    for (const ExplainedContribution& contribution : explanation.contributions)
      names.push_back(contribution.entity);
    std::sort(names.begin(), names.end());
    return names;
  }
};

using Names = std::vector<std::string>;

TEST_F(ExplainTest, AFigureListsItsTasksWithTheEventsBehindThem) {
  start_city(3);
  const Explanation roads = explained("delivery", "roads", "2025-01");
  EXPECT_TRUE(roads.is_equal);
  ASSERT_EQ(entities(roads), Names{"t1"});
  const ExplainedContribution& task = roads.contributions[0];
  EXPECT_EQ(task.adds, (std::vector<std::string>{"1", "", "3", "3", "300 / 3"}));
  ASSERT_EQ(task.events.size(), 2u);
  EXPECT_EQ(task.events[0].id, "at1");
  EXPECT_EQ(task.events[1].type, EventType::task_completed);
  EXPECT_EQ(task.events[1].position.topic, "events");
  EXPECT_GT(task.events[1].position.offset, task.events[0].position.offset);
}

TEST_F(ExplainTest, AnExtendedTaskCountsWhereItIsDueNow) {
  start_city(1);
  EXPECT_EQ(entities(explained("delivery", "parks", "2025-01")), Names{});
  const Explanation february = explained("delivery", "parks", "2025-02");
  ASSERT_EQ(entities(february), Names{"t4"});
  EXPECT_EQ(february.contributions[0].events.size(), 2u);
}

TEST_F(ExplainTest, ASubtreeIsThatOfTheTime) {
  start_city(3);
  EXPECT_EQ(entities(explained("delivery", "roads", "2025-02")), Names{"t2"});
  EXPECT_EQ(entities(explained("delivery", "parks", "2025-03")), Names{"t3"});
  EXPECT_EQ(entities(explained("delivery", "roads", "2025-03")), Names{});
  EXPECT_EQ(entities(explained("delivery", "city", "2025-01..2025-03")), (Names{"t1", "t2", "t3", "t4"}));
}

TEST_F(ExplainTest, OfFiguresCarriedForwardOnlyTheOnesInForceAreListed) {
  start_city(3);
  const Explanation february = explained("stock", "roads", "..2025-02");
  EXPECT_TRUE(february.is_equal);
  ASSERT_EQ(february.contributions.size(), 2u);
  EXPECT_EQ(february.contributions[0].adds[0], "7");   // of bridges, below roads until March
  EXPECT_EQ(february.contributions[1].adds[0], "90");  // the newest of roads; the one before it is withdrawn
}

TEST_F(ExplainTest, AFigureCarriedForwardIsListedWhereItsNodeStands) {
  start_city(3);
  const Explanation roads = explained("stock", "roads", "..2025-03"),
                    parks = explained("stock", "parks", "..2025-03");
  EXPECT_TRUE(roads.is_equal);
  EXPECT_TRUE(parks.is_equal);
  ASSERT_EQ(roads.contributions.size(), 1u);
  EXPECT_EQ(roads.contributions[0].adds[0], "90");
  ASSERT_EQ(parks.contributions.size(), 1u);
  EXPECT_EQ(parks.contributions[0].adds[0], "7");  // of bridges
}

TEST_F(ExplainTest, RepeatedReadingsAreNotListed) {
  start_city(3);
  const Explanation day = explained("air", "city", "2025-01-03");
  EXPECT_TRUE(day.is_equal);
  EXPECT_EQ(entities(day), (Names{"o1", "o2", "o3", "o4"}));
}

TEST_F(ExplainTest, EveryFigureOfEveryViewAddsUpToTheByte) {
  for (const std::int32_t partitions : {1, 3}) {
    stores_.clear();
    engine_.reset();
    log_ = MemoryLog();
    start_city(partitions);
    std::size_t figures = 0;
    for (std::size_t view = 0; view < plan_->views.size(); ++view) {
      ViewQuery query;
      query.view = view;
      const CommittedState committed = state();
      ASSERT_TRUE(read_view(committed, query, [&](ViewRow&& row) {
        ++figures;
        const auto explanation = explain(committed, source(), {view, row.node, row.window, 1000});
        EXPECT_TRUE(explanation && explanation->is_equal)
            << plan_->views[view].name << " " << row.node << " " << row.label;
        return true;
      }));
    }
    EXPECT_GT(figures, 20u);
  }
}

TEST_F(ExplainTest, WhatIsNotListedIsSummedAllTheSame) {
  start_city(1);
  const Explanation explanation = explained("delivery", "city", "2025-01..2025-03", 1);
  EXPECT_EQ(explanation.contributions.size(), 1u);
  EXPECT_EQ(explanation.contributed, 4u);
  EXPECT_TRUE(explanation.is_equal);
}

TEST_F(ExplainTest, AStoredFigureThatIsWrongIsSaidToBe) {
  start_city(1);
  std::string key;
  ASSERT_TRUE(stores_[0]->scan(Family::rows, "", "", [&](std::string_view found, std::string_view) {
    key = found;
    return false;
  }));
  const auto row = parse_row_key(key);
  ASSERT_TRUE(stores_[0]->apply({{Family::rows, key, std::nullopt}}, true));
  std::size_t view = 0;
  while (plan_->views[view].id != row->view)
    ++view;
  const auto window = plan_->views[view].windows.window_at(0, row->slice);
  const auto explanation = explain(state(), source(), {view, row->node, *window, 10});
  ASSERT_TRUE(explanation);
  EXPECT_FALSE(explanation->is_equal);
}

}  // namespace
}  // namespace slipstream
