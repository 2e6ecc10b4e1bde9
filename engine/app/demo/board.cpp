#include "engine/app/demo/board.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/app/decisions.h"
#include "engine/app/output/answer.h"
#include "engine/judge/figure.h"
#include "engine/view/explain.h"

namespace slipstream {
namespace {

constexpr std::size_t kNodeWidth = 18, kFigureWidth = 26;
constexpr std::size_t kAlertsShown = 6, kTasksShown = 6;

std::string padded(const std::string& text, std::size_t width) {
  const std::size_t shown = display_width(text);
  return text + std::string(width > shown ? width - shown : 1, ' ');
}

std::string title_of(const KpiPlan& kpi) { return kpi.title.en.empty() ? kpi.name : kpi.title.en; }

}  // namespace

std::string Board::painted(Status status, const std::string& text) const {
  if (!colour_) return text;
  constexpr const char* kColours[] = {"90", "32", "33", "31"};  // grey, green, amber, red
  return fmt::format("\x1b[{}m{}\x1b[0m", kColours[static_cast<std::size_t>(status)], text);
}

std::string Board::heading(const std::string& text) const {
  return colour_ ? fmt::format("\x1b[1m{}\x1b[0m", text) : text;
}

Result<> Board::print() const {
  SLIPSTREAM_ASSIGN(const CommittedState state, deployment_.committed_state(plan_));
  SLIPSTREAM_TRY(print_units(state));
  SLIPSTREAM_TRY(print_alerts());
  return print_figure(state);
}

// The newest figure that is judged: "64.3 percent (85) red".
Result<std::string> Board::figure_of(const CommittedState& state, std::size_t kpi,
                                     const std::string& node) const {
  const KpiPlan& plan = plan_->kpis[kpi];
  ViewQuery query;
  query.node = node;
  query.window_spec = 0;
  query.to = city_.ends;
  std::string text;
  Status status = Status::grey;
  SLIPSTREAM_TRY(read_kpi(state, kpi, query, [&](KpiRow&& row) {
    if (!row.number) return true;
    status = row.judgement.status;
    text = fmt::format("{} {}", format_rational(*row.number, plan.precision), plan.unit);
    if (row.judgement.expected)
      text += fmt::format(" (of {})", format_rational(*row.judgement.expected, plan.precision));
    return true;
  }));
  return painted(
      status, padded(text.empty() ? "-" : fmt::format("{:<6}{}", name_of(status), text), kFigureWidth + 6));
}

Result<> Board::print_units(const CommittedState& state) const {
  fmt::print("{}\n{}", heading("The board, at the end of June"), padded("", kNodeWidth));
  for (const KpiPlan& kpi : plan_->kpis)
    fmt::print("{}", padded(title_of(kpi), kFigureWidth + 6));
  fmt::print("\n");
  std::vector<std::string> nodes{city_.root};
  nodes.insert(nodes.end(), city_.units.begin(), city_.units.end());
  for (const std::string& node : nodes) {
    fmt::print("{}", padded(node, kNodeWidth));
    for (std::size_t kpi = 0; kpi < plan_->kpis.size(); ++kpi) {
      SLIPSTREAM_ASSIGN(const std::string figure, figure_of(state, kpi, node));
      fmt::print("{}", figure);
    }
    fmt::print("\n");
  }
  return {};
}

Result<> Board::print_alerts() const {
  SLIPSTREAM_ASSIGN(std::vector<AlertRecord> records,
                    read_decisions(deployment_.log(), deployment_.topics(), deployment_.partitions()));
  const std::size_t transitions = records.size();
  std::erase_if(records,
                [](const AlertRecord& record) { return record.transition.to != AlertPhase::firing; });
  fmt::print("\n{}\n",
             heading(fmt::format("Alerts that fired: {} (of {} transitions, the latest {} here)",
                                 records.size(), transitions, std::min(kAlertsShown, records.size()))));
  const std::size_t first = records.size() - std::min(kAlertsShown, records.size());
  for (std::size_t i = first; i < records.size(); ++i) {
    const AlertTransition& t = records[i].transition;
    fmt::print("{}  {}\n            {}\n", format_date(plan_->zone.date_of(t.at)),
               painted(t.severity == "info" ? Status::amber : Status::red, t.sentence_en), t.sentence_vi);
  }
  return {};
}

// The tasks of the slipping commune that were due in May.
Result<> Board::print_figure(const CommittedState& state) const {
  const std::string& node = *std::find_if(city_.units.begin(), city_.units.end(),
                                          [](const std::string& unit) { return unit.starts_with("Phường"); });
  const std::size_t view_index = plan_->kpis.front().view;
  const ViewPlan& view = plan_->views[view_index];
  SLIPSTREAM_ASSIGN(const Window window, view.windows.parse_label("2025-05"));
  SLIPSTREAM_ASSIGN(const Explanation explanation,
                    explain(state, deployment_.event_source(*plan_), {view_index, node, window, 1000}));
  const std::vector<KpiValue> sums = measure_values(view, explanation.sum.bytes());
  fmt::print("\n{}\n", heading(fmt::format("One figure explained: {} of {} in 2025-05",
                                           title_of(plan_->kpis.front()), node)));
  for (std::size_t i = 0; i < view.measures.size(); ++i)
    fmt::print("  {} = {}", view.measures[i].name, format_value(sums[i], plan_->zone));
  fmt::print("\n  {} = {}\n", plan_->kpis.front().name, plan_->kpis.front().value.text());
  for (std::size_t i = 0; i < std::min(kTasksShown, explanation.contributions.size()); ++i) {
    const ExplainedContribution& task = explanation.contributions[i];
    std::string counts;
    for (std::size_t m = 1; m < view.measures.size(); ++m)
      if (task.adds[m] == "1") counts += view.measures[m].name + " ";
    fmt::print("  {}  due {}  {} ", task.entity, format_date(plan_->zone.date_of(task.at)),
               padded(counts, 9));
    for (const ExplainedEvent& event : task.events)
      fmt::print(" {}@{}/{}", name_of(event.type), event.position.partition.value,
                 event.position.offset.value);
    fmt::print("\n");
  }
  if (explanation.contributions.size() > kTasksShown)
    fmt::print("  ... and {} more tasks\n", explanation.contributions.size() - kTasksShown);
  fmt::print("  The {} tasks add up to the stored figure: {}\n", explanation.contributed,
             explanation.is_equal ? "yes, to the byte" : "NO");
  return {};
}

}  // namespace slipstream
