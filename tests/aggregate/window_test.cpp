#include "engine/aggregate/window.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <thread>

#include "tests/aggregate/window_arbitrary.h"

namespace slipstream {
namespace {

using enum CalendarUnit;

WindowPlan plan_of(std::vector<WindowSpec> specs, std::string_view zone_name = "UTC", CivilDate fiscal = {}) {
  return WindowPlan::make(std::move(specs), zone(zone_name), fiscal).value();
}
ErrorCode error_of(std::vector<WindowSpec> specs, CivilDate fiscal = {}) {
  return WindowPlan::make(std::move(specs), Zone(), fiscal).error().code;
}
std::vector<std::string> labels(const WindowPlan& plan, const std::vector<Window>& windows) {
  std::vector<std::string> texts;
  for (const Window& window : windows)
    texts.push_back(plan.label(window));
  return texts;
}
std::vector<std::string> labels_of_slice(const WindowPlan& plan, std::string_view t, std::string_view until) {
  std::vector<Window> windows;
  plan.windows_of_slice(plan.slice_of(at(t)), at(until), windows);
  return labels(plan, windows);
}
using Labels = std::vector<std::string>;

RC_GTEST_PROP(WindowProperty, EveryInstantLiesInExactlyOneSlice, ()) {
  const WindowPlan plan = *any_plan();
  const Timestamp t = *any_instant();
  const Timestamp slice = plan.slice_of(t);
  const Timestamp end = plan.slice_end(slice);
  RC_ASSERT(slice <= t && t < end);
  RC_ASSERT(plan.slice_of(slice) == slice);
  RC_ASSERT(plan.slice_of(end) == end);
  RC_ASSERT(plan.slice_of(end - microseconds(1)) == slice);
}

RC_GTEST_PROP(WindowProperty, EveryWindowIsAUnionOfSlices, ()) {
  const WindowPlan plan = *any_plan();
  const Timestamp t = *any_instant();
  for (std::size_t spec = 0; spec < plan.specs().size(); ++spec) {
    const auto window = plan.window_at(spec, t);
    RC_ASSERT(window.has_value() == (plan.specs()[spec].kind != WindowKind::session));
    if (!window) continue;
    RC_ASSERT(window->start <= t && t < window->end);
    RC_ASSERT(plan.slice_of(window->end) == window->end);
    if (window->start != Timestamp::min()) RC_ASSERT(plan.slice_of(window->start) == window->start);
  }
}

// The oracle lists every window that closes within reach and asks of each whether the slice is in it.
RC_GTEST_PROP(WindowProperty, TheWindowsOfASliceAreThoseThatHoldIt, ()) {
  const WindowPlan plan = *any_plan();
  const Timestamp slice = plan.slice_of(*any_instant());
  const bool fixed = plan.slice_unit().kind == SliceKind::fixed;
  const Timestamp until = slice + (fixed ? hours(20) : days(200));
  std::vector<Window> expected;
  for (std::size_t spec = 0; spec < plan.specs().size(); ++spec) {
    const bool cumulative = plan.specs()[spec].kind == WindowKind::cumulative;
    const Timestamp far = cumulative ? until : slice + (fixed ? days(1) : days(1200));
    for (const Window& window : plan.windows_between(spec, slice, far))
      if (window.start <= slice) expected.push_back(window);
  }
  std::vector<Window> windows;
  plan.windows_of_slice(slice, until, windows);
  RC_ASSERT(windows == expected);
  Timestamp last = plan.slice_end(slice);
  for (const Window& window : windows) {
    RC_ASSERT(plan.slice_end(slice) <= window.end);
    if (window.start != Timestamp::min()) last = std::max(last, window.end);
  }
  for (const WindowSpec& spec : plan.specs())
    if (spec.kind == WindowKind::session) last = std::max(last, slice + spec.size);
  RC_ASSERT(plan.last_end(slice) == last);
}

RC_GTEST_PROP(WindowProperty, EveryWindowIsAmongThoseOfEachOfItsSlices, ()) {
  const WindowPlan plan = *any_plan();
  const std::size_t spec = *rc::gen::inRange<std::size_t>(0, plan.specs().size());
  const auto window = plan.window_at(spec, *any_instant());
  if (!window || window->start == Timestamp::min() || plan.slice_unit().kind == SliceKind::instant) return;
  std::size_t slices = 0;
  Timestamp slice = window->start;
  for (; slice < window->end; slice = plan.slice_end(slice), ++slices) {
    std::vector<Window> windows;
    plan.windows_of_slice(slice, slice, windows);
    RC_ASSERT(std::find(windows.begin(), windows.end(), *window) != windows.end());
  }
  RC_ASSERT(slices > 0 && slice == window->end);
}

RC_GTEST_PROP(WindowProperty, NextAndPreviousAreInverseAndCloseInOrder, ()) {
  const WindowPlan plan = *any_plan();
  const std::size_t spec = *rc::gen::inRange<std::size_t>(0, plan.specs().size());
  const auto window = plan.window_at(spec, *any_instant());
  if (!window) return;
  const Window next = plan.next(*window).value();
  RC_ASSERT(window->end < next.end && window->start <= next.start);
  RC_ASSERT(plan.previous(next) == window);
  RC_ASSERT(plan.window_at(spec, window->end) == next);
  RC_ASSERT(plan.window_in_force(spec, window->end) == window);
}

RC_GTEST_PROP(WindowProperty, AWindowComesBackFromItsLabel, ()) {
  const WindowPlan plan = *any_plan();
  const std::size_t spec = *rc::gen::inRange<std::size_t>(0, plan.specs().size());
  const auto window = plan.window_at(spec, *any_instant());
  if (!window) return;
  RC_ASSERT(plan.parse_label(plan.label(*window), spec).value() == *window);
}

TEST(Window, TheSliceIsTheCoarsestUnitAllWindowsAreMadeOf) {
  const auto kind = [](std::vector<WindowSpec> specs, CivilDate fiscal = {}) {
    return WindowPlan::make(std::move(specs), Zone(), fiscal)->slice_unit();
  };
  const CivilDate december_15{1970, 12, 15};
  EXPECT_EQ(kind({WindowSpec::calendar(month)}).kind, SliceKind::month);
  EXPECT_EQ(kind({WindowSpec::calendar(year), WindowSpec::year_to_date()}).kind, SliceKind::month);
  EXPECT_EQ(kind({WindowSpec::calendar(week), WindowSpec::calendar(month)}).kind, SliceKind::day);
  EXPECT_EQ(kind({WindowSpec::calendar(month), WindowSpec::sliding(7, day)}).kind, SliceKind::day);
  EXPECT_EQ(kind({WindowSpec::calendar(year)}, december_15).kind, SliceKind::day);
  EXPECT_EQ(kind({WindowSpec::year_to_date()}, december_15).kind, SliceKind::day);
  EXPECT_EQ(kind({WindowSpec::calendar(month)}, december_15).kind, SliceKind::month);
  EXPECT_EQ(kind({WindowSpec::calendar(month), WindowSpec::session(hours(1))}).kind, SliceKind::instant);
  EXPECT_EQ(kind({WindowSpec::tumbling(minutes(10)), WindowSpec::tumbling(minutes(15))}),
            (SliceUnit{SliceKind::fixed, minutes(5)}));
  EXPECT_EQ(kind({WindowSpec::hopping(minutes(60), minutes(25))}), (SliceUnit{SliceKind::fixed, minutes(5)}));
}

TEST(Window, WhatMakesNoCalendarIsRefused) {
  EXPECT_EQ(error_of({}), ErrorCode::invalid_value);
  EXPECT_EQ(error_of({WindowSpec::tumbling({})}), ErrorCode::invalid_value);
  EXPECT_EQ(error_of({WindowSpec::tumbling(days(4000))}), ErrorCode::invalid_value);
  EXPECT_EQ(error_of({WindowSpec::session(seconds(-1))}), ErrorCode::invalid_value);
  EXPECT_EQ(error_of({WindowSpec::hopping(minutes(5), minutes(10))}), ErrorCode::invalid_value);
  EXPECT_EQ(error_of({WindowSpec::hopping(days(10), milliseconds(1))}), ErrorCode::invalid_value);
  EXPECT_EQ(error_of({WindowSpec::sliding(0, day)}), ErrorCode::invalid_value);
  EXPECT_EQ(error_of({WindowSpec::sliding(10'001, day)}), ErrorCode::invalid_value);
  EXPECT_EQ(error_of({WindowSpec::year_to_date(week)}), ErrorCode::invalid_value);
  EXPECT_EQ(error_of({WindowSpec::calendar(month)}, {1970, 2, 30}), ErrorCode::invalid_value);
  EXPECT_EQ(error_of({WindowSpec::calendar(month)}, {1970, 13, 1}), ErrorCode::invalid_value);
  EXPECT_EQ(error_of({WindowSpec::calendar(month), WindowSpec::calendar(month)}), ErrorCode::duplicate_name);
  EXPECT_EQ(error_of({WindowSpec::calendar(day), WindowSpec::tumbling(hours(1))}), ErrorCode::invalid_value);
}

TEST(Window, DaySlicesHaveTwentyThreeAndTwentyFiveHoursAtDaylightSaving) {
  const WindowPlan plan = plan_of({WindowSpec::calendar(day)}, "Europe/Amsterdam");
  const auto length = [&](std::string_view noon) {
    const Timestamp slice = plan.slice_of(at(noon));
    return plan.slice_end(slice) - slice;
  };
  EXPECT_EQ(length("2021-03-28T12:00:00Z"), hours(23));
  EXPECT_EQ(length("2021-10-31T12:00:00Z"), hours(25));
  EXPECT_EQ(length("2021-06-01T12:00:00Z"), hours(24));
  EXPECT_EQ(plan.slice_of(at("2021-03-27T23:00:00Z")), at("2021-03-27T23:00:00Z"));
}

TEST(Window, FebruaryOfALeapYearHasTwentyNineDays) {
  const WindowPlan plan = plan_of({WindowSpec::calendar(month)}, "Asia/Ho_Chi_Minh");
  const Window february = plan.window_at(0, at("2024-02-29T16:59:59Z")).value();
  EXPECT_EQ(plan.label(february), "2024-02");
  EXPECT_EQ(february.end - february.start, days(29));
  EXPECT_EQ(plan.label(plan.next(february).value()), "2024-03");
}

TEST(Window, AFiscalYearToDateStartsAtTheFiscalYear) {
  const WindowPlan plan =
      plan_of({WindowSpec::year_to_date(), WindowSpec::calendar(quarter)}, "Europe/Amsterdam", {1970, 4, 1});
  EXPECT_EQ(labels_of_slice(plan, "2022-01-15T00:00:00Z", "2022-01-15T00:00:00Z"),
            (Labels{"2021-04..2022-01", "2021-04..2022-02", "2021-04..2022-03", "2021-Q4"}));
  EXPECT_EQ(plan.window_at(0, at("2022-03-31T21:59:59Z"))->start, at("2021-03-31T22:00:00Z"));
  EXPECT_EQ(plan.window_at(0, at("2022-03-31T22:00:00Z"))->start, at("2022-03-31T22:00:00Z"));
}

TEST(Window, AYearCutInMidMonthHasTwelveStepsToDate) {
  const WindowPlan plan = plan_of({WindowSpec::year_to_date()}, "Asia/Ho_Chi_Minh", {1970, 12, 15});
  const auto windows =
      plan.windows_between(0, at("2020-12-15T00:00:00+07:00"), at("2021-12-15T00:00:00+07:00"));
  ASSERT_EQ(windows.size(), 12U);
  EXPECT_EQ(plan.label(windows.front()), "2020-12-15..2020-12-15");
  EXPECT_EQ(plan.label(windows.back()), "2020-12-15..2021-11-15");
  EXPECT_EQ(windows.back().end, at("2021-12-15T00:00:00+07:00"));
  for (const Window& window : windows)
    EXPECT_EQ(window.start, windows.front().start);
}

TEST(Window, ASliceIsInEverySlidingWindowThatReachesIt) {
  const WindowPlan plan = plan_of({WindowSpec::sliding(3, day)});
  EXPECT_EQ(labels_of_slice(plan, "2021-02-28T12:00:00Z", "2021-02-28T12:00:00Z"),
            (Labels{"2021-02-26..2021-02-28", "2021-02-27..2021-03-01", "2021-02-28..2021-03-02"}));
}

TEST(Window, HoppingWindowsOverlap) {
  const WindowPlan plan = plan_of({WindowSpec::hopping(minutes(30), minutes(10))});
  EXPECT_EQ(labels_of_slice(plan, "2021-03-14T10:25:00Z", "2021-03-14T10:25:00Z"),
            (Labels{"2021-03-14T10:00:00Z", "2021-03-14T10:10:00Z", "2021-03-14T10:20:00Z"}));
  EXPECT_EQ(plan.label(plan.window_at(0, at("2021-03-14T10:25:00Z")).value()), "2021-03-14T10:00:00Z")
      << "the one that ends first";
}

TEST(Window, CumulativeWindowsGoOnToTheOneInForce) {
  const WindowPlan plan = plan_of({WindowSpec::cumulative()});
  EXPECT_EQ(labels_of_slice(plan, "2021-01-10T00:00:00Z", "2021-03-10T00:00:00Z"),
            (Labels{"..2021-01", "..2021-02", "..2021-03"}));
  EXPECT_EQ(labels_of_slice(plan, "2021-01-10T00:00:00Z", "2021-03-01T00:00:00Z"),
            (Labels{"..2021-01", "..2021-02"}));
  EXPECT_EQ(labels_of_slice(plan, "2021-05-10T00:00:00Z", "2021-03-10T00:00:00Z"), (Labels{"..2021-05"}));
  EXPECT_EQ(plan.window_at(0, at("2021-05-10T00:00:00Z"))->start, Timestamp::min());
}

TEST(Window, AWindowIsInForceAtItsEndAndNoLongerAtItsStart) {
  const WindowPlan plan = plan_of({WindowSpec::calendar(month)});
  const Timestamp march = at("2021-03-01T00:00:00Z");
  EXPECT_EQ(plan.label(plan.window_in_force(0, march).value()), "2021-02");
  EXPECT_EQ(plan.label(plan.window_in_force(0, march + microseconds(1)).value()), "2021-03");
  EXPECT_EQ(plan.label(plan.window_at(0, march).value()), "2021-03");
}

TEST(Window, ListingStopsBeforeTheEndAndAtTheLimit) {
  const WindowPlan plan = plan_of({WindowSpec::calendar(month), WindowSpec::year_to_date()});
  const Timestamp from = at("2021-01-15T00:00:00Z");
  EXPECT_EQ(labels(plan, plan.windows_between(0, from, at("2021-03-01T00:00:00Z"))),
            (Labels{"2021-01", "2021-02"}));
  EXPECT_EQ(labels(plan, plan.windows_between(1, from, at("2021-03-01T00:00:00Z"))),
            (Labels{"2021-01..2021-01", "2021-01..2021-02"}));
  EXPECT_EQ(plan.windows_between(0, from, at("2031-01-01T00:00:00Z"), 5).size(), 5U);
  EXPECT_TRUE(plan.windows_between(0, from, from).empty());
}

TEST(Window, ADayTheZoneSkippedHasNoWindow) {
  const WindowPlan plan = plan_of({WindowSpec::calendar(day)}, "Pacific/Apia");
  const Window before = plan.parse_label("2011-12-29").value();
  EXPECT_EQ(plan.label(plan.next(before).value()), "2011-12-31");
  EXPECT_EQ(plan.parse_label("2011-12-30").error().code, ErrorCode::invalid_value);
  EXPECT_EQ(labels(plan, plan.windows_between(0, before.start, before.end + days(1))),
            (Labels{"2011-12-29", "2011-12-31"}));
  const WindowPlan sliding = plan_of({WindowSpec::sliding(3, day)}, "Pacific/Apia");
  EXPECT_EQ(labels_of_slice(sliding, "2011-12-29T12:00:00Z", "2011-12-29T12:00:00Z"),
            (Labels{"2011-12-27..2011-12-29", "2011-12-29..2011-12-31"}));
}

TEST(Window, SessionsAreMaximalRunsWithPausesBelowTheGap) {
  const auto t = [](std::int64_t minute) { return Timestamp{} + minutes(minute); };
  const std::vector<Timestamp> instants = {t(0), t(5), t(14), t(24), t(100)};
  EXPECT_EQ(sessions_of(3, instants, minutes(10)),
            (std::vector<Window>{{3, t(0), t(24)}, {3, t(24), t(34)}, {3, t(100), t(110)}}));
  EXPECT_TRUE(sessions_of(0, {}, minutes(10)).empty());
}

RC_GTEST_PROP(WindowProperty, SessionsHoldEveryInstantOnceAndNeverTouch, ()) {
  auto offsets = *rc::gen::container<std::vector<std::int64_t>>(rc::gen::inRange<std::int64_t>(0, 2000));
  std::sort(offsets.begin(), offsets.end());
  std::vector<Timestamp> instants;
  for (const std::int64_t offset : offsets)
    instants.push_back({offset});
  const Duration gap{*rc::gen::inRange<std::int64_t>(1, 100)};
  const auto sessions = sessions_of(0, instants, gap);
  for (const Timestamp t : instants)
    RC_ASSERT(std::count_if(sessions.begin(), sessions.end(), [&](const Window& session) {
                return session.start <= t && t < session.end;
              }) == 1);
  for (std::size_t i = 1; i < instants.size(); ++i) {
    const bool splits = std::any_of(sessions.begin(), sessions.end(),
                                    [&](const Window& session) { return session.start == instants[i]; });
    if (instants[i] != instants[i - 1]) RC_ASSERT(splits == (instants[i] - instants[i - 1] >= gap));
  }
}

TEST(Window, PlansKeepTheirSlicesApartAndThreadsShareThem) {
  // More plans than a thread remembers slices of.
  std::vector<WindowPlan> plans;
  for (int i = 0; i < 40; ++i)
    plans.push_back(plan_of({WindowSpec::calendar(i % 3 == 0 ? month : day)}));
  const auto check = [&] {
    for (int round = 0; round < 3; ++round) {
      for (std::size_t i = 0; i < plans.size(); ++i)
        EXPECT_EQ(plans[i].slice_of(at("2021-06-15T07:00:00Z")),
                  i % 3 == 0 ? at("2021-06-01T00:00:00Z") : at("2021-06-15T00:00:00Z"));
    }
  };
  std::thread other(check);
  check();
  other.join();
}

}  // namespace
}  // namespace slipstream
