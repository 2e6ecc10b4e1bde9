// Records of unknown nodes through the whole engine: what is expelled, what is not, and that all who compute
// from the log agree about it.
#include "engine/shard/waiting.h"

#include <gtest/gtest.h>

#include "connectors/definition/rehearsal.h"
#include "connectors/definition/short_event.h"
#include "engine/view/explain.h"
#include "engine/view/recompute.h"
#include "engine/view/waiting_view.h"
#include "tests/definition/plan_of.h"

namespace slipstream {
namespace {

constexpr const char* kDefinitions = R"yaml(
time_zone: UTC
organisation: { root: city, tree: events, wait: 30 days }
views:
  delivery:
    from: tasks
    node: unit
    window: { on: due_at, every: month }
    measures: { tasks: count(*) }
  everywhere:
    from: tasks
    node: []
    window: { on: due_at, every: month }
    measures: { tasks: count(*) }
  air:
    from: observations
    node: []
    window: { every: month }
    deduplicate: sequence
    measures: { readings: count(*) }
  air_by_node:
    from: observations
    window: { every: month }
    deduplicate: sequence
    measures: { readings: count(*) }
)yaml";

class WaitingTest : public testing::Test {
 protected:
  void start(std::int32_t partitions, const std::string& definitions = kDefinitions) {
    LocalEngine::Options options;
    options.partitions = partitions;
    auto opened = Rehearsal::open(plan_of(definitions), options);
    ASSERT_TRUE(opened) << opened.error().message;
    city_ = *std::move(opened);
    to("2026-01-10");
  }
  void to(const std::string& date) {
    const Result<> advanced = city_->advance_to(*parse_timestamp(date, &city_->plan().zone));
    ASSERT_TRUE(advanced) << advanced.error().message;
  }
  void send(const std::string& line) {
    const auto event = parse_short_event(line);
    ASSERT_TRUE(event) << event.error().message;
    ASSERT_TRUE(city_->append(*cloud_event(*event, "e" + std::to_string(++sent_), city_->clock())));
  }
  void settle() {
    const Result<> settled = city_->judge();
    ASSERT_TRUE(settled) << settled.error().message;
  }
  void crash(Rehearsal::Crash how) {
    const Result<> reopened = city_->crash(how);
    ASSERT_TRUE(reopened) << reopened.error().message;
  }

  // The count of a view at a node in its only window, or 0 where there is no row.
  std::int64_t count(const std::string& view, const std::string& node) {
    ViewQuery query;
    query.view = static_cast<std::size_t>(city_->plan().find_view(view) - city_->plan().views.data());
    query.node = node;
    std::int64_t found = 0;
    EXPECT_TRUE(read_view(city_->committed(), query, [&](ViewRow&& row) {
      found += row.measures[0].as_integer();
      return true;
    }));
    return found;
  }
  void expect_check_agrees() {
    const auto report =
        check_views(city_->committed(), city_->source(), std::nullopt, [](const Difference& difference) {
          ADD_FAILURE() << "view " << difference.view << " at " << difference.node;
        });
    ASSERT_TRUE(report) << report.error().message;
    EXPECT_TRUE(report->settled);
  }
  std::vector<DeadLetter> dead_letters() { return city_->dead_letters().value(); }

