// A deployment in memory: a log, shards and their stores, which tests fill, read and damage.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "engine/decode/encoder.h"
#include "engine/log/memory_log.h"
#include "engine/shard/local_engine.h"
#include "engine/state/memory_store.h"
#include "engine/view/event_scan.h"
#include "tests/definition/plan_of.h"

namespace slipstream {

class DeploymentTest : public testing::Test {
 protected:
  void start(const std::string& definitions, std::int32_t partitions) {
    plan_ = plan_of(definitions);
    ASSERT_NE(plan_, nullptr);
    LocalEngine::Options options;
    options.partitions = partitions;
    auto engine =
        LocalEngine::open(*plan_, options, log_, [this](Partition) -> Result<std::unique_ptr<Store>> {
          auto store = std::make_unique<MemoryStore>();
          stores_.push_back(store.get());
          return store;
        });
    ASSERT_TRUE(engine) << engine.error().message;
    engine_ = std::move(*engine);
  }

  // One event as CloudEvents JSON: `data` is what stands in its braces.
  void send(const std::string& type, const std::string& id, const std::string& time, const std::string& key,
            const std::string& data) {
    const bool reference =
        type.starts_with("unit.") || type.starts_with("person.") || type.starts_with("target.");
    const auto partitions = static_cast<std::int32_t>(stores_.size());
    const OutputRecord record{reference ? "reference" : "events",
                              reference ? Partition(0) : partition_of(key, partitions),
                              key,
                              R"({"specversion":"1.0","source":"test","id":")" + id + R"(","type":")" + type +
                                  R"(","time":")" + time + R"(","data":{)" + data + "}}",
                              {},
                              *parse_timestamp("2025-12-31T00:00:00Z")};
    ASSERT_TRUE(log_.append({{record}}));
  }

  void advance_to(const std::string& time) {
    const auto advanced = engine_->advance_to(*parse_timestamp(time));
    ASSERT_TRUE(advanced) << advanced.error().message;
  }

  CommittedState state() const {
    CommittedState state;
    state.plan = plan_;
    for (const MemoryStore* store : stores_)
      state.shards.push_back(store->snapshot());
    return state;
  }
  EventSource source() {
    DecodeOptions decode;
    decode.zone = plan_->zone;
    return {log_, {}, decode};
  }

  std::shared_ptr<const Plan> plan_;
  MemoryLog log_;
  std::vector<MemoryStore*> stores_;  // owned by the engine
  std::unique_ptr<LocalEngine> engine_;
};

// Tasks, reported figures carried forward, and readings, in a tree of events.
class CityTest : public DeploymentTest {
 protected:
  void start_city(std::int32_t partitions) {
    start(R"yaml(
time_zone: Asia/Ho_Chi_Minh
organisation: { root: city, tree: events }
views:
  delivery:
    from: tasks
    node: [unit, person]
    window: { on: due_at, every: [month, year_to_date] }
    measures:
      due: count(*)
      overdue: count(*) filter (where completed_at is null and due_at < now())
      weights: sum(weight)
      heaviest: max(weight)
      progress: ratio(percent * weight, weight)
  stock:
    from: measurements
    window: { every: month }
    latest_per: series
    measures: { residents: sum(value) }
  air:
    from: observations
    window: { every: day }
    deduplicate: sequence
    measures: { particles: avg(value), readings: count(*) }
)yaml",
          partitions);
    send("unit.created", "u1", "2025-01-01T00:00:00Z", "roads", R"("unit":"roads","parent":"city")");
    send("unit.created", "u2", "2025-01-01T00:00:00Z", "parks", R"("unit":"parks","parent":"city")");
    send("unit.created", "u3", "2025-01-01T00:00:00Z", "bridges", R"("unit":"bridges","parent":"roads")");
    send("unit.moved", "u4", "2025-02-01T00:00:00Z", "bridges",
         R"("unit":"bridges","parent":"parks","valid_from":"2025-03-01")");
    task("t1", "roads", "2025-01-10", 3);
    task("t2", "bridges", "2025-02-10", 2);
    task("t3", "bridges", "2025-03-10", 5);
    task("t4", "parks", "2025-01-20", 1);
    send("task.completed", "c1", "2025-01-09T00:00:00Z", "t1", R"("task":"t1")");
    send("task.extended", "x4", "2025-01-15T00:00:00Z", "t4", R"("task":"t4","due_at":"2025-02-20")");
    send("task.progressed", "p2", "2025-01-15T00:00:00Z", "t2", R"("task":"t2","percent":40)");
    figure("m1", "roads", "2025-01-05", 100);
    figure("m2", "roads", "2025-02-05", 90);
    figure("m3", "bridges", "2025-01-06", 7);
    figure("m4", "bridges", "2025-04-06", 9);
    for (int i = 1; i <= 5; ++i)
      send("observation", "o" + std::to_string(i), "2025-01-03T0" + std::to_string(i) + ":00:00Z", "roads",
           R"("metric":"pm25","node":"roads","value":)" + std::to_string(10 * i) + R"(,"sequence":)" +
               std::to_string(std::min(i, 4)));
    advance_to("2025-04-30T00:00:00Z");
  }
  void task(const std::string& id, const std::string& unit, const std::string& due, int weight) {
    send("task.assigned", "a" + id, "2025-01-02T00:00:00Z", id,
         R"("task":")" + id + R"(","unit":")" + unit + R"(","due_at":")" + due + R"(","weight":)" +
             std::to_string(weight));
  }
  void figure(const std::string& id, const std::string& node, const std::string& day, int value) {
    send("measurement.reported", id, day + "T00:00:00Z", node,
         R"("indicator":"residents","node":")" + node + R"(","value":)" + std::to_string(value));
  }
};

}  // namespace slipstream
