#include "engine/judge/alert_record.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tests/judge/samples.h"

namespace slipstream {
namespace {

constexpr Timestamp kRaised{1'600'000'000'000'000};

std::string any_text() { return *rc::gen::container<std::string>(rc::gen::inRange<char>('\0', '\x7f')); }
Timestamp any_instant() { return {*rc::gen::nonZero<std::int64_t>()}; }
std::optional<Timestamp> maybe_instant() {
  return *rc::gen::arbitrary<bool>() ? std::optional(any_instant()) : std::nullopt;
}
std::optional<Rational> maybe_figure() {
  if (*rc::gen::arbitrary<bool>()) return std::nullopt;
  return ratio(*rc::gen::arbitrary<std::int64_t>(), *rc::gen::inRange<std::int64_t>(1, INT64_MAX));
}
template <class Enum>
Enum any_of(int count) {
  return static_cast<Enum>(*rc::gen::inRange(0, count));
}

Judgement any_judgement() {
  return {maybe_figure(), maybe_figure(), maybe_figure(), maybe_figure(),   maybe_figure(),
          maybe_figure(), maybe_figure(), maybe_figure(), any_of<Status>(4)};
}

AlertState any_state() {
  AlertState state;
  state.id = any_text();
  state.subject = {any_text(), any_text(), any_text(), {any_instant(), any_instant()}, any_text()};
  state.severity = *rc::gen::element<std::string>("info", "warning", "critical");
  state.labels = {{"a", any_text()}, {any_text(), "b"}};
  state.phase = any_of<AlertPhase>(7);
  state.since = maybe_instant();
  state.episode = *rc::gen::arbitrary<std::uint32_t>();
  state.pending_since = state.phase == AlertPhase::pending ? any_instant() : maybe_instant();
  state.recovering_since = state.phase == AlertPhase::recovering ? any_instant() : maybe_instant();
  state.firing_since = maybe_instant();
  state.ended_at = maybe_instant();
  if (*rc::gen::arbitrary<bool>())
    state.acknowledged = {any_instant(), any_text(), any_text(), maybe_instant()};
  if (*rc::gen::arbitrary<bool>()) state.silenced = {any_instant(), any_instant(), any_text(), any_text()};
  state.judgement = any_judgement();
  state.definition_version = any_text();
  state.basis = any_text();
  state.target_revision = any_text();
  state.transitions = *rc::gen::arbitrary<std::uint64_t>();
  return state;
}

RC_GTEST_PROP(AlertRecord, RestoresAnyStateExactly, ()) {
  AlertRecord record;
  record.state = any_state();
  record.transition.to = record.state.phase;
  record.transition.number = record.state.transitions;
  const auto read = read_alert_record(write_alert_record(record));
  RC_ASSERT(read.has_value());
  RC_ASSERT(read->state == record.state);
}

// A person's and a clock's doings, one after another.
std::vector<AlertTransition> act(const AlertPlan& plan, AlertState& state, int choice, Timestamp now) {
  Judgement judgement;
  judgement.value = ratio(choice, 3);
  judgement.status = Status::red;
  switch (choice) {
    case 0:
      return advance(plan, state, Condition::holds, judgement, now);
    case 1:
      return advance(plan, state, Condition::clear, judgement, now);
    case 2:
      return advance(plan, state, Condition::unknown, {}, now);
    case 3:
      return acknowledge(state, {now, "an", "seen", now + days(1)});
    case 4:
      return silence(state, {now, now + hours(3), "binh", "works on it"});
    case 5:
      return supersede(state, judgement, "v2", "r2", now);
    default:
      return expire(state, judgement, now);
  }
}

AlertRecord record_of(AlertTransition transition, const AlertState& state) {
  transition.sentence_en = "It slips.";
  transition.sentence_vi = "Chậm tiến độ.";
  transition.owner = "Sở Xây dựng";
  transition.evidence = {{"e-1", {"events", Partition(3), Offset(41)}},
                         {"", {"events", Partition(0), Offset(0)}}};
  return {std::move(transition), state, {7, 3, "00-abc-def-01"}};
}

// After every transition one history is written down, forgotten and read back; the other never is.
TEST(AlertRecord, ReadBackAtAnyPhaseTheAlertGoesOnAsIfNothingHadHappened) {
  constexpr int kActs = 7;
  const AlertPlan plan = alert_with(hours(2), hours(2));
  std::size_t records = 0;
  for (int code = 0; code < kActs * kActs * kActs * kActs * kActs; ++code) {
    AlertState kept =
        new_alert(plan, {"rule", "kpi", "node", {kRaised, kRaised + days(9)}, "label"}, "v1", "r1");
    AlertState restored = kept;
    Timestamp now = kRaised;
    for (int rest = code, step = 0; step < 5; ++step, rest /= kActs) {
      now = now + hours(2);
      const auto expected = act(plan, kept, rest % kActs, now);
      const auto transitions = act(plan, restored, rest % kActs, now);
      ASSERT_EQ(transitions, expected);
      ASSERT_EQ(restored, kept);
      if (transitions.empty()) continue;
      const AlertRecord record = record_of(transitions.back(), restored);
      const auto read = read_alert_record(write_alert_record(record));
      ASSERT_TRUE(read.has_value()) << read.error().message;
      ASSERT_EQ(*read, record) << "code " << code << " step " << step;
      restored = read->state;
      ++records;
    }
  }
  EXPECT_GT(records, 10'000U);
}

AlertRecord firing_record() {
  const AlertPlan plan = alert_with({}, hours(2));
  AlertState state =
      new_alert(plan, {"rule", "kpi", "node", {kRaised, kRaised + days(9)}, "label"}, "v1", "r1");
  Judgement judgement;
  judgement.value = ratio(200, 3);
  const auto transitions = advance(plan, state, Condition::holds, judgement, kRaised);
  return record_of(transitions.front(), state);
}

TEST(AlertRecord, RefusesBytesThatAreCutOffOrForeign) {
  const std::string bytes = write_alert_record(firing_record());
  for (std::size_t length = 0; length < bytes.size(); ++length) {
    const auto read = read_alert_record(std::string_view(bytes).substr(0, length));
    if (!read) {
      EXPECT_EQ(read.error().code, ErrorCode::malformed_record);
    }
  }
  EXPECT_FALSE(read_alert_record(""));
  EXPECT_FALSE(read_alert_record(std::string_view(bytes).substr(0, bytes.size() / 2)));
  std::string foreign = bytes;
  foreign.replace(4, 4, "SLEV");
  EXPECT_EQ(read_alert_record(foreign).error().code, ErrorCode::malformed_record);
}

TEST(AlertRecord, WithAnyByteChangedIsReadOrRefusedButHarmsNobody) {
  const std::string bytes = write_alert_record(firing_record());
  std::size_t refused = 0;
  for (std::size_t place = 0; place < bytes.size(); ++place)
    for (const int mask : {0x01, 0x80, 0xff}) {
      std::string changed = bytes;
      changed[place] = static_cast<char>(changed[place] ^ mask);
      const auto read = read_alert_record(changed);
      if (read) continue;
      ++refused;
      EXPECT_EQ(read.error().code, ErrorCode::malformed_record);
    }
  EXPECT_GT(refused, 0U);
}

TEST(AlertRecord, IsReadFromAnyAddress) {
  const AlertRecord record = firing_record();
  const std::string bytes = write_alert_record(record);
  for (std::size_t shift = 0; shift < 8; ++shift) {
    const std::string shifted = std::string(shift, 'x') + bytes;
    const auto read = read_alert_record(std::string_view(shifted).substr(shift));
    ASSERT_TRUE(read.has_value());
    EXPECT_EQ(*read, record);
  }
}

TEST(AlertRecord, OfEqualContentIsEqualBytes) {
  EXPECT_EQ(write_alert_record(firing_record()), write_alert_record(firing_record()));
}

TEST(AlertRecordDeathTest, RefusesTheStateOfAnotherTransition) {
  AlertRecord record = firing_record();
  ++record.state.transitions;
  EXPECT_DEATH(write_alert_record(record), "recorded with the state after 2");
}

TEST(ExactFigure, IsADecimalWhereOneExistsAndAFractionElse) {
  EXPECT_EQ(exact_figure(ratio(129, 2)), "64.5");
  EXPECT_EQ(exact_figure(ratio(200, 3)), "200/3");
  EXPECT_EQ(exact_figure(0), "0");
}

}  // namespace
}  // namespace slipstream
