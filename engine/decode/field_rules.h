// What a valid event is, apart from any encoding: bounds of each field, and the rules between fields.
#pragma once

#include <string>
#include <string_view>

#include "engine/decode/catalogue.h"

namespace slipstream {

// "task.completed: completed_at: ..." as every refusal of an event reads.
tl::unexpected<Error> refuse(const EventDefinition& definition, std::string_view field, ErrorCode code,
                             std::string_view what);

// The value of a field (no list) written as text, as JSON strings, import files and command lines have it. A
// text value points into `text`. Errors: wrong_type, number_out_of_range, invalid_timestamp.
Result<Value> value_from_text(const EventDefinition& definition, const FieldUse& use, std::string_view text,
                              const Zone& zone);
// The integer a decimal stands for; wrong_type when it is none, number_out_of_range beyond 64 bits.
Result<std::int64_t> integer_from(Decimal number);

// Every field a `node` shape has: no empty segment.
bool is_node_path(std::string_view text);

// Type, length and bounds of one field's value. Errors: wrong_type, missing_field (an empty id or node),
// record_too_large (text too long), number_out_of_range, invalid_timestamp, invalid_transition (shares).
Result<> check_field(const EventDefinition& definition, const FieldUse& use, const Value& value);
// One item of a list of ids, nodes or texts.
Result<> check_list_item(const EventDefinition& definition, const FieldUse& use, std::string_view item);
// Shares: none negative, sum 1.
Result<> check_shares(const EventDefinition& definition, const FieldUse& use,
                      std::span<const Decimal> shares);
Result<> check_attribute(const EventDefinition& definition, std::string_view name, const Value& value);
// Required fields, fields that go together, order of instants.
Result<> check_rules(const EventDefinition& definition, const Event& event);

// All of the above and the envelope: whatever passes can be encoded, and decoded again to the same event.
Result<> check_event(const Event& event);

// Puts fields in the order of their numbers and attributes in the order of their names, decimals in normal
// form.
void put_in_order(Event& event);

}  // namespace slipstream
