// A grid of steps that covers all time without gap or overlap, numbered in order: local days, ISO weeks,
// months, quarters and years of a zone, or fixed durations counted from the Unix epoch. Windows and slices
// are runs of steps.
//
// Immutable; thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/base/time.h"

namespace slipstream {

enum class CalendarUnit : std::uint8_t { day, week, month, quarter, year };
std::string_view name_of(CalendarUnit unit);
std::optional<CalendarUnit> find_calendar_unit(std::string_view name);

class StepGrid {
 public:
  // Days of UTC.
  StepGrid() = default;
  // Steps of `unit` in the zone. Months, quarters and years are counted from the first day of the year given
  // by `start` (its year does not matter): quarters and years of a fiscal year. ISO weeks start on Monday.
  static StepGrid calendar(CalendarUnit unit, Zone zone, CivilDate start = {});
  static StepGrid fixed(Duration size);  // positive

  // The step that holds t. Instants beyond the calendar (years -400 to 10400) count as its first or last.
  std::int64_t index_of(Timestamp t) const;
  // First instant of a step; the step ends where the next one starts. A local day that the zone skipped is
  // empty: it starts where the next one does, and no instant is in it.
  Timestamp start_of(std::int64_t index) const;

  // "2021-03-14", "2021-W09", "2021-03", "2021-Q1", "2021"; fixed steps "2021-03-14T10:15:00Z", their start.
  // A fiscal year has the number of the calendar year it starts in, and its quarters count from its start.
  // Months that do not start on a first are named by their first day.
  std::string label(std::int64_t index) const;
  // The step of a label; nullopt when the text is no label of this grid.
  std::optional<std::int64_t> parse_label(std::string_view text) const;

 private:
  enum class Kind : std::uint8_t { fixed, days, months };

  std::int64_t raw_index_of(Timestamp t) const;
  CivilDate first_day_of(std::int64_t index) const;  // days and months
  std::int64_t index_of_date(CivilDate date) const;  // days and months
  std::string week_label(std::int64_t index) const;
  std::optional<std::int64_t> parse_unverified(std::string_view text) const;

  Kind kind_ = Kind::days;
  CalendarUnit unit_ = CalendarUnit::day;  // days and months
  std::int64_t size_ = 1;                  // microseconds, days or months of a step
  CivilDate start_;                        // months
  Zone zone_;
};

}  // namespace slipstream
