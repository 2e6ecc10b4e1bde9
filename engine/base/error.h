// Expected failures are values: Result<T> is either a T or an Error.
//
// Every code belongs to one blame: the configuration, the data, a dependency (disk, log), or a bug of ours.
// A message says what is wrong, where, and what to do about it. Tests assert codes, never texts.
// docs/errors.md lists every code; a test holds the two together.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>

namespace slipstream {

enum class Blame : std::uint8_t { configuration, data, dependency, bug };

enum class ErrorCode : std::uint16_t {
  // configuration: the person who wrote the definitions or the command line can repair it
  usage = 100,      // wrong command line
  unreadable_file,  // a file named by the user cannot be read
  syntax,           // YAML, expression or mapping text does not parse
  unknown_key,      // a key nobody reads
  unknown_name,     // a view, KPI, column, node, zone or function that does not exist
  type_mismatch,    // an expression whose types do not fit
  invalid_value,    // a value outside its allowed range or set
  duplicate_name,   // declared twice
  not_supported,    // valid in the language, not available here
  // data: the producer of a record can repair it; also the dead letter's `code`
  malformed_record = 200,  // bytes that are neither a valid FlatBuffer nor a valid JSON event
  record_too_large,
  unknown_event_type,
  unsupported_event_type,  // known, but this version does not fold it
  missing_field,
  wrong_type,
  number_out_of_range,
  invalid_utf8,
  invalid_timestamp,      // absurd, or too far in the future
  conflicting_duplicate,  // an accepted event's id with other content
  unknown_node,           // a node that did not become known within its waiting time
  unknown_indicator,
  beyond_retention,
  invalid_transition,  // a field combination that no state can take
  // dependency: disk, log, clock
  io = 300,
  disk_full,
  log_unavailable,
  fenced,  // another writer with the same identity has taken over
  offset_out_of_range,
  store_corrupt,
  not_found,
  already_exists,
  shard_unavailable,  // the instance that runs a shard does not answer, or none does
  // bug
  internal = 900,
};

// The code's name as written in dead letters, reports and docs/errors.md, e.g. "conflicting_duplicate".
std::string_view name_of(ErrorCode code);
Blame blame_of(ErrorCode code);
std::string_view name_of(Blame blame);

struct Error {
  ErrorCode code = ErrorCode::internal;
  std::string message;  // what, where, what to do; one line
};

template <class T = void>
using Result = tl::expected<T, Error>;

inline tl::unexpected<Error> fail(ErrorCode code, std::string message) {
  return tl::unexpected<Error>(Error{code, std::move(message)});
}

// Returns early with the error of a Result expression.
#define SLIPSTREAM_TRY(expression)                                        \
  do {                                                                    \
    if (auto&& slipstream_try = (expression); !slipstream_try)            \
      return tl::unexpected<::slipstream::Error>(slipstream_try.error()); \
  } while (false)

#define SLIPSTREAM_CONCAT_(a, b) a##b
#define SLIPSTREAM_CONCAT(a, b) SLIPSTREAM_CONCAT_(a, b)

// SLIPSTREAM_ASSIGN(auto value, expression): binds the value or returns early with the error.
#define SLIPSTREAM_ASSIGN(declaration, expression)                           \
  auto SLIPSTREAM_CONCAT(slipstream_result_, __LINE__) = (expression);       \
  if (!SLIPSTREAM_CONCAT(slipstream_result_, __LINE__))                      \
    return tl::unexpected<::slipstream::Error>(                              \
        std::move(SLIPSTREAM_CONCAT(slipstream_result_, __LINE__)).error()); \
  declaration = *std::move(SLIPSTREAM_CONCAT(slipstream_result_, __LINE__))

// An invariant that stays on in release: prints the condition and the values, then aborts; the log replays
// after.
[[noreturn]] void invariant_failed(const char* condition, const char* file, int line,
                                   const std::string& values);
#define SLIPSTREAM_INVARIANT(condition, values)                                 \
  do {                                                                          \
    if (!(condition)) [[unlikely]]                                              \
      ::slipstream::invariant_failed(#condition, __FILE__, __LINE__, (values)); \
  } while (false)

}  // namespace slipstream
