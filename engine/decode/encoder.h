// Events to bytes: what import, the load generator and tests write. decode(encode(e)) equals e in both
// formats. Pure functions; any thread.
#pragma once

#include <string>

#include "engine/base/error.h"
#include "engine/decode/event.h"

namespace slipstream {

inline constexpr std::string_view kFlatbuffersContentType = "application/x-flatbuffers";
inline constexpr std::string_view kCloudEventsContentType = "application/cloudevents+json";

// Both check the event first (check_event in field_rules.h) and return its error.
Result<std::string> encode_flatbuffers(const Event& event);  // a finished buffer, identifier SLEV
Result<std::string> encode_json(const Event& event);         // CloudEvents JSON, structured mode, one line

}  // namespace slipstream
