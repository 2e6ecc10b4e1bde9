// Random valid events: each passes check_event, and decodes from either encoding to itself. For property
// tests, fuzzers and the simulator. One seed, one sequence of events, on every machine.
#pragma once

#include <algorithm>
#include <array>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "engine/decode/catalogue.h"
#include "engine/decode/field_rules.h"
#include "engine/decode/list_field.h"

namespace slipstream::test {

// An event with the texts it points to. Copies share the texts.
struct GeneratedEvent {
  std::shared_ptr<Arena> arena = std::make_shared<Arena>();
  Event event;
};

struct EventGeneratorOptions {
  Timestamp earliest = Timestamp{946'684'800'000'000};  // 2000-01-01T00:00:00Z
  Timestamp latest = Timestamp{1'893'456'000'000'000};  // 2030-01-01T00:00:00Z
  int optional_percent = 50;                            // how often a field that may be left out is there
  std::size_t attributes_max = 4;
};

class EventGenerator {
 public:
  explicit EventGenerator(std::uint64_t seed, EventGeneratorOptions options = {})
      : random_(seed), options_(options) {}

  GeneratedEvent next() {
    const auto definitions = event_definitions();
    return of(definitions[below(definitions.size())].type);
  }

  GeneratedEvent of(EventType type) {
    GeneratedEvent generated;
    arena_ = generated.arena.get();
    Event& event = generated.event;
    const EventDefinition& definition = definition_of(type);
    event.type = type;
    fill_envelope(event);
    fill_fields(event, definition);
    fill_attributes(event, definition);
    put_in_order(event);
    const Value* subject = definition.subject ? event.find(*definition.subject) : nullptr;
    event.subject = subject == nullptr ? std::string_view() : subject->as_text();
    return generated;
  }

  std::uint64_t below(std::uint64_t bound) { return bound == 0 ? 0 : random_() % bound; }
  bool chance(int percent) { return below(100) < static_cast<std::uint64_t>(percent); }

  // Valid UTF-8 without NUL: letters, Vietnamese, emoji, quotes, control characters.
  std::string random_text(std::size_t characters_max) {
    static constexpr std::array<std::string_view, 24> kPieces{
        "a", "B", "7", " ", "-", ".", "\"", "\\",     "\n",     "\t",         "\x01",       "\x7f",
        "{", "]", "/", "é", "ệ", "Đ", "ư",  "\u0301", "\u2028", "\U0001F6B2", "\U0010FFFF", "\xEF\xBF\xBD"};
    std::string text;
    for (std::size_t left = below(characters_max + 1); left > 0; --left)
      text += kPieces[below(kPieces.size())];
    return text;
  }

  Decimal random_decimal() {
    Int128 units = static_cast<Int128>(random_());
    switch (below(4)) {
      case 0:
        units = static_cast<Int128>(below(1000));
        break;
      case 1:
        units = units * static_cast<Int128>(below(1'000'000'000'000'000'000));
        break;
      default:
        units %= 1'000'000'000;
        break;
    }
    return Decimal::from_units(chance(30) ? -units : units, static_cast<int>(below(Decimal::kScaleMax + 1)))
        .normalized();
  }

 private:
  std::string_view keep(std::string text) { return arena_->keep(std::move(text)); }

  std::string random_id() { return "i" + std::to_string(below(1000)) + random_text(6); }

  std::string random_node() {
    std::string path;
    for (std::uint64_t depth = 1 + below(4); depth > 0; --depth) {
      std::string segment = "n" + std::to_string(below(50)) + random_text(3);
      std::replace(segment.begin(), segment.end(), '/', '_');
      path += (path.empty() ? "" : "/") + segment;
    }
    return path;
  }

  Timestamp random_instant() {
    const auto range = static_cast<std::uint64_t>(options_.latest.us - options_.earliest.us);
    const std::uint64_t us = below(range);
    switch (below(3)) {
      case 0:
        return options_.earliest + Duration{static_cast<std::int64_t>(us / 1'000'000 * 1'000'000)};
      case 1:
        return options_.earliest + Duration{static_cast<std::int64_t>(us / 1000 * 1000)};
      default:
        return options_.earliest + Duration{static_cast<std::int64_t>(us)};
    }
  }

