// Numbering of steps. Fixed step k starts at k * size. Days and weeks are numbered by days since the epoch,
// weeks from the Monday before it. Months, quarters and years by year * (steps in a year) + number within the
// fiscal year.
#include "engine/aggregate/step_grid.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace slipstream {
namespace {

constexpr std::array<std::string_view, 5> kUnitNames = {"day", "week", "month", "quarter", "year"};
constexpr std::int64_t kMonday = -3;  // 1969-12-29
// Years -400 to 10400: nothing computed from an index in between overflows.
constexpr std::int64_t kCalendarMinUs = -865'000 * kDayUs;
constexpr std::int64_t kCalendarMaxUs = 3'079'000 * kDayUs;

std::int32_t narrow(std::int64_t number) { return static_cast<std::int32_t>(number); }

// The ISO week's year is that of its Thursday.
CivilDate thursday_of(std::int64_t week) { return civil_from_days(week * 7 + kMonday + 3); }

std::int64_t week_of(std::int64_t day) { return floor_divide(day - kMonday, 7); }

std::optional<std::int32_t> number_in(std::string_view text, std::size_t at, std::size_t length) {
  if (text.size() < at + length) return std::nullopt;
  std::int32_t number = 0;
  for (const char c : text.substr(at, length)) {
    if (c < '0' || c > '9') return std::nullopt;
    number = number * 10 + (c - '0');
  }
  return number;
}

// A year, then a mark and a number of `length` digits: "2021-Q1".
std::optional<std::pair<std::int32_t, std::int32_t>> year_and_number(std::string_view text,
                                                                     std::string_view mark,
                                                                     std::size_t length) {
  const auto year = number_in(text, 0, 4);
  const auto number = number_in(text, 4 + mark.size(), length);
  if (!year || !number || text.substr(4, mark.size()) != mark || text.size() != 4 + mark.size() + length)
    return std::nullopt;
  return std::pair{*year, *number};
}

}  // namespace

std::string_view name_of(CalendarUnit unit) { return kUnitNames[static_cast<std::size_t>(unit)]; }

std::optional<CalendarUnit> find_calendar_unit(std::string_view name) {
  const auto* const found = std::find(kUnitNames.begin(), kUnitNames.end(), name);
  if (found == kUnitNames.end()) return std::nullopt;
  return static_cast<CalendarUnit>(found - kUnitNames.begin());
}

StepGrid StepGrid::calendar(CalendarUnit unit, Zone zone, CivilDate start) {
  StepGrid grid;
  grid.unit_ = unit;
  grid.zone_ = std::move(zone);
  grid.start_ = start;
  switch (unit) {
    case CalendarUnit::day:
      break;
    case CalendarUnit::week:
      grid.size_ = 7;
      break;
    case CalendarUnit::month:
      grid.kind_ = Kind::months;
      break;
    case CalendarUnit::quarter:
      grid.kind_ = Kind::months;
      grid.size_ = 3;
      break;
    case CalendarUnit::year:
      grid.kind_ = Kind::months;
      grid.size_ = 12;
      break;
  }
  return grid;
}

StepGrid StepGrid::fixed(Duration size) {
  SLIPSTREAM_INVARIANT(size.us > 0, format_duration(size));
  StepGrid grid;
  grid.kind_ = Kind::fixed;
  grid.size_ = size.us;
  return grid;
}

std::int64_t StepGrid::index_of(Timestamp t) const {
  const Timestamp within{std::clamp(t.us, kCalendarMinUs, kCalendarMaxUs)};
  std::int64_t index = raw_index_of(within);
  // A clock set back over midnight shows yesterday's date once more after today has begun; today it stays.
  if (kind_ != Kind::fixed)
    while (start_of(index + 1) <= within)
      ++index;
  return index;
}

std::int64_t StepGrid::raw_index_of(Timestamp t) const {
  if (kind_ == Kind::fixed) return floor_divide(t.us, size_);
  const std::int64_t day = floor_divide(zone_.civil_us(t), kDayUs);
  if (kind_ == Kind::days) return size_ == 1 ? day : week_of(day);
  return index_of_date(civil_from_days(day));
}

