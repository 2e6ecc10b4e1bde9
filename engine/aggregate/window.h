// The calendar of a view: its windows, and the slices that all of them are unions of.
//
// An event is added to one slice; a window's figures are the sum of its slices. The slice unit is the
// coarsest of instant, fixed duration, local day and local month that every declared window is made of:
//   month, and quarter, year, year to date of a year that starts on a first     month
//   day, week; and quarter, year, year to date of a year that starts otherwise  day
//   tumbling, hopping, sliding over durations                                   their greatest common divisor
//   session                                                                     instant, one slice for each
// Durations are counted from the Unix epoch and calendar units follow the zone, so no slice serves both: a
// view mixes durations with durations only. Sessions go with anything.
//
// A slice is identified by its start. Immutable after make(); thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "engine/aggregate/step_grid.h"
#include "engine/base/error.h"
#include "engine/base/time.h"

namespace slipstream {

inline constexpr Duration kMoment =
    microseconds(1);  // between an end, which is exclusive, and what is before it

enum class WindowKind : std::uint8_t {
  calendar,      // each local day, ISO week, month, quarter or year
  year_to_date,  // from the (fiscal) year's start to the end of each of its steps
  cumulative,    // from the beginning of time to the end of each step: for stocks carried forward
  tumbling,      // consecutive fixed durations
  hopping,       // of a fixed size, one started every so often
  sliding,       // the last `count` steps, one for each step
  session,  // maximal runs of events with pauses below a limit; made of data, so a plan cannot enumerate them
};

using Step = std::variant<CalendarUnit, Duration>;

struct WindowSpec {
  WindowKind kind = WindowKind::calendar;
  Step step = CalendarUnit::month;  // not used by session
  Duration size;                    // hopping: length of a window; session: the pause that ends one
  std::int32_t count = 1;           // sliding: steps in a window

  static WindowSpec calendar(CalendarUnit unit) { return {WindowKind::calendar, unit, {}, 1}; }
  static WindowSpec year_to_date(CalendarUnit every = CalendarUnit::month) {
    return {WindowKind::year_to_date, every, {}, 1};
  }
  static WindowSpec cumulative(Step every = CalendarUnit::month) {
    return {WindowKind::cumulative, every, {}, 1};
  }
  static WindowSpec tumbling(Duration size) { return {WindowKind::tumbling, size, {}, 1}; }
  static WindowSpec hopping(Duration size, Duration every) { return {WindowKind::hopping, every, size, 1}; }
  static WindowSpec sliding(std::int32_t count, Step of) { return {WindowKind::sliding, of, {}, count}; }
  static WindowSpec session(Duration gap) { return {WindowKind::session, {}, gap, 1}; }

  // A window without parameters by its word: day, week, month, quarter, year, year_to_date,
  // year_to_date_by_day (or _by_quarter), cumulative (by month), cumulative_by_day and so on. Error
  // unknown_name.
  static Result<WindowSpec> find(std::string_view word);
  // Identifies the spec: "month", "year_to_date", "tumbling_15_minute", "hopping_1_hour_every_5_minute",
  // "sliding_7_day", "sliding_4_of_15_minute", "session_30_minute". For specs that find() knows, their word.
  std::string name() const;

  friend bool operator==(const WindowSpec&, const WindowSpec&) = default;
};

enum class SliceKind : std::uint8_t { instant, fixed, day, month };
struct SliceUnit {
  SliceKind kind = SliceKind::day;
  Duration size;  // fixed
  friend bool operator==(SliceUnit, SliceUnit) = default;
};

// [start, end); cumulative windows start at Timestamp::min().
struct Window {
  std::size_t spec = 0;  // index into WindowPlan::specs()
  Timestamp start;
  Timestamp end;
  friend auto operator<=>(const Window&, const Window&) = default;
};

class WindowPlan {
 public:
  static constexpr std::int32_t kStepsMax = 10'000;  // steps of a sliding window, hops within a hopping one
  static constexpr std::size_t kWindowsListedMax = 100'000;

