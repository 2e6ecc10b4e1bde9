// Figures of an answer beside what a test expects of them.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "connectors/definition/test_file.h"
#include "engine/expression/value.h"

namespace slipstream {

// One value of an answer, with its text of its own.
struct Figure {
  Type type = Type::null;
  std::string text;                // as people read it; NULL: "NULL"
  std::optional<Rational> number;  // exact
};
Figure figure_of(const KpiValue& value, const Zone& zone);
Figure figure_of(const std::optional<Rational>& number);
Figure figure_of(std::string_view text);

using AnswerRow = std::vector<std::pair<std::string, Figure>>;
const Figure* find_figure(const AnswerRow& row, std::string_view name);
// "node Roads, window 2011-06, overdue 1"
std::string describe(const AnswerRow& row);

// Numbers are compared exactly; one without a finite decimal form, rounded half-even to the digits written.
// Instants are read in the zone, intervals as PostgreSQL reads them, all else as written. No text: NULL.
bool is_as_expected(const Figure& figure, const std::optional<std::string>& expected, const Zone& zone);
// "overdue is 0, expected 1; ..." of every cell that differs; empty: none does.
std::string differences(const AnswerRow& row, const ExpectedCells& expected, const Zone& zone);

}  // namespace slipstream
