#include "engine/shard/reference.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/base/encoding.h"
#include "engine/decode/catalogue.h"
#include "engine/fold/entity.h"

namespace slipstream {
namespace {

std::string target_key(std::string_view kpi, std::string_view node) {
  std::string key = "g";
  append_key_string(key, kpi);
  key += node;
  return key;
}

// Store key of the subject an event belongs to; empty: this version does not fold the event.
std::string reference_key(const Event& event) {
  switch (event.type) {
    case EventType::unit_created:
    case EventType::unit_renamed:
    case EventType::unit_moved:
    case EventType::unit_merged:
    case EventType::unit_split:
    case EventType::unit_closed:
      return "u" + std::string(text_of(event, Field::unit));
    case EventType::person_appointed:
    case EventType::person_transferred:
    case EventType::person_absent:
      return "u" + std::string(text_of(event, Field::person));
    case EventType::indicator_defined:
    case EventType::indicator_revised:
      return "i" + std::string(text_of(event, Field::indicator));
    case EventType::target_set:
    case EventType::target_revised: {
      const std::string_view kpi = text_of(event, Field::kpi);
      return target_key(kpi.empty() ? text_of(event, Field::indicator) : kpi, text_of(event, Field::node));
    }
    case EventType::alert_acknowledged:
    case EventType::alert_silenced:
      return "a" + std::string(text_of(event, Field::alert));
    default:
      return {};
  }
}

std::optional<Rational> number_in(const Value& value) { return number_of(to_kpi_value(value)); }

TargetMode mode_of(std::string_view name) {
  if (name == "from_date") return TargetMode::from_date;
  if (name == "pro_rata") return TargetMode::pro_rata;
  return TargetMode::from_start;
}

std::optional<Trajectory> trajectory_of(std::string_view name) {
  if (name == "linear") return Trajectory{TrajectoryKind::linear, {}};
  if (name == "constant") return Trajectory{TrajectoryKind::constant, {}};
  return std::nullopt;
}

std::optional<TargetRevision> revision_of(const StoredEvent& event) {
  TargetRevision revision;
  bool has_target = false, has_start = false, has_end = false;
  const auto read = event.read_payload(
      [&](Field field, const Value& value) {
        if (value.is_null()) return;
        if (field == Field::period_start && (has_start = true)) revision.period.start = value.as_timestamp();
        if (field == Field::period_end && (has_end = true)) revision.period.end = value.as_timestamp();
        if (field == Field::baseline) revision.baseline = number_in(value);
        if (field == Field::target && (has_target = true))
          revision.target = number_in(value).value_or(Rational(0));
        if (field == Field::target_high) revision.target_high = number_in(value);
        if (field == Field::tolerance_amber) revision.tolerance_green = number_in(value);
        if (field == Field::tolerance_red) revision.tolerance_amber = number_in(value);
        if (field == Field::mode) revision.mode = mode_of(value.as_text());
        if (field == Field::trajectory) revision.trajectory = trajectory_of(value.as_text());
      },
      [](std::string_view, const Value&) {});
  if (!read || !has_target || !has_start || !has_end) return std::nullopt;
  revision.effective_at = event.effective_at;
  revision.recorded_at = event.recorded_at;
  revision.event_id = event.id;
  return revision;
}

}  // namespace

Reference::Reference(const Plan& plan, RollUp& roll_up, const StateReader& store)
    : plan_(plan), roll_up_(roll_up), store_(&store) {}

Result<> Reference::open() {
  SLIPSTREAM_TRY(store_->scan(Family::reference, "", "", [&](std::string_view key, std::string_view value) {
    histories_.emplace(key, value);
    return true;
  }));
  SLIPSTREAM_ASSIGN(indicators_, read_indicators(*store_));
  for (const auto& [key, history] : histories_)
    if (key.front() == 'u') SLIPSTREAM_TRY(update_organisation(key.substr(1), history, false));
  return {};
}

Result<> Reference::update_organisation(const std::string& node, const std::string& history,
                                        bool move_figures) {
  SLIPSTREAM_TRY(roll_up_.settle());  // under the parents of before
  Organisation& organisation = roll_up_.organisation();
  SLIPSTREAM_ASSIGN(Organisation::Change change, organisation.update(node, history));
  if (!change.since || plan_.organisation.tree != TreeSource::events) return {};
  if (organisation.has_cycle(node)) {
    organisation.restore(node, std::move(change.before));
    return fail(ErrorCode::invalid_transition,
                fmt::format("unit {}: this would put it below itself; correct its parent", node));
  }
  return move_figures ? roll_up_.move_subtree(node, change) : Result<>();
}

Result<FoldOutcome> Reference::fold(const Event& event, Partition partition, Offset offset) {
  FoldOutcome outcome;
  const auto refuse = [&](Error error) {
    outcome.kind = FoldOutcome::Kind::refused;
    outcome.refusal = std::move(error);
    return outcome;
  };
  const std::string key = reference_key(event);
  if (key.empty())
    return refuse(
        {ErrorCode::unsupported_event_type,
         fmt::format("{}: this version does not fold it; replay it after an upgrade", name_of(event.type))});
  const auto known = histories_.find(key);
  std::string history = known == histories_.end() ? std::string() : known->second;
  SLIPSTREAM_ASSIGN(const Insertion insertion, insert_event(history, event, partition, offset));
  if (insertion == Insertion::duplicate) {
    outcome.kind = FoldOutcome::Kind::duplicate;
    return outcome;
  }
  if (insertion == Insertion::conflicting)
    return refuse(
        {ErrorCode::conflicting_duplicate,
         "an accepted event of this id and source has other content; send the change as a new event"});
  if (key.front() == 'u') {
    const auto updated = update_organisation(key.substr(1), history, true);
    if (!updated && blame_of(updated.error().code) == Blame::data) return refuse(updated.error());
    SLIPSTREAM_TRY(updated);
  }
  if (event.type == EventType::indicator_defined) indicators_.insert(key.substr(1));
  if (key.front() == 'g' || key.front() == 'u') ++changes_;
  histories_[key] = std::move(history);
  dirty_.insert(key);
  return outcome;
}

Result<TargetHistories> read_targets(const StateReader& store) {
  TargetHistories histories;
  SLIPSTREAM_TRY(store.scan(Family::reference, "g", "h", [&](std::string_view key, std::string_view value) {
    histories.emplace(key, value);
    return true;
  }));
  return histories;
}

Result<Indicators> read_indicators(const StateReader& store) {
  Indicators indicators;
  Result<> read;
  SLIPSTREAM_TRY(store.scan(Family::reference, "i", "j", [&](std::string_view key, std::string_view history) {
    const auto events = read_history(history, true);
    if (!events)
      read = tl::unexpected(events.error());
    else if (std::any_of(events->begin(), events->end(),
                         [](const StoredEvent& event) { return event.type == EventType::indicator_defined; }))
      indicators.emplace(key.substr(1));
    return read.has_value();
  }));
  SLIPSTREAM_TRY(read);
  return indicators;
}

std::vector<TargetRevision> revisions_in(const TargetHistories& histories, std::string_view kpi,
                                         std::string_view node) {
  std::vector<TargetRevision> revisions;
  const auto found = histories.find(target_key(kpi, node));
  if (found == histories.end()) return revisions;
  const auto events = read_history(found->second);
  if (!events) return revisions;
  for (const StoredEvent& event : *events)
    if (auto revision = revision_of(event)) revisions.push_back(std::move(*revision));
  return revisions;
}

Result<bool> Reference::is_newest_act(const Event& event) const {
  const auto history = histories_.find(reference_key(event));
  if (history == histories_.end()) return false;
  SLIPSTREAM_ASSIGN(const std::vector<StoredEvent> acts, read_history(history->second));
  const auto newest = std::find_if(acts.rbegin(), acts.rend(),
                                   [&](const StoredEvent& act) { return act.type == event.type; });
  return newest != acts.rend() && newest->id == event.id && newest->source == event.source;
}

void Reference::seal(StateBatch& batch) {
  for (const std::string& key : dirty_)
    batch.push_back({Family::reference, key, histories_[key]});
  dirty_.clear();
}

}  // namespace slipstream
