// A record that cannot be taken, at every position of a batch: the others are folded as if it were not there,
// and of each there is one dead letter. And large ones: what they leave to be sent does not pile up.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "engine/app/dead_letter_replay.h"
#include "engine/decode/dead_letter.h"
#include "engine/decode/decoder.h"
#include "engine/decode/encoder.h"
#include "engine/log/faulty_log.h"
#include "engine/log/memory_log.h"
#include "engine/log/topic_rules.h"
#include "engine/shard/runner.h"
#include "engine/state/memory_store.h"
#include "engine/view/view_reader.h"
#include "tests/definition/plan_of.h"

namespace slipstream {
namespace {

const Timestamp kNow = *parse_timestamp("2026-03-01T00:00:00Z");
constexpr std::size_t kGood = 6;  // tasks of one batch
constexpr std::size_t kRecordBytes = 4096;

struct Poison {
  std::string what;
  OutputRecord record;
  ErrorCode code;
};

std::string event(std::string_view id, std::string_view data, std::string_view type = "task.assigned",
                  std::string_view time = "2026-02-01T00:00:00Z") {
  return fmt::format(
      R"({{"specversion":"1.0","source":"s","id":"{}","type":"{}","time":"{}","data":{{{}}}}})", id, type,
      time, data);
}

OutputRecord record_of(std::string key, std::optional<std::string> value) {
  return {"events", Partition(0), std::move(key), std::move(value), {}, kNow};
}

OutputRecord good(std::size_t i) {
  const std::string task = fmt::format("t{}", i);
  return record_of(task, event("e-" + task, fmt::format(R"("task":"{}","unit":"u{}","due_at":"2026-04-01")",
                                                        task, i % 2)));
}

// Bytes of a task that begin as a FlatBuffer does and lead nowhere.
std::string broken_flatbuffer() {
  RecordView record;
  const std::string json = event("f", R"("task":"f","unit":"u0")");
  record.value = json;
  Event decoded;
  Decoder decoder({});
  EXPECT_TRUE(decoder.decode(record, kNow, decoded));
  std::string bytes = *encode_flatbuffers(decoded);
  std::fill(bytes.begin() + 8, bytes.end(), '\xff');
  return bytes;
}

std::vector<Poison> poisons() {
  using enum ErrorCode;
  const std::string task = R"("task":"p","unit":"u0","due_at":"2026-04-01")";
  return {
      {"bytes", record_of("p", "\x01\x02\xff\xfe"), malformed_record},
      {"broken JSON", record_of("p", event("p", task).substr(0, 60)), malformed_record},
      {"JSON of another kind", record_of("p", "[1,2,3]"), malformed_record},
      {"broken FlatBuffer", record_of("p", broken_flatbuffer()), malformed_record},
      {"oversized", record_of("p", event("p", task) + std::string(kRecordBytes, ' ')), record_too_large},
      {"null value", record_of("p", std::nullopt), malformed_record},
      {"no value", record_of("p", ""), malformed_record},
      {"neither key nor value", record_of("", std::nullopt), malformed_record},
      {"no key", record_of("", event("p", R"("unit":"u0")")), missing_field},
      {"invalid UTF-8", record_of("\xc3\x28", event("p", task + ",\"title\":\"\xc3\x28\"")), invalid_utf8},
      {"unknown type", record_of("p", event("p", task, "task.painted")), unknown_event_type},
      {"wrong type", record_of("p", event("p", R"("task":7)")), wrong_type},
      {"the year 9999", record_of("p", event("p", task, "task.assigned", "9999-01-01T00:00:00Z")),
       invalid_timestamp},
      {"the year 1", record_of("p", event("p", task, "task.assigned", "0001-01-01T00:00:00Z")),
       invalid_timestamp},
      {"effective in the year 2500", record_of("p", event("p", task + R"(,"effective_at":"2500-01-01")")),
       invalid_timestamp},
      {"a number of 400 digits", record_of("p", event("p", R"("task":"p","weight":1e400)")),
       number_out_of_range},
      {"headers that contradict", {"events", Partition(0), "p", "{}", {{"ce_id", "p"}}, kNow}, missing_field},
  };
}

class PoisonTest : public testing::Test {
 protected:
  using Figures = std::map<std::pair<std::string, std::string>, std::int64_t>;
  struct Outcome {
    Counters counters;
    Figures figures;
    std::vector<DeadLetter> letters;
  };