  void fill_envelope(Event& event) {
    event.id = keep(random_id());
    event.source = keep("/source/" + std::to_string(below(20)));
    event.time = random_instant();
    event.effective_at = chance(50) ? event.time : random_instant();
    event.recorded_at = chance(50) ? event.time : random_instant();
    if (chance(30)) event.entity_version = static_cast<std::int64_t>(random_() >> (1 + below(62)));
    if (chance(30)) event.actor = keep(random_id());
    if (chance(20)) event.supersedes = keep(random_id());
    if (chance(20)) event.traceparent = keep("00-" + hex(32) + "-" + hex(16) + "-01");
  }

  std::string hex(std::size_t digits) {
    std::string text;
    for (std::size_t i = 0; i < digits; ++i)
      text += "0123456789abcdef"[below(16)];
    return text;
  }

  void fill_fields(Event& event, const EventDefinition& definition) {
    std::vector<Field> chosen;
    for (const FieldUse& use : definition.fields)
      if (use.required || chance(options_.optional_percent)) chosen.push_back(use.field);
    choose_one_of(definition, chosen);
    for (const auto pairs : {fields_given_together(), fields_that_need()})
      for (const auto [first, second] : pairs)
        if (has(chosen, first) && !has(chosen, second)) chosen.push_back(second);
    for (const auto [first, second] : fields_given_together())
      if (has(chosen, second) && !has(chosen, first)) chosen.push_back(first);
    for (const Field field : chosen)
      event.fields.push_back({field, random_value(*find_field_use(definition, field))});
    order_instants(event);
    order_bounds(event);
    match_shares(event);
  }

  static bool has(const std::vector<Field>& fields, Field field) {
    return std::find(fields.begin(), fields.end(), field) != fields.end();
  }

  void choose_one_of(const EventDefinition& definition, std::vector<Field>& chosen) {
    const auto some = definition.at_least_one_of;
    if (some.empty()) return;
    for (const Field field : some)
      if (has(chosen, field)) return;
    chosen.push_back(some[below(some.size())]);
  }

  static Value* find(Event& event, Field field) { return const_cast<Value*>(event.find(field)); }

  static void order_instants(Event& event) {
    for (const auto [first, second] : fields_in_order()) {
      Value* from = find(event, first);
      Value* to = find(event, second);
      if (from == nullptr || to == nullptr) continue;
      if (from->as_timestamp() > to->as_timestamp()) std::swap(*from, *to);
      if (from->as_timestamp() == to->as_timestamp()) *to = Value::timestamp(to->as_timestamp() + seconds(1));
    }
  }

  static void order_bounds(Event& event) {
    for (const auto [first, second] : fields_not_above()) {
      Value* inner = find(event, first);
      Value* outer = find(event, second);
      if (inner != nullptr && outer != nullptr && inner->as_decimal() > outer->as_decimal())
        std::swap(*inner, *outer);
    }
  }

  // As many shares as successors, of sum 1.
  void match_shares(Event& event) {
    Value* successors = find(event, Field::successors);
    if (successors == nullptr) return;
    std::vector<std::string> units{random_node()};
    while (chance(50))
      units.push_back(random_node());
    *successors = Value::text(keep(format_text_list(units)));
    Value* shares = find(event, Field::shares);
    if (shares == nullptr) return;
    std::vector<Decimal> parts;
    std::int64_t left = 1000;
    for (std::size_t i = 1; i < units.size(); ++i) {
      const auto part = static_cast<std::int64_t>(below(static_cast<std::uint64_t>(left) + 1));
      parts.push_back(Decimal::from_units(part, 3));
      left -= part;
    }
    parts.push_back(Decimal::from_units(left, 3));
    *shares = Value::text(keep(format_decimal_list(parts)));
  }

