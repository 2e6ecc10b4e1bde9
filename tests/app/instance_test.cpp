// The threads of a running instance: shards that fold, send one another
// partials and commit at once, and a stop from outside at any time.
#include "engine/app/instance.h"

#include <gtest/gtest.h>

#include <thread>

#include "connectors/file/importer.h"
#include "engine/app/decisions.h"
#include "engine/app/demo/city_files.h"
#include "engine/view/recompute.h"
#include "tests/log/temporary_directory.h"

namespace slipstream {
namespace {

class InstanceTest : public testing::Test {
 protected:
  void SetUp() override {
    configuration_.data = directory_.path() / "data";
    configuration_.partitions = 4;
    configuration_.clock = ClockMode::events;
    configuration_.commit_interval = milliseconds(20);
    City city(3, CitySize::small);
    const auto files = write_city(directory_.path(), city, {});
    ASSERT_TRUE(files) << files.error().message;
    configuration_.definitions = files->definitions;
    Diagnostics diagnostics;
    plan_ = load_plan(configuration_, diagnostics);
    ASSERT_NE(plan_, nullptr);
    open();
    ImportOptions importing;
    importing.clock = [] { return *parse_timestamp("2026-11-01T00:00:00Z"); };
    importing.partitions = configuration_.partitions;
    Importer importer(&deployment_->log(), importing);
    ASSERT_TRUE(importer.prepare());
    ASSERT_TRUE(importer.import_file(files->events, mapping_of_events(FileFormat::json_lines)));
  }

  void open() {
    deployment_.reset();
    auto deployment = Deployment::open(configuration_, Deployment::Access::write);
    ASSERT_TRUE(deployment) << deployment.error().message;
    deployment_ = std::move(*deployment);
  }

  InstanceStatus run_until_idle(ShardRunner::Limits limits = {}) {
    Instance::Options options;
    options.limits = limits;
    options.until_idle = true;
    Instance instance(configuration_, *deployment_, plan_, options);
    const auto ran = instance.run();
    EXPECT_TRUE(ran) << ran.error().message;
    return instance.status();
  }

  void expect_exact() {
    open();  // what the instance held is closed: this is what is on the disk
    const auto state = deployment_->committed_state(plan_);
    ASSERT_TRUE(state) << state.error().message;
    const auto report = check_views(
        *state, deployment_->event_source(*plan_), {},
        [](const Difference& difference) { ADD_FAILURE() << "node '" << difference.node << "' differs"; });
    ASSERT_TRUE(report) << report.error().message;
    EXPECT_TRUE(report->settled);
    EXPECT_GT(report->rows, 100u);
  }

  TemporaryDirectory directory_;
  Configuration configuration_;
  std::shared_ptr<const Plan> plan_;
  std::unique_ptr<Deployment> deployment_;
};

TEST_F(InstanceTest, IsIdleOnlyWhenEveryRecordOfEveryShardHasBeenFolded) {
  const InstanceStatus status = run_until_idle();
  EXPECT_EQ(status.backlog, 0u);
  EXPECT_GT(status.counters.folded, 1000u);
  const Counters& n = status.counters;
  EXPECT_EQ(n.received, n.folded + n.duplicates + n.dead_lettered + n.forwarded);
  expect_exact();
}

TEST_F(InstanceTest, StoppedAtAnyTimeItGoesOnWhereItWas) {
  for (const int pause_ms : {1, 5, 20, 50, 100}) {
    Instance instance(configuration_, *deployment_, plan_, {});
    std::thread stopper([&] {
      std::this_thread::sleep_for(std::chrono::milliseconds(pause_ms));
      instance.stop();
    });
    const auto ran = instance.run();
    stopper.join();
    ASSERT_TRUE(ran) << ran.error().message;
  }
  EXPECT_EQ(run_until_idle().backlog, 0u);
  expect_exact();
}

// At a clock that stands still one judgement of whole figures takes each alert one way only: whatever else is
// decided was decided of figures that lacked what other shards had not folded yet.
TEST_F(InstanceTest, JudgesNothingBeforeEveryShardHasFoldedWhatTheLogHeld) {
  configuration_.commit_interval = milliseconds(1);
  configuration_.clock = ClockMode::fixed;
  configuration_.clock_at = *parse_timestamp("2025-06-30T12:00:00Z");
  EXPECT_EQ(run_until_idle({.records_max = 20}).backlog, 0u);  // many rounds for every shard
  const auto decisions = read_decisions(deployment_->log(), deployment_->topics(), configuration_.partitions);
  ASSERT_TRUE(decisions) << decisions.error().message;
  EXPECT_GT(decisions->size(), 0u);
  std::map<std::string, int> of_alert;
  for (const AlertRecord& record : *decisions)
    EXPECT_EQ(++of_alert[record.state.id], 1) << record.state.id;
}

}  // namespace
}  // namespace slipstream
