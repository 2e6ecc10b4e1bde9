// The rule a zone follows after the last change its database lists: the POSIX TZ string that ends every TZif
// file (RFC 9636, section 3.3), e.g. "CET-1CEST,M3.5.0,M10.5.0/3".
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace slipstream {

// A change at a local time of the `week`th (5: last) `weekday` (0: Sunday) of a month.
struct YearlyChange {
  std::int32_t month = 1, week = 1, weekday = 0;
  std::int64_t local_us = 0;  // after local midnight by the clock before the change; may leave the day
};

struct OffsetChange {
  std::int64_t utc_us = 0;
  std::int64_t offset_us = 0;  // from then on
};

struct YearlyRule {
  std::int64_t standard_us = 0, summer_us = 0;  // offsets east of UTC
  YearlyChange to_summer, to_standard;

  // The two changes of a year, earlier first.
  std::array<OffsetChange, 2> changes_of(std::int32_t year) const;
};

// nullopt when the text has no yearly changes, or names them by a form no zone uses (days of the year).
std::optional<YearlyRule> parse_yearly_rule(std::string_view posix_tz);

}  // namespace slipstream
