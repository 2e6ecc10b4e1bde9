// A series of reported figures (indicator, node) rebuilt from its events: rows of the relation `measurements`, one per
// period, each its newest version.
#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "engine/fold/columns.h"

namespace slipstream {

struct SeriesRow {
  Timestamp period;         // the group of its events
  std::vector<Value> row;   // measurement_column::count_ columns, then the declared ones
};

// The rows in the order of their periods; retracted ones are left out. With `around`, only the row of that period and
// its nearest neighbours before and after: all that an event of that period can change. Texts point into the history.
Result<std::vector<SeriesRow>> fold_series(std::string_view history, const DeclaredColumns& declared,
                                           std::size_t declared_count, std::optional<Timestamp> around);

// The period an event of a measurement belongs to: its period_start, or effective_at when none is given.
Timestamp period_of(const Event& event);

}  // namespace slipstream
