// The topic of views says what readers see, whatever happens to the deployment, its state and its definitions.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/log/memory_log.h"
#include "engine/shard/local_engine.h"
#include "engine/state/faulty_store.h"
#include "engine/state/memory_store.h"
#include "tests/definition/plan_of.h"
#include "tests/view/published_check.h"

namespace slipstream {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// A view for each way in which windows are made of slices.
const std::string kDelivery = R"yaml(
  delivery:
    from: tasks
    publish: true
    node: [unit]
    window: { on: due_at, every: [day, month, year_to_date, { sliding: 3, of: day }] }
    measures: { due: count(*), done: count(*) filter (where completed_at is not null), weights: avg(weight) }
)yaml";
const std::string kStock = R"yaml(
  stock:
    from: measurements
    publish: true
    window: { on: period_start, every: [day, month] }
    latest_per: series
    measures: { held: sum(value) }
)yaml";
const std::string kVisits = R"yaml(
  visits:
    from: observations
    publish: true
    window: { every: { session: 30 minutes } }
    measures: { people: sum(value) }
)yaml";
const std::string kPaths = "time_zone: Europe/Amsterdam\norganisation: { root: city }\nviews:";
const std::string kTree = "time_zone: Europe/Amsterdam\norganisation: { root: city, tree: events }\nviews:";

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}
std::string without_publishing(std::string text) {
  for (std::size_t at = text.find("publish: true"); at != std::string::npos; at = text.find("publish: true"))
    text.replace(at, 13, "publish: false");
  return text;
}

