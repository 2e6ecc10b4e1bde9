// The journal's form of a transition: one FlatBuffer (schemas/alert.fbs, identifier SLAL) that holds the
// transition and the alert's whole state after it. Read back after a crash it restores both exactly; nothing
// is decided again.
//
// Instants are stored as microseconds with 0 for "not set": the clock of a deployment does not stand at 1970.
// Figures are exact text. The bytes also serve as the value of the store's alerts family and, by choice, of
// the public topics.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/judge/alert.h"

namespace slipstream {

// What only the committing shard knows.
struct AlertOrigin {
  std::uint64_t commit_sequence = 0;  // of the commit that publishes the transition, from 1
  std::int32_t shard = 0;
  std::string traceparent;  // of the event that led to it; may be empty
  friend bool operator==(const AlertOrigin&, const AlertOrigin&) = default;
};

struct AlertRecord {
  AlertTransition transition;
  AlertState state;  // after the transition
  AlertOrigin origin;
  friend bool operator==(const AlertRecord&, const AlertRecord&) = default;
};

// `state` must be as the transition left it: a later one's record would carry the wrong state.
std::string write_alert_record(const AlertRecord& record);

// Error malformed_record: not a valid SLAL FlatBuffer, or one whose figures or enumerations cannot be read.
Result<AlertRecord> read_alert_record(std::string_view bytes);

// Keys of alerts' records in the store's alerts family; whatever else is there has other first letters.
inline constexpr std::string_view kAlertKeysBegin = "a", kAlertKeysEnd = "b";
std::string alert_key(std::string_view id);

// A figure's exact text: a decimal ("64.5") when it terminates, else a fraction in lowest terms ("200/3").
std::string exact_figure(const Rational& figure);

}  // namespace slipstream
