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
  for (std::size_t spec = 0; spec < windows.specs().size(); ++spec)
    in_force.push_back(windows.window_in_force(spec, at));
  return in_force;
}

// The node asked about, and who stands right below it.
class Board {
 public:
  Board(const ScoreboardQuery& query, Organisation organisation, Timestamp clock)
      : node_(query.node.empty() ? organisation.root() : query.node),
        at_(query.at.value_or(clock)),
        placed_at_(std::min(at_, clock)),
        organisation_(std::move(organisation)) {}

  const std::string& node() const { return node_; }
  Timestamp at() const { return at_; }

  bool shows(const std::string& node) const {
    if (node == node_) return true;
    const auto above = organisation_.ancestors_of(node, placed_at_);
    return !above.empty() && above.front() == node_;
  }

 private:
  const std::string node_;
  const Timestamp at_, placed_at_;
  const Organisation organisation_;
};

Result<> read_kpi_of(const CommittedState& state, std::size_t kpi, const Board& board,
                     const std::function<void(std::vector<Cell>&&)>& visit) {
  const Plan& plan = *state.plan;
  const auto in_force = windows_in_force(plan.views[plan.kpis[kpi].view].windows, board.at());
  ViewQuery query;
  query.node = board.node();
  query.subtree = true;
  query.from = board.at() - kMoment;
  query.to = board.at();
  return read_kpi(state, kpi, query, [&](KpiRow&& row) {
    if (in_force[row.row.window.spec] == row.row.window && board.shows(row.row.node)) {
      std::vector<Cell> cells = kpi_cells(plan, plan.kpis[kpi], row);
      cells.insert(cells.begin(), text_cell(plan.kpis[kpi].name));
      visit(std::move(cells));
    }
    return true;
  });
}

Result<Board> board_of(const CommittedState& state, const ScoreboardQuery& query) {
  SLIPSTREAM_ASSIGN(Organisation organisation, read_organisation(state));
  SLIPSTREAM_ASSIGN(const Timestamp clock, read_clock(state));
  return Board(query, std::move(organisation), clock);
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
  SLIPSTREAM_ASSIGN(const Board board, board_of(state, query));
  for (std::size_t kpi = 0; kpi < state.plan->kpis.size(); ++kpi)
    if (!query.kpi || *query.kpi == kpi) SLIPSTREAM_TRY(read_kpi_of(state, kpi, board, visit));
  return {};
}

Result<> answer_scoreboard(Answer& answer, const CommittedState& state, const ScoreboardQuery& query) {
  SLIPSTREAM_ASSIGN(const Board board, board_of(state, query));
  answer.fact("node", text_cell(board.node()));
  answer.fact("at", time_cell(board.at(), state.plan->zone));
  answer.section("rows", scoreboard_columns());
  return read_scoreboard(state, query, [&](std::vector<Cell>&& cells) { answer.row(std::move(cells)); });
}

}  // namespace slipstream
