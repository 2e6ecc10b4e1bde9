#include <fmt/format.h>

#include <algorithm>

#include "engine/judge/alert_message.h"
#include "tests/simulator/checks.h"

namespace slipstream::simulator {
namespace {

// The ways of docs/alerts.md.
bool is_way(AlertPhase from, AlertPhase to) {
  using enum AlertPhase;
  switch (to) {
    case inactive:
      return from == pending;
    case pending:
      return from == inactive || from == resolved || from == superseded;
    case firing:
      return from != firing && from != expired;
    case recovering:
      return from == firing;
    case resolved:
      return from == firing || from == recovering;
    case superseded:
    case expired:
      return is_active(from);
  }
  return false;
}

Count count_of(AlertPhase phase) {
  switch (phase) {
    case AlertPhase::pending:
      return Count::pending;
    case AlertPhase::firing:
      return Count::firing;
    case AlertPhase::recovering:
      return Count::recovering;
    case AlertPhase::resolved:
      return Count::resolved;
    case AlertPhase::superseded:
      return Count::superseded;
    default:
      return Count::expired;
  }
}

std::string text_of(const AlertRecord& record) {
  const AlertTransition& t = record.transition;
  const auto figure = [](const std::optional<Rational>& number) {
    return number ? format_rational(*number) : std::string("-");
  };
  return fmt::format("{} {} {} #{} {} {} -> {} at {} value={} expected={} {} episode={} revision={}",
                     record.state.subject.rule, record.state.subject.node, record.state.subject.period_label,
                     t.number, name_of(t.kind), name_of(t.from), name_of(t.to), format_timestamp(t.at),
                     figure(t.judgement.value), figure(t.judgement.expected), name_of(t.judgement.status),
                     t.episode, t.target_revision);
}

Finding check_story(const std::string& id, const std::vector<AlertRecord>& story, Timestamp now,
                    Tally& tally) {
  AlertPhase phase = AlertPhase::inactive;
  std::uint64_t number = 0;
  Timestamp at = Timestamp::min();
  for (const AlertRecord& record : story) {
    const AlertTransition& t = record.transition;
    if (t.number != number + 1 || t.id != fmt::format("{}/{}", id, t.number))
      return fmt::format("alerts: number {} follows {}: {}", t.number, number, text_of(record));
    if (t.from != phase) return fmt::format("alerts: it was {}: {}", name_of(phase), text_of(record));
    if (t.at < at) return "alerts: earlier than the transition before: " + text_of(record);
    if (t.kind == TransitionKind::phase ? !is_way(t.from, t.to) : t.from != t.to)
      return "alerts: no such way: " + text_of(record);
    if (record.state.phase != t.to || record.state.transitions != t.number)
      return "alerts: the state after it is not its: " + text_of(record);
    if (t.kind == TransitionKind::phase) {
      if (t.to != AlertPhase::inactive) tally.add(count_of(t.to));
    } else {
      tally.add(Count::acts);
    }
    number = t.number;
    phase = t.to;
    at = t.at;
  }
  const AlertRecord& last = story.back();
  if (is_active(phase) && last.state.subject.period.end < now)
    return "alerts: its period is over and it still goes on: " + text_of(last);
  return {};
}

std::string_view header(const RecordView& record, std::string_view name) {
  for (const Header& each : record.headers)
    if (each.name == name) return each.value;
  return {};
}

Result<Finding> check_public_topics(const Rested& rested, const Journal& journal) {
  std::map<std::string, std::uint64_t, std::less<>> told;
  SLIPSTREAM_ASSIGN(const auto events,
                    read_topic(rested.log, rested.topics.alert_events, rested.partitions()));
  for (const ReadBatch& batch : events)
    for (const RecordView& record : batch.records) {
      const std::string id(record.key);
      const auto number = ++told[id];
      if (header(record, "ce_id") != fmt::format("{}/{}", id, number))
        return fmt::format("alerts: the public topic tells {} where {}/{} is next", header(record, "ce_id"),
                           id, number);
    }
  std::map<std::string, std::pair<std::string, std::string>, std::less<>>
      latest;  // ce_id and value, by alert
  SLIPSTREAM_ASSIGN(const auto states,
                    read_topic(rested.log, rested.topics.alert_state, rested.partitions()));
  for (const ReadBatch& batch : states)
    for (const RecordView& record : batch.records)
      latest[std::string(record.key)] = {std::string(header(record, "ce_id")), std::string(record.value)};
  if (told.size() != journal.size() || latest.size() != journal.size())
    return fmt::format("alerts: {} in the journal, {} told, {} states", journal.size(), told.size(),
                       latest.size());
  for (const auto& [id, story] : journal) {
    const AlertRecord& last = story.back();
    if (told[id] != last.transition.number)
      return fmt::format("alerts: {} transitions told of {}", told[id], text_of(last));
    const AlertMessage message = state_message(last, {});
    const auto& [state_id, value] = latest[id];
    if (state_id != last.transition.id || value != message.value)
      return fmt::format("alerts: the state topic says {} where the journal ends with {}", state_id,
                         text_of(last));
  }
  return Finding();
}

bool is_same(const AlertRecord& a, const AlertRecord& b) {
  const AlertTransition &x = a.transition, &y = b.transition;
  return x.id == y.id && x.kind == y.kind && x.from == y.from && x.to == y.to && x.at == y.at &&
         x.episode == y.episode && x.judgement == y.judgement && x.target_revision == y.target_revision &&
         x.silenced == y.silenced && x.severity == y.severity && x.sentence_en == y.sentence_en;
}

}  // namespace

Result<Journal> read_journal(const Rested& rested) {
  Journal journal;
  SLIPSTREAM_ASSIGN(const auto batches, read_topic(rested.log, rested.topics.decisions, rested.partitions()));
  for (const ReadBatch& batch : batches)
    for (const RecordView& record : batch.records) {
      SLIPSTREAM_ASSIGN(AlertRecord decision, read_alert_record(record.value));
      journal[decision.state.id].push_back(std::move(decision));
    }
  return journal;
}

Result<Finding> check_alerts(const Rested& rested, const Journal& journal, Tally& tally) {
  for (const auto& [id, story] : journal) {
    Finding finding = check_story(id, story, rested.now, tally);
    if (!finding.empty()) return finding;
  }
  return check_public_topics(rested, journal);
}

Finding compare_decisions(const Definitions& definitions, const Journal& plain, const Journal& journal,
                          bool strict, const ModelTree& tree) {
  static const std::vector<AlertRecord> kNone;
  std::set<std::string> ids;
  for (const auto& [id, story] : plain)
    ids.insert(id);
  for (const auto& [id, story] : journal)
    ids.insert(id);
  for (const std::string& id : ids) {
    const auto left = plain.find(id), right = journal.find(id);
    const auto& a = left == plain.end() ? kNone : left->second;
    const auto& b = right == journal.end() ? kNone : right->second;
    const AlertRecord& any = a.empty() ? b.front() : a.front();
    const AlertPlan& alert =
        *std::find_if(definitions.plan->alerts.begin(), definitions.plan->alerts.end(),
                      [&](const AlertPlan& each) { return each.name == any.state.subject.rule; });
    if (strict) {
      if (!depends_on_figures_alone(alert, *definitions.plan)) continue;
      const auto differ = std::mismatch(a.begin(), a.end(), b.begin(), b.end(), is_same);
      if (differ.first == a.end() && differ.second == b.end()) continue;
      return fmt::format("alerts: without faults {}; with faults {}",
                         differ.first == a.end() ? "no more" : text_of(*differ.first),
                         differ.second == b.end() ? "no more" : text_of(*differ.second));
    }
    // Read and judged in any order the ways differ; where they lead to is the same if nothing has to last.
    if (alert.for_duration.us > 0 || alert.keep_firing_for.us > 0) continue;
    const std::string& node = any.state.subject.node;
    if (tree.is_unclear(node) || !tree.is_known(node, any.transition.at)) continue;
    const bool is_on = !a.empty() && is_active(a.back().state.phase),
               was_on = !b.empty() && is_active(b.back().state.phase);
    if (is_on != was_on)
      return fmt::format("alerts: in the end {} without faults and {} with faults",
                         a.empty() ? "nothing" : text_of(a.back()),
                         b.empty() ? "nothing" : text_of(b.back()));
  }
  return {};
}

}  // namespace slipstream::simulator
