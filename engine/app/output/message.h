// What a command says on the standard error beside its answer: for people, or for programs that collect it, an object of
// JSON a line.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "engine/base/error.h"
#include "engine/base/time.h"

namespace slipstream {

enum class MessageFormat : std::uint8_t { text, json };
enum class Severity : std::uint8_t {
  info,
  warning,  // it goes on, and somebody should look
  error,    // it ends
};

// The line, without its end: the text, or {"time", "level", "message"} with the instant in UTC.
std::string message_line(MessageFormat format, Severity severity, std::string_view text, Timestamp now);
// The same of what ended a command: "slipstream: CODE: MESSAGE", or with a member "code".
std::string error_line(MessageFormat format, const Error& error, Timestamp now);

// Told of what happens; by any thread.
using Remark = std::function<void(Severity, const std::string&)>;

}  // namespace slipstream
