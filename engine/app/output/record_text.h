// Bytes of records as text for people.
#pragma once

#include <string>
#include <string_view>

#include "engine/log/event_log.h"

namespace slipstream {

// Valid UTF-8 as it is; bytes that are not part of it as \xNN.
std::string printable(std::string_view bytes);

// The record's value: an event as CloudEvents JSON, an alert's journal record as its sentence, text as it is,
// and of other bytes what they are and how many.
std::string value_text(const RecordView& record);

}  // namespace slipstream
