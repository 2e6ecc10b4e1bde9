// Definitions change while a deployment lives: what the change touches is built again from the log or decided
// anew, and nothing else is.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "engine/decode/dead_letter.h"
#include "engine/judge/alert_record.h"
#include "engine/log/memory_log.h"
#include "engine/shard/local_engine.h"
#include "engine/state/faulty_store.h"
#include "engine/view/recompute.h"
#include "engine/view/view_reader.h"
#include "tests/definition/plan_of.h"

namespace slipstream {
namespace {

const std::string kViews = R"yaml(
time_zone: UTC
views:
  delivery:
    from: tasks
    node: [unit, person]
    window: { on: due_at, every: month }
    measures: { due: count(*), done: count(*) filter (where completed_at is not null) }
)yaml";
const std::string kRate = R"yaml(
kpis: { rate: { value: "100.0 * done / nullif(due, 0)" } }
targets: [{ kpi: rate, every: month, target: 80 }]
)yaml";
const std::string kAlert = "alerts: { slipping: { kpi: rate, when: status = 'red' } }\n";

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

class DefinitionChange : public testing::Test {
 protected:
  // Ends the engine and opens it with these definitions, on the log and on what earlier runs with the same
  // state version left: it brings the state up to what the log has committed.
  std::unique_ptr<LocalEngine> open_with(const std::string& definitions) {
    plan_ = plan_of(definitions);
    if (plan_ == nullptr) return nullptr;
    LocalEngine::Options options;
    options.partitions = kPartitions;
    auto engine =
        LocalEngine::open(*plan_, options, log_,
                          [this](Partition p) -> Result<std::unique_ptr<Store>> { return disk(p).open(); });
    EXPECT_TRUE(engine) << engine.error().message;
    return engine ? std::move(*engine) : nullptr;
  }
  void run_with(const std::string& definitions, const std::string& until) {
    const auto engine = open_with(definitions);
    ASSERT_NE(engine, nullptr);
    const auto advanced = engine->advance_to(*parse_timestamp(until));
    ASSERT_TRUE(advanced) << advanced.error().message;
    counters_ = engine->counters();
    EXPECT_EQ(counters_.received, counters_.folded + counters_.duplicates + counters_.dead_lettered);
  }
  // Ends before anything else is committed.
  void rebuild_only(const std::string& definitions) { ASSERT_NE(open_with(definitions), nullptr); }
  void lose_state() { disks_.clear(); }

  FaultyStore& disk(Partition partition) {
    auto& disk = disks_[{plan_->state_version, partition}];
    if (disk == nullptr) disk = std::make_unique<FaultyStore>(StoreFaults{}, choose_from_seed(1));
    return *disk;
  }

