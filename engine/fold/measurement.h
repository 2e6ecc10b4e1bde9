// A reported figure rebuilt from its events: one row of the relation `measurements` per series and period,
// its newest version; and the periods a series has, in order.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "engine/fold/columns.h"
#include "engine/fold/entity.h"

namespace slipstream {

// Fills `row` (measurement_column::count_ columns, then the declared ones) from the history of one period.
// False: the figure has been retracted, or never reported. Texts point into the history.
Result<bool> fold_measurement(std::string_view history, const DeclaredColumns& declared,
                              std::span<Value> row);

// The period an event of a measurement belongs to: its period_start, or effective_at when none is given, and
// its period_end. Both name the figure: a January and the year it begins have one start.
FigurePeriod period_of(const Event& event);

// The periods of a series that have a figure, as stored: ascending, start and end in 8 bytes each (i64,
// big-endian, sign flipped).
class SeriesPeriods {
 public:
  explicit SeriesPeriods(std::string& bytes) : bytes_(bytes) {}

  std::optional<FigurePeriod> before(const FigurePeriod& period) const;
  std::optional<FigurePeriod> after(const FigurePeriod& period) const;
  bool contains(const FigurePeriod& period) const;
  void insert(const FigurePeriod& period);  // not contained yet
  void erase(const FigurePeriod& period);   // contained

 private:
  static constexpr std::size_t kBytes = 16;
  std::size_t count() const { return bytes_.size() / kBytes; }
  FigurePeriod at(std::size_t index) const;
  std::size_t lower_bound(const FigurePeriod& period) const;  // the first that is not earlier

  std::string& bytes_;
};

}  // namespace slipstream
