#include "engine/shard/waiting.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/base/encoding.h"
#include "engine/decode/catalogue.h"

namespace slipstream {
namespace {

bool is_reading(std::string_view entity) { return entity.front() == 'o'; }
bool is_task(std::string_view entity) { return entity.front() == 't'; }

std::string entity_of(const Event& event, Offset offset) {
  return kind_of(event.type) == EventKind::observation ? reading_entity(offset) : Folding::entity_key(event);
}

// Fields that name a node or an indicator; a note may happen to hold the same word.
bool is_name(Field field) {
  switch (field) {
    case Field::unit:
    case Field::position:
    case Field::person:
    case Field::node:
    case Field::indicator:
      return true;
    default:
      return false;
  }
}

bool is_text(const Value& value, std::string_view text) {
  return value.type() == Type::text && value.as_text() == text;
}

// Does the event itself say what is missing? Else it only happened to come to an entity that others put
// there.
bool names(const Event& event, const Missing& missing) {
  return std::any_of(missing.names.begin(), missing.names.end(), [&](const Missing::Name& name) {
    return std::any_of(event.fields.begin(), event.fields.end(),
                       [&](const EventField& field) {
                         return is_name(field.field) && is_text(field.value, name.name);
                       }) ||
           std::any_of(event.attributes.begin(), event.attributes.end(),
                       [&](const EventAttribute& attribute) { return is_text(attribute.value, name.name); });
  });
}

WaitingRecord copy_of(const RecordView& record, std::uint8_t repeated) {
  WaitingRecord copy{record.offset, record.timestamp, std::string(record.key), std::string(record.value), {},
                     repeated};
  copy.headers.assign(record.headers.begin(), record.headers.end());
  return copy;
}

}  // namespace

Waiting::Waiting(const Plan& plan, const Organisation& organisation, const Reference& reference,
                 Folding& folding, Observing& observing, const StateReader& store, DecodeOptions decode)
    : plan_(plan),
      organisation_(organisation),
      reference_(reference),
      folding_(folding),
      observing_(observing),
      ends_(plan.organisation.wait_max.has_value() || plan.indicators.wait_max.has_value()),
      decoder_(std::move(decode)),
      room_(store) {}

std::optional<Missing> Waiting::missing_indicator(std::string_view entity) const {
  if (plan_.indicators.from != IndicatorSource::events || entity.front() != 'm') return std::nullopt;
  std::string indicator;
  if (!ByteReader(entity.substr(1)).read_key_string(indicator) || reference_.indicators().contains(indicator))
    return std::nullopt;
  return Missing{Missing::Kind::indicator, {{std::move(indicator), Timestamp::min()}}};
}

std::optional<Missing> Waiting::missing_node(std::span<const Contribution> contributions) const {
  Missing missing;
  for (const Contribution& contribution : contributions) {
    if (organisation_.is_known(contribution.node, contribution.slice)) continue;
    const auto same = [&](const Missing::Name& name) { return name.name == contribution.node; };
    if (std::none_of(missing.names.begin(), missing.names.end(), same))
      missing.names.push_back({std::string(contribution.node), contribution.slice});
  }
  if (missing.names.empty()) return std::nullopt;
  return missing;
}

// What the entity waits for as it stands.
Result<std::optional<Missing>> Waiting::missing_of(const std::string& entity, const WaitingEntity& waiting,
                                                   Timestamp now) {
  if (auto indicator = missing_indicator(entity)) return indicator;
  if (!is_reading(entity)) {
    SLIPSTREAM_ASSIGN(const std::vector<Contribution>* contributions, folding_.contributions_of(entity, now));
    return missing_node(*contributions);
  }
  SLIPSTREAM_ASSIGN(const Event event, decode(waiting.records.front()));
  std::vector<Contribution> contributions;
  observing_.add_contributions(event, waiting.records.front().repeated, now, contributions);
  return missing_node(contributions);
}

const std::optional<Duration>& Waiting::wait_for(const Missing& missing) const {
  return missing.kind == Missing::Kind::indicator ? plan_.indicators.wait_max : plan_.organisation.wait_max;
}

// A figure whose indicator is waited for without an end may still have to wait for its node, with one.
bool Waiting::must_keep(const Missing& missing) const {
  return wait_for(missing).has_value() || (missing.kind == Missing::Kind::indicator && ends_);
}

Result<> Waiting::take(const Event& event, const RecordView& record) {
  const bool observed = kind_of(event.type) == EventKind::observation;
  const std::string entity = entity_of(event, record.offset);
  std::optional<Missing> missing = missing_indicator(entity);
  if (!missing)
    missing = missing_node(observed ? observing_.latest_contributions() : folding_.latest_contributions());
  const bool waits = missing && must_keep(*missing);
  if (!waits && !expected_.contains(record.offset)) return {};
  SLIPSTREAM_ASSIGN(WaitingEntity waiting, room_.load(entity));
  waiting.records.push_back(copy_of(record, observed ? observing_.latest_repeated() : 0));
  if (waits && wait_for(*missing)) {
    const Timestamp deadline = record.timestamp + *wait_for(*missing);
    if (waiting.deadline == Timestamp::max())
      waiting.deadline = deadline;
    else if (!is_task(entity) || names(event, *missing))
      waiting.deadline = std::max(waiting.deadline, deadline);
  }
  if (waits) waiting.missing = *std::move(missing);
  return room_.put(entity, waiting);
}

Result<> Waiting::admit(std::string_view indicator, Timestamp now) {
  if (!is_on()) return {};
  SLIPSTREAM_ASSIGN(const std::vector<std::string> figures, room_.entities_with(indicator_prefix(indicator)));
  for (const std::string& figure : figures)
    SLIPSTREAM_TRY(bring_up_to_date(figure, now));
  return {};
}

Result<bool> Waiting::is_due(Timestamp now) {
  SLIPSTREAM_ASSIGN(const Timestamp deadline, next_deadline());
  return deadline <= now;
}

// The records to be expelled first, by number: those that name what is missing, or else the last one.
Result<std::vector<std::size_t>> Waiting::blamed(const std::string& entity, const WaitingEntity& waiting) {
  std::vector<std::size_t> blamed;
  for (std::size_t i = 0; i < waiting.records.size(); ++i) {
    bool is_blamed = !is_task(entity) || waiting.records.size() == 1;
    if (!is_blamed) {
      SLIPSTREAM_ASSIGN(const Event event, decode(waiting.records[i]));
      is_blamed = names(event, waiting.missing);
    }
    if (is_blamed) blamed.push_back(i);
  }
  if (blamed.empty()) blamed.push_back(waiting.records.size() - 1);
  return blamed;
}

// Looks at what waits of an entity as it stands now; expels what had waited long enough by `until`.
Result<> Waiting::examine(const std::string& entity, Timestamp until, Timestamp now,
                          std::vector<Expelled>& expelled) {
  SLIPSTREAM_ASSIGN(WaitingEntity waiting, room_.load(entity));
  while (!waiting.records.empty()) {
    SLIPSTREAM_ASSIGN(std::optional<Missing> missing, missing_of(entity, waiting, now));
    if (!missing || !must_keep(*missing)) {
      waiting.records.clear();
      break;
    }
    waiting.missing = *std::move(missing);
    waiting.deadline = Timestamp::max();
    const std::optional<Duration>& wait = wait_for(waiting.missing);
    if (!wait) break;
    SLIPSTREAM_ASSIGN(const std::vector<std::size_t> out, blamed(entity, waiting));
    waiting.deadline = Timestamp::min();
    for (const std::size_t i : out)
      waiting.deadline = std::max(waiting.deadline, waiting.records[i].timestamp + *wait);
    if (waiting.deadline > until) break;
    const Error why = reason_for(waiting.missing);
    for (const std::size_t i : out) {
      SLIPSTREAM_ASSIGN(std::string id, take_out(entity, waiting.records[i], now));
      expelled.push_back({is_reading(entity) ? "" : entity, std::move(id), waiting.records[i], why});
    }
    for (auto i = out.rbegin(); i != out.rend(); ++i)
      waiting.records.erase(waiting.records.begin() + static_cast<std::ptrdiff_t>(*i));
  }
  decoder_.release();
  return room_.put(entity, waiting);
}

Result<> Waiting::bring_up_to_date(const std::string& entity, Timestamp now) {
  std::vector<Expelled> none;
  return examine(entity, Timestamp::min(), now, none);
}

Result<std::vector<Expelled>> Waiting::expel_due(Timestamp until, Timestamp now) {
  std::vector<Expelled> expelled;
  while (true) {
    SLIPSTREAM_ASSIGN(const std::optional<std::string> entity, room_.pop_due(until));
    if (!entity) return expelled;
    SLIPSTREAM_TRY(examine(*entity, until, now, expelled));
  }
}

Result<std::size_t> Waiting::repeat(std::span<const Expulsion> expulsions, Timestamp now) {
  std::size_t taken_out = 0;
  std::set<std::string> entities;
  for (const Expulsion& expulsion : expulsions) {
    expected_.erase(expulsion.record.offset);
    const std::string entity =
        expulsion.entity.empty() ? reading_entity(expulsion.record.offset) : expulsion.entity;
    SLIPSTREAM_ASSIGN(WaitingEntity waiting, room_.load(entity));
    const auto record =
        std::find_if(waiting.records.begin(), waiting.records.end(),
                     [&](const WaitingRecord& each) { return each.offset == expulsion.record.offset; });
    if (record == waiting.records.end()) continue;
    SLIPSTREAM_TRY(take_out(entity, *record, now));
    ++taken_out;
    waiting.records.erase(record);
    SLIPSTREAM_TRY(room_.put(entity, waiting));
    entities.insert(entity);
  }
  // Only then: what is left of an entity waits for what it waits for without all of them.
  for (const std::string& entity : entities)
    SLIPSTREAM_TRY(bring_up_to_date(entity, now));
  return taken_out;
}

// Returns the event's id.
Result<std::string> Waiting::take_out(const std::string& entity, const WaitingRecord& record, Timestamp now) {
  SLIPSTREAM_ASSIGN(const Event event, decode(record));
  std::string id(event.id);
  if (is_reading(entity)) {
    SLIPSTREAM_TRY(observing_.expel(event, record.timestamp, record.repeated, now));
  } else {
    SLIPSTREAM_ASSIGN(const bool removed, folding_.expel(event, now));
    SLIPSTREAM_INVARIANT(removed, id);
  }
  return id;
}

Result<Event> Waiting::decode(const WaitingRecord& record) {
  Event event;
  SLIPSTREAM_TRY(decoder_.decode(record.view(), record.timestamp, event));
  return event;
}

Error Waiting::reason_for(const Missing& missing) const {
  const Missing::Name& first = missing.names.front();
  const std::string wait = format_duration(*wait_for(missing));
  if (missing.kind == Missing::Kind::indicator)
    return {
        ErrorCode::unknown_indicator,
        fmt::format(
            "indicator {} was not defined within {}: send indicator.defined for it, then replay this record",
            first.name, wait)};
  const std::vector<std::string> above = organisation_.ancestors_of(first.name, first.at);
  const std::string where = above.empty() ? "" : fmt::format(", which is placed below {}", above.back());
  return {ErrorCode::unknown_node,
          fmt::format("node {}{} was not known within {}: send unit.created or person.appointed for {}, then "
                      "replay this record",
                      first.name, where, wait, above.empty() ? first.name : above.back())};
}

}  // namespace slipstream