  void send(const std::string& topic, const std::string& key, const std::string& type, const std::string& id,
            const std::string& data, const std::string& time = "2026-01-01T00:00:00Z") {
    const Partition partition = topic == "reference" ? Partition(0) : partition_of(key, kPartitions);
    const OutputRecord record{topic,
                              partition,
                              key,
                              R"({"specversion":"1.0","source":"test","id":")" + id + R"(","type":")" + type +
                                  R"(","subject":")" + key + R"(","time":")" + time + R"(","data":)" + data +
                                  "}",
                              {},
                              *parse_timestamp(time)};
    ASSERT_TRUE(log_.create_topic({"events", kPartitions, Cleanup::retain, {}, {}}));
    ASSERT_TRUE(log_.append({{record}}));
  }
  void task(const std::string& id, const std::string& unit, const std::string& due) {
    send("events", id, "task.assigned", "assign-" + id,
         R"({"task":")" + id + R"(","unit":")" + unit + R"(","due_at":")" + due + R"("})");
  }
  // A reading whose channel is a text; only some texts are numbers.
  void reading(const std::string& id, const std::string& channel) {
    send("events", "roof", "observation", id,
         R"({"metric":"pm25","node":"roof","value":1,"channel":")" + channel + R"("})");
  }
  std::vector<DeadLetter> letters() {
    std::vector<DeadLetter> letters;
    const auto reader = log_.open_reader();
    EXPECT_TRUE(reader->seek({"dead_letters", Partition(0)}, Offset(0)));
    const auto batches = reader->poll(1000, 1 << 20, Duration{});
    for (const ReadBatch& batch : *batches)
      for (const RecordView& record : batch.records)
        letters.push_back(*from_record(record));
    return letters;
  }
  // How many readings the view counts.
  std::int64_t readings() {
    CommittedState state = committed();
    ViewQuery query;
    query.node = "roof";
    std::int64_t count = 0;
    EXPECT_TRUE(read_view(state, query, [&](ViewRow&& row) {
      count = row.measures.front().as_integer();
      return true;
    }));
    return count;
  }
  void tasks() {
    for (int i = 0; i < 40; ++i)
      task("t" + std::to_string(i), i % 3 == 0 ? "roads/north" : "parks", "2026-01-20");
  }

  void complete(const std::string& id) {
    send("events", id, "task.completed", "complete-" + id, R"({"task":")" + id + R"("})",
         "2026-01-10T00:00:00Z");
  }
  void acknowledge(const std::string& rule, const std::string& node) {
    const std::string id = latest_[rule + " " + node].id;
    send("reference", id, "alert.acknowledged", "acknowledge-" + id,
         R"({"alert":")" + id + R"(","person":"An"})", "2026-01-10T00:00:00Z");
  }
  bool is_acknowledged(const std::string& rule, const std::string& node) {
    return latest_[rule + " " + node].acknowledged.has_value();
  }

  CommittedState committed() {
    CommittedState state;
    state.plan = plan_;
    for (std::int32_t i = 0; i < kPartitions; ++i)
      state.shards.push_back(disk(Partition(i)).open()->snapshot());
    return state;
  }

  // Every row of every view against a recompute from the log.
  void expect_exact() {
    const CommittedState state = committed();
    DecodeOptions decode;
    decode.zone = plan_->zone;
    const auto report = check_views(state, {log_, {}, decode}, {}, [](const Difference& difference) {
      ADD_FAILURE() << "node '" << difference.node << "' differs";
    });
    ASSERT_TRUE(report) << report.error().message;
    EXPECT_TRUE(report->settled);
    EXPECT_GT(report->rows, 0u);
  }

  // "rule node from>to" of every decision since the last call.
  std::vector<std::string> decisions() {
    std::vector<std::string> found;
    for (std::int32_t i = 0; i < kPartitions; ++i) {
      const TopicPartition at{"decisions", Partition(i)};
      const auto reader = log_.open_reader();
      EXPECT_TRUE(reader->seek(at, decisions_seen_[at]));
      const auto batches = reader->poll(1000, 1 << 20, Duration{});
      for (const ReadBatch& batch : *batches) {
        for (const RecordView& record : batch.records) {
          const AlertRecord read = *read_alert_record(record.value);
          latest_[read.state.subject.rule + " " + read.state.subject.node] = read.state;
          found.push_back(read.state.subject.rule + " '" + read.state.subject.node + "' " +
                          std::string(name_of(read.transition.from)) + ">" +
                          std::string(name_of(read.transition.to)));
        }
        decisions_seen_[at] = batch.next;
      }
    }
    std::sort(found.begin(), found.end());
    return found;
  }

  static constexpr std::int32_t kPartitions = 3;
  std::shared_ptr<const Plan> plan_;
  MemoryLog log_;
  Counters counters_;
  std::map<std::pair<std::string, Partition>, std::unique_ptr<FaultyStore>> disks_;
  std::map<TopicPartition, Offset> decisions_seen_;
  std::map<std::string, AlertState> latest_;  // by rule and node, of the decisions read so far
};

using Lines = std::vector<std::string>;

TEST_F(DefinitionChange, ANewViewIsBuiltFromTheLogOnEveryShard) {
  tasks();
  run_with(kViews, "2026-01-10T00:00:00Z");
  expect_exact();
  run_with(replaced(kViews, "count(*) filter", "count(distinct person) filter"), "2026-01-11T00:00:00Z");
  expect_exact();
}