  void SetUp() override {
    plan_ = plan_of(kDueByMonth);
    ASSERT_NE(plan_, nullptr);
    options_.decode.record_bytes_max = kRecordBytes;
  }

  // What becomes of these records, appended and read at once.
  Outcome run(const std::vector<OutputRecord>& records, ShardRunner::Limits limits = {}) {
    MemoryLog log;
    MemoryStore store;
    EXPECT_TRUE(create_topics(log, options_.topics, 1));
    EXPECT_TRUE(log.append(records));
    const auto runner = ShardRunner::open(*plan_, options_, log, store, limits);
    EXPECT_TRUE(runner) << runner.error().message;
    finish(**runner);
    Outcome outcome{(*runner)->note().counters, {}, letters_in(log)};
    EXPECT_TRUE(read_view({plan_, {store.snapshot()}}, {}, [&](ViewRow&& row) {
      outcome.figures[{row.node, row.label}] = row.measures.front().as_integer();
      return true;
    }));
    return outcome;
  }
  void finish(ShardRunner& runner) {
    while (true) {
      const auto read = runner.poll(Duration{});
      ASSERT_TRUE(read) << read.error().message;
      if (*read == 0) break;
    }
    ASSERT_TRUE(runner.tick(kNow));
    ASSERT_TRUE(runner.judge());
    ASSERT_TRUE(runner.commit(false));
  }
  std::vector<DeadLetter> letters_in(EventLog& log) const {
    std::vector<DeadLetter> letters;
    EXPECT_TRUE(scan_dead_letters(log, options_.topics, {}, [&](const PlacedLetter& placed) {
      letters.push_back(placed.letter);
      return true;
    }));
    return letters;
  }

  // `at`: the poisons among the records by their offsets.
  void expect_only_poison_refused(const Outcome& outcome, const std::map<std::size_t, Poison>& at) {
    const Counters& n = outcome.counters;
    EXPECT_EQ(n.received, kGood + at.size());
    EXPECT_EQ(n.folded, kGood);
    EXPECT_EQ(n.dead_lettered, at.size());
    EXPECT_EQ(n.received, n.folded + n.duplicates + n.dead_lettered + n.forwarded);
    EXPECT_EQ(outcome.figures, clean_.figures);
    ASSERT_EQ(outcome.letters.size(), at.size());
    auto letter = outcome.letters.begin();
    for (const auto& [offset, poison] : at) {
      EXPECT_EQ(letter->at,
                (EventPosition{"events", Partition(0), Offset(static_cast<std::int64_t>(offset))}));
      EXPECT_EQ(letter->code, poison.code) << poison.what << ": " << letter->reason;
      EXPECT_GT(letter->reason.size(), 10u);
      EXPECT_EQ(letter->key, poison.record.key);
      EXPECT_EQ(letter->value, poison.record.value);
      ++letter;
    }
  }

