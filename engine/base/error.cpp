// Names and blames of the error codes, and the end of a broken invariant.
#include "engine/base/error.h"

#include <cstdio>
#include <cstdlib>

namespace slipstream {

std::string_view name_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::usage:
      return "usage";
    case ErrorCode::unreadable_file:
      return "unreadable_file";
    case ErrorCode::syntax:
      return "syntax";
    case ErrorCode::unknown_key:
      return "unknown_key";
    case ErrorCode::unknown_name:
      return "unknown_name";
    case ErrorCode::type_mismatch:
      return "type_mismatch";
    case ErrorCode::invalid_value:
      return "invalid_value";
    case ErrorCode::duplicate_name:
      return "duplicate_name";
    case ErrorCode::not_supported:
      return "not_supported";
    case ErrorCode::malformed_record:
      return "malformed_record";
    case ErrorCode::record_too_large:
      return "record_too_large";
    case ErrorCode::unknown_event_type:
      return "unknown_event_type";
    case ErrorCode::unsupported_event_type:
      return "unsupported_event_type";
    case ErrorCode::missing_field:
      return "missing_field";
    case ErrorCode::wrong_type:
      return "wrong_type";
    case ErrorCode::number_out_of_range:
      return "number_out_of_range";
    case ErrorCode::invalid_utf8:
      return "invalid_utf8";
    case ErrorCode::invalid_timestamp:
      return "invalid_timestamp";
    case ErrorCode::conflicting_duplicate:
      return "conflicting_duplicate";
    case ErrorCode::unknown_node:
      return "unknown_node";
    case ErrorCode::unknown_indicator:
      return "unknown_indicator";
    case ErrorCode::beyond_retention:
      return "beyond_retention";
    case ErrorCode::invalid_transition:
      return "invalid_transition";
    case ErrorCode::io:
      return "io";
    case ErrorCode::disk_full:
      return "disk_full";
    case ErrorCode::log_unavailable:
      return "log_unavailable";
    case ErrorCode::fenced:
      return "fenced";
    case ErrorCode::offset_out_of_range:
      return "offset_out_of_range";
    case ErrorCode::store_corrupt:
      return "store_corrupt";
    case ErrorCode::not_found:
      return "not_found";
    case ErrorCode::already_exists:
      return "already_exists";
    case ErrorCode::shard_unavailable:
      return "shard_unavailable";
    case ErrorCode::internal:
      return "internal";
  }
  return "internal";
}

Blame blame_of(ErrorCode code) {
  const auto number = static_cast<std::uint16_t>(code);
  if (number < 200) return Blame::configuration;
  if (number < 300) return Blame::data;
  if (number < 400) return Blame::dependency;
  return Blame::bug;
}

std::string_view name_of(Blame blame) {
  switch (blame) {
    case Blame::configuration:
      return "configuration";
    case Blame::data:
      return "data";
    case Blame::dependency:
      return "dependency";
    case Blame::bug:
      return "bug";
  }
  return "bug";
}

void invariant_failed(const char* condition, const char* file, int line, const std::string& values) {
  std::fprintf(stderr, "invariant failed: %s at %s:%d: %s\n", condition, file, line, values.c_str());
  std::fflush(stderr);
  std::abort();
}

}  // namespace slipstream