  Value random_value(const FieldUse& use) {
    switch (use.shape) {
      case FieldShape::id:
        return Value::text(keep(random_id()));
      case FieldShape::node:
        return Value::text(keep(random_node()));
      case FieldShape::text:
        return Value::text(keep(random_text(20)));
      case FieldShape::choice:
        return Value::text(use.definition->choices[below(use.definition->choices.size())]);
      case FieldShape::decimal:
        return Value::decimal(bounded_decimal(use.definition->bounds));
      case FieldShape::integer:
        return Value::integer(bounded_integer(use.definition->bounds));
      case FieldShape::boolean:
        return Value::boolean(chance(50));
      case FieldShape::timestamp:
      case FieldShape::deadline:
        return Value::timestamp(random_instant());
      case FieldShape::interval:
        return Value::interval(random_interval());
      default:
        return Value::text(keep(random_list(use)));
    }
  }

  Decimal bounded_decimal(const NumberBounds& bounds) {
    if (!bounds.min) return random_decimal();
    if (bounds.max)
      return Decimal::from_units(static_cast<Int128>(below(*bounds.max * 100 + 1)), 2).normalized();
    return Decimal::from_units(1 + static_cast<Int128>(random_()), static_cast<int>(below(19))).normalized();
  }

  std::int64_t bounded_integer(const NumberBounds& bounds) {
    if (bounds.max) return static_cast<std::int64_t>(below(static_cast<std::uint64_t>(*bounds.max) + 1));
    return static_cast<std::int64_t>(random_() >> (1 + below(62)));
  }

  Interval random_interval() {
    return {static_cast<std::int32_t>(below(30)), static_cast<std::int32_t>(below(60)),
            static_cast<std::int64_t>(below(200'000'000'000))};
  }

  std::string random_list(const FieldUse& use) {
    if (use.shape == FieldShape::decimals) return "[1]";  // match_shares writes the real one
    if (use.shape == FieldShape::days) {
      std::vector<CalendarDay> days;
      while (chance(70))
        days.push_back(
            {civil_from_days(static_cast<std::int64_t>(below(30'000))), chance(50), random_text(8)});
      return format_day_list(days);
    }
    std::vector<std::string> items;
    while (chance(60))
      items.push_back(use.shape == FieldShape::nodes ? random_node()
                      : use.shape == FieldShape::ids ? random_id()
                                                     : random_text(20));
    return format_text_list(items);
  }

  void fill_attributes(Event& event, const EventDefinition& definition) {
    for (std::uint64_t left = below(options_.attributes_max + 1); left > 0; --left) {
      const std::string_view name = keep("attribute " + std::to_string(below(100)) + random_text(3));
      if (find_field_use(definition, name) != nullptr || event.find_attribute(name) != nullptr) continue;
      event.attributes.push_back({name, random_attribute()});
    }
  }

  Value random_attribute() {
    switch (below(4)) {
      case 0:
        return Value::boolean(chance(50));
      case 1:
        return Value::integer(static_cast<std::int64_t>(random_()));
      case 2:
        return Value::decimal(random_decimal());
      default:
        return Value::text(keep(random_text(30)));
    }
  }

  std::mt19937_64 random_;
  EventGeneratorOptions options_;
  Arena* arena_ = nullptr;
};

inline bool same_event(const Event& a, const Event& b) {
  const auto same_field = [](const EventField& x, const EventField& y) {
    return x.field == y.field && x.value == y.value;
  };
  const auto same_attribute = [](const EventAttribute& x, const EventAttribute& y) {
    return x.name == y.name && x.value == y.value;
  };
  return a.type == b.type && a.id == b.id && a.source == b.source && a.subject == b.subject &&
         a.time == b.time && a.effective_at == b.effective_at && a.recorded_at == b.recorded_at &&
         a.entity_version == b.entity_version && a.actor == b.actor && a.supersedes == b.supersedes &&
         a.traceparent == b.traceparent &&
         std::equal(a.fields.begin(), a.fields.end(), b.fields.begin(), b.fields.end(), same_field) &&
         std::equal(a.attributes.begin(), a.attributes.end(), b.attributes.begin(), b.attributes.end(),
                    same_attribute);
}

}  // namespace slipstream::test