class ViewsTopic : public testing::TestWithParam<std::int32_t> {
 protected:
  // Ends the engine and opens it with these definitions, on what earlier runs left.
  void open_with(const std::string& definitions) {
    engine_.reset();
    plan_ = plan_of(definitions);
    ASSERT_NE(plan_, nullptr);
    LocalEngine::Options options;
    options.partitions = GetParam();
    options.republished_at_once = at_once_;
    auto engine =
        LocalEngine::open(*plan_, options, log_, [this](Partition p) -> Result<std::unique_ptr<Store>> {
          auto& disk = disks_[{plan_->state_version, p}];
          if (disk == nullptr) disk = std::make_unique<FaultyStore>(StoreFaults{}, choose_from_seed(1));
          return disk->open();
        });
    ASSERT_TRUE(engine) << engine.error().message;
    engine_ = std::move(*engine);
  }
  void lose_state() { disks_.clear(); }
  void advance_to(const std::string& time) {
    const auto advanced = engine_->advance_to(*parse_timestamp(time));
    ASSERT_TRUE(advanced) << advanced.error().message;
  }
  void send(const std::string& type, const std::string& id, const std::string& key, const std::string& data,
            const std::string& time = "2026-01-01T00:00:00Z") {
    const bool reference = type.starts_with("unit.");
    const OutputRecord record{reference ? "reference" : "events",
                              reference ? Partition(0) : partition_of(key, GetParam()),
                              key,
                              R"({"specversion":"1.0","source":"test","id":")" + id + R"(","type":")" + type +
                                  R"(","time":")" + time + R"(","data":{)" + data + "}}",
                              {},
                              *parse_timestamp(time)};
    ASSERT_TRUE(log_.append({{record}}));
  }
  void task(const std::string& id, const std::string& unit, const std::string& due, int weight = 1) {
    send("task.assigned", "a" + id, id,
         R"("task":")" + id + R"(","unit":")" + unit + R"(","due_at":")" + due + R"(","weight":)" +
             std::to_string(weight));
  }
  void complete(const std::string& id) {
    send("task.completed", "c" + id, id, R"("task":")" + id + R"(")", "2026-01-05T00:00:00Z");
  }
  void stock(const std::string& node, const std::string& day, int value) {
    send("measurement.reported", node + day, node,
         R"("indicator":"stock","node":")" + node + R"(","value":)" + std::to_string(value),
         day + "T00:00:00Z");
  }
  void visit(const std::string& node, const std::string& time) {
    send("observation", node + time, node, R"("metric":"visit","node":")" + node + R"(","value":1)", time);
  }
  void unit(const std::string& type, const std::string& id, const std::string& name,
            const std::string& parent, const std::string& since = "2026-01-01") {
    send(type, id, name,
         R"("unit":")" + name + R"(","parent":")" + parent + R"(","valid_from":")" + since + R"(")",
         "2026-01-02T00:00:00Z");
  }
  // Tasks of some days, figures and visits, under two units of one district.
  void fill() {
    for (int i = 0; i < 30; ++i)
      task("t" + std::to_string(i), i % 3 == 0 ? "north/roads" : "north/parks",
           "2026-01-" + std::string(i % 9 == 0   ? "20"
                                    : i % 2 == 0 ? "07"
                                                 : "09"),
           i);
    stock("north/roads", "2026-01-02", 5);
    stock("north/roads", "2026-01-05", 7);
    stock("north/parks", "2026-01-03", 11);
    for (const char* time : {"08:00", "08:20", "09:30"})
      visit("north/parks", "2026-01-03T" + std::string(time) + ":00Z");
  }

  CommittedState committed() {
    CommittedState state{plan_, {}};
    for (std::int32_t i = 0; i < GetParam(); ++i)
      state.shards.push_back(disks_.at({plan_->state_version, Partition(i)})->open()->snapshot());
    return state;
  }
  // Compares, and returns how many rows there are.
  std::size_t expect_as_readers_see() {
    const auto report = check_published(log_, {}, committed());
    EXPECT_TRUE(report) << report.error().message;
    if (!report) return 0;
    EXPECT_EQ(report->finding, "");
    return report->rows;
  }
  std::int64_t records() {
    std::int64_t records = 0;
    for (std::int32_t i = 0; i < GetParam(); ++i)
      records += log_.offsets({"views", Partition(i)})->end.value;
    return records;
  }
  // The last record of each key that begins so; without tombstones.
  std::map<std::string, std::string> latest(const std::string& prefix) {
    std::map<std::string, std::string> latest;
    const auto reader = log_.open_reader();
    for (std::int32_t i = 0; i < GetParam(); ++i)
      EXPECT_TRUE(reader->seek({"views", Partition(i)}, Offset(0)));
    while (true) {
      const auto batches = reader->poll(10'000, SIZE_MAX, {});
      EXPECT_TRUE(batches);
      if (!batches || batches->empty()) return latest;
      for (const ReadBatch& batch : *batches)
        for (const RecordView& record : batch.records) {
          if (!record.key.starts_with(prefix)) continue;
          if (record.tombstone)
            latest.erase(std::string(record.key));
          else
            latest[std::string(record.key)] = record.value;
        }
    }
  }
  std::vector<std::string> keys(const std::string& prefix) {
    std::vector<std::string> keys;
    for (const auto& [key, value] : latest(prefix))
      keys.push_back(key);
    return keys;
  }

  std::size_t at_once_ = ShardOptions().republished_at_once;
  std::shared_ptr<const Plan> plan_;
  MemoryLog log_;
  std::map<std::pair<std::string, Partition>, std::unique_ptr<FaultyStore>> disks_;
  std::unique_ptr<LocalEngine> engine_;
};

INSTANTIATE_TEST_SUITE_P(Partitions, ViewsTopic, testing::Values(1, 3));

TEST_P(ViewsTopic, ARecordIsARowAsQueriesWriteIt) {
  open_with(kPaths + kDelivery);
  task("t1", "north/roads", "2026-01-07T12:00:00Z", 1);
  task("t2", "north/roads", "2026-01-07T12:00:00Z", 1);
  task("t3", "north/roads", "2026-01-07T12:00:00Z", 2);
  complete("t1");
  advance_to("2026-01-06T00:00:00Z");
  const auto rows = latest("delivery|day");
  ASSERT_TRUE(rows.contains("delivery|day:2026-01-07|north/roads"));
  EXPECT_EQ(rows.at("delivery|day:2026-01-07|north/roads"),
            R"({"view": "delivery", "node": "north/roads", "every": "day", "window": "2026-01-07", )"
            R"("window_start": "2026-01-07T00:00:00+01:00", "window_end": "2026-01-08T00:00:00+01:00", )"
            R"("due": 3, "done": 1, "weights": 1.333333, "weights_exact": "4/3", )"
            R"("as_of": "2026-01-06T01:00:00+01:00", "definitions": ")" +
                plan_->version + R"("})");
  EXPECT_THAT(keys("delivery|sliding"),
              testing::Contains("delivery|sliding_3_day:2026-01-05..2026-01-07|north"));
}

