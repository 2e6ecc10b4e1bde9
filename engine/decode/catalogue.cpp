// The catalogue's event types: which fields each has and needs.
#include "engine/decode/catalogue.h"

#include <array>
#include <deque>
#include <string>
#include <vector>

#include "engine/base/error.h"

namespace slipstream {
namespace {

using Fields = std::vector<Field>;

// One event type as written below; `needed` fields come first.
struct EventRow {
  EventType type;
  std::string_view name;
  EventKind kind;
  EventFamily family;
  std::optional<Field> subject;
  Fields needed;
  Fields optional;
  Fields at_least_one_of;
  std::string_view meaning;
};

EventRow task_row(EventType type, std::string_view name, Fields needed, Fields optional,
                  Fields at_least_one_of, std::string_view meaning) {
  needed.insert(needed.begin(), Field::task);
  return {type,   name, EventKind::task, EventFamily::task, Field::task, needed, optional, at_least_one_of,
          meaning};
}

std::vector<EventRow> task_rows() {
  using enum EventType;
  using F = Field;
  return {
      task_row(task_assigned, "task.assigned", {},
               {F::title, F::assigner, F::unit, F::position, F::person, F::co_units, F::weight, F::due_at,
                F::starred, F::parent, F::indicators, F::note},
               {}, "A task was given to a unit, position or person."),
      task_row(task_progressed, "task.progressed", {}, {F::percent, F::note, F::evidence}, {},
               "Progress was reported; the task's status is fresh again."),
      task_row(task_completed, "task.completed", {}, {F::completed_at, F::note, F::evidence}, {},
               "The holder reported the task as done."),
      task_row(task_accepted, "task.accepted", {}, {F::grade, F::note}, {}, "The result was accepted."),
      task_row(task_returned, "task.returned", {}, {F::reason, F::quality_fault, F::excused}, {},
               "The result was sent back: a failed review."),
      task_row(task_extended, "task.extended", {F::due_at}, {F::approver, F::excused, F::reason}, {},
               "The deadline was moved."),
      task_row(task_delay_excused, "task.delay_excused", {}, {F::approver, F::basis}, {},
               "The delay does not count against the holder."),
      task_row(task_reassigned, "task.reassigned", {},
               {F::unit, F::position, F::person, F::from_unit, F::from_position, F::from_person,
                F::credit_policy, F::reason},
               {F::unit, F::position, F::person}, "The task went to another holder."),
      task_row(task_cancelled, "task.cancelled", {}, {F::reason, F::counts}, {},
               "The task is no longer to be done."),
      task_row(task_suspended, "task.suspended", {}, {F::reason, F::counts}, {}, "Work on the task rests."),
      task_row(task_resumed, "task.resumed", {}, {F::reason, F::counts}, {}, "Work on the task goes on."),
      task_row(task_reopened, "task.reopened", {}, {F::reason, F::counts}, {},
               "A completed or cancelled task is open again."),
  };
}

std::vector<EventRow> figure_rows() {
  using enum EventType;
  using F = Field;
  const Fields figures{F::period_start, F::period_end, F::value, F::numerator,
                       F::denominator,  F::reason,     F::note,  F::evidence};
  const Fields some_figure{F::value, F::numerator};
  return {
      {measurement_reported,
       "measurement.reported",
       EventKind::measurement,
       EventFamily::measurement,
       F::node,
       {F::indicator, F::node},
       figures,
       some_figure,
       "An indicator's figure for a period, or for an instant."},
      {measurement_corrected,
       "measurement.corrected",
       EventKind::measurement,
       EventFamily::measurement,
       F::node,
       {F::indicator, F::node},
       figures,
       some_figure,
       "A reported figure was wrong; this one stands instead."},
      {measurement_retracted,
       "measurement.retracted",
       EventKind::measurement,
       EventFamily::measurement,
       F::node,
       {F::indicator, F::node},
       {F::period_start, F::period_end, F::reason, F::note},
       {},
       "A reported figure is withdrawn."},
      {observation,
       "observation",
       EventKind::observation,
       EventFamily::observation,
       F::node,
       {F::metric, F::node, F::value},
       {F::sequence},
       {},
       "A high-rate reading; append only."},
  };
}

std::vector<EventRow> plan_rows() {
  using enum EventType;
  using F = Field;
  const Fields indicator{
      F::name,  F::measurement_unit, F::direction,  F::over_time, F::over_organisation, F::cadence,
      F::grace, F::precision,        F::valid_from, F::reason};
  const Fields target{F::kpi,           F::indicator,  F::baseline,
                      F::target_high,   F::trajectory, F::tolerance_amber,
                      F::tolerance_red, F::mode,       F::reason};
  const Fields target_needs{F::node, F::period_start, F::period_end, F::target};
  return {
      {indicator_defined,
       "indicator.defined",
       EventKind::reference,
       EventFamily::indicator,
       F::indicator,
       {F::indicator},
       indicator,
       {},
       "An indicator exists."},
      {indicator_revised,
       "indicator.revised",
       EventKind::reference,
       EventFamily::indicator,
       F::indicator,
       {F::indicator},
       indicator,
       {},
       "An indicator's definition changed; only the fields given change."},
      {target_set,
       "target.set",
       EventKind::reference,
       EventFamily::target,
       F::node,
       target_needs,
       target,
       {F::kpi, F::indicator},
       "A node has a target for a period."},
      {target_revised,
       "target.revised",
       EventKind::reference,
       EventFamily::target,
       F::node,
       target_needs,
       target,
       {F::kpi, F::indicator},
       "A target changed within its period."},
  };
}

std::vector<EventRow> organisation_rows() {
  using enum EventType;
  using F = Field;
  const auto unit = [](EventType type, std::string_view name, Fields needed, Fields optional,
                       std::string_view meaning) {
    needed.insert(needed.begin(), F::unit);
    return EventRow{type, name,   EventKind::reference, EventFamily::unit, F::unit, needed, optional,
                    {},   meaning};
  };
  const auto person = [](EventType type, std::string_view name, Fields needed, Fields optional,
                         std::string_view meaning) {
    needed.insert(needed.begin(), F::person);
    return EventRow{type, name,   EventKind::reference, EventFamily::person, F::person, needed, optional,
                    {},   meaning};
  };
  return {
      unit(unit_created, "unit.created", {}, {F::name, F::parent, F::valid_from, F::valid_to},
           "A unit exists."),
      unit(unit_renamed, "unit.renamed", {F::name}, {F::valid_from}, "A unit has another name."),
      unit(unit_moved, "unit.moved", {F::parent}, {F::valid_from, F::reason}, "A unit has another parent."),
      unit(unit_merged, "unit.merged", {F::successors}, {F::shares, F::valid_from, F::reason},
           "A unit went into others."),
      unit(unit_split, "unit.split", {F::successors}, {F::shares, F::valid_from, F::reason},
           "A unit became several."),
      unit(unit_closed, "unit.closed", {}, {F::valid_to, F::reason}, "A unit is no more."),
      person(person_appointed, "person.appointed", {F::unit},
             {F::name, F::position, F::valid_from, F::valid_to}, "A person holds a position in a unit."),
      person(person_transferred, "person.transferred", {F::unit},
             {F::position, F::from_unit, F::from_position, F::valid_from, F::reason},
             "A person went to another unit or position."),
      person(person_absent, "person.absent", {F::valid_from}, {F::valid_to, F::reason}, "A person is away."),
  };
}

std::vector<EventRow> decision_rows() {
  using enum EventType;
  using F = Field;
  const auto row = [](EventType type, std::string_view name, F subject, Fields needed, Fields optional,
                      Fields at_least_one_of, std::string_view meaning) {
    return EventRow{
        type,   name, EventKind::reference, EventFamily::period, subject, needed, optional, at_least_one_of,
        meaning};
  };
  const auto act = [](EventType type, std::string_view name, Fields needed, Fields optional,
                      std::string_view meaning) {
    return EventRow{type, name,   EventKind::action, EventFamily::alert, F::alert, needed, optional,
                    {},   meaning};
  };
  return {
      row(period_closed, "period.closed", F::node, {F::period_start, F::period_end},
          {F::node, F::reason, F::approver}, {},
          "A period's figures are published; without a node, everywhere."),
      row(period_reopened, "period.reopened", F::node, {F::period_start, F::period_end},
          {F::node, F::reason, F::approver}, {}, "A closed period takes figures again."),
      row(score_set, "score.set", F::node, {F::node, F::kpi, F::period_start, F::period_end, F::score},
          {F::approver, F::reason, F::note, F::evidence}, {}, "A scorecard's manual figure was given."),
      row(override_applied, "override.applied", F::node,
          {F::node, F::kpi, F::period_start, F::period_end, F::reason},
          {F::score, F::class_name, F::approver, F::note, F::evidence}, {F::score, F::class_name},
          "A computed score or class was replaced by decision."),
      row(calendar_published, "calendar.published", F::calendar, {F::calendar, F::days},
          {F::period_start, F::period_end, F::note}, {}, "Working days of a stretch of time."),
      act(alert_acknowledged, "alert.acknowledged", {F::alert},
          {F::person, F::follow_up_at, F::reason, F::note}, "Somebody takes care of the alert."),
      act(alert_silenced, "alert.silenced", {F::alert, F::until}, {F::person, F::reason, F::note},
          "The alert is kept quiet for a while."),
  };
}

FieldUse use_of(Field field, bool required, EventFamily family) {
  const FieldDefinition& definition = definition_of(field);
  const bool unit_parent = field == Field::parent && family == EventFamily::unit;
  return {field, required, unit_parent ? FieldShape::node : definition.shape, &definition, definition.name};
}

// Owns what the spans of the definitions point to.
class Catalogue {
 public:
  Catalogue() {
    for (const auto& rows : {task_rows(), figure_rows(), plan_rows(), organisation_rows(), decision_rows()})
      for (const EventRow& row : rows)
        add(row);
    for (const EventDefinition& definition : definitions_)
      by_number_[static_cast<std::size_t>(definition.type)] = &definition;
  }

