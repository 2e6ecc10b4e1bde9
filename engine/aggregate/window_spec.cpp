// Names of window specs.
#include <fmt/format.h>

#include "engine/aggregate/window.h"

namespace slipstream {
namespace {

constexpr std::string_view kYearToDate = "year_to_date";
constexpr std::string_view kCumulative = "cumulative";
constexpr std::string_view kBy = "_by_";

// In the largest unit that divides it: "15_minute".
std::string step_name(Duration duration) {
  struct Unit {
    std::string_view name;
    Duration size;
  };
  constexpr Unit kUnits[] = {{"day", days(1)},
                             {"hour", hours(1)},
                             {"minute", minutes(1)},
                             {"second", seconds(1)},
                             {"millisecond", milliseconds(1)}};
  for (const Unit& unit : kUnits)
    if (duration.us % unit.size.us == 0) return fmt::format("{}_{}", duration.us / unit.size.us, unit.name);
  return fmt::format("{}_microsecond", duration.us);
}

std::string step_name(const Step& step) {
  if (const auto* unit = std::get_if<CalendarUnit>(&step)) return std::string(name_of(*unit));
  return step_name(std::get<Duration>(step));
}

std::string by_step(std::string_view word, const Step& step) {
  if (step == Step(CalendarUnit::month)) return std::string(word);
  return fmt::format("{}{}{}", word, kBy, step_name(step));
}

// The unit after `word`: month when nothing follows.
std::optional<CalendarUnit> unit_after(std::string_view text, std::string_view word) {
  if (!text.starts_with(word)) return std::nullopt;
  text.remove_prefix(word.size());
  if (text.empty()) return CalendarUnit::month;
  if (!text.starts_with(kBy) || text == "_by_month") return std::nullopt;
  return find_calendar_unit(text.substr(kBy.size()));
}

}  // namespace

Result<WindowSpec> WindowSpec::find(std::string_view word) {
  if (const auto unit = find_calendar_unit(word)) return calendar(*unit);
  if (const auto unit = unit_after(word, kYearToDate)) return year_to_date(*unit);
  if (const auto unit = unit_after(word, kCumulative)) return cumulative(*unit);
  return fail(
      ErrorCode::unknown_name,
      fmt::format("no window is called '{}'; there are day, week, month, quarter, year, year_to_date and "
                  "cumulative",
                  word.substr(0, 64)));
}

std::string WindowSpec::name() const {
  switch (kind) {
    case WindowKind::calendar:
      return step_name(step);
    case WindowKind::year_to_date:
      return by_step(kYearToDate, step);
    case WindowKind::cumulative:
      return by_step(kCumulative, step);
    case WindowKind::tumbling:
      return "tumbling_" + step_name(step);
    case WindowKind::hopping:
      return fmt::format("hopping_{}_every_{}", step_name(size), step_name(step));
    case WindowKind::sliding:
      return fmt::format("sliding_{}{}{}", count, std::holds_alternative<CalendarUnit>(step) ? "_" : "_of_",
                         step_name(step));
    case WindowKind::session:
      return "session_" + step_name(size);
  }
  return {};
}

}  // namespace slipstream
