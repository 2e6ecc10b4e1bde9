// The catalogue as text for others: docs/events.md and the JSON Schemas of schemas/json. Tests hold the files
// equal to these functions.
#pragma once

#include <string>

#include "engine/decode/event.h"

namespace slipstream {

std::string events_reference();  // docs/events.md
std::string json_schema_of(
    EventType type);               // schemas/json/<name>.json: one CloudEvent in structured mode, draft-07
std::string json_schema_of_all();  // schemas/json/event.json: any event, by reference to the others

}  // namespace slipstream