std::int64_t StepGrid::index_of_date(CivilDate date) const {
  if (kind_ == Kind::days) return size_ == 1 ? days_since_epoch(date) : week_of(days_since_epoch(date));
  // The month count since the start of the year, one less when the day is not reached yet.
  const std::int64_t months = std::int64_t{date.year} * 12 + date.month - start_.month;
  const std::int64_t index = floor_divide(months, size_);
  return date < first_day_of(index) ? index - 1 : index;
}

CivilDate StepGrid::first_day_of(std::int64_t index) const {
  if (kind_ == Kind::days) return civil_from_days(size_ == 1 ? index : index * 7 + kMonday);
  const std::int64_t year = floor_divide(index * size_, 12);
  // A year from 29 February on starts on the 28th where there is none.
  return add_months({narrow(year), start_.month, start_.day}, narrow(index * size_ - year * 12));
}

Timestamp StepGrid::start_of(std::int64_t index) const {
  if (kind_ == Kind::fixed) return {index * size_};
  if (kind_ == Kind::days) return zone_.from_civil_us((size_ == 1 ? index : index * 7 + kMonday) * kDayUs);
  return zone_.start_of_day(first_day_of(index));
}

std::string StepGrid::week_label(std::int64_t index) const {
  const std::int32_t year = thursday_of(index).year;
  const std::int64_t first = week_of(days_since_epoch({year, 1, 4}));  // 4 January is in the first ISO week
  return fmt::format("{:04}-W{:02}", year, index - first + 1);
}

std::string StepGrid::label(std::int64_t index) const {
  if (kind_ == Kind::fixed) return format_timestamp(start_of(index));
  const CivilDate first = first_day_of(index);
  switch (unit_) {
    case CalendarUnit::day:
      return format_date(first);
    case CalendarUnit::week:
      return week_label(index);
    case CalendarUnit::month:
      return start_.day == 1 ? fmt::format("{:04}-{:02}", first.year, first.month) : format_date(first);
    case CalendarUnit::quarter: {
      const std::int64_t year = floor_divide(index, 4);
      return fmt::format("{:04}-Q{}", year, index - year * 4 + 1);
    }
    case CalendarUnit::year:
      return fmt::format("{:04}", index);
  }
  return {};
}

std::optional<std::int64_t> StepGrid::parse_label(std::string_view text) const {
  const auto index = parse_unverified(text);
  if (!index) return std::nullopt;
  // Week 53 of a year without one, the 13th month and their like parse, but to a step of another name.
  if (kind_ != Kind::fixed && label(*index) != text) return std::nullopt;
  return index;
}

std::optional<std::int64_t> StepGrid::parse_unverified(std::string_view text) const {
  if (kind_ == Kind::fixed) {
    const auto start = parse_timestamp(text);
    if (!start || start->us % size_ != 0) return std::nullopt;
    return start->us / size_;
  }
  if (unit_ == CalendarUnit::day || (unit_ == CalendarUnit::month && start_.day != 1)) {
    const auto date = parse_date(text);
    return date ? std::optional(index_of_date(*date)) : std::nullopt;
  }
  if (unit_ == CalendarUnit::year) {
    const auto year = number_in(text, 0, 4);
    return year ? std::optional<std::int64_t>(*year) : std::nullopt;
  }
  const auto parts = unit_ == CalendarUnit::month  ? year_and_number(text, "-", 2)
                     : unit_ == CalendarUnit::week ? year_and_number(text, "-W", 2)
                                                   : year_and_number(text, "-Q", 1);
  if (!parts) return std::nullopt;
  const auto [year, number] = *parts;
  if (unit_ == CalendarUnit::week) return week_of(days_since_epoch({year, 1, 4})) + number - 1;
  if (unit_ == CalendarUnit::quarter) return std::int64_t{year} * 4 + number - 1;
  return std::int64_t{year} * 12 + number - start_.month;
}

}  // namespace slipstream
