#include "engine/app/answers/forecast.h"

#include <algorithm>
#include <vector>

#include "engine/app/answers/asked.h"
#include "engine/judge/forecast_interval.h"

namespace slipstream {
namespace {

// What is within its window begins anew in each; else windows are steps through one period.
bool is_one_series(const KpiRow& before, const KpiRow& after) {
  const auto is_within = [](const KpiRow& row) {
    return row.period.start >= row.row.window.start && row.period.end <= row.row.window.end;
  };
  return (is_within(before) && is_within(after)) || before.period == after.period;
}

// The rows from the in-force window back, as long as one follows the other.
Result<std::vector<KpiRow>> read_series(const CommittedState& state, const AskedForecast& asked,
                                        Window window) {
  const KpiPlan& kpi = state.plan->kpis[asked.kpi];
  const WindowPlan& windows = state.plan->views[kpi.view].windows;
  const Window in_force = window;
  std::vector<Window> wanted{window};
  for (auto before = windows.previous(window); before && wanted.size() <= kForecastWindowsMax;
       before = windows.previous(*before))
    wanted.push_back(*before);
  ViewQuery query;
  query.view = kpi.view;
  query.window_spec = asked.spec;
  query.node = asked.node;
  query.from = std::max(wanted.back().start, wanted.back().end - kMoment);
  query.to = in_force.end;
  std::vector<KpiRow> rows;
  SLIPSTREAM_TRY(read_kpi(state, asked.kpi, query, [&](KpiRow&& row) {
    rows.push_back(std::move(row));
    return true;
  }));
  std::vector<KpiRow> series;
  for (const Window& one : wanted) {
    const auto row =
        std::find_if(rows.begin(), rows.end(), [&](const KpiRow& r) { return r.row.window == one; });
    if (row == rows.end() || !row->number || (!series.empty() && !is_one_series(*row, series.back()))) break;
    series.push_back(std::move(*row));
  }
  return series;
}

int windows_until(Timestamp end, const WindowPlan& windows, const Window& window) {
  const auto before = windows.previous(window);
  if (!before) return 1;
  const std::int64_t length = (window.end - before->end).us;
  return static_cast<int>(
      std::clamp<std::int64_t>(((end - before->end).us + length - 1) / length, 1, 10'000));
}

}  // namespace

Result<AskedForecast> ask_for_forecast(const Plan& plan, const std::string& kpi, const std::string& node,
                                       const std::string& every) {
  SLIPSTREAM_ASSIGN(const AskedSubject subject, find_subject(plan, "kpi:" + kpi));
  if (node.empty()) return fail(ErrorCode::usage, "a forecast is of one node: say which with node=...");
  ViewQuery query;
  query.view = subject.view;
  std::optional<Window> any;
  SLIPSTREAM_TRY(narrow(plan, {"", every, "", ""}, query, any));
  return AskedForecast{*subject.kpi, node, query.window_spec.value_or(0)};
}

Result<> answer_forecast(Answer& answer, const CommittedState& state, const AskedForecast& asked) {
  const Plan& plan = *state.plan;
  const KpiPlan& kpi = plan.kpis[asked.kpi];
  const WindowPlan& windows = plan.views[kpi.view].windows;
  SLIPSTREAM_ASSIGN(const Timestamp clock, read_clock(state));
  const std::optional<Window> in_force = windows.window_in_force(asked.spec, clock);
  std::vector<KpiRow> series;
  if (in_force) {
    SLIPSTREAM_ASSIGN(series, read_series(state, asked, *in_force));
  }
  std::vector<Rational> steps;  // the newest first; the window in force is not finished
  for (std::size_t i = 2; i < series.size(); ++i)
    steps.push_back(*series[i - 1].number - *series[i].number);
  std::optional<Rational> forecast;
  std::optional<ForecastInterval> interval;
  if (!series.empty()) forecast = series.front().judgement.forecast;
  if (forecast)
    interval =
        forecast_interval(*forecast, steps, windows_until(series.front().period.end, windows, *in_force));
  answer.fact("kpi", text_cell(kpi.name));
  answer.fact("unit", optional_text_cell(kpi.unit));
  answer.fact("node", text_cell(asked.node));
  answer.fact("every", text_cell(windows.specs()[asked.spec].name()));
  answer.fact("window", optional_text_cell(series.empty() ? "" : series.front().row.label));
  answer.fact("forecast", number_cell(forecast, kpi.precision));
  answer.fact("low", number_cell(interval ? std::optional(interval->low) : std::nullopt, kpi.precision));
  answer.fact("high", number_cell(interval ? std::optional(interval->high) : std::nullopt, kpi.precision));
  answer.section("rows", {text_column("window"), number_column("value"), number_column("step")});
  for (std::size_t i = series.size(); i-- > 1;)
    answer.row(
        {text_cell(series[i].row.label), number_cell(series[i].number, kpi.precision),
         number_cell(i + 1 < series.size() ? std::optional(steps[i - 1]) : std::nullopt, kpi.precision)});
  return {};
}

}  // namespace slipstream
