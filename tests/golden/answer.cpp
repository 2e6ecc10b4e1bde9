#include "tests/golden/answer.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <sstream>

#include "engine/view/view_reader.h"
#include "engine/view/waiting_view.h"

namespace slipstream::testing {
namespace {

using Cells = std::vector<std::string>;

Lines aligned(const std::vector<Cells>& rows) {
  std::vector<std::size_t> widths(rows.front().size());
  for (const Cells& row : rows)
    for (std::size_t i = 0; i < row.size(); ++i)
      widths[i] = std::max(widths[i], row[i].size());
  Lines lines;
  for (const Cells& row : rows) {
    std::string& line = lines.emplace_back();
    for (std::size_t i = 0; i < row.size(); ++i)
      line += i + 1 < row.size() ? fmt::format("{:<{}}  ", row[i], widths[i]) : row[i];
  }
  return lines;
}

Result<ViewQuery> query_of(const Plan& plan, std::size_t view, const std::string& options) {
  ViewQuery query;
  query.view = view;
  std::istringstream in(options);
  for (std::string option; in >> option;) {
    if (option.starts_with("node=")) {
      query.subtree = option.ends_with("/**");
      query.node = option.substr(5, option.size() - 5 - (query.subtree ? 3 : 0));
    } else if (option.starts_with("every=")) {
      query.window_spec = plan.views[view].windows.find_spec(option.substr(6));
      if (!query.window_spec) return fail(ErrorCode::unknown_name, option + ": the view has no such window");
    } else {
      return fail(ErrorCode::syntax, option + ": neither node= nor every=");
    }
  }
  return query;
}

std::string cell(const KpiValue& value, const Zone& zone) {
  if (value.is_null()) return "NULL";
  return value.type() == Type::text ? "'" + std::string(value.as_text()) + "'" : format_value(value, zone);
}

std::string cell(const std::optional<Rational>& number) { return number ? format_rational(*number) : "-"; }

Cells heading(const ViewPlan& view) {
  Cells cells{"node"};
  if (view.windows.specs().size() > 1) cells.emplace_back("every");
  cells.emplace_back("window");
  return cells;
}

Cells place_of(const ViewPlan& view, const ViewRow& row) {
  Cells cells{row.node};
  if (view.windows.specs().size() > 1) cells.push_back(view.windows.specs()[row.window.spec].name());
  cells.push_back(row.label);
  return cells;
}

std::string subject_of(const AlertRecord& record) {
  return fmt::format("{} {} {}", record.state.subject.rule, record.state.subject.node,
                     record.state.subject.period_label);
}

std::string transition_line(const AlertRecord& record, const Zone& zone) {
  const AlertTransition& t = record.transition;
  std::string line = fmt::format("{} {} #{} ", format_timestamp(t.at, zone), subject_of(record), t.number);
  if (t.kind != TransitionKind::phase)
    return line + fmt::format("{} by {}: {}", name_of(t.kind), t.actor, t.note.empty() ? "-" : t.note);
  line += fmt::format("{} -> {} {} value={} expected={}", name_of(t.from), name_of(t.to),
                      name_of(t.judgement.status), cell(t.judgement.value), cell(t.judgement.expected));
  if (t.episode > 1) line += fmt::format(" episode={}", t.episode);
  if (!t.target_revision.empty()) line += " target_revision=" + t.target_revision;
  if (t.silenced) line += " silenced";
  return line;
}

}  // namespace

Result<Lines> view_rows(const CommittedState& state, const std::string& name, const std::string& options) {
  const Plan& plan = *state.plan;
  const ViewPlan* view = plan.find_view(name);
  if (view == nullptr) return fail(ErrorCode::unknown_name, "no view " + name);
  SLIPSTREAM_ASSIGN(const ViewQuery query,
                    query_of(plan, static_cast<std::size_t>(view - plan.views.data()), options));
  std::vector<Cells> rows{heading(*view)};
  for (const MeasurePlan& measure : view->measures)
    rows.front().push_back(measure.name);
  SLIPSTREAM_TRY(read_view(state, query, [&](ViewRow&& row) {
    Cells cells = place_of(*view, row);
    for (std::size_t i = 0; i < row.measures.size(); ++i) {
      const bool estimated = view->layout.value(row.state.bytes(), i).estimated;
      cells.push_back((estimated ? "~" : "") + cell(row.measures[i], plan.zone));
    }
    rows.push_back(std::move(cells));
    return true;
  }));
  return aligned(rows);
}

Result<Lines> kpi_rows(const CommittedState& state, const std::string& name, const std::string& options) {
  const Plan& plan = *state.plan;
  const KpiPlan* kpi = plan.find_kpi(name);
  if (kpi == nullptr) return fail(ErrorCode::unknown_name, "no KPI " + name);
  const ViewPlan& view = plan.views[kpi->view];
  SLIPSTREAM_ASSIGN(const ViewQuery query, query_of(plan, kpi->view, options));
  std::vector<Cells> rows{heading(view)};
  for (const char* column : {"value", "expected", "target", "gap", "attainment", "forecast", "status"})
    rows.front().emplace_back(column);
  SLIPSTREAM_TRY(read_kpi(state, static_cast<std::size_t>(kpi - plan.kpis.data()), query, [&](KpiRow&& row) {
    const Judgement& j = row.judgement;
    Cells cells = place_of(view, row.row);
    cells.push_back(cell(row.value, plan.zone));
    for (const auto& number : {j.expected, j.target, j.gap, j.attainment, j.forecast})
      cells.push_back(cell(number));
    cells.emplace_back(name_of(j.status));
    rows.push_back(std::move(cells));
    return true;
  }));
  return aligned(rows);
}

Lines transition_lines(const std::vector<AlertRecord>& decisions, bool sentences, const Zone& zone) {
  Lines lines;
  for (const AlertRecord& decision : decisions) {
    lines.push_back(transition_line(decision, zone));
    if (!sentences) continue;
    lines.push_back("  " + decision.transition.sentence_en);
    lines.push_back("  " + decision.transition.sentence_vi);
  }
  return lines;
}

Lines state_lines(const std::vector<AlertRecord>& decisions, Timestamp now) {
  std::map<std::string, const AlertRecord*> latest;
  for (const AlertRecord& record : decisions) {
    const AlertRecord*& known = latest[subject_of(record)];
    if (known == nullptr || known->transition.number < record.transition.number) known = &record;
  }
  Lines lines;
  for (const auto& [subject, record] : latest) {
    const AlertState& state = record->state;
    lines.push_back(fmt::format("{} {} episode={} transitions={}{}{}", subject, name_of(state.phase),
                                state.episode, state.transitions, state.acknowledged ? " acknowledged" : "",
                                state.is_silenced(now) ? " silenced" : ""));
  }
  return lines;
}

Lines dead_letter_lines(const std::vector<DeadLetter>& letters, std::size_t from) {
  std::set<std::string> lines;
  for (std::size_t i = from; i < letters.size(); ++i)
    lines.insert(
        fmt::format("{} {} {}", letters[i].stage, name_of(letters[i].code), letters[i].value.value_or("-")));
  return {lines.begin(), lines.end()};
}

Result<Lines> waiting_lines(const CommittedState& state) {
  SLIPSTREAM_ASSIGN(const WhatWaits waiting, read_waiting(state, std::nullopt));
  Lines lines;
  for (const std::string& node : waiting.nodes)
    lines.push_back("node " + node);
  for (const std::string& indicator : waiting.indicators)
    lines.push_back("indicator " + indicator);
  if (waiting.first_deadline)
    lines.push_back(fmt::format("deadlines {}, the first {}", waiting.with_deadline,
                                format_timestamp(*waiting.first_deadline, state.plan->zone)));
  return lines;
}

Lines counter_lines(const Counters& counters) {
  Lines lines{fmt::format("received {}", counters.received),
              fmt::format("folded {}", counters.folded),
              fmt::format("duplicates {}", counters.duplicates),
              fmt::format("dead_lettered {}", counters.dead_lettered),
              fmt::format("forwarded {}", counters.forwarded),
              fmt::format("late {}", counters.late),
              fmt::format("timers_fired {}", counters.timers_fired),
              fmt::format("transitions {}", counters.transitions)};
  if (counters.numeric_errors > 0) lines.push_back(fmt::format("numeric_errors {}", counters.numeric_errors));
  return lines;
}

}  // namespace slipstream::testing