TEST_P(ViewsTopic, SaysWhatReadersSeeAtEachPointInTime) {
  open_with(kPaths + kDelivery + kStock + kVisits);
  fill();
  for (const char* day : {"2026-01-03", "2026-01-08", "2026-02-03", "2026-03-01"}) {
    advance_to(day + std::string("T00:00:00Z"));
    EXPECT_GT(expect_as_readers_see(), 50u) << day;
    complete("t" + std::string(day).substr(9));
    task("late" + std::string(day), "north/parks", "2026-01-31");
    send("task.cancelled", "x" + std::string(day), "t1" + std::string(day).substr(9),
         R"("task":"t1)" + std::string(day).substr(9) + R"(")", "2026-01-02T00:00:00Z");
  }
}

TEST_P(ViewsTopic, IsLeftAloneByACrashAndByALostState) {
  const std::string definitions = kPaths + kDelivery + kStock + kVisits;
  open_with(definitions);
  fill();
  advance_to("2026-01-08T00:00:00Z");
  const std::size_t rows = expect_as_readers_see();
  const std::int64_t before = records();
  open_with(definitions);
  advance_to("2026-01-08T00:00:00Z");
  EXPECT_EQ(records(), before);
  engine_.reset();
  lose_state();
  open_with(definitions);
  advance_to("2026-01-08T00:00:00Z");
  EXPECT_EQ(records(), before);
  EXPECT_EQ(expect_as_readers_see(), rows);
  task("one more", "north/parks", "2026-01-09");
  advance_to("2026-01-08T00:00:01Z");
  EXPECT_EQ(expect_as_readers_see(), rows);
  EXPECT_GT(records(), before);
}

TEST_P(ViewsTopic, LosesARowWhoseLastTaskIsGone) {
  open_with(kPaths + kDelivery);
  task("t1", "roads", "2026-01-07");
  task("t2", "parks", "2026-01-07");
  advance_to("2026-01-03T00:00:00Z");
  EXPECT_THAT(keys("delivery|month"),
              ElementsAre("delivery|month:2026-01|city", "delivery|month:2026-01|parks",
                          "delivery|month:2026-01|roads"));
  send("task.extended", "e1", "t1", R"("task":"t1","due_at":"2026-02-07")", "2026-01-02T00:00:00Z");
  advance_to("2026-01-04T00:00:00Z");
  EXPECT_THAT(keys("delivery|month"),
              ElementsAre("delivery|month:2026-01|city", "delivery|month:2026-01|parks",
                          "delivery|month:2026-02|city", "delivery|month:2026-02|roads"));
  expect_as_readers_see();
}

TEST_P(ViewsTopic, JoinsSessionsAndPartsThem) {
  open_with(kTree + kVisits);
  unit("unit.created", "u1", "gate", "city");
  for (const char* time : {"08:00", "08:50", "10:00"})
    visit("gate", "2026-01-03T" + std::string(time) + ":00Z");
  advance_to("2026-01-04T00:00:00Z");
  const std::string key = "visits|session_30_minute:2026-01-03T";
  EXPECT_THAT(keys(key + "08"), ElementsAre(key + "08:00:00Z|city", key + "08:00:00Z|gate",
                                            key + "08:50:00Z|city", key + "08:50:00Z|gate"));
  visit("gate", "2026-01-03T08:25:00Z");
  advance_to("2026-01-04T01:00:00Z");
  EXPECT_THAT(keys(key), ElementsAre(key + "08:00:00Z|city", key + "08:00:00Z|gate", key + "10:00:00Z|city",
                                     key + "10:00:00Z|gate"));
  expect_as_readers_see();
  // Another gate joins the city's; it moves away, and they part again.
  unit("unit.created", "u2", "door", "city");
  for (const char* time : {"09:10", "09:35"})
    visit("door", "2026-01-03T" + std::string(time) + ":00Z");
  advance_to("2026-01-04T02:00:00Z");
  EXPECT_THAT(keys(key), ElementsAre(key + "08:00:00Z|city", key + "08:00:00Z|gate", key + "09:10:00Z|door",
                                     key + "10:00:00Z|gate"));
  expect_as_readers_see();
  unit("unit.created", "u3", "yard", "city");
  unit("unit.moved", "u4", "door", "nowhere");
  advance_to("2026-01-04T03:00:00Z");
  EXPECT_THAT(keys(key), ElementsAre(key + "08:00:00Z|city", key + "08:00:00Z|gate", key + "10:00:00Z|city",
                                     key + "10:00:00Z|gate"));
  expect_as_readers_see();
}

