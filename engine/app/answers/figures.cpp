#include "engine/app/answers/figures.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "engine/app/output/waiting_facts.h"
#include "engine/definition/suggestion.h"

namespace slipstream {
namespace {

constexpr int kAttainmentDigits = 6;
constexpr std::size_t kJudgedColumns = 7;  // of a KPI's row, from the status on
constexpr char kCursorSeparator = '.';     // the node comes last: it may have some too

std::vector<AnswerColumn> view_columns(const ViewPlan& view) {
  std::vector<AnswerColumn> columns{text_column("node"), text_column("every"), text_column("window")};
  for (const MeasurePlan& measure : view.measures) {
    const Type type = measure.expression.type;
    const bool number = type == Type::integer || type == Type::decimal || type == Type::interval;
    columns.push_back(number ? number_column(measure.name) : text_column(measure.name));
  }
  return columns;
}

std::vector<AnswerColumn> columns_of(const Plan& plan, const AskedSubject& subject) {
  return subject.kpi ? kpi_columns() : view_columns(plan.views[subject.view]);
}

// With room for those to come.
std::vector<Cell> place_cells(const ViewPlan& view, const ViewRow& row, std::size_t others) {
  std::vector<Cell> cells;
  cells.reserve(kFigurePlaceColumns + others);
  cells.push_back(text_cell(row.node));
  cells.push_back(text_cell(view.windows.specs()[row.window.spec].name()));
  cells.push_back(text_cell(row.label));
  return cells;
}

// A row and by what it is sorted.
struct FigureRow {
  std::vector<Cell> cells;
  std::optional<Rational> number;  // of the sorted column
  std::string text;                // where that has no numbers
};

// What a column holds as a number, if it is one.
using SortKey = std::function<std::optional<Rational>(std::size_t column)>;

FigureRow figure_row(std::vector<Cell> cells, std::optional<std::size_t> sorted, const SortKey& number_in) {
  FigureRow row{std::move(cells), std::nullopt, ""};
  if (!sorted) return row;
  row.number = number_in(*sorted);
  if (!row.number) row.text = row.cells[*sorted].text;
  return row;
}

FigureRow view_row(const Plan& plan, const ViewPlan& view, const ViewRow& row,
                   std::optional<std::size_t> sorted) {
  std::vector<Cell> cells = place_cells(view, row, row.measures.size());
  const std::size_t places = cells.size();
  for (const KpiValue& measure : row.measures)
    cells.push_back(value_cell(measure, plan.zone));
  return figure_row(std::move(cells), sorted, [&](std::size_t column) {
    return column < places ? std::nullopt : number_of(row.measures[column - places]);
  });
}

FigureRow kpi_row(const Plan& plan, const KpiPlan& kpi, const KpiRow& row,
                  std::optional<std::size_t> sorted) {
  const Judgement& j = row.judgement;
  std::vector<Cell> cells = kpi_cells(plan, kpi, row);
  const std::size_t places = kFigurePlaceColumns + 1;  // and the status
  return figure_row(std::move(cells), sorted, [&](std::size_t column) {
    const std::optional<Rational> numbers[] = {row.number, j.expected,   j.target,
                                               j.gap,      j.attainment, j.forecast};
    return column < places ? std::nullopt : numbers[column - places];
  });
}

Result<> read_rows(const CommittedState& state, const AskedFigures& asked, const ViewQuery& query,
                   std::optional<std::size_t> sorted,
                   const std::function<bool(const ViewRow&, FigureRow&&)>& visit) {
  const Plan& plan = *state.plan;
  const auto is_asked = [&](const ViewRow& row) { return !asked.exactly || row.window == *asked.exactly; };
  if (!asked.subject.kpi)
    return read_view(state, query, [&](ViewRow&& row) {
      return !is_asked(row) || visit(row, view_row(plan, plan.views[asked.subject.view], row, sorted));
    });
  return read_kpi(state, *asked.subject.kpi, query, [&](KpiRow&& row) {
    return !is_asked(row.row) || visit(row.row, kpi_row(plan, plan.kpis[*asked.subject.kpi], row, sorted));
  });
}

tl::unexpected<Error> bad_cursor(const std::string& cursor) {
  return fail(
      ErrorCode::usage,
      fmt::format("'{}' is no cursor of such an answer; take 'next' of the page before as it is", cursor));
}

template <class Number>
bool parse_whole(std::string_view text, Number& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size();
}

// A row's place in the order of node, kind of window and time, which later commits do not change.
struct RowPlace {
  std::string node;
  std::size_t spec = 0;
  std::int64_t start = 0;
  auto operator<=>(const RowPlace&) const = default;
};

RowPlace place_of(const ViewRow& row) { return {row.node, row.window.spec, row.window.start.us}; }

std::string cursor_to(const RowPlace& place) {
  return fmt::format("{}{}{}{}{}", place.spec, kCursorSeparator, place.start, kCursorSeparator, place.node);
}

std::optional<RowPlace> place_in(std::string_view cursor) {
  const std::size_t first = cursor.find(kCursorSeparator);
  const std::size_t second =
      first == std::string_view::npos ? first : cursor.find(kCursorSeparator, first + 1);
  if (second == std::string_view::npos) return std::nullopt;
  RowPlace place{std::string(cursor.substr(second + 1)), 0, 0};
  if (!parse_whole(cursor.substr(0, first), place.spec) ||
      !parse_whole(cursor.substr(first + 1, second - first - 1), place.start))
    return std::nullopt;
  return place;
}

// By node and window; the cursor is the place of the first row to come.
Result<> answer_in_order(Answer& answer, const CommittedState& state, const AskedFigures& asked) {
  ViewQuery query = asked.query;
  std::optional<RowPlace> from;
  if (!asked.cursor.empty()) {
    from = place_in(asked.cursor);
    if (!from) return bad_cursor(asked.cursor);
    query.from_node = from->node;
  }
  std::optional<RowPlace> next;
  SLIPSTREAM_TRY(read_rows(state, asked, query, std::nullopt, [&](const ViewRow& row, FigureRow&& figures) {
    const RowPlace place = place_of(row);
    if (from && place < *from) return true;
    if (answer.rows() == asked.rows_max) {
      next = place;
      return false;
    }
    answer.row(std::move(figures.cells));
    return true;
  }));
  if (next) answer.next(text_cell(cursor_to(*next)));
  return {};
}

bool goes_before(const FigureRow& a, const FigureRow& b, bool descending) {
  if (a.number && b.number) return descending ? *b.number < *a.number : *a.number < *b.number;
  if (a.number || b.number) return a.number.has_value();
  if (a.text.empty() || b.text.empty()) return !a.text.empty() && b.text.empty();
  return descending ? b.text < a.text : a.text < b.text;
}

// By a column; the cursor is how many rows were given before.
Result<> answer_sorted(Answer& answer, const CommittedState& state, const AskedFigures& asked,
                       std::size_t column) {
  std::size_t begin = 0;
  if (!asked.cursor.empty() && !parse_whole(std::string_view(asked.cursor), begin))
    return bad_cursor(asked.cursor);
  std::vector<FigureRow> rows;
  SLIPSTREAM_TRY(read_rows(state, asked, asked.query, column, [&](const ViewRow&, FigureRow&& row) {
    rows.push_back(std::move(row));
    return true;
  }));
  std::stable_sort(rows.begin(), rows.end(), [&](const FigureRow& a, const FigureRow& b) {
    return goes_before(a, b, asked.descending);
  });
  begin = std::min(begin, rows.size());
  const std::size_t end = begin + std::min(rows.size() - begin, asked.rows_max);
  for (std::size_t i = begin; i < end; ++i)
    answer.row(std::move(rows[i].cells));
  if (end < rows.size()) answer.next(text_cell(std::to_string(end)));
  return {};
}

std::size_t index_of(const std::vector<AnswerColumn>& columns, std::string_view name) {
  const auto found = std::find_if(columns.begin(), columns.end(),
                                  [&](const AnswerColumn& column) { return column.name == name; });
  return static_cast<std::size_t>(found - columns.begin());
}

Result<> check_sort(const Plan& plan, const AskedFigures& asked) {
  if (asked.sort.empty()) return {};
  const std::vector<AnswerColumn> columns = columns_of(plan, asked.subject);
  if (index_of(columns, asked.sort) < columns.size()) return {};
  std::vector<std::string> names;
  for (const AnswerColumn& column : columns)
    names.push_back(column.name);
  return fail(ErrorCode::usage,
              fmt::format("no column '{}' to sort by; there are {}", asked.sort, listed(names)));
}

}  // namespace

Result<AskedFigures> ask_for_figures(const Plan& plan, const FiguresRequest& request) {
  AskedFigures asked;
  SLIPSTREAM_ASSIGN(asked.subject, find_subject(plan, request.subject));
  asked.query.view = asked.subject.view;
  asked.query.subtree = request.subtree;
  if (!request.node.empty()) asked.query.node = request.node;
  SLIPSTREAM_TRY(narrow(plan, request.windows, asked.query, asked.exactly));
  asked.descending = request.sort.starts_with('-');
  asked.sort = request.sort.substr(asked.descending ? 1 : 0);
  asked.cursor = request.cursor;
  asked.rows_max = request.rows_max;
  SLIPSTREAM_TRY(check_sort(plan, asked));
  return asked;
}

std::vector<AnswerColumn> kpi_columns() {
  return {text_column("node"),      text_column("every"),   text_column("window"),
          text_column("status"),    number_column("value"), number_column("expected"),
          number_column("target"),  number_column("gap"),   number_column("attainment"),
          number_column("forecast")};
}

std::vector<Cell> kpi_cells(const Plan& plan, const KpiPlan& kpi, const KpiRow& row) {
  const Judgement& j = row.judgement;
  std::vector<Cell> cells = place_cells(plan.views[kpi.view], row.row, kJudgedColumns);
  cells.push_back(text_cell(name_of(j.status)));
  cells.push_back(value_cell(row.value, plan.zone, kpi.precision));
  cells.push_back(number_cell(j.expected, kpi.precision));
  cells.push_back(number_cell(j.target, kpi.precision));
  cells.push_back(number_cell(j.gap, kpi.precision));
  cells.push_back(number_cell(j.attainment, kAttainmentDigits));
  cells.push_back(number_cell(j.forecast, kpi.precision));
  return cells;
}

std::vector<AnswerColumn> figure_columns(const Plan& plan, const AskedFigures& asked) {
  return columns_of(plan, asked.subject);
}

Result<> read_figures(const CommittedState& state, const AskedFigures& asked,
                      const std::function<void(std::vector<Cell>&&)>& visit) {
  return read_rows(state, asked, asked.query, std::nullopt, [&](const ViewRow&, FigureRow&& row) {
    visit(std::move(row.cells));
    return true;
  });
}

Result<> answer_figures(Answer& answer, const CommittedState& state, const AskedFigures& asked) {
  const Plan& plan = *state.plan;
  SLIPSTREAM_ASSIGN(const Timestamp clock, read_clock(state));
  const auto& kpi = asked.subject.kpi;
  answer.fact(kpi ? "kpi" : "view",
              text_cell(kpi ? plan.kpis[*kpi].name : plan.views[asked.subject.view].name));
  if (kpi) answer.fact("unit", optional_text_cell(plan.kpis[*kpi].unit));
  answer.fact("as_of", time_cell(clock, plan.zone));
  answer.fact("definitions", text_cell(plan.version));
  SLIPSTREAM_TRY(print_waiting(answer, state, asked.subject.view));
  SLIPSTREAM_ASSIGN(const auto notes, read_notes(state));
  std::uint64_t numeric_errors = 0;
  for (const CommitNote& note : *notes)
    numeric_errors += note.counters.numeric_errors;
  if (numeric_errors > 0) answer.fact("numeric_errors", count_cell(numeric_errors));
  std::vector<AnswerColumn> columns = columns_of(plan, asked.subject);
  const std::size_t sorted = index_of(columns, asked.sort);
  answer.section("rows", std::move(columns));
  return asked.sort.empty() ? answer_in_order(answer, state, asked)
                            : answer_sorted(answer, state, asked, sorted);
}

}  // namespace slipstream
