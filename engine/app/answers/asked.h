// What a reader asks for, on the command line or over HTTP, in terms of the definitions: a view or KPI by name,
// windows by label, kind or time. Errors are of code usage and say which names there are.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/view/view_reader.h"

namespace slipstream {

struct AskedSubject {
  std::size_t view = 0;
  std::optional<std::size_t> kpi;
};
// A view's name goes before a KPI's of the same name; "kpi:NAME" and "view:NAME" say which.
Result<AskedSubject> find_subject(const Plan& plan, const std::string& name);

struct AskedWindows {
  std::string label;  // "2011-06"
  std::string every;  // "month"
  std::string from, to;
};
// Narrows the query to the windows asked for; of a label, `exactly` is its window.
Result<> narrow(const Plan& plan, const AskedWindows& asked, ViewQuery& query,
                std::optional<Window>& exactly);

// An error with the nearest node when the one asked for has neither figures nor a place in the organisation.
Result<> require_node(const CommittedState& state, const std::string& node);
std::vector<std::string> rule_names(const Plan& plan);
// An error with the nearest rule when `rule` is not among those known; an empty one asks for none.
Result<> require_rule(const std::vector<std::string>& known, const std::string& rule);

// A date, or RFC 3339. A date that ends a range includes its whole day.
Result<Timestamp> parse_begin(const std::string& text, const Zone& zone);
Result<Timestamp> parse_end(const std::string& text, const Zone& zone);
// An instant that figures are to be as of; of a date its last moment. Error usage too when it is after `clock`.
Result<Timestamp> parse_as_of(const std::string& text, const Zone& zone, Timestamp clock);

}  // namespace slipstream
