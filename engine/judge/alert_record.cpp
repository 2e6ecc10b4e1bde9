#include "engine/judge/alert_record.h"

#include <slipstream_wire/alert_generated.h>

#include <vector>

namespace slipstream {
namespace {

using Builder = flatbuffers::FlatBufferBuilder;
using Text = flatbuffers::Offset<flatbuffers::String>;
constexpr std::string_view kSeverities[] = {"info", "warning", "critical"};

// Writing. Absent stands for "", NULL and "not set".

Text text(Builder& builder, std::string_view value) {
  return value.empty() ? Text() : builder.CreateString(value.data(), value.size());
}

Text figure(Builder& builder, const std::optional<Rational>& value) {
  return value ? builder.CreateString(exact_figure(*value)) : Text();
}

std::int64_t instant(const std::optional<Timestamp>& at) { return at ? at->us : 0; }

wire::AlertSeverity severity_number(std::string_view severity) {
  for (std::uint8_t number = 0; number < std::size(kSeverities); ++number)
    if (kSeverities[number] == severity) return static_cast<wire::AlertSeverity>(number);
  return wire::AlertSeverity::warning;
}

auto write_labels(Builder& builder, const std::map<std::string, std::string>& labels) {
  std::vector<flatbuffers::Offset<wire::Label>> result;
  for (const auto& [name, value] : labels) {
    const Text name_text = builder.CreateString(name);  // apart, so that every compiler writes the same bytes
    result.push_back(wire::CreateLabel(builder, name_text, builder.CreateString(value)));
  }
  return builder.CreateVector(result);
}

auto write_evidence(Builder& builder, const std::vector<Evidence>& evidence) {
  std::vector<flatbuffers::Offset<wire::Position>> result;
  for (const Evidence& item : evidence) {
    const Text topic = text(builder, item.position.topic);
    result.push_back(wire::CreatePosition(builder, topic, item.position.partition.value,
                                          item.position.offset.value, text(builder, item.event_id)));
  }
  return builder.CreateVector(result);
}

// Offsets of everything that lies outside the table: a FlatBuffer's children are written before their parent.
struct Children {
  Text alert, transition, rule, kpi, node, period, value, expected, target, baseline, gap, attainment,
      forecast, required_rate, sentence_en, sentence_vi, definition_version, basis, target_revision, owner,
      traceparent, acknowledged_by, acknowledged_note, silenced_by, silence_note;
  flatbuffers::Offset<flatbuffers::Vector<flatbuffers::Offset<wire::Label>>> labels;
  flatbuffers::Offset<flatbuffers::Vector<flatbuffers::Offset<wire::Position>>> evidence;
};

void write_figures(Builder& b, const Judgement& judgement, Children& children) {
  children.value = figure(b, judgement.value);
  children.expected = figure(b, judgement.expected);
  children.target = figure(b, judgement.target);
  children.baseline = figure(b, judgement.baseline);
  children.gap = figure(b, judgement.gap);
  children.attainment = figure(b, judgement.attainment);
  children.forecast = figure(b, judgement.forecast);
  children.required_rate = figure(b, judgement.required_rate);
}

void write_acts(Builder& b, const AlertState& state, Children& children) {
  if (state.acknowledged) {
    children.acknowledged_by = text(b, state.acknowledged->actor);
    children.acknowledged_note = text(b, state.acknowledged->note);
  }
  if (!state.silenced) return;
  children.silenced_by = text(b, state.silenced->actor);
  children.silence_note = text(b, state.silenced->note);
}

Children write_children(Builder& b, const AlertRecord& record) {
  const AlertState& state = record.state;
  Children children;
  children.alert = text(b, state.id);
  children.transition = text(b, record.transition.id);
  children.rule = text(b, state.subject.rule);
  children.kpi = text(b, state.subject.kpi);
  children.node = text(b, state.subject.node);
  children.period = text(b, state.subject.period_label);
  write_figures(b, state.judgement, children);
  children.sentence_en = text(b, record.transition.sentence_en);
  children.sentence_vi = text(b, record.transition.sentence_vi);
  children.definition_version = text(b, state.definition_version);
  children.basis = text(b, state.basis);
  children.target_revision = text(b, state.target_revision);
  children.owner = text(b, record.transition.owner);
  children.traceparent = text(b, record.origin.traceparent);
  write_acts(b, state, children);
  children.labels = write_labels(b, state.labels);
  children.evidence = write_evidence(b, record.transition.evidence);
  return children;
}

void add_texts(wire::AlertBuilder& alert, const Children& children) {
  alert.add_alert(children.alert);
  alert.add_transition(children.transition);
  alert.add_rule(children.rule);
  alert.add_kpi(children.kpi);
  alert.add_node(children.node);
  alert.add_period(children.period);
  alert.add_value(children.value);
  alert.add_expected(children.expected);
  alert.add_target(children.target);
  alert.add_baseline(children.baseline);
  alert.add_gap(children.gap);
  alert.add_attainment(children.attainment);
  alert.add_forecast(children.forecast);
  alert.add_required_rate(children.required_rate);
  alert.add_sentence_en(children.sentence_en);
  alert.add_sentence_vi(children.sentence_vi);
  alert.add_definition_version(children.definition_version);
  alert.add_basis(children.basis);
  alert.add_target_revision(children.target_revision);
  alert.add_owner(children.owner);
  alert.add_traceparent(children.traceparent);
  alert.add_acknowledged_by(children.acknowledged_by);
  alert.add_acknowledged_note(children.acknowledged_note);
  alert.add_silenced_by(children.silenced_by);
  alert.add_silence_note(children.silence_note);
  alert.add_labels(children.labels);
  alert.add_evidence(children.evidence);
}

void add_times(wire::AlertBuilder& alert, const AlertState& state) {
  alert.add_period_start(state.subject.period.start.us);
  alert.add_period_end(state.subject.period.end.us);
  alert.add_since(instant(state.since));
  alert.add_pending_since(instant(state.pending_since));
  alert.add_firing_since(instant(state.firing_since));
  alert.add_recovering_since(instant(state.recovering_since));
  alert.add_resolved_at(instant(state.ended_at));
  if (state.acknowledged) {
    alert.add_acknowledged_at(state.acknowledged->at.us);
    alert.add_follow_up_at(instant(state.acknowledged->follow_up_at));
  }
  if (!state.silenced) return;
  alert.add_silenced_at(state.silenced->at.us);
  alert.add_silenced_until(state.silenced->until.us);
}

// Reading.

std::string string_of(const flatbuffers::String* value) { return value ? value->str() : std::string(); }

std::optional<Timestamp> instant_of(std::int64_t us) {
  return us == 0 ? std::nullopt : std::optional(Timestamp{us});
}

Result<> read_figure(const flatbuffers::String* from, std::optional<Rational>& to) {
  if (!from) return {};
  SLIPSTREAM_ASSIGN(to, parse_rational(from->str()));
  return {};
}

Result<Judgement> read_judgement(const wire::Alert& alert) {
  Judgement judgement;
  SLIPSTREAM_TRY(read_figure(alert.value(), judgement.value));
  SLIPSTREAM_TRY(read_figure(alert.expected(), judgement.expected));
  SLIPSTREAM_TRY(read_figure(alert.target(), judgement.target));
  SLIPSTREAM_TRY(read_figure(alert.baseline(), judgement.baseline));
  SLIPSTREAM_TRY(read_figure(alert.gap(), judgement.gap));
  SLIPSTREAM_TRY(read_figure(alert.attainment(), judgement.attainment));
  SLIPSTREAM_TRY(read_figure(alert.forecast(), judgement.forecast));
  SLIPSTREAM_TRY(read_figure(alert.required_rate(), judgement.required_rate));
  judgement.status = static_cast<Status>(alert.status());
  return judgement;
}

std::map<std::string, std::string> read_labels(const wire::Alert& alert) {
  std::map<std::string, std::string> labels;
  if (!alert.labels()) return labels;
  for (const wire::Label* label : *alert.labels())
    labels[string_of(label->name())] = string_of(label->value());
  return labels;
}

std::vector<Evidence> read_evidence(const wire::Alert& alert) {
  std::vector<Evidence> evidence;
  if (!alert.evidence()) return evidence;
  for (const wire::Position* item : *alert.evidence())
    evidence.push_back({string_of(item->event_id()),
                        {string_of(item->topic()), Partition(item->partition()), Offset(item->offset())}});
  return evidence;
}

AlertSubject read_subject(const wire::Alert& alert) {
  return {string_of(alert.rule()),
          string_of(alert.kpi()),
          string_of(alert.node()),
          {Timestamp{alert.period_start()}, Timestamp{alert.period_end()}},
          string_of(alert.period())};
}

void read_acts(const wire::Alert& alert, AlertState& state) {
  if (const auto at = instant_of(alert.acknowledged_at()))
    state.acknowledged =
        Acknowledgement{*at, string_of(alert.acknowledged_by()), string_of(alert.acknowledged_note()),
                        instant_of(alert.follow_up_at())};
  if (const auto at = instant_of(alert.silenced_at()))
    state.silenced = Silence{*at, Timestamp{alert.silenced_until()}, string_of(alert.silenced_by()),
                             string_of(alert.silence_note())};
}

Result<AlertState> read_state(const wire::Alert& alert) {
  AlertState state;
  state.id = string_of(alert.alert());
  state.subject = read_subject(alert);
  state.severity = kSeverities[static_cast<std::size_t>(alert.severity())];
  state.labels = read_labels(alert);
  state.phase = static_cast<AlertPhase>(alert.to());
  state.since = instant_of(alert.since());
  state.episode = alert.episode();
  state.pending_since = instant_of(alert.pending_since());
  state.firing_since = instant_of(alert.firing_since());
  state.recovering_since = instant_of(alert.recovering_since());
  state.ended_at = instant_of(alert.resolved_at());
  read_acts(alert, state);
  SLIPSTREAM_ASSIGN(state.judgement, read_judgement(alert));
  state.definition_version = string_of(alert.definition_version());
  state.basis = string_of(alert.basis());
  state.target_revision = string_of(alert.target_revision());
  state.transitions = alert.transition_number();
  return state;
}

AlertTransition read_transition(const wire::Alert& alert, const AlertState& state) {
  AlertTransition transition;
  transition.id = string_of(alert.transition());
  transition.alert_id = state.id;
  transition.number = state.transitions;
  transition.kind = static_cast<TransitionKind>(alert.kind());
  transition.from = static_cast<AlertPhase>(alert.from());
  transition.to = state.phase;
  transition.at = Timestamp{alert.at()};
  transition.episode = state.episode;
  transition.judgement = state.judgement;
  transition.severity = state.severity;
  transition.labels = state.labels;
  transition.definition_version = state.definition_version;
  transition.target_revision = state.target_revision;
  transition.silenced = state.is_silenced(transition.at);
  if (state.acknowledged) transition.follow_up_at = state.acknowledged->follow_up_at;
  const bool acknowledged = transition.kind == TransitionKind::acknowledged;
  const bool silenced = transition.kind == TransitionKind::silenced;
  transition.actor = string_of(acknowledged ? alert.acknowledged_by()
                               : silenced   ? alert.silenced_by()
                                            : nullptr);
  transition.note = string_of(acknowledged ? alert.acknowledged_note()
                              : silenced   ? alert.silence_note()
                                           : nullptr);
  transition.sentence_en = string_of(alert.sentence_en());
  transition.sentence_vi = string_of(alert.sentence_vi());
  transition.owner = string_of(alert.owner());
  transition.evidence = read_evidence(alert);
  return transition;
}

bool has_known_numbers(const wire::Alert& alert) {
  const auto active_without_start = [&] {
    return (alert.to() == wire::AlertState::pending && alert.pending_since() == 0) ||
           (alert.to() == wire::AlertState::recovering && alert.recovering_since() == 0);
  };
  return alert.from() <= wire::AlertState::MAX && alert.to() <= wire::AlertState::MAX &&
         alert.severity() <= wire::AlertSeverity::MAX && alert.status() <= wire::TargetStatus::MAX &&
         alert.kind() <= wire::AlertTransitionKind::MAX && !active_without_start();
}

// The figures and the journal's numbers follow from the state; a record of another transition would not.
void check_pair(const AlertRecord& record) {
  const AlertTransition& transition = record.transition;
  SLIPSTREAM_INVARIANT(
      transition.number == record.state.transitions && transition.to == record.state.phase,
      transition.id + " recorded with the state after " + std::to_string(record.state.transitions));
}

}  // namespace

std::string alert_key(std::string_view id) { return std::string(kAlertKeysBegin).append(id); }

std::string exact_figure(const Rational& figure) {
  std::string decimal = format_rational(figure);
  const auto read_back = parse_rational(decimal);
  return read_back && *read_back == figure ? decimal : exact_text(figure);
}

std::string write_alert_record(const AlertRecord& record) {
  check_pair(record);
  const AlertTransition& transition = record.transition;
  const AlertState& state = record.state;
  Builder builder(1024);
  const Children children = write_children(builder, record);
  wire::AlertBuilder alert(builder);
  add_texts(alert, children);
  add_times(alert, state);
  alert.add_from(static_cast<wire::AlertState>(transition.from));
  alert.add_to(static_cast<wire::AlertState>(transition.to));
  alert.add_at(transition.at.us);
  alert.add_kind(static_cast<wire::AlertTransitionKind>(transition.kind));
  alert.add_transition_number(transition.number);
  alert.add_episode(state.episode);
  alert.add_status(static_cast<wire::TargetStatus>(state.judgement.status));
  alert.add_severity(severity_number(state.severity));
  alert.add_commit_sequence(record.origin.commit_sequence);
  alert.add_shard(record.origin.shard);
  wire::FinishAlertBuffer(builder, alert.Finish());
  return {reinterpret_cast<const char*>(builder.GetBufferPointer()), builder.GetSize()};
}

Result<AlertRecord> read_alert_record(std::string_view bytes) {
  // Copied to where FlatBuffers' alignment holds: a record's bytes may stand anywhere in a batch.
  const std::vector<std::uint8_t> aligned(bytes.begin(), bytes.end());
  flatbuffers::Verifier verifier(aligned.data(), aligned.size());
  if (!wire::VerifyAlertBuffer(verifier))
    return fail(ErrorCode::malformed_record, "an alert record is not a valid SLAL FlatBuffer");
  const wire::Alert& alert = *wire::GetAlert(aligned.data());
  if (!has_known_numbers(alert))
    return fail(ErrorCode::malformed_record,
                "alert record " + string_of(alert.transition()) +
                    " holds a state, kind, status or severity this version does not know");
  AlertRecord record;
  if (auto state = read_state(alert))
    record.state = *std::move(state);
  else
    return fail(ErrorCode::malformed_record,
                "alert record " + string_of(alert.transition()) + ": " + state.error().message);
  record.transition = read_transition(alert, record.state);
  record.origin = {alert.commit_sequence(), alert.shard(), string_of(alert.traceparent())};
  return record;
}

}  // namespace slipstream
