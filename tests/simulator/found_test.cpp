// What the simulator found, each once more by itself; docs/reliability.md lists them all.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "connectors/definition/load_file.h"
#include "engine/judge/alert_record.h"
#include "engine/log/faulty_log.h"
#include "engine/log/memory_log.h"
#include "engine/shard/runner.h"
#include "engine/state/memory_store.h"
#include "engine/view/view_reader.h"

namespace slipstream::simulator {
namespace {

class FoundTest : public testing::Test {
 protected:
  void SetUp() override {
    Diagnostics diagnostics;
    plan_ = load_definition_text(R"yaml(
time_zone: Europe/Amsterdam
views:
  air:
    from: observations
    window: { every: day }
    deduplicate: { by: id, window: 1 hour }
    measures: { readings: count(*) }
    retention: 1 day
kpis:
  reports: { value: readings }
alerts:
  reporting: { kpi: reports, nodes: [pole], when: value > 0 }
)yaml",
                                 "air.yaml", diagnostics);
    ASSERT_NE(plan_, nullptr);
    ASSERT_TRUE(create_topics(log_, {}, 1));
  }

  std::unique_ptr<ShardRunner> open(EventLog& log, Store& store, std::size_t records_max = 1000) {
    ShardRunner::Limits limits;
    limits.records_max = records_max;
    auto runner = ShardRunner::open(*plan_, {}, log, store, limits);
    EXPECT_TRUE(runner) << runner.error().message;
    return runner ? std::move(*runner) : nullptr;
  }

  void send(const std::string& id, Timestamp at) {
    const OutputRecord record{
        "events",
        Partition(0),
        "pole",
        R"({"specversion":"1.0","source":"s","type":"observation","id":")" + id +
            R"(","time":"2026-03-01T08:00:00Z","data":{"metric":"air","node":"pole","value":3}})",
        {},
        at};
    ASSERT_TRUE(log_.append({&record, 1}));
  }

  // Readings that the view counts at the pole.
  std::int64_t readings(const Store& store) {
    std::int64_t found = 0;
    ViewQuery query;
    query.node = "pole";
    EXPECT_TRUE(read_view({plan_, {store.snapshot()}}, query, [&](ViewRow&& row) {
      found = row.measures.front().as_integer();
      return true;
    }));
    return found;
  }

  // The phases that alerts have gone to, in order.
  std::vector<AlertPhase> phases() {
    std::vector<AlertPhase> phases;
    const auto reader = log_.open_reader();
    EXPECT_TRUE(reader->seek({"decisions", Partition(0)}, Offset(0)));
    const auto batches = reader->poll(1000, 1 << 20, {});
    EXPECT_TRUE(batches);
    for (const ReadBatch& batch : *batches)
      for (const RecordView& record : batch.records)
        phases.push_back(read_alert_record(record.value)->transition.to);
    return phases;
  }

  const Timestamp start_ = *parse_timestamp("2026-03-01T09:00:00Z");
  std::shared_ptr<const Plan> plan_;
  MemoryLog log_;
};

TEST_F(FoundTest, AReplayWaitsForALogThatIsSlowToAnswer) {
  for (int i = 0; i < 20; ++i)
    send("r" + std::to_string(i), start_);
  MemoryStore lost;
  {
    const auto runner = open(log_, lost);
    ASSERT_TRUE(runner->tick(start_) && runner->poll({}) && runner->commit(true));
  }
  auto durable = std::make_shared<MemoryLog>(log_);
  LogFaults faults;
  faults.slow_partition = 2;
  FaultyLog slow(durable, faults, choose_from_seed(7));
  MemoryStore rebuilt;
  const auto runner = open(slow, rebuilt, 3);
  EXPECT_EQ(readings(rebuilt), 20);
}

TEST_F(FoundTest, AShardThatIsBehindKnowsARepeatedIdHoweverFarItsClockIs) {
  send("once", start_);
  send("other", start_ + minutes(5));
  send("once", start_ + minutes(10));
  MemoryStore store;
  const auto runner = open(log_, store, 1);
  Timestamp clock = start_ + hours(24);
  for (int reads = 0; reads < 3; ++reads) {
    ASSERT_TRUE(runner->tick(clock) && runner->poll({}) && runner->commit(true));
    clock = clock + hours(2);
  }
  EXPECT_EQ(runner->note().counters.received, 3u);
  EXPECT_EQ(runner->note().counters.duplicates, 1u);
  EXPECT_EQ(readings(store), 2);
}

// The mark that clearing leaves until it is done; the rows are gone already, the note is not.
TEST_F(FoundTest, AClearingOfTheStateThatWasInterruptedIsDoneAgain) {
  send("once", start_);
  MemoryStore store;
  {
    const auto runner = open(log_, store);
    ASSERT_TRUE(runner->tick(start_) && runner->poll({}) && runner->commit(true));
  }
  StateBatch cleared;
  cleared.push_back({Family::meta, "clearing", ""});
  ASSERT_TRUE(store.scan(Family::rows, "", "", [&](std::string_view key, std::string_view) {
    cleared.push_back({Family::rows, key, std::nullopt});
    return true;
  }));
  ASSERT_TRUE(store.apply(cleared, true));
  const auto runner = open(log_, store);
  EXPECT_EQ(readings(store), 1);
  EXPECT_FALSE(*store.get(Family::meta, "clearing"));
}

TEST_F(FoundTest, AnAlertWhoseRowsAreGoneExpiresThoughTheStateIsLost) {
  send("once", start_);
  MemoryStore lost;
  {
    const auto runner = open(log_, lost);
    ASSERT_TRUE(runner->tick(start_) && runner->poll({}) && runner->judge() && runner->commit(true));
    ASSERT_TRUE(runner->tick(start_ + days(4)) && runner->commit(true));
  }
  ASSERT_THAT(phases(), testing::ElementsAre(AlertPhase::firing));
  MemoryStore rebuilt;
  const auto runner = open(log_, rebuilt);
  ASSERT_TRUE(runner->judge() && runner->commit(true));
  EXPECT_THAT(phases(), testing::ElementsAre(AlertPhase::firing, AlertPhase::expired));
}

}  // namespace
}  // namespace slipstream::simulator
