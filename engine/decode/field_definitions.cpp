// The catalogue's fields: one row each, in the order of their numbers.
#include <algorithm>
#include <array>

#include "engine/base/error.h"
#include "engine/decode/catalogue.h"

namespace slipstream {
namespace {

using enum FieldShape;

constexpr std::size_t kNameBytes = 512;
constexpr std::size_t kTitleBytes = 2048;
constexpr std::size_t kProseBytes = 16 * 1024;
constexpr std::size_t kLinkBytes = 2048;

constexpr NumberBounds kPercent{0, 100, false};
constexpr NumberBounds kPositive{0, std::nullopt, true};
constexpr NumberBounds kNotNegative{0, std::nullopt, false};
constexpr NumberBounds kScale{0, Decimal::kScaleMax, false};

constexpr std::array<std::string_view, 3> kCreditPolicies{"holder_at_due_date", "by_share", "acceptor"};
constexpr std::array<std::string_view, 3> kDirections{"higher", "lower", "range"};
constexpr std::array<std::string_view, 7> kAggregations{"sum", "last", "avg", "min", "max", "ratio", "none"};
constexpr std::array<std::string_view, 7> kCadences{"hour",    "day",       "week", "month",
                                                    "quarter", "half_year", "year"};
constexpr std::array<std::string_view, 4> kTrajectories{"constant", "linear", "stepped", "table"};
constexpr std::array<std::string_view, 3> kModes{"from_start", "from_date", "pro_rata"};

constexpr FieldDefinition text_field(Field field, std::string_view name, FieldShape shape,
                                     std::size_t bytes_max, std::string_view meaning) {
  return {field, name, shape, meaning, bytes_max};
}
constexpr FieldDefinition id_field(Field field, std::string_view name, std::string_view meaning) {
  return text_field(field, name, id, kIdBytesMax, meaning);
}
constexpr FieldDefinition node_field(Field field, std::string_view name, std::string_view meaning) {
  return text_field(field, name, node, kNodeBytesMax, meaning);
}
constexpr FieldDefinition number_field(Field field, std::string_view name, FieldShape shape,
                                       NumberBounds bounds, std::string_view meaning) {
  return {field, name, shape, meaning, 0, bounds};
}
constexpr FieldDefinition plain_field(Field field, std::string_view name, FieldShape shape,
                                      std::string_view meaning) {
  return {field, name, shape, meaning};
}
constexpr FieldDefinition choice_field(Field field, std::string_view name,
                                       std::span<const std::string_view> choices, std::string_view meaning) {
  return {field, name, choice, meaning, kIdBytesMax, {}, choices};
}

constexpr std::array kFields{
    id_field(Field::task, "task", "Id of the task."),
    text_field(Field::title, "title", text, kTitleBytes, "What is to be done, for people."),
    id_field(Field::assigner, "assigner", "Who assigned the task."),
    node_field(Field::unit, "unit", "The unit: who holds the task, or the unit the event is about."),
    id_field(Field::position, "position", "Job position."),
    id_field(Field::person, "person", "Id of the person."),
    text_field(Field::co_units, "co_units", nodes, kNodeBytesMax,
               "Units that work on the task beside its holder."),
    number_field(Field::weight, "weight", decimal, kPositive,
                 "Converted product: what the task counts; default 1."),
    plain_field(Field::due_at, "due_at", deadline,
                "When the task is due; a new deadline in `task.extended`."),
    plain_field(Field::starred, "starred", boolean, "Marked as important."),
    id_field(Field::parent, "parent", "The parent: of a task its parent task, of a unit the unit above it."),
    text_field(Field::indicators, "indicators", ids, kIdBytesMax, "Indicators that the task serves."),
    number_field(Field::percent, "percent", decimal, kPercent, "How much is done, 0 to 100."),
    text_field(Field::note, "note", text, kProseBytes, "A remark."),
    text_field(Field::evidence, "evidence", texts, kLinkBytes, "Links to what shows it."),
    plain_field(Field::completed_at, "completed_at", timestamp,
                "When it was completed; default `effective_at`."),
    text_field(Field::grade, "grade", text, kIdBytesMax, "Grade given at acceptance."),
    text_field(Field::reason, "reason", text, kProseBytes, "Why."),
    plain_field(Field::quality_fault, "quality_fault", boolean, "The review failed for quality."),
    plain_field(Field::excused, "excused", boolean, "The failed review or the delay is excused."),
    id_field(Field::approver, "approver", "Who approved."),
    text_field(Field::basis, "basis", text, kProseBytes, "The document or rule an approval rests on."),
    node_field(Field::from_unit, "from_unit", "The unit before."),
    id_field(Field::from_position, "from_position", "The job position before."),
    id_field(Field::from_person, "from_person", "The person before."),
    choice_field(Field::credit_policy, "credit_policy", kCreditPolicies,
                 "Who is credited after a handover; default `holder_at_due_date`."),
    plain_field(Field::counts, "counts", boolean, "A cancelled or suspended task stays in the denominators."),
    id_field(Field::indicator, "indicator", "Id of the indicator."),
    node_field(Field::node, "node", "Path of the node, segments separated by '/'."),
    plain_field(Field::period_start, "period_start", timestamp, "Start of the period."),
    plain_field(Field::period_end, "period_end", timestamp, "End of the period, exclusive."),
    number_field(Field::value, "value", decimal, {}, "The figure."),
    number_field(Field::numerator, "numerator", decimal, {}, "Numerator of a ratio, summed over nodes."),
    number_field(Field::denominator, "denominator", decimal, {},
                 "Denominator of a ratio, summed over nodes."),
    id_field(Field::metric, "metric", "Name of what is read."),
    number_field(Field::sequence, "sequence", integer, kNotNegative,
                 "The source's own counter, for deduplication."),
    text_field(Field::name, "name", text, kNameBytes, "Name for people."),
    plain_field(Field::valid_from, "valid_from", timestamp, "From when it holds; default `effective_at`."),
    plain_field(Field::valid_to, "valid_to", timestamp, "Until when it holds, exclusive; absent: open."),
    text_field(Field::successors, "successors", nodes, kNodeBytesMax, "Units that go on instead."),
    plain_field(Field::shares, "shares", decimals, "Share of each successor, in the same order; sum 1."),
    choice_field(Field::direction, "direction", kDirections, "Which way is better."),
    choice_field(Field::over_time, "over_time", kAggregations,
                 "How figures of shorter periods make a longer one's."),
    choice_field(Field::over_organisation, "over_organisation", kAggregations,
                 "How the figures of nodes make their parent's."),
    choice_field(Field::cadence, "cadence", kCadences, "How often a report is expected."),
    plain_field(Field::grace, "grace", interval, "How long after a period's end its report may come."),
    number_field(Field::precision, "precision", integer, kScale,
                 "Digits after the point when printed, 0 to 18."),
    id_field(Field::kpi, "kpi", "Name of the KPI."),
    number_field(Field::baseline, "baseline", decimal, {}, "Value at the start of the period."),
    number_field(Field::target, "target", decimal, {}, "Value to reach; the lower bound of a range."),
    choice_field(Field::trajectory, "trajectory", kTrajectories, "Shape of the way from baseline to target."),
    number_field(Field::tolerance_amber, "tolerance_amber", decimal, kNotNegative,
                 "Gap beyond which the status is amber."),
    number_field(Field::tolerance_red, "tolerance_red", decimal, kNotNegative,
                 "Gap beyond which the status is red."),
    choice_field(Field::mode, "mode", kModes, "How a revision within the period applies."),
    id_field(Field::alert, "alert", "Id of the alert."),
    plain_field(Field::until, "until", deadline, "When the silence ends."),
    plain_field(Field::follow_up_at, "follow_up_at", deadline, "When the owner will look again."),
    id_field(Field::calendar, "calendar", "Name of the calendar."),
    text_field(Field::days, "days", days, kNameBytes,
               "Days that differ from the week's rule, each working or not."),
    text_field(Field::measurement_unit, "measurement_unit", text, kNameBytes,
               "Unit of measurement: percent, km, ..."),
    number_field(Field::score, "score", decimal, {}, "Points given."),
    text_field(Field::class_name, "class_name", id, kIdBytesMax, "Class awarded."),
    number_field(Field::target_high, "target_high", decimal, {}, "Upper bound of a range target."),
};

constexpr bool numbered_from_one() {
  for (std::size_t i = 0; i < kFields.size(); ++i)
    if (static_cast<std::size_t>(kFields[i].field) != i + 1) return false;
  return true;
}
static_assert(numbered_from_one(), "the table is indexed by the field's number");

constexpr std::array<FieldPair, 1> kTogether{{{Field::numerator, Field::denominator}}};
constexpr std::array<FieldPair, 2> kNeeds{
    {{Field::period_end, Field::period_start}, {Field::shares, Field::successors}}};
constexpr std::array<FieldPair, 2> kOrdered{
    {{Field::period_start, Field::period_end}, {Field::valid_from, Field::valid_to}}};
constexpr std::array<FieldPair, 2> kNotAbove{
    {{Field::target, Field::target_high}, {Field::tolerance_amber, Field::tolerance_red}}};

}  // namespace

std::string_view name_of(FieldShape shape) {
  constexpr std::array<std::string_view, 15> names{
      "id",          "node",          "text",          "choice",           "decimal",
      "integer",     "boolean",       "timestamp",     "deadline",         "interval",
      "list of ids", "list of nodes", "list of texts", "list of decimals", "list of days"};
  return names[static_cast<std::size_t>(shape)];
}

std::span<const FieldDefinition> field_definitions() { return kFields; }

const FieldDefinition& definition_of(Field field) {
  const auto number = static_cast<std::size_t>(field);
  SLIPSTREAM_INVARIANT(number >= 1 && number <= kFields.size(), "field " + std::to_string(number));
  return kFields[number - 1];
}

std::string_view name_of(Field field) { return definition_of(field).name; }

std::optional<Field> find_field(std::string_view name) {
  const auto found = std::find_if(kFields.begin(), kFields.end(),
                                  [&](const FieldDefinition& definition) { return definition.name == name; });
  if (found == kFields.end()) return std::nullopt;
  return found->field;
}

std::span<const FieldPair> fields_given_together() { return kTogether; }
std::span<const FieldPair> fields_that_need() { return kNeeds; }
std::span<const FieldPair> fields_in_order() { return kOrdered; }
std::span<const FieldPair> fields_not_above() { return kNotAbove; }

}  // namespace slipstream