  std::unique_ptr<Rehearsal> city_;
  int sent_ = 0;
};

TEST_F(WaitingTest, AnExpelledRecordIsADeadLetterWithItsBytesAndAWayOut) {
  start(1);
  send("task.assigned T1 unit=roads due_at=2026-02-20");
  send("unit.created bridges parent=roads");
  send("task.assigned T2 unit=bridges due_at=2026-02-20");
  to("2026-02-08T23:59:59");
  EXPECT_TRUE(dead_letters().empty());
  to("2026-02-09");
  const std::vector<DeadLetter> letters = dead_letters();
  ASSERT_EQ(letters.size(), 2u);
  for (const DeadLetter& letter : letters) {
    EXPECT_EQ(letter.code, ErrorCode::unknown_node);
    EXPECT_EQ(letter.stage, "wait");
    EXPECT_EQ(letter.at.topic, "events");
    EXPECT_NE(letter.reason.find("for roads"), std::string::npos) << letter.reason;
    EXPECT_NE(letter.value->find("task.assigned"), std::string::npos);
    EXPECT_EQ(letter.first_seen, *parse_timestamp("2026-02-09T00:00:00Z"));
  }
  EXPECT_EQ(letters[0].at.offset, Offset(0));
  EXPECT_EQ(letters[1].at.offset, Offset(1));
  const Counters counters = city_->counters();
  EXPECT_EQ(counters.received, 3u);
  EXPECT_EQ(counters.folded, 1u);
  EXPECT_EQ(counters.dead_lettered, 2u);
}

TEST_F(WaitingTest, ACopyFromBeforeTheDeadlineStaysADuplicateWhateverIsLost) {
  for (const std::int32_t partitions : {1, 3}) {
    sent_ = 0;
    start(partitions);
    send("task.assigned T1 unit=roads due_at=2026-02-20 id=a");
    send("observation roads metric=pm25 at 2026-01-09 value=1 sequence=5 id=r");
    settle();
    to("2026-01-15");
    send("task.assigned T1 unit=roads due_at=2026-02-20 id=a time=2026-01-10T00:00:00Z");
    send("observation roads metric=pm25 at 2026-01-09 value=1 sequence=5 id=other");
    settle();
    EXPECT_EQ(city_->counters().duplicates, 2u);
    to("2026-02-09");
    EXPECT_EQ(dead_letters().size(), 2u);
    for (const auto how : {Rehearsal::Crash::clean, Rehearsal::Crash::torn, Rehearsal::Crash::state_lost}) {
      crash(how);
      EXPECT_EQ(count("everywhere", "city"), 0);
      EXPECT_EQ(count("air", "city"), 0);
      expect_check_agrees();
    }
    // A copy that comes now is the replay.
    send("unit.created roads");
    ASSERT_TRUE(city_->replay_dead_letters("unknown_node"));
    settle();
    crash(Rehearsal::Crash::state_lost);
    EXPECT_EQ(count("delivery", "roads"), 1);
    EXPECT_EQ(count("air", "city"), 1);
    EXPECT_EQ(count("air_by_node", "roads"), 1);
    EXPECT_EQ(city_->counters().duplicates, 2u);
    expect_check_agrees();
  }
}

TEST_F(WaitingTest, OnlyTheRecordThatNamesTheNodeGoes) {
  start(1);
  send("unit.created west");
  send("task.assigned T1 unit=west due_at=2026-02-20");
  settle();
  to("2026-01-12");
  send("task.reassigned T1 from_unit=west unit=lakes credit_policy=acceptor id=first");
  settle();
  to("2026-01-14");
  send("task.reassigned T1 from_unit=lakes unit=ponds credit_policy=acceptor id=second");
  send("task.progressed T1 percent=40");
  settle();
  EXPECT_EQ(count("delivery", "west"), 0);
  to("2026-02-12");
  EXPECT_TRUE(dead_letters().empty()) << "they wait together, until the latest has waited long enough";
  to("2026-02-13");
  ASSERT_EQ(dead_letters().size(), 2u);
  EXPECT_EQ(count("delivery", "west"), 1);
  EXPECT_EQ(city_->counters().folded, 3u);
  expect_check_agrees();
  crash(Rehearsal::Crash::state_lost);
  EXPECT_EQ(count("delivery", "west"), 1);
}

TEST_F(WaitingTest, ADefinitionThatWasInTheLogInTimeIsReadFirst) {
  MemoryLog log;
  const auto plan = plan_of(kDefinitions);
  ASSERT_TRUE(create_topics(log, {}, 1));
  const auto append = [&](const std::string& line, const std::string& topic) {
    const auto event = *parse_short_event(line);
    const Timestamp time = *parse_timestamp("2026-01-10T00:00:00Z");
    const OutputRecord record{
        topic, Partition(0), event.subject, *cloud_event(event, "x" + event.subject, time), {}, time};
    ASSERT_TRUE(log.append({&record, 1}));
  };
  MemoryStore store;
  ShardOptions options;
  auto runner = ShardRunner::open(*plan, options, log, store, {1, SIZE_MAX}).value();
  append("task.assigned T1 unit=roads due_at=2026-02-20", "events");
  append("task.assigned T2 unit=lakes due_at=2026-02-20", "events");
  for (int i = 0; i < 2; ++i)
    ASSERT_TRUE(runner->poll(Duration{}));
  ASSERT_TRUE(runner->commit(true));
  // The engine rests beyond the deadline, while more comes than it reads at once.
  for (int i = 0; i < 5; ++i)
    append("unit.created other" + std::to_string(i), "reference");
  append("unit.created roads", "reference");
  ASSERT_TRUE(runner->tick(*parse_timestamp("2026-03-10T00:00:00Z")));
  for (int i = 0; i < 5; ++i) {
    ASSERT_EQ(runner->poll(Duration{}).value(), 1u);
    ASSERT_TRUE(runner->commit(true));
    EXPECT_EQ(runner->note().counters.dead_lettered, 0u) << "not everything is read yet";
  }
  for (int i = 0; i < 2; ++i)
    ASSERT_TRUE(runner->poll(Duration{}));
  ASSERT_TRUE(runner->commit(true));
  EXPECT_EQ(runner->note().counters.dead_lettered, 1u) << "lakes, which nobody defined";
  EXPECT_EQ(log.offsets({"dead_letters", Partition(0)})->end, Offset(1));
}

TEST_F(WaitingTest, OtherDefinitionsDoNotTakeBackWhatWasDecided) {
  MemoryLog log;
  const auto run_with = [&](const std::shared_ptr<const Plan>& plan, const std::vector<std::string>& lines,
                            const std::string& until) {
    LocalEngine::Options options;
    MemoryStore* store = nullptr;
    auto engine = LocalEngine::open(*plan, options, log, [&](Partition) -> Result<std::unique_ptr<Store>> {
                    auto made = std::make_unique<MemoryStore>();
                    store = made.get();
                    return made;
                  }).value();
    for (const std::string& line : lines) {
      const auto event = *parse_short_event(line);
      const Timestamp time = *parse_timestamp("2026-01-10T00:00:00Z");
      const OutputRecord record{
          "events", Partition(0), event.subject, *cloud_event(event, event.subject, time), {}, time};
      EXPECT_TRUE(log.append({&record, 1}));
    }
    EXPECT_TRUE(engine->advance_to(*parse_timestamp(until, nullptr)));
    CommittedState state{plan, {store->snapshot()}};
    DecodeOptions decode;
    decode.zone = plan->zone;
    std::uint64_t rows = 0;
    const auto report = check_views(state, {log, {}, decode}, std::nullopt, [](const Difference& d) {
      ADD_FAILURE() << "view " << d.view << " at " << d.node;
    });
    EXPECT_TRUE(report && report->settled);
    if (report) rows = report->rows;
    return rows;
  };
  const std::vector<std::string> lines{"task.assigned T1 unit=roads due_at=2026-02-20",
                                       "observation roads metric=pm25 at 2026-01-01 value=1 sequence=5"};
  EXPECT_EQ(run_with(plan_of(kDefinitions), lines, "2026-02-01T00:00:00Z"), 4u);
  EXPECT_EQ(run_with(plan_of(kDefinitions), {}, "2026-03-01T00:00:00Z"), 0u);
  EXPECT_EQ(log.offsets({"dead_letters", Partition(0)})->end, Offset(2));
  const auto paths = plan_of(R"yaml(
time_zone: UTC
views:
  delivery: { from: tasks, window: { on: due_at, every: month }, measures: { tasks: count(*) } }
  air: { from: observations, window: { every: month }, deduplicate: id, measures: { readings: count(*) } }
)yaml");
  EXPECT_EQ(run_with(paths, {}, "2026-03-02T00:00:00Z"), 0u) << "dead letters are not counted again";
  EXPECT_EQ(log.offsets({"dead_letters", Partition(0)})->end, Offset(2));
}

TEST_F(WaitingTest, AReadingThatWasExpelledIsInNoExplanation) {
  start(1);
  send("unit.created west");
  send("observation west metric=pm25 at 2026-01-09 value=1 sequence=5");
  send("observation roads metric=pm25 at 2026-01-09 value=1 sequence=6");
  settle();
  to("2026-02-20");
  const ViewPlan& air = *city_->plan().find_view("air");
  ExplainQuery query;
  query.view = static_cast<std::size_t>(&air - city_->plan().views.data());
  query.node = "city";
  query.window = *air.windows.window_in_force(0, *parse_timestamp("2026-01-15T00:00:00Z"));
  const auto explanation = explain(city_->committed(), city_->source(), query);
  ASSERT_TRUE(explanation) << explanation.error().message;
  EXPECT_TRUE(explanation->is_equal);
  ASSERT_EQ(explanation->contributions.size(), 1u);
  EXPECT_EQ(explanation->contributions[0].node, "city");
  EXPECT_EQ(explanation->contributions[0].events[0].position.offset, Offset(0));
}

TEST_F(WaitingTest, WhatWaitsIsNamed) {
  start(3);
  EXPECT_FALSE(read_waiting(city_->committed(), std::nullopt)->any());
  for (const char* unit : {"a", "b", "c", "d", "e", "f"})
    send(std::string("task.assigned T") + unit + " unit=" + unit + " due_at=2026-02-20");
  send("observation roads metric=pm25 at 2026-01-09 value=1 sequence=6");
  settle();
  const WhatWaits all = *read_waiting(city_->committed(), std::nullopt);
  EXPECT_EQ(all.nodes, (std::vector<std::string>{"a", "b", "c", "d", "e", "f", "roads"}));
  EXPECT_EQ(all.with_deadline, 7u);
  EXPECT_EQ(describe(all, city_->plan().zone),
            "figures of 7 nodes wait for their unit: a, b, c, d, e, ...; 7 tasks, figures and readings will "
            "become dead "
            "letters unless that is defined, the first on 2026-02-09T00:00:00+00:00");
  const WhatWaits of_air = *read_waiting(city_->committed(), 3);
  EXPECT_EQ(of_air.nodes, std::vector<std::string>{"roads"});
  to("2026-02-09");
  EXPECT_FALSE(read_waiting(city_->committed(), std::nullopt)->any());
  EXPECT_EQ(read_waiting(city_->committed(), std::nullopt)->with_deadline, 0u);
}

TEST_F(WaitingTest, WithoutAnEndNothingEntersTheRoom) {
  start(1, R"yaml(
time_zone: UTC
organisation: { root: city, tree: events }
views:
  delivery: { from: tasks, node: unit, window: { on: due_at, every: month }, measures: { tasks: count(*) } }
)yaml");
  send("task.assigned T1 unit=roads due_at=2026-02-20");
  settle();
  std::size_t keys = 0;
  ASSERT_TRUE(city_->committed().shards[0]->scan(
      Family::waiting, "", "", [&](std::string_view, std::string_view) { return ++keys > 0; }));
  EXPECT_EQ(keys, 0u);
  const WhatWaits waiting = *read_waiting(city_->committed(), std::nullopt);
  EXPECT_EQ(describe(waiting, city_->plan().zone), "figures of 1 node wait for their unit: roads");
  to("2036-01-01");
  EXPECT_TRUE(dead_letters().empty());
}

}  // namespace
}  // namespace slipstream
