#include "engine/judge/alert_message.h"

#include <boost/json.hpp>

namespace slipstream {
namespace {

namespace json = boost::json;

constexpr const char* kJsonType = "application/json";
constexpr const char* kFlatBuffersType = "application/x-flatbuffers";
// Go's zero time: what Alertmanager shows as the end of an alert that has not ended.
constexpr const char* kNoEnd = "0001-01-01T00:00:00Z";

json::value text_or_null(const std::string& text) { return text.empty() ? json::value() : json::value(text); }

json::value time_or_null(const std::optional<Timestamp>& at) {
  return at ? json::value(format_timestamp(*at)) : json::value();
}

json::value decimal_or_null(const std::optional<Rational>& figure) {
  return figure ? json::value(format_rational(*figure)) : json::value();
}

json::value exact_or_null(const std::optional<Rational>& figure) {
  return figure ? json::value(exact_text(*figure)) : json::value();
}

// Alertmanager knows firing and resolved; what has not fired yet is pending, and what ended is resolved.
const char* alertmanager_status(AlertPhase phase) {
  if (phase == AlertPhase::pending) return "pending";
  return is_active(phase) ? "firing" : "resolved";
}

json::object labels(const AlertState& state) {
  json::object result;
  for (const auto& [name, value] : state.labels)
    result[name] = value;
  // Last, so that no label of a rule can pass for another rule, KPI or node.
  result["alertname"] = state.subject.rule;
  result["kpi"] = state.subject.kpi;
  result["node"] = state.subject.node;
  result["period"] = state.subject.period_label;
  result["severity"] = state.severity;
  return result;
}

void add_alertmanager(json::object& body, const AlertRecord& record, const AlertMessageOptions& options) {
  const AlertState& state = record.state;
  const bool ended = !is_active(state.phase) && state.ended_at;
  const std::optional<Timestamp> started = state.firing_since ? state.firing_since : state.pending_since;
  body["status"] = alertmanager_status(state.phase);
  body["labels"] = labels(state);
  body["annotations"] =
      json::object{{"summary", record.transition.sentence_en}, {"summary_vi", record.transition.sentence_vi}};
  body["startsAt"] = format_timestamp(started.value_or(record.transition.at));
  body["endsAt"] = ended ? format_timestamp(*state.ended_at) : kNoEnd;
  body["fingerprint"] = state.id;
  body["generatorURL"] = options.console_url.empty() ? "" : options.console_url + "/alerts/" + state.id;
}

void add_subject(json::object& body, const AlertSubject& subject) {
  // A cumulative window has no beginning.
  std::optional<Timestamp> begin;
  if (is_representable(subject.period.start)) begin = subject.period.start;
  body["rule"] = subject.rule;
  body["kpi"] = subject.kpi;
  body["node"] = subject.node;
  body["period"] = json::object{{"label", subject.period_label},
                                {"start", time_or_null(begin)},
                                {"end", format_timestamp(subject.period.end)}};
}

void add_transition(json::object& body, const AlertTransition& transition) {
  body["id"] = transition.id;
  body["kind"] = name_of(transition.kind);
  body["from"] = name_of(transition.from);
  body["to"] = name_of(transition.to);
  body["at"] = format_timestamp(transition.at);
  body["actor"] = text_or_null(transition.actor);
  body["note"] = text_or_null(transition.note);
}

void add_state(json::object& body, const AlertState& state) {
  body["phase"] = name_of(state.phase);
  body["since"] = time_or_null(state.since);
  body["pending_since"] = time_or_null(state.pending_since);
  body["firing_since"] = time_or_null(state.firing_since);
  body["recovering_since"] = time_or_null(state.recovering_since);
  body["ended_at"] = time_or_null(state.ended_at);
}

void add_figures(json::object& body, const Judgement& judgement) {
  const std::pair<const char*, const std::optional<Rational>*> figures[] = {
      {"value", &judgement.value},       {"expected", &judgement.expected},
      {"target", &judgement.target},     {"baseline", &judgement.baseline},
      {"gap", &judgement.gap},           {"attainment", &judgement.attainment},
      {"forecast", &judgement.forecast}, {"required_rate", &judgement.required_rate}};
  body["target_status"] = name_of(judgement.status);
  for (const auto& [name, figure] : figures)
    body[name] = decimal_or_null(*figure);
  json::object exact;
  for (const auto& [name, figure] : figures)
    exact[name] = exact_or_null(*figure);
  body["exact"] = std::move(exact);
}

json::value acknowledged(const AlertState& state) {
  if (!state.acknowledged) return {};
  return json::object{{"at", format_timestamp(state.acknowledged->at)},
                      {"actor", text_or_null(state.acknowledged->actor)},
                      {"note", text_or_null(state.acknowledged->note)},
                      {"follow_up_at", time_or_null(state.acknowledged->follow_up_at)}};
}

json::value silenced(const AlertState& state) {
  if (!state.silenced) return {};
  return json::object{{"at", format_timestamp(state.silenced->at)},
                      {"until", format_timestamp(state.silenced->until)},
                      {"actor", text_or_null(state.silenced->actor)},
                      {"note", text_or_null(state.silenced->note)}};
}

json::array evidence(const std::vector<Evidence>& items) {
  json::array result;
  for (const Evidence& item : items)
    result.push_back(json::object{{"event_id", text_or_null(item.event_id)},
                                  {"topic", item.position.topic},
                                  {"partition", item.position.partition.value},
                                  {"offset", item.position.offset.value}});
  return result;
}

void add_provenance(json::object& body, const AlertRecord& record) {
  const AlertTransition& transition = record.transition;
  body["sentence"] = json::object{{"en", transition.sentence_en}, {"vi", transition.sentence_vi}};
  body["owner"] = text_or_null(transition.owner);
  body["acknowledged"] = acknowledged(record.state);
  body["silenced"] = silenced(record.state);
  body["is_silenced"] = transition.silenced;
  body["definition_version"] = record.state.definition_version;
  body["target_revision"] = text_or_null(record.state.target_revision);
  body["evidence"] = evidence(transition.evidence);
  body["shard"] = record.origin.shard;
  body["commit_sequence"] = record.origin.commit_sequence;
}

std::string type_of(TransitionKind kind) {
  return kind == TransitionKind::phase ? "alert.transitioned" : "alert." + std::string(name_of(kind));
}

AlertMessage envelope(const AlertRecord& record, std::string type, const AlertMessageOptions& options) {
  const bool is_json = options.encoding == AlertEncoding::json;
  AlertMessage message;
  message.key = record.state.id;
  message.timestamp = record.transition.at;
  message.headers = {{"ce_specversion", "1.0"},           {"ce_id", record.transition.id},
                     {"ce_source", options.source},       {"ce_type", std::move(type)},
                     {"ce_subject", record.state.id},     {"ce_time", format_timestamp(record.transition.at)},
                     {"ce_partitionkey", record.state.id}};
  if (!record.origin.traceparent.empty())
    message.headers.push_back({"ce_traceparent", record.origin.traceparent});
  message.headers.push_back({"content-type", is_json ? kJsonType : kFlatBuffersType});
  return message;
}

}  // namespace

AlertMessage transition_message(const AlertRecord& record, const AlertMessageOptions& options) {
  AlertMessage message = envelope(record, type_of(record.transition.kind), options);
  if (options.encoding == AlertEncoding::flatbuffers) {
    message.value = write_alert_record(record);
    return message;
  }
  json::object body;
  add_alertmanager(body, record, options);
  add_transition(body, record.transition);
  add_subject(body, record.state.subject);
  body["episode"] = record.state.episode;
  body["transition_number"] = record.transition.number;
  add_figures(body, record.state.judgement);
  add_provenance(body, record);
  message.value = json::serialize(body);
  return message;
}

AlertMessage state_message(const AlertRecord& record, const AlertMessageOptions& options) {
  AlertMessage message = envelope(record, "alert.state", options);
  if (options.encoding == AlertEncoding::flatbuffers) {
    message.value = write_alert_record(record);
    return message;
  }
  json::object body;
  add_alertmanager(body, record, options);
  add_subject(body, record.state.subject);
  add_state(body, record.state);
  body["episode"] = record.state.episode;
  body["transition_number"] = record.state.transitions;
  add_figures(body, record.state.judgement);
  add_provenance(body, record);
  message.value = json::serialize(body);
  return message;
}

}  // namespace slipstream
