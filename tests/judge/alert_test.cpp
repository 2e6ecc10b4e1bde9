#include "engine/judge/alert.h"

#include <functional>

#include "tests/judge/samples.h"

namespace slipstream {
namespace {

constexpr Timestamp kStart{1'600'000'000'000'000};
const AlertSubject kSubject{
    "permits_slipping", "on_time_rate", "Buildings", {kStart, kStart + days(30)}, "2020-09"};

AlertState fresh(const AlertPlan& plan) { return new_alert(plan, kSubject, "0123456789abcdef", "r1"); }

Judgement red(std::int64_t value) {
  Judgement judgement;
  judgement.value = value;
  judgement.status = Status::red;
  return judgement;
}

// Phases of one step: "pending>firing", "" when nothing happened.
std::string step(const AlertPlan& plan, AlertState& state, Condition condition, Duration after_start) {
  std::string text;
  for (const AlertTransition& transition : advance(plan, state, condition, red(1), kStart + after_start))
    text += std::string(name_of(transition.from)) + ">" + std::string(name_of(transition.to));
  return text;
}

TEST(Alert, WalksThroughAllPhases) {
  const AlertPlan plan = alert_with(hours(3), hours(2));
  AlertState state = fresh(plan);
  EXPECT_EQ(step(plan, state, Condition::clear, hours(0)), "");
  EXPECT_EQ(step(plan, state, Condition::holds, hours(1)), "inactive>pending");
  EXPECT_EQ(step(plan, state, Condition::holds, hours(4) - microseconds(1)), "");
  EXPECT_EQ(step(plan, state, Condition::holds, hours(4)), "pending>firing");
  EXPECT_EQ(step(plan, state, Condition::clear, hours(5)), "firing>recovering");
  EXPECT_EQ(step(plan, state, Condition::clear, hours(7) - microseconds(1)), "");
  EXPECT_EQ(step(plan, state, Condition::clear, hours(7)), "recovering>resolved");
  EXPECT_EQ(state.firing_since, kStart + hours(4));
  EXPECT_EQ(state.ended_at, kStart + hours(7));
  EXPECT_EQ(state.transitions, 4U);
}

TEST(Alert, SkipsThePhasesOfNoLength) {
  const AlertPlan plan = alert_with({}, {});
  AlertState state = fresh(plan);
  EXPECT_EQ(step(plan, state, Condition::holds, hours(1)), "inactive>firing");
  EXPECT_EQ(step(plan, state, Condition::clear, hours(2)), "firing>resolved");
}

TEST(Alert, FiresAtTheLateEvaluationThatFindsItsTimeLongUp) {
  const AlertPlan plan = alert_with(hours(3), {});
  AlertState state = fresh(plan);
  step(plan, state, Condition::holds, hours(0));
  const auto transitions = advance(plan, state, Condition::holds, red(1), kStart + days(9));
  ASSERT_EQ(transitions.size(), 1U);
  EXPECT_EQ(transitions[0].to, AlertPhase::firing);
  EXPECT_EQ(transitions[0].at, kStart + days(9));
}

TEST(Alert, WhoseConditionClearedBeforeTheLateEvaluationDoesNotFire) {
  const AlertPlan plan = alert_with(hours(3), {});
  AlertState state = fresh(plan);
  step(plan, state, Condition::holds, hours(0));
  EXPECT_EQ(step(plan, state, Condition::clear, days(9)), "pending>inactive");
}

TEST(Alert, BackFromRecoveringKeepsTheTimeItBeganToFire) {
  const AlertPlan plan = alert_with({}, hours(5));
  AlertState state = fresh(plan);
  step(plan, state, Condition::holds, hours(1));
  step(plan, state, Condition::clear, hours(2));
  EXPECT_EQ(step(plan, state, Condition::holds, hours(3)), "recovering>firing");
  EXPECT_EQ(state.firing_since, kStart + hours(1));
  EXPECT_EQ(state.episode, 1U);
  EXPECT_EQ(state.recovering_since, std::nullopt);
}

TEST(Alert, StartsItsNextEpisodeUnderTheSameIdWithoutTheOldAcknowledgement) {
  const AlertPlan plan = alert_with({}, {});
  AlertState state = fresh(plan);
  const std::string id = state.id;
  step(plan, state, Condition::holds, hours(1));
  acknowledge(state, {kStart + hours(2), "an", "seen", std::nullopt});
  ASSERT_TRUE(state.acknowledged);
  step(plan, state, Condition::clear, hours(3));
  EXPECT_TRUE(state.acknowledged);
  EXPECT_EQ(step(plan, state, Condition::holds, hours(4)), "resolved>firing");
  EXPECT_EQ(state.episode, 2U);
  EXPECT_EQ(state.id, id);
  EXPECT_EQ(state.firing_since, kStart + hours(4));
  EXPECT_EQ(state.ended_at, std::nullopt);
  EXPECT_FALSE(state.acknowledged);
}

TEST(Alert, ExpiresOnlyWhileActiveAndNeverStartsAgain) {
  const AlertPlan plan = alert_with({}, {});
  AlertState idle = fresh(plan);
  EXPECT_TRUE(expire(idle, red(1), kStart).empty());
  EXPECT_EQ(idle, fresh(plan));
  AlertState state = fresh(plan);
  step(plan, state, Condition::holds, hours(1));
  const auto ended = expire(state, red(2), kStart + hours(2));
  ASSERT_EQ(ended.size(), 1U);
  EXPECT_EQ(ended[0].from, AlertPhase::firing);
  EXPECT_EQ(ended[0].to, AlertPhase::expired);
  EXPECT_EQ(ended[0].judgement, red(2));
  EXPECT_EQ(step(plan, state, Condition::holds, hours(3)), "");
  EXPECT_TRUE(expire(state, red(2), kStart + hours(4)).empty());
}

TEST(Alert, SupersededStartsAfreshUnderTheNewVersions) {
  const AlertPlan plan = alert_with(hours(2), {});
  AlertState state = fresh(plan);
  step(plan, state, Condition::holds, hours(1));
  step(plan, state, Condition::holds, hours(3));
  const auto ended = supersede(state, red(1), "fedcba9876543210", "r2", kStart + hours(4));
  ASSERT_EQ(ended.size(), 1U);
  EXPECT_EQ(ended[0].to, AlertPhase::superseded);
  EXPECT_EQ(ended[0].target_revision, "r2");
  EXPECT_EQ(step(plan, state, Condition::holds, hours(5)), "superseded>pending");
  EXPECT_EQ(state.definition_version, "fedcba9876543210");
  EXPECT_EQ(state.episode, 2U);
}

TEST(Alert, SupersededWhileInactiveOnlyNotesTheVersions) {
  const AlertPlan plan = alert_with({}, {});
  AlertState state = fresh(plan);
  EXPECT_TRUE(supersede(state, red(1), "v2", "r2", kStart).empty());
  EXPECT_EQ(state.phase, AlertPhase::inactive);
  EXPECT_EQ(state.target_revision, "r2");
  EXPECT_EQ(state.transitions, 0U);
}

TEST(Acknowledgement, IsRecordedBesideThePhase) {
  const AlertPlan plan = alert_with({}, {});
  AlertState state = fresh(plan);
  EXPECT_TRUE(acknowledge(state, {kStart, "an", "", std::nullopt}).empty());
  step(plan, state, Condition::holds, hours(1));
  const auto records = acknowledge(state, {kStart + hours(2), "an", "calling them", kStart + days(2)});
  ASSERT_EQ(records.size(), 1U);
  EXPECT_EQ(records[0].kind, TransitionKind::acknowledged);
  EXPECT_EQ(records[0].from, AlertPhase::firing);
  EXPECT_EQ(records[0].to, AlertPhase::firing);
  EXPECT_EQ(records[0].actor, "an");
  EXPECT_EQ(records[0].note, "calling them");
  EXPECT_EQ(records[0].follow_up_at, kStart + days(2));
  EXPECT_EQ(records[0].id, state.id + "/2");
}

TEST(Silence, MarksTransitionsUntilItsEndAndStopsNone) {
  const AlertPlan plan = alert_with({}, {});
  AlertState state = fresh(plan);
  EXPECT_TRUE(silence(state, {kStart, kStart + hours(9), "an", ""}).empty());
  step(plan, state, Condition::holds, hours(1));
  ASSERT_EQ(silence(state, {kStart + hours(2), kStart + hours(4), "an", ""}).size(), 1U);
  const auto hushed = advance(plan, state, Condition::clear, red(1), kStart + hours(3));
  ASSERT_EQ(hushed.size(), 1U);
  EXPECT_TRUE(hushed[0].silenced);
  const auto loud = advance(plan, state, Condition::holds, red(1), kStart + hours(4));
  ASSERT_EQ(loud.size(), 1U);
  EXPECT_FALSE(loud[0].silenced);
}

TEST(Silence, IsLiftedByOneThatEndsAtOnce) {
  const AlertPlan plan = alert_with({}, {});
  AlertState state = fresh(plan);
  step(plan, state, Condition::holds, hours(1));
  silence(state, {kStart + hours(2), kStart + hours(9), "an", ""});
  EXPECT_TRUE(state.is_silenced(kStart + hours(3)));
  silence(state, {kStart + hours(3), kStart + hours(3), "an", ""});
  EXPECT_FALSE(state.is_silenced(kStart + hours(3)));
}

TEST(Deadline, IsTheEndOfPendingOrRecoveringWhileItIsAhead) {
  const AlertPlan plan = alert_with(hours(3), hours(2));
  AlertState state = fresh(plan);
  EXPECT_EQ(next_deadline(plan, state), std::nullopt);
  step(plan, state, Condition::holds, hours(1));
  EXPECT_EQ(next_deadline(plan, state), kStart + hours(4));
  EXPECT_EQ(next_deadline(plan, state, kStart + hours(4) - microseconds(1)), kStart + hours(4));
  EXPECT_EQ(next_deadline(plan, state, kStart + hours(4)), std::nullopt);
  step(plan, state, Condition::holds, hours(4));
  EXPECT_EQ(next_deadline(plan, state), std::nullopt);
  step(plan, state, Condition::clear, hours(5));
  EXPECT_EQ(next_deadline(plan, state), kStart + hours(7));
}

TEST(AlertId, IsTheSameForEverAndNamesRuleKpiNodeAndPeriod) {
  const std::string id = alert_id(kSubject);
  EXPECT_EQ(id.size(), 32U);
  EXPECT_EQ(id, "30a7bdfbad39f74d52b1ca2c33059d12");
  AlertSubject relabelled = kSubject;
  relabelled.period_label = "another";
  EXPECT_EQ(alert_id(relabelled), id);
  std::vector<AlertSubject> others(6, kSubject);
  others[0].rule = "other";
  others[1].kpi = "other";
  others[2].node = "other";
  others[3].period.start = kStart + hours(1);
  others[4].period.end = kStart + hours(1);
  others[5].rule += others[5].kpi;  // the same letters, otherwise divided
  others[5].kpi.clear();
  for (const AlertSubject& other : others)
    EXPECT_NE(alert_id(other), id);
}

TEST(Transition, CarriesFiguresVersionsAndTheNextNumber) {
  const AlertPlan plan = alert_with({}, {});
  AlertState state = fresh(plan);
  const auto first = advance(plan, state, Condition::holds, red(7), kStart);
  ASSERT_EQ(first.size(), 1U);
  EXPECT_EQ(first[0].id, state.id + "/1");
  EXPECT_EQ(first[0].alert_id, state.id);
  EXPECT_EQ(first[0].judgement, red(7));
  EXPECT_EQ(first[0].severity, "warning");
  EXPECT_EQ(first[0].labels.at("team"), "permits");
  EXPECT_EQ(first[0].definition_version, "0123456789abcdef");
  const auto second = advance(plan, state, Condition::clear, red(9), kStart + hours(1));
  ASSERT_EQ(second.size(), 1U);
  EXPECT_EQ(second[0].id, state.id + "/2");
  EXPECT_EQ(state.judgement, red(9));
}

// An independent account of what the machine must do. It forgets unknown observations; `lit` says that the
// alert has fired and not been resolved, and depends on how long the present run of equal conditions has
// lasted.
struct Model {
  Duration for_duration, keep_firing_for;
  std::optional<bool> holding;
  Timestamp run_start;
  bool lit = false;
  AlertPhase idle = AlertPhase::inactive;
  AlertPhase phase = AlertPhase::inactive;
  Timestamp lit_since;
  std::uint32_t episodes = 0;

  void observe(Condition condition, Timestamp now) {
    if (condition == Condition::unknown) return;
    const bool holds = condition == Condition::holds;
    if (holding != holds) run_start = now;
    holding = holds;
    const bool was_lit = lit;
    const Duration age = now - run_start;
    lit = holds ? was_lit || age >= for_duration : was_lit && age < keep_firing_for;
    if (lit && !was_lit) lit_since = now;
    if (phase == AlertPhase::pending && !holds) idle = AlertPhase::inactive;
    if (was_lit && !lit) idle = AlertPhase::resolved;
    const bool was_idle = !is_active(phase);
    phase = lit ? (holds ? AlertPhase::firing : AlertPhase::recovering) : holds ? AlertPhase::pending : idle;
    if (was_idle && is_active(phase)) ++episodes;
  }
};

// Every sequence of `length` observations, each a condition after one or three hours.
void for_every_sequence(std::size_t length, const std::function<void(const std::vector<int>&)>& visit) {
  constexpr int kChoices = 6;
  std::vector<int> sequence(length, 0);
  for (;;) {
    visit(sequence);
    std::size_t place = 0;
    while (place < length && ++sequence[place] == kChoices)
      sequence[place++] = 0;
    if (place == length) return;
  }
}
Condition condition_of(int choice) { return static_cast<Condition>(choice % 3); }
Duration pause_of(int choice) { return choice < 3 ? hours(1) : hours(3); }

void expect_as_modelled(const AlertState& state, const Model& model) {
  ASSERT_EQ(state.phase, model.phase);
  ASSERT_EQ(state.episode, model.episodes);
  if (model.phase == AlertPhase::pending) {
    ASSERT_EQ(state.pending_since, model.run_start);
  }
  if (model.lit) {
    ASSERT_EQ(state.firing_since, model.lit_since);
  }
  if (model.phase == AlertPhase::recovering) {
    ASSERT_EQ(state.recovering_since, model.run_start);
  }
}

TEST(AlertMachine, AgreesWithTheModelOnEveryShortHistory) {
  for (const Duration for_duration : {hours(0), hours(2)})
    for (const Duration keep : {hours(0), hours(2)}) {
      const AlertPlan plan = alert_with(for_duration, keep);
      const AlertState blank = fresh(plan);
      for_every_sequence(6, [&](const std::vector<int>& sequence) {
        AlertState state = blank;
        Model model{for_duration, keep, {}, {}, false, AlertPhase::inactive, AlertPhase::inactive, {}, 0};
        Timestamp now = kStart;
        for (const int choice : sequence) {
          now = now + pause_of(choice);
          const AlertPhase before = state.phase;
          const auto transitions = advance(plan, state, condition_of(choice), red(1), now);
          model.observe(condition_of(choice), now);
          ASSERT_NO_FATAL_FAILURE(expect_as_modelled(state, model)) << testing::PrintToString(sequence);
          ASSERT_EQ(transitions.size(), before == state.phase ? 0U : 1U);
        }
      });
      if (testing::Test::HasFatalFailure()) return;
    }
}

TEST(AlertMachine, ChangesNothingWhileTheConditionIsUnknown) {
  const AlertPlan plan = alert_with(hours(2), hours(2));
  for_every_sequence(5, [&](const std::vector<int>& sequence) {
    AlertState state = fresh(plan);
    Timestamp now = kStart;
    for (const int choice : sequence) {
      now = now + pause_of(choice);
      advance(plan, state, condition_of(choice), red(1), now);
    }
    const AlertState before = state;
    ASSERT_TRUE(advance(plan, state, Condition::unknown, Judgement{}, now + days(400)).empty());
    ASSERT_EQ(state, before);
  });
}

// What a timer is for: no evaluation between two deadlines would have changed anything.
TEST(AlertMachine, NeedsNoEvaluationBeforeItsNextDeadline) {
  const AlertPlan plan = alert_with(hours(2), hours(2));
  for_every_sequence(4, [&](const std::vector<int>& sequence) {
    AlertState state = fresh(plan);
    Timestamp now = kStart;
    for (const int choice : sequence) {
      now = now + pause_of(choice);
      const Condition condition = condition_of(choice);
      advance(plan, state, condition, red(1), now);
      if (condition == Condition::unknown) continue;
      const auto deadline = next_deadline(plan, state, now);
      AlertState copy = state;
      ASSERT_TRUE(
          advance(plan, copy, condition, red(1), deadline ? *deadline - microseconds(1) : now + days(99))
              .empty());
      if (deadline) {
        ASSERT_EQ(advance(plan, copy, condition, red(1), *deadline).size(), 1U);
      }
    }
  });
}

}  // namespace
}  // namespace slipstream