TEST_P(ViewsTopic, FollowsTheOrganisation) {
  open_with(kTree + kDelivery + kStock);
  unit("unit.created", "u1", "north", "city");
  task("t1", "roads", "2026-01-07");
  task("t2", "roads", "2026-02-07");
  stock("roads", "2026-01-03", 5);
  advance_to("2026-01-04T00:00:00Z");
  EXPECT_THAT(keys(""), IsEmpty());
  unit("unit.created", "u2", "roads", "works");
  advance_to("2026-01-05T00:00:00Z");
  EXPECT_THAT(keys(""), IsEmpty());
  unit("unit.created", "u3", "works", "north");  // with it roads is known too, of which nothing has changed
  advance_to("2026-01-06T00:00:00Z");
  EXPECT_THAT(keys("delivery|month:2026-01"),
              ElementsAre("delivery|month:2026-01|city", "delivery|month:2026-01|north",
                          "delivery|month:2026-01|roads", "delivery|month:2026-01|works"));
  expect_as_readers_see();
  unit("unit.moved", "u4", "works", "city", "2026-01-05");
  advance_to("2026-02-10T00:00:00Z");
  expect_as_readers_see();
  // What stood in the north has left it: its step without figures ends what stood before.
  EXPECT_NE(
      latest("stock|cumulative_by_day:..2026-01-05|north")["stock|cumulative_by_day:..2026-01-05|north"].find(
          R"("held": null)"),
      std::string::npos);
  unit("unit.moved", "u5", "works", "nowhere", "2026-02-01");
  advance_to("2026-02-11T00:00:00Z");
  expect_as_readers_see();
  unit("unit.created", "u6", "nowhere", "north");
  advance_to("2026-02-12T00:00:00Z");
  EXPECT_GT(expect_as_readers_see(), 10u);
}

TEST_P(ViewsTopic, FollowsChangedDefinitions) {
  open_with(kPaths + kDelivery);
  fill();
  advance_to("2026-01-08T00:00:00Z");
  const std::size_t rows = expect_as_readers_see();
  open_with(kPaths + kDelivery + kStock + kVisits);
  advance_to("2026-01-08T01:00:00Z");
  EXPECT_GT(expect_as_readers_see(), rows);
  open_with(replaced(kPaths + kDelivery + kVisits, "[day, month, ", "["));  // a view gone, and windows
  advance_to("2026-01-08T02:00:00Z");
  EXPECT_THAT(keys("stock"), IsEmpty());
  EXPECT_THAT(keys("delivery|day"), IsEmpty());
  EXPECT_GT(expect_as_readers_see(), 10u);
  open_with(replaced(kPaths + kDelivery, "from: tasks", "from: tasks\n    where: weight > 27"));
  advance_to("2026-01-08T03:00:00Z");
  EXPECT_LT(expect_as_readers_see(), rows);
  open_with(without_publishing(kPaths + kDelivery));
  advance_to("2026-01-08T04:00:00Z");
  EXPECT_THAT(keys(""), IsEmpty());
  const std::int64_t before = records();
  open_with(without_publishing(kPaths + kDelivery));
  advance_to("2026-01-08T05:00:00Z");
  EXPECT_EQ(records(), before);
  open_with(kPaths + kDelivery);
  advance_to("2026-01-08T06:00:00Z");
  EXPECT_EQ(expect_as_readers_see(), rows);
}

