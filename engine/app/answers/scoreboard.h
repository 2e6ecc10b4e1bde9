// The KPIs of a node and of the nodes right below it, each in the windows in force at one instant: what GET
// /v1/scoreboard answers.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "engine/app/answers/asked.h"
#include "engine/app/output/answer.h"

namespace slipstream {

struct ScoreboardQuery {
  std::string node;                // empty: the root
  std::optional<Timestamp> at;     // windows that hold the moment before it; nullopt: before the clock
  std::optional<std::size_t> kpi;  // this one alone
};
// `at` is a date, whose whole day counts, or RFC 3339. Errors: usage, naming what there is.
Result<ScoreboardQuery> ask_for_scoreboard(const Plan& plan, const std::string& node, const std::string& at,
                                           const std::string& kpi);

// A row is a KPI at a node in a window; the first four cells say which.
std::vector<AnswerColumn> scoreboard_columns();
inline constexpr std::size_t kScoreboardPlaceColumns = 4;
// In order of view, node (the one asked about first where units and persons are events), kind of window and KPI. Sessions are not shown. Whether somebody knows the node is
// asked before: require_node().
Result<> read_scoreboard(const CommittedState& state, const ScoreboardQuery& query,
                         const std::function<void(std::vector<Cell>&&)>& visit);

// Facts (node, at), then the section "rows".
Result<> answer_scoreboard(Answer& answer, const CommittedState& state, const ScoreboardQuery& query);

}  // namespace slipstream
