// Events as a person writes them in a test: one line, or one map of a YAML file, instead of a whole
// CloudEvent.
//
//   task.assigned T1 at 2011-06-01T09:00 unit=General due_at=2011-06-10 title="New bridge"
//   {"specversion":"1.0", ...}                                    a whole CloudEvent, taken as it is
//
// `id`, `source`, `time`, `specversion` and `traceparent` are members of the envelope; every other name is a
// member of `data`; `at` is short for `effective_at`. A value is a text, which the decoder converts, unless
// it is true, false, null or begins with '[', '{' or '"' (then it is JSON).
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/error.h"
#include "engine/base/time.h"

namespace slipstream {

struct ShortEvent {
  std::string type;
  std::string subject;
  std::vector<std::pair<std::string, std::string>> members;  // in the order written
};

// Error syntax: a line that is not "TYPE SUBJECT [at INSTANT] [NAME=VALUE ...]".
Result<ShortEvent> parse_short_event(std::string_view line);

// CloudEvents JSON in structured mode. What the event does not say itself: `id` and `time` as given here.
// Error syntax: a value that begins like JSON and is none.
Result<std::string> cloud_event(const ShortEvent& event, std::string_view id, Timestamp time);

}  // namespace slipstream