TEST_F(DefinitionChange, GoingBackToTheOldViewCatchesUp) {
  tasks();
  run_with(kViews, "2026-01-10T00:00:00Z");
  task("late", "roads/north", "2026-01-25");
  run_with(replaced(kViews, "count(*) filter", "count(distinct person) filter"), "2026-01-11T00:00:00Z");
  task("later", "roads/south", "2026-01-26");
  run_with(kViews, "2026-01-12T00:00:00Z");
  expect_exact();
}

TEST_F(DefinitionChange, TitlesKpisTargetsAndAlertsGoOnWithTheSameState) {
  run_with(kViews, "2026-01-01T00:00:00Z");
  const std::string before = plan_->state_version;
  run_with("name: Another\n" + kViews + kRate + kAlert, "2026-01-02T00:00:00Z");
  EXPECT_EQ(plan_->state_version, before);
  run_with(kViews + "columns: { tasks: { fee: decimal } }\n", "2026-01-03T00:00:00Z");
  EXPECT_NE(plan_->state_version, before);
}

TEST_F(DefinitionChange, ANewAlertJudgesWhatWasThereBefore) {
  tasks();
  run_with(kViews, "2026-01-10T00:00:00Z");
  EXPECT_EQ(decisions(), Lines());
  run_with(kViews + kRate + kAlert, "2026-01-11T00:00:00Z");
  EXPECT_EQ(decisions(),
            Lines({"slipping 'all' inactive>firing", "slipping 'parks' inactive>firing",
                   "slipping 'roads' inactive>firing", "slipping 'roads/north' inactive>firing"}));
  run_with(kViews + kRate + kAlert, "2026-01-12T00:00:00Z");
  EXPECT_EQ(decisions(), Lines());
}

TEST_F(DefinitionChange, TheAlertOfARemovedRuleIsSuperseded) {
  tasks();
  run_with(kViews + kRate + kAlert, "2026-01-10T00:00:00Z");
  EXPECT_EQ(decisions().size(), 4u);
  run_with(kViews + kRate, "2026-01-11T00:00:00Z");
  EXPECT_EQ(decisions(),
            Lines({"slipping 'all' firing>superseded", "slipping 'parks' firing>superseded",
                   "slipping 'roads' firing>superseded", "slipping 'roads/north' firing>superseded"}));
  run_with(kViews + kRate, "2026-01-12T00:00:00Z");
  EXPECT_EQ(decisions(), Lines());
}

TEST_F(DefinitionChange, TheAlertOfANodeThatARuleNoLongerCoversIsSuperseded) {
  tasks();
  run_with(kViews + kRate + kAlert, "2026-01-10T00:00:00Z");
  decisions();
  run_with(kViews + kRate + replaced(kAlert, "kpi: rate,", "kpi: rate, nodes: \"*\","),
           "2026-01-11T00:00:00Z");
  EXPECT_EQ(decisions(),
            Lines({"slipping 'all' firing>superseded", "slipping 'roads/north' firing>superseded"}));
}

TEST_F(DefinitionChange, AnAlertOutlivesAChangeOfWhatItDoesNotRestOn) {
  tasks();
  const std::string definitions = kViews + kRate + kAlert;
  run_with(definitions, "2026-01-10T00:00:00Z");
  EXPECT_EQ(decisions().size(), 4u);
  acknowledge("slipping", "parks");
  run_with(definitions, "2026-01-10T01:00:00Z");
  EXPECT_EQ(decisions(), Lines({"slipping 'parks' firing>firing"}));
  run_with(replaced(definitions, "slipping: {", "slipping: { title: Slipping,"), "2026-01-11T00:00:00Z");
  run_with("name: Another\n" +
               replaced(definitions, "alerts: {", "alerts: { idle: { kpi: rate, when: due > 1000 },"),
           "2026-01-12T00:00:00Z");
  run_with(replaced(definitions, "{ kpi: rate, every: month, target: 80 }",
                    "{ kpi: rate, every: month, target: 80 }, { kpi: rate, nodes: parks/north, target: 70 }"),
           "2026-01-13T00:00:00Z");
  EXPECT_EQ(decisions(), Lines());
  EXPECT_TRUE(is_acknowledged("slipping", "parks"));
  // What follows is decided under the new definitions.
  for (int i = 0; i < 40; ++i)
    complete("t" + std::to_string(i));
  run_with("name: A third\n" + definitions, "2026-01-14T00:00:00Z");
  EXPECT_EQ(decisions(),
            Lines({"slipping 'all' firing>resolved", "slipping 'parks' firing>resolved",
                   "slipping 'roads' firing>resolved", "slipping 'roads/north' firing>resolved"}));
  EXPECT_EQ(latest_["slipping parks"].definition_version, plan_->version);
}

