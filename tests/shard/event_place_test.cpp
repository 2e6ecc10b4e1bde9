// Events in a partition that is not their own: of a producer with another partitioner, or of one that ignored
// the key. They are sent on and count once, where the rest of their task or source is.
#include <gtest/gtest.h>

#include <map>
#include <memory>

#include "engine/log/memory_log.h"
#include "engine/shard/local_engine.h"
#include "engine/state/faulty_store.h"
#include "engine/view/explain.h"
#include "engine/view/recompute.h"
#include "engine/view/view_reader.h"
#include "tests/definition/plan_of.h"

namespace slipstream {
namespace {

constexpr std::int32_t kPartitions = 3;
constexpr int kTasks = 20;

const std::string kDefinitions = R"yaml(
time_zone: UTC
views:
  delivery:
    from: tasks
    node: [unit]
    window: { on: due_at, every: month }
    measures: { due: count(*), done: count(*) filter (where completed_at is not null) }
  air:
    from: observations
    node: [node]
    window: { on: effective_at, every: day }
    measures: { readings: count(*) }
)yaml";

class Misplaced : public testing::Test {
 protected:
  void SetUp() override {
    plan_ = plan_of(kDefinitions);
    ASSERT_NE(plan_, nullptr);
    ASSERT_TRUE(log_.create_topic({"events", kPartitions, Cleanup::retain, {}, {}}));
  }

  // `off` partitions beside its own.
  void send(const std::string& key, const std::string& type, const std::string& data, std::int32_t off) {
    const std::string time = "2026-01-02T00:00:00Z";
    const Partition partition((partition_of(key, kPartitions).value + off) % kPartitions);
    const std::string event = R"({"specversion":"1.0","source":"test","id":")" + type + key +
                              R"(","type":")" + type + R"(","subject":")" + key + R"(","time":")" + time +
                              R"(","data":)" + data + "}";
    ASSERT_TRUE(log_.append({{OutputRecord{"events", partition, key, event, {}, *parse_timestamp(time)}}}));
  }

  Counters run() {
    LocalEngine::Options options;
    options.partitions = kPartitions;
    const auto engine =
        LocalEngine::open(*plan_, options, log_,
                          [this](Partition p) -> Result<std::unique_ptr<Store>> { return disk(p).open(); });
    if (!engine) {
      ADD_FAILURE() << engine.error().message;
      return {};
    }
    EXPECT_TRUE((*engine)->advance_to(*parse_timestamp("2026-01-03T00:00:00Z")));
    return (*engine)->counters();
  }
  void lose_state() { disks_.clear(); }

  FaultyStore& disk(Partition partition) {
    auto& disk = disks_[partition];
    if (disk == nullptr) disk = std::make_unique<FaultyStore>(StoreFaults{}, choose_from_seed(1));
    return *disk;
  }
  CommittedState state() {
    CommittedState state;
    state.plan = plan_;
    for (std::int32_t i = 0; i < kPartitions; ++i)
      state.shards.push_back(disk(Partition(i)).open()->snapshot());
    return state;
  }
  EventSource source() { return {log_, {}, {}}; }

  std::vector<std::int64_t> figures(std::size_t view, const std::string& node) {
    std::vector<std::int64_t> figures;
    ViewQuery query;
    query.view = view;
    query.node = node;
    EXPECT_TRUE(read_view(state(), query, [&](ViewRow&& row) {
      for (const auto& measure : row.measures)
        figures.push_back(measure.as_integer());
      return true;
    }));
    return figures;
  }
  void expect_exact() {
    const auto report = check_views(state(), source(), {}, [](const Difference& difference) {
      ADD_FAILURE() << "node '" << difference.node << "' differs";
    });
    ASSERT_TRUE(report) << report.error().message;
    EXPECT_TRUE(report->settled);
  }

  std::shared_ptr<const Plan> plan_;
  MemoryLog log_;
  std::map<Partition, std::unique_ptr<FaultyStore>> disks_;
};

TEST_F(Misplaced, EventsOfATaskMeetInItsShard) {
  for (int i = 0; i < kTasks; ++i) {
    const std::string task = "t" + std::to_string(i);
    send(task, "task.completed", R"({"task":")" + task + R"("})", i % kPartitions);
    send(task, "task.assigned", R"({"task":")" + task + R"(","unit":"parks","due_at":"2026-01-20"})", 0);
  }
  const Counters counted = run();
  EXPECT_EQ(counted.forwarded, 13u);
  EXPECT_EQ(counted.folded, 2u * kTasks);
  EXPECT_EQ(counted.received, counted.folded + counted.forwarded);
  EXPECT_EQ(figures(0, "parks"), (std::vector<std::int64_t>{kTasks, kTasks}));
  expect_exact();
}

TEST_F(Misplaced, AReadingCountsOnceAndIsExplained) {
  send("roof", "observation", R"({"metric":"pm25","node":"roof","value":1})", 1);
  EXPECT_EQ(run().forwarded, 1u);
  EXPECT_EQ(figures(1, "roof"), std::vector<std::int64_t>{1});
  expect_exact();
  const auto window = plan_->views[1].windows.parse_label("2026-01-02");
  ASSERT_TRUE(window);
  const auto explanation = explain(state(), source(), {1, "roof", *window, 10});
  ASSERT_TRUE(explanation) << explanation.error().message;
  EXPECT_TRUE(explanation->is_equal);
  EXPECT_EQ(explanation->contributions.size(), 1u);
}

TEST_F(Misplaced, AStateThatWasLostIsRebuiltWithoutSendingAnythingOnAgain) {
  send("t1", "task.completed", R"({"task":"t1"})", 1);
  send("t1", "task.assigned", R"({"task":"t1","unit":"parks","due_at":"2026-01-20"})", 0);
  const Counters counted = run();
  lose_state();
  EXPECT_EQ(run(), counted);
  EXPECT_EQ(figures(0, "parks"), (std::vector<std::int64_t>{1, 1}));
  expect_exact();
}

}  // namespace
}  // namespace slipstream
