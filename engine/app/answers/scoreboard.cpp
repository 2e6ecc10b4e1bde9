#include "engine/app/answers/scoreboard.h"

#include <algorithm>
#include <utility>

#include "engine/app/answers/figures.h"
#include "engine/rollup/organisation.h"

namespace slipstream {
namespace {

// The window of each kind that holds the moment before `at`.
std::vector<std::optional<Window>> windows_in_force(const WindowPlan& windows, Timestamp at) {
  std::vector<std::optional<Window>> in_force;
  in_force.reserve(windows.specs().size());
  for (std::size_t spec = 0; spec < windows.specs().size(); ++spec)
    in_force.push_back(windows.window_in_force(spec, at));
  return in_force;
}

// The node asked about, and who stands right below it.
class Board {
 public:
  Board(const ScoreboardQuery& query, Background background)
      : background_(std::move(background)),
        node_(query.node.empty() ? background_.reference->organisation.root() : query.node),
        at_(query.at.value_or(background_.clock)) {}

  const Background& background() const { return background_; }
  const std::string& node() const { return node_; }
  Timestamp at() const { return at_; }

  bool shows(const std::string& node) const {
    return node == node_ || background_.reference->organisation.parent_of(node, placed_at()) == node_;
  }

  // What to read: a node at a time where the tree tells who is below; else the subtree, whose figures tell.
  std::vector<ViewQuery> queries() const {
    ViewQuery query;
    query.node = node_;
    query.from = at_ - kMoment;
    query.to = at_;
    query.subtree = background_.reference->organisation.source() == TreeSource::paths;
    std::vector<ViewQuery> queries{query};
    if (query.subtree) return queries;
    for (const auto& [node, info] : background_.reference->organisation.nodes())
      if (info.parent_at(placed_at()) == node_) {
        query.node = node;
        queries.push_back(query);
      }
    return queries;
  }

 private:
  Timestamp placed_at() const { return std::min(at_, background_.clock); }

  const Background background_;
  const std::string node_;
  const Timestamp at_;
};

// A view is read once for all of its KPIs.
Result<> read_view_of(const CommittedState& state, std::size_t view, const std::vector<std::size_t>& kpis,
                      const Board& board, const std::function<void(std::vector<Cell>&&)>& visit) {
  const Plan& plan = *state.plan;
  const auto in_force = windows_in_force(plan.views[view].windows, board.at());
  Arena arena;
  for (ViewQuery query : board.queries()) {
    query.view = view;
    SLIPSTREAM_TRY(read_view(state, board.background(), query, [&](ViewRow&& row) {
      if (in_force[row.window.spec] != row.window || !board.shows(row.node)) return true;
      for (const std::size_t kpi : kpis) {
        const KpiRow judged = judge_row(plan, board.background(), kpi, row, arena);
        std::vector<Cell> cells = kpi_cells(plan, plan.kpis[kpi], judged);
        cells.insert(cells.begin(), text_cell(plan.kpis[kpi].name));
        visit(std::move(cells));
      }
      return true;
    }));
  }
  return {};
}

Result<> read_board(const CommittedState& state, const Board& board, const ScoreboardQuery& query,
                    const std::function<void(std::vector<Cell>&&)>& visit) {
  const Plan& plan = *state.plan;
  for (std::size_t view = 0; view < plan.views.size(); ++view) {
    std::vector<std::size_t> kpis;
    for (std::size_t kpi = 0; kpi < plan.kpis.size(); ++kpi)
      if (plan.kpis[kpi].view == view && query.kpi.value_or(kpi) == kpi) kpis.push_back(kpi);
    if (!kpis.empty()) SLIPSTREAM_TRY(read_view_of(state, view, kpis, board, visit));
  }
  return {};
}

}  // namespace

Result<ScoreboardQuery> ask_for_scoreboard(const Plan& plan, const std::string& node, const std::string& at,
                                           const std::string& kpi) {
  ScoreboardQuery query{node, std::nullopt, std::nullopt};
  if (!at.empty()) {
    SLIPSTREAM_ASSIGN(query.at, parse_end(at, plan.zone));
  }
  if (!kpi.empty()) {
    SLIPSTREAM_ASSIGN(const AskedSubject subject, find_subject(plan, "kpi:" + kpi));
    query.kpi = subject.kpi;
  }
  return query;
}

std::vector<AnswerColumn> scoreboard_columns() {
  std::vector<AnswerColumn> columns = kpi_columns();
  columns.insert(columns.begin(), text_column("kpi"));
  return columns;
}

Result<> read_scoreboard(const CommittedState& state, const ScoreboardQuery& query,
                         const std::function<void(std::vector<Cell>&&)>& visit) {
  SLIPSTREAM_ASSIGN(Background background, read_background(state));
  const Board board(query, std::move(background));
  return read_board(state, board, query, visit);
}

Result<> answer_scoreboard(Answer& answer, const CommittedState& state, const ScoreboardQuery& query) {
  SLIPSTREAM_ASSIGN(Background background, read_background(state));
  const Board board(query, std::move(background));
  answer.fact("node", text_cell(board.node()));
  answer.fact("at", time_cell(board.at(), state.plan->zone));
  answer.section("rows", scoreboard_columns());
  return read_board(state, board, query, [&](std::vector<Cell>&& cells) { answer.row(std::move(cells)); });
}

}  // namespace slipstream
