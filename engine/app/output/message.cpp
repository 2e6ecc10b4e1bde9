#include "engine/app/output/message.h"

#include <fmt/format.h>

#include "engine/expression/cell.h"

namespace slipstream {
namespace {

std::string_view name_of(Severity severity) {
  switch (severity) {
    case Severity::info:
      return "info";
    case Severity::warning:
      return "warning";
    case Severity::error:
      return "error";
  }
  return "error";
}

std::string json_line(Severity severity, std::string_view more, std::string_view text, Timestamp now) {
  return fmt::format(R"({{"time":{},"level":"{}",{}"message":{}}})", json_string(format_timestamp(now)),
                     name_of(severity), more, json_string(text));
}

}  // namespace

std::string message_line(MessageFormat format, Severity severity, std::string_view text, Timestamp now) {
  return format == MessageFormat::text ? std::string(text) : json_line(severity, "", text, now);
}

std::string error_line(MessageFormat format, const Error& error, Timestamp now) {
  if (format == MessageFormat::text)
    return fmt::format("slipstream: {}: {}", slipstream::name_of(error.code), error.message);
  return json_line(Severity::error, fmt::format("\"code\":{},", json_string(slipstream::name_of(error.code))),
                   error.message, now);
}

}  // namespace slipstream