  WindowPlan() = default;  // no window, slices of a day of UTC
  // Errors: invalid_value for an empty list, a size, count or step out of range, or durations beside calendar
  // units; duplicate_name.
  static Result<WindowPlan> make(std::vector<WindowSpec> specs, const Zone& zone,
                                 CivilDate fiscal_year_start = {});

  const std::vector<WindowSpec>& specs() const { return specs_; }
  std::optional<std::size_t> find_spec(std::string_view name) const;
  SliceUnit slice_unit() const { return unit_; }

  // The start of the slice that holds t. Repeated calls within one slice cost a compare.
  Timestamp slice_of(Timestamp t) const;
  // The end of a slice given by its start: where the next one starts.
  Timestamp slice_end(Timestamp slice) const;
  // The end of the last window that the slice is part of. Of a session, the end of the pause after the slice;
  // cumulative windows, which come to no end, aside.
  Timestamp last_end(Timestamp slice) const;

  // Appends every window the slice is part of, sessions excepted, in order of spec and time. Cumulative
  // windows have no end in sight: they go on to the one in force at `until`, or to the first one when the
  // slice is later than that.
  void windows_of_slice(Timestamp slice, Timestamp until, std::vector<Window>& out) const;

  // Each instant is at the closing step of exactly one window of a spec: of those that hold it (start <= t <
  // end), the one that ends first. That is the window an event at t is shown in. nullopt for sessions.
  std::optional<Window> window_at(std::size_t spec, Timestamp t) const;
  // The same a moment before t (start < t <= end): the window in force for a judge at t, at its very end
  // included.
  std::optional<Window> window_in_force(std::size_t spec, Timestamp t) const;
  std::optional<Window> next(const Window& window) const;
  std::optional<Window> previous(const Window& window) const;
  // The windows that window_at() gives for the instants of [from, to), in order, at most `limit` of them.
  std::vector<Window> windows_between(std::size_t spec, Timestamp from, Timestamp to,
                                      std::size_t limit = kWindowsListedMax) const;

  // What people and queries call a window:
  //   calendar, tumbling       its step: "2021-03", "2021-W09", "2021-03-14T10:15:00Z"
  //   hopping                  its start: "2021-03-14T10:15:00Z"
  //   sliding, year to date    first and last step: "2021-03-08..2021-03-14"
  //   cumulative               up to the last step: "..2021-03"
  //   session                  start and end: "2021-03-14T10:15:00Z..2021-03-14T11:00:00Z"
  std::string label(const Window& window) const;
  // The window of a label; without a spec, of the first spec that has such a label. Error invalid_value.
  Result<Window> parse_label(std::string_view text, std::optional<std::size_t> spec = std::nullopt) const;

 private:
  std::int64_t first_open(std::size_t spec, Timestamp t) const;
  std::int64_t last_begun(std::size_t spec, Timestamp t, Timestamp until) const;
  bool is_empty_step(std::size_t spec, std::int64_t index) const;
  Window window_of(std::size_t spec, std::int64_t index) const;
  std::optional<Window> neighbour(const Window& window, std::int64_t direction) const;
  std::string sample_label(std::size_t spec) const;
  std::optional<Window> parse_for(std::size_t spec, std::string_view text) const;

  std::vector<WindowSpec> specs_;
  std::vector<StepGrid> steps_;  // of each spec
  StepGrid years_;               // fiscal
  SliceUnit unit_;
  StepGrid slices_;           // not used when slices are instants
  std::uint64_t number_ = 0;  // same for copies only: tells plans apart in the threads' caches
};

// The sessions of ascending instants: each ends `gap` after its last instant, and a pause of `gap` or more
// starts the next.
std::vector<Window> sessions_of(std::size_t spec, std::span<const Timestamp> instants, Duration gap);

}  // namespace slipstream