TEST_F(DefinitionChange, AnAlertIsSupersededByAChangeOfItsRuleKpiOrTarget) {
  tasks();
  const std::string definitions = kViews + kRate + kAlert;
  run_with(definitions, "2026-01-10T00:00:00Z");
  decisions();
  const Lines anew{"slipping 'all' firing>superseded",         "slipping 'all' superseded>firing",
                   "slipping 'parks' firing>superseded",       "slipping 'parks' superseded>firing",
                   "slipping 'roads' firing>superseded",       "slipping 'roads' superseded>firing",
                   "slipping 'roads/north' firing>superseded", "slipping 'roads/north' superseded>firing"};
  run_with(replaced(definitions, "status = 'red'", "status <> 'green'"), "2026-01-11T00:00:00Z");
  EXPECT_EQ(decisions(), anew);
  run_with(replaced(definitions, "100.0 * done", "99.0 * done"), "2026-01-12T00:00:00Z");
  EXPECT_EQ(decisions(), anew);
  run_with(replaced(definitions, "target: 80", "target: 85"), "2026-01-13T00:00:00Z");
  EXPECT_EQ(decisions(), anew);
  run_with(definitions, "2026-01-14T00:00:00Z");
  EXPECT_EQ(decisions(), anew);
  run_with(replaced(definitions, "count(*) filter", "count(person) filter"), "2026-01-15T00:00:00Z");
  EXPECT_EQ(decisions(), anew);
}

const std::string kNumbers = R"yaml(
time_zone: UTC
columns: { observations: { channel: integer } }
views:
  air: { from: observations, window: { every: month }, measures: { readings: count(*) } }
)yaml";
const std::string kTexts = replaced(kNumbers, "channel: integer", "channel: text");

TEST_F(DefinitionChange, ARefusedRecordCountsOnceItIsReplayedAndNotBefore) {
  reading("a", "web");
  reading("b", "1");
  run_with(kNumbers, "2026-01-10T00:00:00Z");
  EXPECT_EQ(counters_.dead_lettered, 1u);
  EXPECT_EQ(readings(), 1);
  run_with(kTexts, "2026-01-11T00:00:00Z");
  EXPECT_EQ(counters_.dead_lettered, 1u);
  EXPECT_EQ(readings(), 1);
  expect_exact();
  ASSERT_EQ(letters().size(), 1u);
  ASSERT_TRUE(log_.append({{original_record(letters().front())}}));
  run_with(kTexts, "2026-01-12T00:00:00Z");
  EXPECT_EQ(counters_.folded, 2u);
  EXPECT_EQ(readings(), 2);
  expect_exact();
  lose_state();
  run_with(kTexts, "2026-01-13T00:00:00Z");
  EXPECT_EQ(readings(), 2);
  expect_exact();
  EXPECT_EQ(letters().size(), 1u);
}

TEST_F(DefinitionChange, WhatNewDefinitionsRefuseBecomesADeadLetterOnce) {
  reading("a", "web");
  reading("b", "1");
  run_with(kTexts, "2026-01-10T00:00:00Z");
  EXPECT_EQ(counters_.folded, 2u);
  EXPECT_EQ(readings(), 2);
  rebuild_only(kNumbers);
  EXPECT_EQ(letters().size(), 1u);
  lose_state();  // as when it ends before the store has taken the records in
  rebuild_only(kNumbers);
  run_with(kNumbers, "2026-01-11T00:00:00Z");
  ASSERT_EQ(letters().size(), 1u);
  EXPECT_EQ(letters().front().code, ErrorCode::wrong_type);
  EXPECT_EQ(letters().front().definition_version, plan_->version);
  EXPECT_EQ(counters_.received, 2u);
  EXPECT_EQ(counters_.folded, 1u);
  EXPECT_EQ(counters_.dead_lettered, 1u);
  EXPECT_EQ(readings(), 1);
  expect_exact();
}