  std::span<const EventDefinition> definitions() const { return definitions_; }
  const EventDefinition* find(std::uint8_t number) const { return by_number_[number]; }

 private:
  void add(const EventRow& row) {
    auto& uses = uses_.emplace_back();
    for (const Field field : row.needed)
      uses.push_back(use_of(field, true, row.family));
    for (const Field field : row.optional)
      uses.push_back(use_of(field, false, row.family));
    const Fields& some = groups_.emplace_back(row.at_least_one_of);
    definitions_.push_back({row.type, row.name, row.kind, row.family, row.subject, uses, some, row.meaning});
  }

  std::deque<std::vector<FieldUse>> uses_;
  std::deque<Fields> groups_;
  std::vector<EventDefinition> definitions_;
  std::array<const EventDefinition*, 256> by_number_{};
};

const Catalogue& catalogue() {
  static const Catalogue instance;
  return instance;
}

constexpr std::string_view kObservationAlias = "observation.recorded";

// `name` itself, or what follows a dot.
bool ends_with_name(std::string_view text, std::string_view name) {
  if (!text.ends_with(name)) return false;
  return text.size() == name.size() || text[text.size() - name.size() - 1] == '.';
}

}  // namespace

std::span<const EventDefinition> event_definitions() { return catalogue().definitions(); }

const EventDefinition& definition_of(EventType type) {
  const EventDefinition* found = catalogue().find(static_cast<std::uint8_t>(type));
  SLIPSTREAM_INVARIANT(found != nullptr, "event type " + std::to_string(static_cast<int>(type)));
  return *found;
}

const FieldUse* find_field_use(const EventDefinition& definition, std::string_view name) {
  for (const FieldUse& use : definition.fields)
    if (is_name(name, use.name)) return &use;
  return nullptr;
}

const FieldUse* find_field_use(const EventDefinition& definition, Field field) {
  for (const FieldUse& use : definition.fields)
    if (use.field == field) return &use;
  return nullptr;
}

std::string_view name_of(EventType type) { return definition_of(type).name; }
EventKind kind_of(EventType type) { return definition_of(type).kind; }
std::span<const FieldUse> fields_of(EventType type) { return definition_of(type).fields; }

std::string_view name_of(EventKind kind) {
  constexpr std::array<std::string_view, 5> names{"task", "measurement", "observation", "reference",
                                                  "action"};
  return names[static_cast<std::size_t>(kind)];
}

std::string_view name_of(EventFamily family) {
  constexpr std::array<std::string_view, 9> names{
      "Observation", "Measurement", "Task", "Indicator", "Target", "Unit", "Person", "Period", "AlertAct"};
  return names[static_cast<std::size_t>(family)];
}

std::optional<EventType> find_event_type(std::string_view name) {
  if (ends_with_name(name, "observation") || ends_with_name(name, kObservationAlias))
    return EventType::observation;
  for (const EventDefinition& definition : catalogue().definitions())
    if (ends_with_name(name, definition.name)) return definition.type;
  return std::nullopt;
}

std::optional<EventType> event_type_of(std::uint8_t number) {
  const EventDefinition* found = catalogue().find(number);
  if (found == nullptr) return std::nullopt;
  return found->type;
}

bool is_envelope_member(std::string_view name) {
  return name == "effective_at" || name == "recorded_at" || name == "entity_version" || name == "actor" ||
         name == "supersedes";
}

}  // namespace slipstream
