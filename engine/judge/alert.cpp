#include "engine/judge/alert.h"

#include "engine/base/encoding.h"
#include "engine/base/hash.h"

namespace slipstream {
namespace {

using Transitions = std::vector<AlertTransition>;

AlertTransition record(AlertState& state, TransitionKind kind, AlertPhase from, Timestamp at) {
  ++state.transitions;
  AlertTransition transition;
  transition.id = state.id + "/" + std::to_string(state.transitions);
  transition.alert_id = state.id;
  transition.number = state.transitions;
  transition.kind = kind;
  transition.from = from;
  transition.to = state.phase;
  transition.at = at;
  transition.episode = state.episode;
  transition.judgement = state.judgement;
  transition.severity = state.severity;
  transition.labels = state.labels;
  transition.definition_version = state.definition_version;
  transition.target_revision = state.target_revision;
  transition.silenced = state.is_silenced(at);
  if (state.acknowledged) transition.follow_up_at = state.acknowledged->follow_up_at;
  return transition;
}

void begin_episode(AlertState& state, const AlertPlan& plan) {
  ++state.episode;
  state.severity = plan.severity;
  state.labels = plan.labels;
  state.pending_since = state.firing_since = state.recovering_since = state.ended_at = std::nullopt;
  state.acknowledged = std::nullopt;
}

void mark_times(AlertState& state, AlertPhase to, Timestamp now) {
  state.since = now;
  switch (to) {
    case AlertPhase::pending:
      state.pending_since = now;
      break;
    case AlertPhase::firing:
      // Back from recovering it is the same fire.
      if (!state.firing_since) state.firing_since = now;
      state.recovering_since = std::nullopt;
      break;
    case AlertPhase::recovering:
      state.recovering_since = now;
      break;
    case AlertPhase::inactive:
    case AlertPhase::resolved:
    case AlertPhase::superseded:
    case AlertPhase::expired:
      state.ended_at = now;
      break;
  }
}

Transitions enter(AlertState& state, AlertPhase to, const Judgement& judgement, Timestamp now) {
  const AlertPhase from = state.phase;
  state.phase = to;
  state.judgement = judgement;
  mark_times(state, to, now);
  return {record(state, TransitionKind::phase, from, now)};
}

// Where the condition leads from the present phase; the present phase when nothing is to change.
AlertPhase next_phase(const AlertPlan& plan, const AlertState& state, Condition condition, Timestamp now) {
  const bool holds = condition == Condition::holds;
  if (condition == Condition::unknown) return state.phase;
  switch (state.phase) {
    case AlertPhase::inactive:
    case AlertPhase::resolved:
    case AlertPhase::superseded:
      if (!holds) return state.phase;
      return plan.for_duration.us <= 0 ? AlertPhase::firing : AlertPhase::pending;
    case AlertPhase::pending:
      if (!holds) return AlertPhase::inactive;
      return now >= *state.pending_since + plan.for_duration ? AlertPhase::firing : AlertPhase::pending;
    case AlertPhase::firing:
      if (holds) return AlertPhase::firing;
      return plan.keep_firing_for.us <= 0 ? AlertPhase::resolved : AlertPhase::recovering;
    case AlertPhase::recovering:
      if (holds) return AlertPhase::firing;
      return now >= *state.recovering_since + plan.keep_firing_for ? AlertPhase::resolved
                                                                   : AlertPhase::recovering;
    case AlertPhase::expired:
      break;
  }
  return state.phase;
}

}  // namespace

std::string_view name_of(AlertPhase phase) {
  switch (phase) {
    case AlertPhase::inactive:
      return "inactive";
    case AlertPhase::pending:
      return "pending";
    case AlertPhase::firing:
      return "firing";
    case AlertPhase::recovering:
      return "recovering";
    case AlertPhase::resolved:
      return "resolved";
    case AlertPhase::superseded:
      return "superseded";
    case AlertPhase::expired:
      return "expired";
  }
  return "inactive";
}

bool is_active(AlertPhase phase) {
  return phase == AlertPhase::pending || phase == AlertPhase::firing || phase == AlertPhase::recovering;
}

std::string_view name_of(Condition condition) {
  switch (condition) {
    case Condition::holds:
      return "holds";
    case Condition::clear:
      return "clear";
    case Condition::unknown:
      return "unknown";
  }
  return "unknown";
}

std::string_view name_of(TransitionKind kind) {
  switch (kind) {
    case TransitionKind::phase:
      return "phase";
    case TransitionKind::acknowledged:
      return "acknowledged";
    case TransitionKind::silenced:
      return "silenced";
  }
  return "phase";
}

std::string alert_id(const AlertSubject& subject) {
  // Strings with their lengths, so that no two subjects give the same bytes.
  std::string bytes;
  append_string(bytes, subject.rule);
  append_string(bytes, subject.kpi);
  append_string(bytes, subject.node);
  append_timestamp(bytes, subject.period.start);
  append_timestamp(bytes, subject.period.end);
  return hash128(bytes).hex();
}

AlertState new_alert(const AlertPlan& plan, AlertSubject subject, std::string definition_version,
                     std::string target_revision) {
  AlertState state;
  state.id = alert_id(subject);
  state.subject = std::move(subject);
  state.severity = plan.severity;
  state.labels = plan.labels;
  state.definition_version = std::move(definition_version);
  state.target_revision = std::move(target_revision);
  return state;
}

Transitions advance(const AlertPlan& plan, AlertState& state, Condition condition, const Judgement& judgement,
                    Timestamp now) {
  const AlertPhase to = next_phase(plan, state, condition, now);
  if (to == state.phase) return {};
  if (!is_active(state.phase)) begin_episode(state, plan);
  return enter(state, to, judgement, now);
}

std::optional<Timestamp> next_deadline(const AlertPlan& plan, const AlertState& state, Timestamp after) {
  std::optional<Timestamp> deadline;
  if (state.phase == AlertPhase::pending) deadline = *state.pending_since + plan.for_duration;
  if (state.phase == AlertPhase::recovering) deadline = *state.recovering_since + plan.keep_firing_for;
  if (deadline && *deadline <= after) return std::nullopt;
  return deadline;
}

Transitions expire(AlertState& state, const Judgement& judgement, Timestamp now) {
  if (!is_active(state.phase)) return {};
  return enter(state, AlertPhase::expired, judgement, now);
}

Transitions supersede(AlertState& state, const Judgement& judgement, std::string definition_version,
                      std::string target_revision, Timestamp now) {
  state.definition_version = std::move(definition_version);
  state.target_revision = std::move(target_revision);
  if (!is_active(state.phase)) return {};
  return enter(state, AlertPhase::superseded, judgement, now);
}

Transitions acknowledge(AlertState& state, Acknowledgement acknowledgement) {
  if (state.episode == 0) return {};
  state.acknowledged = std::move(acknowledgement);
  AlertTransition transition =
      record(state, TransitionKind::acknowledged, state.phase, state.acknowledged->at);
  transition.actor = state.acknowledged->actor;
  transition.note = state.acknowledged->note;
  return {std::move(transition)};
}

Transitions silence(AlertState& state, Silence silence) {
  if (state.episode == 0) return {};
  state.silenced = std::move(silence);
  AlertTransition transition = record(state, TransitionKind::silenced, state.phase, state.silenced->at);
  transition.actor = state.silenced->actor;
  transition.note = state.silenced->note;
  return {std::move(transition)};
}

}  // namespace slipstream