TEST_F(DefinitionChange, TheStateOfDefinitionsThatComeBackHoldsNothingRefusedMeanwhile) {
  reading("a", "web");
  reading("b", "1");
  run_with(kTexts, "2026-01-10T00:00:00Z");
  run_with(kNumbers, "2026-01-11T00:00:00Z");
  ASSERT_EQ(letters().size(), 1u);
  run_with(kTexts, "2026-01-12T00:00:00Z");
  EXPECT_EQ(readings(), 1);
  expect_exact();
  ASSERT_TRUE(log_.append({{original_record(letters().front())}}));
  run_with(kTexts, "2026-01-13T00:00:00Z");
  EXPECT_EQ(readings(), 2);
  EXPECT_EQ(counters_.received, 3u);
  EXPECT_EQ(counters_.folded, 2u);
  expect_exact();
}

// What was folded under definitions without the rule, and not judged, counts when those with it come back.
TEST_F(DefinitionChange, RowsOfDefinitionsInBetweenAreJudgedWhole) {
  const std::string views = replaced(kViews, "every: month", "every: [month, day]");
  const std::string alert = replaced(kAlert, "when:", "nodes: '*', when:");
  task("t", "parks", "2026-01-20");
  run_with(views + kRate + alert, "2026-01-05T00:00:00Z");
  for (int i = 0; i < 9; ++i) {
    task("r" + std::to_string(i), "roads", "2026-01-10");
    complete("r" + std::to_string(i));
  }
  {
    const auto engine = open_with(views + kRate);
    ASSERT_NE(engine, nullptr);
    ASSERT_TRUE(engine->settle());
  }
  decisions();
  rebuild_only(views + kRate + alert);
  task("late", "roads", "2026-01-20");
  run_with(views + kRate + alert, "2026-01-21T00:00:00Z");
  for (const std::string& decision : decisions())
    EXPECT_EQ(decision.find("roads"), std::string::npos)
        << decision << ", and nine of its ten tasks are done";
  expect_exact();
}

// A month in which one child gives to the other what it has adds nothing to their parent, whose row is not stored then: the parts of
// its shards still are.
TEST_F(DefinitionChange, PartsThatCancelOutOutliveARestart) {
  const std::string definitions = R"yaml(
time_zone: UTC
views:
  stock:
    from: measurements
    latest_per: series
    window: { every: month }
    measures: { total: sum(value) }
)yaml";
  const auto child = [&](bool with_its_parent) {
    std::string node = "d/a";
    while ((partition_of(node, kPartitions) == partition_of("d", kPartitions)) != with_its_parent)
      node += "a";
    return node;
  };
  const auto report = [&](const std::string& type, const std::string& node, int month, int value) {
    send("events", node, "measurement." + type, node + type + std::to_string(month) + std::to_string(value),
         fmt::format(R"({{"indicator":"stock","node":"{}","period_start":"2026-{:02}-01T00:00:00Z",)"
                     R"("period_end":"2026-{:02}-01T00:00:00Z","value":{}}})",
                     node, month, month + 1, value));
  };
  report("reported", child(true), 1, 5);
  report("reported", child(false), 1, 3);
  report("reported", child(true), 2, 3);
  report("reported", child(false), 2, 5);
  run_with(definitions, "2026-04-01T00:00:00Z");
  expect_exact();
  report("corrected", child(false), 2, 6);
  run_with(definitions, "2026-04-02T00:00:00Z");
  expect_exact();
  report("corrected", child(true), 2, 4);
  run_with(definitions, "2026-04-03T00:00:00Z");
  expect_exact();
}

}  // namespace
}  // namespace slipstream
