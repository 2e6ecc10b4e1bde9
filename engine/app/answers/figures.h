// The rows of a view, or a KPI held against its targets: what `slipstream query` prints and GET /v1/views and
// /v1/kpis answer.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "engine/app/answers/asked.h"
#include "engine/app/output/answer.h"

namespace slipstream {

struct FiguresRequest {
  std::string subject;
  std::string node;  // empty: every node
  bool subtree = false;
  AskedWindows windows;
  std::string sort;    // a column, "-" before it for descending; empty: by node and window
  std::string cursor;  // where the page begins, as the answer before said; empty: at the beginning
  std::size_t rows_max = std::numeric_limits<std::size_t>::max();
};

// The request in terms of the definitions.
struct AskedFigures {
  AskedSubject subject;
  ViewQuery query;
  std::optional<Window> exactly;
  std::string sort;
  bool descending = false;
  std::string cursor;
  std::size_t rows_max = 0;
};
// Errors: usage, naming what there is.
Result<AskedFigures> ask_for_figures(const Plan& plan, const FiguresRequest& request);

// What a row's cells are, in order; the first three say which row it is.
std::vector<AnswerColumn> figure_columns(const Plan& plan, const AskedFigures& asked);
inline constexpr std::size_t kFigurePlaceColumns = 3;
// The rows in order of node and window, whatever the request says of order and pages.
Result<> read_figures(const CommittedState& state, const AskedFigures& asked,
                      const std::function<void(std::vector<Cell>&&)>& visit);

// Of a KPI's row, whatever it is asked for by.
std::vector<AnswerColumn> kpi_columns();
std::vector<Cell> kpi_cells(const Plan& plan, const KpiPlan& kpi, const KpiRow& row);

// Facts (as_of, definitions, what waits), then the section "rows", then the fact "next" if there are more: the
// cursor of the next page. Rows with nothing in the sorted column come last. Errors: usage for a cursor
// that is none; those of the store. Whether somebody knows a node without rows is for the caller to ask:
// require_node().
Result<> answer_figures(Answer& answer, const CommittedState& state, const AskedFigures& asked);

}  // namespace slipstream
