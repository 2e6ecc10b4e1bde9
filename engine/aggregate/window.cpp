// Windows are numbered like the steps of their spec. All but hopping ones close with their step; a hopping
// window starts with it. Starts and ends rise with the number, which is what the searches stand on.
#include "engine/aggregate/window.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <numeric>

namespace slipstream {
namespace {

constexpr Duration kDurationMax = days(3660);

bool is_fixed(const WindowSpec& spec) { return std::holds_alternative<Duration>(spec.step); }

tl::unexpected<Error> invalid(const WindowSpec& spec, std::string_view reason) {
  return fail(ErrorCode::invalid_value, fmt::format("window {}: {}", spec.name(), reason));
}

Timestamp earlier(Timestamp t, Duration by) {
  return t.us < Timestamp::min().us + by.us ? Timestamp::min() : t - by;
}

bool in_range(Duration duration) { return duration.us > 0 && duration <= kDurationMax; }

Result<> check(const WindowSpec& spec) {
  if (spec.kind == WindowKind::session) {
    if (!in_range(spec.size)) return invalid(spec, "the pause must be above zero and at most 3660 days");
    return {};
  }
  if (is_fixed(spec) && !in_range(std::get<Duration>(spec.step)))
    return invalid(spec, "a duration must be above zero and at most 3660 days");
  switch (spec.kind) {
    case WindowKind::calendar:
      if (is_fixed(spec))
        return invalid(spec, "a calendar window needs a calendar unit; use tumbling for a duration");
      return {};
    case WindowKind::year_to_date:
      if (is_fixed(spec) || std::get<CalendarUnit>(spec.step) == CalendarUnit::week ||
          std::get<CalendarUnit>(spec.step) == CalendarUnit::year)
        return invalid(spec, "a year to date goes by day, month or quarter");
      return {};
    case WindowKind::tumbling:
      if (!is_fixed(spec))
        return invalid(spec, "a tumbling window needs a duration; name the calendar unit alone");
      return {};
    case WindowKind::hopping:
      if (!is_fixed(spec) || !in_range(spec.size) || spec.size < std::get<Duration>(spec.step))
        return invalid(spec, "a hopping window's size must be at least its hop and at most 3660 days");
      if (spec.size.us / std::get<Duration>(spec.step).us > WindowPlan::kStepsMax)
        return invalid(spec, fmt::format("at most {} windows may overlap", WindowPlan::kStepsMax));
      return {};
    case WindowKind::sliding:
      if (spec.count < 1 || spec.count > WindowPlan::kStepsMax)
        return invalid(spec, fmt::format("the number of steps must be from 1 to {}", WindowPlan::kStepsMax));
      return {};
    case WindowKind::cumulative:
    case WindowKind::session:
      return {};
  }
  return {};
}

Result<> check_together(const std::vector<WindowSpec>& specs) {
  const WindowSpec* fixed = nullptr;
  const WindowSpec* calendar = nullptr;
  std::vector<std::string> names;
  for (const WindowSpec& spec : specs) {
    names.push_back(spec.name());
    if (std::count(names.begin(), names.end(), names.back()) > 1)
      return fail(ErrorCode::duplicate_name, fmt::format("window {} is declared twice", names.back()));
    if (spec.kind != WindowKind::session) (is_fixed(spec) ? fixed : calendar) = &spec;
  }
  if (fixed != nullptr && calendar != nullptr)
    return fail(
        ErrorCode::invalid_value,
        fmt::format("windows {} and {} cannot share a view: one counts durations, the other follows the "
                    "calendar; declare two views",
                    fixed->name(), calendar->name()));
  return {};
}

bool starts_on_a_first(CivilDate fiscal_year_start) { return fiscal_year_start.day == 1; }

// The steps of a spec. Only where whole years matter do months follow the fiscal year: a month is a calendar
// month, but the steps of a year to date must add up to the year.
StepGrid steps_of(const WindowSpec& spec, const Zone& zone, CivilDate fiscal_year_start) {
  if (spec.kind == WindowKind::session) return {};
  if (is_fixed(spec)) return StepGrid::fixed(std::get<Duration>(spec.step));
  const CalendarUnit unit = std::get<CalendarUnit>(spec.step);
  const bool plain_month = unit == CalendarUnit::month &&
                           (spec.kind != WindowKind::year_to_date || starts_on_a_first(fiscal_year_start));
  return StepGrid::calendar(unit, zone, plain_month ? CivilDate{} : fiscal_year_start);
}

bool needs_days(const WindowSpec& spec, CivilDate fiscal_year_start) {
  const CalendarUnit unit = std::get<CalendarUnit>(spec.step);
  if (unit == CalendarUnit::day || unit == CalendarUnit::week) return true;
  const bool fiscal = unit != CalendarUnit::month || spec.kind == WindowKind::year_to_date;
  return fiscal && !starts_on_a_first(fiscal_year_start);
}

SliceUnit slice_unit_of(const std::vector<WindowSpec>& specs, CivilDate fiscal_year_start) {
  SliceUnit unit{SliceKind::month, {}};
  for (const WindowSpec& spec : specs) {
    if (spec.kind == WindowKind::session) return {SliceKind::instant, {}};
    if (!is_fixed(spec)) {
      if (needs_days(spec, fiscal_year_start)) unit.kind = SliceKind::day;
      continue;
    }
    unit.kind = SliceKind::fixed;
    unit.size.us = std::gcd(std::gcd(unit.size.us, std::get<Duration>(spec.step).us), spec.size.us);
  }
  return unit;
}

StepGrid slices_of(SliceUnit unit, const Zone& zone) {
  if (unit.kind == SliceKind::fixed) return StepGrid::fixed(unit.size);
  return StepGrid::calendar(unit.kind == SliceKind::month ? CalendarUnit::month : CalendarUnit::day, zone);
}

// The slices a thread asked about last, one for each of a few plans.
struct CachedSlice {
  std::uint64_t plan = 0;
  Timestamp start, end;
};
constexpr std::size_t kCachedPlans = 16;
constinit thread_local std::array<CachedSlice, kCachedPlans> cached_slices{};

std::uint64_t next_plan_number() {
  static std::atomic<std::uint64_t> number{0};
  return ++number;
}

}  // namespace

Result<WindowPlan> WindowPlan::make(std::vector<WindowSpec> specs, const Zone& zone,
                                    CivilDate fiscal_year_start) {
  if (specs.empty())
    return fail(ErrorCode::invalid_value,
                "a view needs at least one window; declare one, such as every: month");
  for (const WindowSpec& spec : specs)
    SLIPSTREAM_TRY(check(spec));
  SLIPSTREAM_TRY(check_together(specs));
  // 2000 is a leap year: a year may start on 29 February, and does so on the 28th in others.
  if (fiscal_year_start.month < 1 || fiscal_year_start.month > 12 || fiscal_year_start.day < 1 ||
      fiscal_year_start.day > days_in_month(2000, fiscal_year_start.month))
    return fail(ErrorCode::invalid_value, fmt::format("the year cannot start on day {} of month {}",
                                                      fiscal_year_start.day, fiscal_year_start.month));
  WindowPlan plan;
  for (const WindowSpec& spec : specs)
    plan.steps_.push_back(steps_of(spec, zone, fiscal_year_start));
  plan.years_ = StepGrid::calendar(CalendarUnit::year, zone, fiscal_year_start);
  plan.unit_ = slice_unit_of(specs, fiscal_year_start);
  plan.slices_ = slices_of(plan.unit_, zone);
  plan.specs_ = std::move(specs);
  plan.number_ = next_plan_number();
  return plan;
}

std::optional<std::size_t> WindowPlan::find_spec(std::string_view name) const {
  for (std::size_t i = 0; i < specs_.size(); ++i)
    if (specs_[i].name() == name) return i;
  return std::nullopt;
}

Timestamp WindowPlan::slice_of(Timestamp t) const {
  if (unit_.kind == SliceKind::instant) return t;
  CachedSlice& cached = cached_slices[number_ % kCachedPlans];
  if (cached.plan != number_ || t < cached.start || t >= cached.end) [[unlikely]] {
    const std::int64_t index = slices_.index_of(t);
    cached = {number_, slices_.start_of(index), slices_.start_of(index + 1)};
  }
  return cached.start;
}

Timestamp WindowPlan::slice_end(Timestamp slice) const {
  if (unit_.kind == SliceKind::instant) return slice + kMoment;
  return slices_.start_of(slices_.index_of(slice) + 1);
}

Timestamp WindowPlan::last_end(Timestamp slice) const {
  Timestamp last = slice_end(slice);
  for (std::size_t spec = 0; spec < specs_.size(); ++spec) {
    if (specs_[spec].kind == WindowKind::session)
      last = std::max(last, slice + specs_[spec].size);
    else if (specs_[spec].kind != WindowKind::cumulative)
      last = std::max(last, window_of(spec, last_begun(spec, slice, slice)).end);
  }
  return last;
}

Window WindowPlan::window_of(std::size_t spec, std::int64_t index) const {
  const StepGrid& steps = steps_[spec];
  const Timestamp start = steps.start_of(index);
  switch (specs_[spec].kind) {
    case WindowKind::hopping:
      return {spec, start, start + specs_[spec].size};
    case WindowKind::sliding:
      return {spec, steps.start_of(index - specs_[spec].count + 1), steps.start_of(index + 1)};
    case WindowKind::year_to_date:
      return {spec, years_.start_of(years_.index_of(start)), steps.start_of(index + 1)};
    case WindowKind::cumulative:
      return {spec, Timestamp::min(), steps.start_of(index + 1)};
    case WindowKind::calendar:
    case WindowKind::tumbling:
    case WindowKind::session:
      break;
  }
  return {spec, start, steps.start_of(index + 1)};
}

// The number of the window that ends first after t.
std::int64_t WindowPlan::first_open(std::size_t spec, Timestamp t) const {
  const StepGrid& steps = steps_[spec];
  if (specs_[spec].kind == WindowKind::hopping) return steps.index_of(earlier(t, specs_[spec].size)) + 1;
  return steps.index_of(t);
}

// The number of the last window that starts at t or before.
std::int64_t WindowPlan::last_begun(std::size_t spec, Timestamp t, Timestamp until) const {
  const StepGrid& steps = steps_[spec];
  const std::int64_t index = steps.index_of(t);
  switch (specs_[spec].kind) {
    case WindowKind::sliding:
      return index + specs_[spec].count - 1;
    case WindowKind::year_to_date:
      return steps.index_of(years_.start_of(years_.index_of(t) + 1) - kMoment);
    case WindowKind::cumulative:
      return std::max(index, steps.index_of(earlier(until, kMoment)));
    case WindowKind::calendar:
    case WindowKind::tumbling:
    case WindowKind::hopping:
    case WindowKind::session:
      break;
  }
  return index;
}

// A local day that the zone skipped closes no window of its own.
bool WindowPlan::is_empty_step(std::size_t spec, std::int64_t index) const {
  return steps_[spec].start_of(index) == steps_[spec].start_of(index + 1);
}

void WindowPlan::windows_of_slice(Timestamp slice, Timestamp until, std::vector<Window>& out) const {
  for (std::size_t spec = 0; spec < specs_.size(); ++spec) {
    if (specs_[spec].kind == WindowKind::session) continue;
    const std::int64_t last = last_begun(spec, slice, until);
    for (std::int64_t index = first_open(spec, slice); index <= last; ++index)
      if (!is_empty_step(spec, index)) out.push_back(window_of(spec, index));
  }
}

std::optional<Window> WindowPlan::window_at(std::size_t spec, Timestamp t) const {
  if (specs_[spec].kind == WindowKind::session) return std::nullopt;
  return window_of(spec, first_open(spec, t));
}

std::optional<Window> WindowPlan::window_in_force(std::size_t spec, Timestamp t) const {
  return window_at(spec, earlier(t, kMoment));
}

std::optional<Window> WindowPlan::neighbour(const Window& window, std::int64_t direction) const {
  if (specs_[window.spec].kind == WindowKind::session) return std::nullopt;
  std::int64_t index = first_open(window.spec, window.end - kMoment) + direction;
  while (is_empty_step(window.spec, index))
    index += direction;
  return window_of(window.spec, index);
}

std::optional<Window> WindowPlan::next(const Window& window) const { return neighbour(window, 1); }
std::optional<Window> WindowPlan::previous(const Window& window) const { return neighbour(window, -1); }

std::vector<Window> WindowPlan::windows_between(std::size_t spec, Timestamp from, Timestamp to,
                                                std::size_t limit) const {
  std::vector<Window> windows;
  if (specs_[spec].kind == WindowKind::session || from >= to) return windows;
  const std::int64_t last = first_open(spec, earlier(to, kMoment));
  for (std::int64_t index = first_open(spec, from); index <= last && windows.size() < limit; ++index)
    if (!is_empty_step(spec, index)) windows.push_back(window_of(spec, index));
  return windows;
}

std::vector<Window> sessions_of(std::size_t spec, std::span<const Timestamp> instants, Duration gap) {
  std::vector<Window> sessions;
  for (const Timestamp t : instants) {
    if (sessions.empty() || t >= sessions.back().end)
      sessions.push_back({spec, t, t + gap});
    else
      sessions.back().end = t + gap;
  }
  return sessions;
}

}  // namespace slipstream