// One node with each commit, and the process ends after the first of them, twice.
TEST_P(ViewsTopic, FollowsChangedDefinitionsThoughACrashCutsItShort) {
  at_once_ = 1;
  open_with(kPaths + kDelivery + kStock);
  fill();
  advance_to("2026-01-08T00:00:00Z");
  const std::size_t rows = expect_as_readers_see();
  std::int64_t before = records();
  for (int again = 0; again < 2; ++again) {
    open_with(replaced(kPaths + kDelivery + kVisits, "[day, month, ", "[week, "));
    EXPECT_GT(records(), before);
    before = records();
    const auto report = check_published(log_, {}, committed());
    EXPECT_NE(report->finding, "") << "all was done at once";
  }
  open_with(kPaths + kDelivery + kStock);
  advance_to("2026-01-08T01:00:00Z");
  EXPECT_EQ(expect_as_readers_see(), rows);
  open_with(replaced(kPaths + kDelivery + kVisits, "[day, month, ", "[week, "));
  for (const auto& shard : engine_->shards())
    ASSERT_TRUE(shard->commit(false));
  open_with(without_publishing(kPaths + kDelivery + kStock));
  EXPECT_THAT(keys(""), IsEmpty());
}

// A district becomes known with more below it than is published at once, and the process ends on the way.
TEST_P(ViewsTopic, FollowsTheOrganisationThoughACrashCutsItShort) {
  at_once_ = 1;
  const std::string definitions = kTree + kDelivery;
  open_with(definitions);
  for (int i = 0; i < 12; ++i) {
    unit("unit.created", "u" + std::to_string(i), "office" + std::to_string(i), "works");
    task("t" + std::to_string(i), "office" + std::to_string(i), "2026-01-07");
  }
  advance_to("2026-01-04T00:00:00Z");
  EXPECT_THAT(keys(""), IsEmpty());
  unit("unit.created", "w", "works", "city");
  for (const auto& shard : engine_->shards())
    ASSERT_TRUE(shard->poll({}) && shard->commit(false));
  EXPECT_LT(keys("delivery|month").size(), 13u);
  open_with(definitions);
  advance_to("2026-01-05T00:00:00Z");
  EXPECT_THAT(keys("delivery|month"), testing::SizeIs(14));
  expect_as_readers_see();
}

TEST_P(ViewsTopic, LetsGoOfWhatRetentionLetsGo) {
  const auto kept = [](const std::string& views) {
    std::string text = views;
    for (std::size_t at = text.find("publish: true"); at != std::string::npos;
         at = text.find("publish: true", at + 30))
      text.replace(at, 13, "publish: true\n    retention: 2 days");
    return text;
  };
  const std::string definitions = kPaths + kept(kDelivery + kVisits);
  open_with(definitions);
  fill();
  advance_to("2026-01-04T12:00:00Z");
  EXPECT_THAT(keys("visits"), testing::SizeIs(6));
  EXPECT_THAT(keys("delivery|day:2026-01-07"), testing::SizeIs(4));
  for (const char* time : {"2026-01-05T08:40:00Z", "2026-01-06T12:00:00Z"}) {
    advance_to(time);
    expect_as_readers_see();
  }
  EXPECT_THAT(keys("visits"), IsEmpty());
  advance_to("2026-01-11T12:00:00Z");  // days go while their months go on
  EXPECT_THAT(keys("delivery|day:2026-01-07"), IsEmpty());
  EXPECT_THAT(keys("delivery|month"), testing::SizeIs(4));
  const std::size_t rows = expect_as_readers_see();
  // Within the hour after a sweep a day goes; the state is lost before it is withdrawn.
  advance_to("2026-01-11T22:30:00Z");
  advance_to("2026-01-11T23:20:00Z");
  EXPECT_THAT(keys("delivery|day:2026-01-09"), testing::SizeIs(4));
  engine_.reset();
  lose_state();
  open_with(definitions);
  expect_as_readers_see();
  advance_to("2026-01-12T01:00:00Z");
  EXPECT_THAT(keys("delivery|day:2026-01-09"), IsEmpty());
  EXPECT_LT(expect_as_readers_see(), rows);
  // A month, and the year's steps, are let go whole, slices and all, after the state was lost within the hour.
  advance_to("2026-02-02T22:30:00Z");
  advance_to("2026-02-02T23:20:00Z");
  EXPECT_THAT(keys("delivery|month"), testing::SizeIs(4));
  engine_.reset();
  lose_state();
  open_with(definitions);
  advance_to("2026-02-03T01:00:00Z");
  EXPECT_THAT(keys("delivery|month"), IsEmpty());
  EXPECT_THAT(keys("delivery|year_to_date"), testing::SizeIs(4));
  expect_as_readers_see();
  advance_to("2027-01-02T22:30:00Z");
  advance_to("2027-01-02T23:20:00Z");
  engine_.reset();
  lose_state();
  open_with(definitions);
  advance_to("2027-01-03T01:00:00Z");
  EXPECT_THAT(keys(""), IsEmpty());
}

