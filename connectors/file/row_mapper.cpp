#include "connectors/file/row_mapper.h"

#include <fmt/format.h>

#include <charconv>

#include "connectors/file/mapped_value.h"
#include "engine/base/hash.h"
#include "engine/decode/content_hash.h"
#include "engine/decode/encoder.h"

namespace slipstream {
namespace {

// The id is set when the content is known; until then the builder needs one.
constexpr std::string_view kIdToCome = "-";

}  // namespace

RowMapper::RowMapper(const Mapping& mapping, std::vector<LookupTable> lookups, Timestamp clock)
    : mapping_(mapping), lookups_(std::move(lookups)), clock_(clock) {
  options_.zone = mapping.zone;
}

std::optional<RowProblem> RowMapper::map(const Row& row, std::vector<ImportedEvent>& out) {
  if (row.problem) return row.problem;
  const std::size_t before = out.size();
  for (const EventRule& rule : mapping_.events) {
    if (rule.when && !holds(*rule.when, row)) continue;
    if (auto problem = map_event(rule, row, out)) {
      out.resize(before);
      return problem;
    }
  }
  return std::nullopt;
}

bool RowMapper::holds(const RowCondition& condition, const Row& row) const {
  const std::string_view text = row.cells[condition.column];
  switch (condition.test) {
    case RowCondition::Test::not_empty:
      return !text.empty();
    case RowCondition::Test::equal:
      return text == condition.text;
    case RowCondition::Test::different:
      return text != condition.text;
  }
  return false;
}

std::optional<RowProblem> RowMapper::map_event(const EventRule& rule, const Row& row,
                                               std::vector<ImportedEvent>& out) {
  arena_.clear();
  blamed_.clear();
  if (auto built = build(rule, row); !built)
    return RowProblem{built.error().code, blamed_, std::move(built).error().message};
  auto bytes = encode_flatbuffers(event_);
  if (!bytes) return RowProblem{bytes.error().code, "", std::move(bytes).error().message};
  out.push_back({event_.type, rule.type->kind, std::string(event_.subject), *std::move(bytes)});
  return std::nullopt;
}

Result<> RowMapper::build(const EventRule& rule, const Row& row) {
  EventBuilder builder(options_, clock_, event_);
  SLIPSTREAM_TRY(builder.set_type(rule.type->type));
  SLIPSTREAM_TRY(set_envelope(rule, row, builder));
  SLIPSTREAM_TRY(add_fields(rule, row, builder));
  blamed_.clear();
  SLIPSTREAM_TRY(builder.finish());
  if (!rule.id) set_default_id();
  return {};
}

Result<> RowMapper::set_envelope(const EventRule& rule, const Row& row, EventBuilder& builder) {
  SLIPSTREAM_TRY(builder.set(EnvelopeText::source, mapping_.source));
  if (rule.id)
    SLIPSTREAM_TRY(set_text(EnvelopeText::id, rule.id, row, builder));
  else
    SLIPSTREAM_TRY(builder.set(EnvelopeText::id, kIdToCome));
  SLIPSTREAM_TRY(set_time(EnvelopeTime::time, rule.time, row, builder));
  SLIPSTREAM_TRY(set_time(EnvelopeTime::effective_at, rule.effective_at, row, builder));
  SLIPSTREAM_TRY(set_time(EnvelopeTime::recorded_at, rule.recorded_at, row, builder));
  SLIPSTREAM_TRY(set_text(EnvelopeText::actor, rule.actor, row, builder));
  SLIPSTREAM_TRY(set_text(EnvelopeText::supersedes, rule.supersedes, row, builder));
  SLIPSTREAM_TRY(set_text(EnvelopeText::subject, rule.subject, row, builder));
  if (!rule.entity_version) return {};
  SLIPSTREAM_ASSIGN(const Text version, render(*rule.entity_version, row));
  if (!version.present) return {};
  std::int64_t number = 0;
  const char* end = version.text.data() + version.text.size();
  if (const auto [stop, error] = std::from_chars(version.text.data(), end, number);
      error != std::errc{} || stop != end)
    return builder.refuse("entity_version", ErrorCode::wrong_type, "is no whole number");
  return builder.set_entity_version(number);
}

Result<> RowMapper::set_text(EnvelopeText member, const std::optional<ValueTemplate>& value, const Row& row,
                             EventBuilder& builder) {
  if (!value) return {};
  SLIPSTREAM_ASSIGN(const Text text, render(*value, row));
  if (!text.present && member != EnvelopeText::id) return {};
  return builder.set(member, text.text);
}

Result<> RowMapper::set_time(EnvelopeTime member, const std::optional<ValueTemplate>& value, const Row& row,
                             EventBuilder& builder) {
  if (!value) return {};
  SLIPSTREAM_ASSIGN(const Text text, render(*value, row));
  if (!text.present && member != EnvelopeTime::time) return {};
  if (!text.present) return builder.refuse("time", ErrorCode::missing_field, "is empty");
  const auto instant = parse_timestamp(text.text, &mapping_.zone);
  if (!instant) return builder.refuse("time", ErrorCode::invalid_timestamp, instant.error().message);
  return builder.set(member, *instant);
}

Result<> RowMapper::add_fields(const EventRule& rule, const Row& row, EventBuilder& builder) {
  for (const FieldRule& field : rule.fields) {
    SLIPSTREAM_ASSIGN(const Text text, render(field.value, row));
    if (!text.present && field.use->required && rule.type->subject != field.use->field)
      return builder.refuse(field.use->name, ErrorCode::missing_field, "is empty");
    if (!text.present) continue;
    SLIPSTREAM_ASSIGN(const Value value,
                      mapped_value(*rule.type, *field.use, text.text, mapping_.zone, arena_));
    // A list was checked item by item on its way; its text is not one of the shapes that add() takes.
    if (is_list(field.use->shape))
      SLIPSTREAM_TRY(builder.add_checked_list(*field.use, value.as_text()));
    else
      SLIPSTREAM_TRY(builder.add(*field.use, value));
  }
  for (const AttributeRule& attribute : rule.attributes) {
    SLIPSTREAM_ASSIGN(const Text text, render(attribute.value, row));
    if (text.present) SLIPSTREAM_TRY(builder.add_attribute(attribute.name, Value::text(text.text)));
  }
  return {};
}

// The same fact has the same id in whichever file, row and run it comes: a later export that repeats it adds
// nothing.
void RowMapper::set_default_id() {
  event_.id = arena_.keep(
      fmt::format("{}/{:016x}-{:016x}", name_of(event_.type), content_hash(event_), hash64(event_.subject)));
}

Result<std::string_view> RowMapper::cell(const TemplatePart& part, const Row& row) const {
  if (part.from == TemplatePart::From::literal) return part.literal;
  if (part.from == TemplatePart::From::column) return row.cells[part.column];
  const LookupPlan& plan = mapping_.lookups[part.lookup];
  const std::string_view key = row.cells[plan.by];
  if (key.empty()) return std::string_view();
  const auto* cells = lookups_[part.lookup].find(key);
  if (cells == nullptr)
    return fail(ErrorCode::missing_field,
                fmt::format("no row of lookup '{}' has the {} '{}'", plan.name, plan.key, key));
  return (*cells)[part.column];
}

// Absent when one of its columns is empty.
Result<RowMapper::Text> RowMapper::render(const ValueTemplate& value, const Row& row) {
  blame(value);
  if (value.parts.size() == 1) {
    SLIPSTREAM_ASSIGN(const std::string_view text, cell(value.parts[0], row));
    return Text{text, !text.empty() || value.is_constant()};
  }
  std::string text;
  for (const TemplatePart& part : value.parts) {
    SLIPSTREAM_ASSIGN(const std::string_view piece, cell(part, row));
    if (piece.empty()) {
      blamed_ = name_of_part(part);
      return Text{};
    }
    text += piece;
  }
  return Text{arena_.keep(std::move(text)), true};
}

void RowMapper::blame(const ValueTemplate& value) {
  blamed_.clear();
  for (const TemplatePart& part : value.parts) {
    if (part.from == TemplatePart::From::literal) continue;
    blamed_ = name_of_part(part);
    return;
  }
}

std::string RowMapper::name_of_part(const TemplatePart& part) const {
  if (part.from == TemplatePart::From::column) return mapping_.columns[part.column];
  const LookupPlan& plan = mapping_.lookups[part.lookup];
  return plan.name + "." + plan.columns[part.column];
}

}  // namespace slipstream
