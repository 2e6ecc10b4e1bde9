#include "engine/app/service/live_routes.h"

#include <fmt/format.h>

#include "engine/app/answers/scoreboard.h"
#include "engine/app/service/alert_routes.h"
#include "engine/app/service/figure_routes.h"

namespace slipstream {
namespace {

constexpr std::size_t kLiveRowsMax = 20'000;

std::string query_of(const HttpRequest& request) {
  std::string query;
  for (const std::string& segment : request.segments)
    query += json_string(segment);
  for (const auto& [name, value] : request.query)
    query += json_string(name) + json_string(value);
  return query;
}

Result<> check_rows(const LiveRows& rows) {
  if (rows.size() <= kLiveRowsMax) return {};
  return fail(
      ErrorCode::usage,
      fmt::format("more than {} rows are too many to watch; choose a node or a window", kLiveRowsMax));
}

void add_row(LiveRows& rows, std::string id, const std::vector<AnswerColumn>& columns,
             const std::vector<Cell>& cells) {
  std::string members;
  for (std::size_t i = 0; i < cells.size(); ++i)
    append_json_member(members, columns[i].name, cells[i]);
  rows[std::move(id)] = std::move(members);
}

// What says which row it is: window and kind before the node, which may have spaces, and a KPI behind it.
std::string id_of(const std::vector<Cell>& cells, std::size_t place_columns) {
  std::string id;
  for (std::size_t i = place_columns; i-- > 0;)
    id += (id.empty() ? "" : " ") + cells[i].text;
  return id;
}

Result<LiveQuery> live_figures(const ReadContext& context, const HttpRequest& request,
                               const std::string& subject) {
  SLIPSTREAM_ASSIGN(const Parameters parameters,
                    Parameters::of(request, {"node", "subtree", "window", "every", "from", "to"}));
  SLIPSTREAM_ASSIGN(const FiguresRequest chosen, chosen_figures(context, parameters, subject));
  SLIPSTREAM_ASSIGN(const AskedFigures asked, ask_for_figures(*context.plan, chosen));
  const std::vector<AnswerColumn> columns = figure_columns(*context.plan, asked);
  return LiveQuery{query_of(request), [asked, columns](const ShownState& shown) -> Result<LiveRows> {
                     if (asked.query.node)
                       if (const auto known = require_node(shown.state, *asked.query.node); !known)
                         return tl::unexpected(as_unknown(known.error()));
                     LiveRows rows;
                     SLIPSTREAM_TRY(read_figures(shown.state, asked, [&](std::vector<Cell>&& cells) {
                       add_row(rows, id_of(cells, kFigurePlaceColumns), columns, cells);
                     }));
                     SLIPSTREAM_TRY(check_rows(rows));
                     return rows;
                   }};
}

Result<LiveQuery> live_scoreboard(const ReadContext& context, const HttpRequest& request) {
  SLIPSTREAM_ASSIGN(const Parameters parameters, Parameters::of(request, {"node", "at", "kpi"}));
  SLIPSTREAM_ASSIGN(const ScoreboardQuery query,
                    ask_for_scoreboard(*context.plan, parameters.text("node"), parameters.text("at"),
                                       parameters.text("kpi")));
  return LiveQuery{query_of(request), [query](const ShownState& shown) -> Result<LiveRows> {
                     if (!query.node.empty())
                       if (const auto known = require_node(shown.state, query.node); !known)
                         return tl::unexpected(as_unknown(known.error()));
                     const std::vector<AnswerColumn> columns = scoreboard_columns();
                     LiveRows rows;
                     SLIPSTREAM_TRY(read_scoreboard(shown.state, query, [&](std::vector<Cell>&& cells) {
                       add_row(rows, id_of(cells, kScoreboardPlaceColumns), columns, cells);
                     }));
                     SLIPSTREAM_TRY(check_rows(rows));
                     return rows;
                   }};
}

Result<LiveQuery> live_alerts(const ReadContext& context, const HttpRequest& request) {
  SLIPSTREAM_ASSIGN(const Parameters parameters,
                    Parameters::of(request, {"node", "rule", "severity", "alert", "active", "lang"}));
  SLIPSTREAM_ASSIGN(const AlertFilter filter, alert_filter(parameters));
  SLIPSTREAM_ASSIGN(const Language language, language_of(parameters));
  return LiveQuery{query_of(request),
                   [filter, language, plan = context.plan](const ShownState& shown) -> Result<LiveRows> {
                     SLIPSTREAM_ASSIGN(const std::vector<AlertRecord> records, standing_alerts(shown.state));
                     LiveRows rows;
                     for (const AlertRecord& record : records)
                       if (filter.wants(record))
                         add_row(rows, record.state.id, transition_columns(),
                                 transition_cells(record, language, plan.get()));
                     SLIPSTREAM_TRY(check_rows(rows));
                     return rows;
                   }};
}

}  // namespace

bool is_live_path(const HttpRequest& request) {
  const std::vector<std::string>& path = request.segments;
  if (path.empty() || path.front() != "v1" || path.back() != "stream") return false;
  return (path.size() == 3 && (path[1] == "alerts" || path[1] == "scoreboard")) ||
         (path.size() == 4 && (path[1] == "views" || path[1] == "kpis"));
}

Result<LiveQuery> live_query(const ReadContext& context, const HttpRequest& request) {
  const std::vector<std::string>& path = request.segments;
  if (path[1] == "alerts") return live_alerts(context, request);
  if (path[1] == "scoreboard") return live_scoreboard(context, request);
  return live_figures(context, request, (path[1] == "views" ? "view:" : "kpi:") + path[2]);
}

}  // namespace slipstream