  std::shared_ptr<const Plan> plan_;
  ShardOptions options_;
  Outcome clean_;
};

TEST_F(PoisonTest, AtEveryPositionOfABatchIsOneDeadLetterAndTheOthersAreFolded) {
  std::vector<OutputRecord> tasks;
  for (std::size_t i = 0; i < kGood; ++i)
    tasks.push_back(good(i));
  clean_ = run(tasks);
  ASSERT_EQ(clean_.counters.folded, kGood);
  ASSERT_FALSE(clean_.figures.empty());
  for (const Poison& poison : poisons())
    for (std::size_t position = 0; position <= kGood; ++position)
      for (const std::size_t records_max : {std::size_t{1}, std::size_t{1000}}) {
        SCOPED_TRACE(fmt::format("{} at {}, {} at a time", poison.what, position, records_max));
        auto records = tasks;
        records.insert(records.begin() + static_cast<std::ptrdiff_t>(position), poison.record);
        expect_only_poison_refused(run(records, {.records_max = records_max}), {{position, poison}});
      }
}

// Whatever stands before, between and behind the others.
TEST_F(PoisonTest, OfAllKindsAtOnceIsOneDeadLetterEachAndTheOthersAreFolded) {
  std::vector<OutputRecord> tasks;
  for (std::size_t i = 0; i < kGood; ++i)
    tasks.push_back(good(i));
  clean_ = run(tasks);
  const std::vector<Poison> all = poisons();
  for (std::size_t turn = 0; turn < all.size(); ++turn) {
    std::vector<OutputRecord> records;
    std::map<std::size_t, Poison> at;
    for (std::size_t i = 0; i < all.size(); ++i) {
      const Poison& poison = all[(i + turn) % all.size()];
      at.emplace(records.size(), poison);
      records.push_back(poison.record);
      if (i % 2 == 1 && i / 2 < kGood) records.push_back(good(i / 2));
    }
    SCOPED_TRACE(fmt::format("turn {}", turn));
    expect_only_poison_refused(run(records), at);
  }
}

// A commit is due when what it will send has become large, not only what it will store.
TEST_F(PoisonTest, ThatIsLargeIsCommittedBeforeItPilesUp) {
  constexpr std::size_t kLarge = std::size_t{1} << 20;
  options_.unsealed_bytes_max = 2 * kLarge;
  MemoryLog log;
  MemoryStore store;
  ASSERT_TRUE(create_topics(log, options_.topics, 1));
  for (int i = 0; i < 10; ++i)
    ASSERT_TRUE(log.append({{record_of("p", std::string(kLarge, 'x'))}}));
  const auto runner = ShardRunner::open(*plan_, options_, log, store, {.bytes_max = kLarge});
  ASSERT_TRUE(runner) << runner.error().message;
  int commits = 0;
  while (true) {
    const auto read = (*runner)->poll(Duration{});
    ASSERT_TRUE(read) << read.error().message;
    if (*read == 0) break;
    EXPECT_LT((*runner)->shard().pending_output_bytes(), 4 * kLarge);
    if (!(*runner)->shard().must_seal()) continue;
    ASSERT_TRUE((*runner)->commit(false));
    ++commits;
  }
  EXPECT_GE(commits, 3);
  finish(**runner);
  EXPECT_EQ(letters_in(log).size(), 10u);
}

// Definitions that refuse what earlier ones have accepted: those letters do not pile up either.
TEST_F(PoisonTest, ThatIsLargeAndRefusedByNewDefinitionsIsPublishedWhileItIsFoldedAgain) {
  constexpr std::size_t kLarge = std::size_t{1} << 20;
  MemoryLog log;
  ASSERT_TRUE(create_topics(log, options_.topics, 1));
  std::vector<OutputRecord> records;
  for (std::size_t i = 0; i < 20; ++i) {
    records.push_back(good(i));
    *records.back().value += std::string(kLarge, ' ');
  }
  ASSERT_TRUE(log.append(records));
  options_.decode.record_bytes_max = 2 * kLarge;
  {
    MemoryStore store;
    const auto runner = ShardRunner::open(*plan_, options_, log, store);
    ASSERT_TRUE(runner) << runner.error().message;
    finish(**runner);
    EXPECT_EQ((*runner)->note().counters.folded, 20u);
  }
  plan_ = plan_of(
      "time_zone: UTC\n"
      "views: { w: { from: tasks, node: [unit], window: { on: due_at, every: year }, measures: { due: "
      "count(*) } } }\n");
  ASSERT_NE(plan_, nullptr);
  options_.decode.record_bytes_max = kRecordBytes;
  MemoryStore store;
  const auto before = log.committed(options_.topics.group, member_of(Partition(0)));
  const auto runner = ShardRunner::open(*plan_, options_, log, store);
  ASSERT_TRUE(runner) << runner.error().message;
  finish(**runner);
  EXPECT_EQ(letters_in(log).size(), 20u);
  // 20 MiB of letters in pieces of about 8, each a commit of its own.
  EXPECT_GE((*runner)->note().sequence.value, decode_note(before->metadata)->sequence.value + 3);
}

// Its letter has the reason and the place; `replay` finds the record there.
TEST_F(PoisonTest, ThatItsDeadLetterHasNoRoomForIsLeftWhereItStandsAndReplayedFromThere) {
  options_.output_bytes_max = 2 * kRecordBytes;
  MemoryLog log;
  MemoryStore store;
  ASSERT_TRUE(create_topics(log, options_.topics, 1));
  OutputRecord large = good(0);
  *large.value += std::string(options_.output_bytes_max - bytes_of(large), ' ');
  large.headers = {{"origin", "test"}};
  ASSERT_TRUE(log.append({{good(1), large, good(2)}}));
  {
    const auto runner = ShardRunner::open(*plan_, options_, log, store);
    ASSERT_TRUE(runner) << runner.error().message;
    finish(**runner);
  }
  const std::vector<DeadLetter> letters = letters_in(log);
  ASSERT_EQ(letters.size(), 1u);
  EXPECT_EQ(letters[0].code, ErrorCode::record_too_large);
  EXPECT_TRUE(letters[0].left_out);
  EXPECT_EQ(letters[0].at, (EventPosition{"events", Partition(0), Offset(1)}));
  EXPECT_FALSE(letters[0].value);
  EXPECT_TRUE(letters[0].headers.empty());
  EXPECT_NE(letters[0].reason.find("read where it stands"), std::string::npos) << letters[0].reason;
  const auto replayed = replay_dead_letters(log, options_.topics, {}, false, kNow);
  ASSERT_TRUE(replayed) << replayed.error().message;
  EXPECT_EQ(replayed->replayed, 1u);
  options_.decode.record_bytes_max = 4 * kRecordBytes;
  const auto runner = ShardRunner::open(*plan_, options_, log, store);
  ASSERT_TRUE(runner) << runner.error().message;
  finish(**runner);
  EXPECT_EQ((*runner)->note().counters.folded, 3u);
  EXPECT_EQ((*runner)->note().counters.dead_lettered, 1u);
}

// One that came on the wrong topic and has no room where it belongs must not hold up the shard.
TEST_F(PoisonTest, ThatHasNoRoomWhereItBelongsIsADeadLetter) {
  options_.output_bytes_max = 600;
  MemoryLog log;
  MemoryStore store;
  ASSERT_TRUE(create_topics(log, options_.topics, 1));
  const std::string unit = event("u", R"("unit":"u0","effective_at":"2026-01-01")", "unit.created");
  ASSERT_TRUE(log.append({{record_of("u0", unit), record_of("u0", unit + std::string(600, ' ')), good(1)}}));
  const auto runner = ShardRunner::open(*plan_, options_, log, store);
  ASSERT_TRUE(runner) << runner.error().message;
  finish(**runner);
  const Counters& n = (*runner)->note().counters;
  EXPECT_EQ(n.forwarded, 1u);
  EXPECT_EQ(n.dead_lettered, 1u);
  EXPECT_EQ(n.folded, 1u);
  const std::vector<DeadLetter> letters = letters_in(log);
  ASSERT_EQ(letters.size(), 1u);
  EXPECT_EQ(letters[0].code, ErrorCode::record_too_large);
  EXPECT_EQ(letters[0].stage, "forward");
}

// A second transaction that is refused leaves the first one standing.
TEST_F(PoisonTest, ThatIsLargeIsReplayedInPieces) {
  const auto memory = std::make_shared<MemoryLog>();
  ASSERT_TRUE(create_topics(*memory, options_.topics, 1));
  const OutputRecord large = record_of("p", std::string(std::size_t{20} << 20, 'x'));
  RecordView record;
  record.key = large.key;
  record.value = *large.value;
  const DeadLetter letter = make_dead_letter({ErrorCode::malformed_record, "made up"}, "decode",
                                             {"events", Partition(0)}, record, kNow, "");
  for (int i = 0; i < 3; ++i)
    ASSERT_TRUE(memory->append({{to_record(letter, options_.topics.dead_letters, Partition(0))}}));
  int commits = 0;
  FaultyLog log(memory, {.refused_commit = 2},
                [&](std::uint64_t) { return std::uint64_t{++commits == 2 ? 0u : 1u}; });
  EXPECT_FALSE(replay_dead_letters(log, options_.topics, {}, false, kNow));
  const auto rest = replay_dead_letters(*memory, options_.topics, {}, false, kNow);
  ASSERT_TRUE(rest) << rest.error().message;
  EXPECT_EQ(rest->replayed_before, 1u);
  EXPECT_EQ(rest->replayed, 2u);
}

}  // namespace
}  // namespace slipstream