// A total is built again without a partial that compaction has removed for a newer one; that comes when the
// session is over and done with.
TEST_P(ViewsTopic, LetsGoOfARowThatALostStateNoLongerKnows) {
  if (GetParam() == 1) return;  // there are no partials
  const std::string definitions =
      kPaths + replaced(kVisits, "publish: true", "publish: true\n    retention: 1 day");
  const Partition owner = partition_of("city", GetParam());
  std::string gate = "gate";
  while (partition_of(gate, GetParam()) == owner)
    gate += "s";
  const auto shard = [&](Partition p) -> ShardRunner& {
    return *engine_->shards()[static_cast<std::size_t>(p.value)];
  };
  open_with(definitions);
  visit(gate, "2026-01-03T08:00:00Z");
  advance_to("2026-01-03T12:00:00Z");
  EXPECT_THAT(keys("visits"), testing::Contains("visits|session_30_minute:2026-01-03T08:00:00Z|city"));
  visit(gate, "2026-01-03T08:00:00Z");
  ShardRunner& origin = shard(partition_of(gate, GetParam()));
  ASSERT_TRUE(origin.poll({}) && origin.commit(false));
  ASSERT_TRUE(log_.clean(*parse_timestamp("2026-01-03T12:00:00Z")));
  engine_.reset();
  lose_state();
  open_with(definitions);
  ASSERT_TRUE(shard(owner).poll({}) && shard(owner).tick(*parse_timestamp("2026-01-06T00:00:00Z")));
  ASSERT_TRUE(shard(owner).commit(false));
  EXPECT_THAT(keys("visits"),
              testing::Not(testing::Contains("visits|session_30_minute:2026-01-03T08:00:00Z|city")));
}

// As on Kafka, where nobody has created it.
TEST_P(ViewsTopic, MayBeMissingWhereNoViewIsPublished) {
  for (const TopicOptions& topic : topics_of({}, GetParam())) {
    if (topic.name == "views") continue;
    ASSERT_TRUE(log_.create_topic(topic));
  }
  const auto opened = [&](const std::string& definitions) {
    plan_ = plan_of(definitions);
    MemoryStore store;
    const auto runner = ShardRunner::open(*plan_, {Partition(0), GetParam(), {}, {}}, log_, store);
    return runner ? Result<>() : tl::unexpected(runner.error());
  };
  EXPECT_TRUE(opened(without_publishing(kPaths + kDelivery)));
  const auto refused = opened(kPaths + kDelivery);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::not_found);
  EXPECT_NE(refused.error().message.find("topic 'views' is missing; create it with"), std::string::npos)
      << refused.error().message;
}

TEST_P(ViewsTopic, CostsNothingWhenNoViewIsPublished) {
  open_with(without_publishing(kPaths + kDelivery + kStock + kVisits));
  fill();
  advance_to("2026-01-08T00:00:00Z");
  EXPECT_EQ(records(), 0);
}

}  // namespace
}  // namespace slipstream
