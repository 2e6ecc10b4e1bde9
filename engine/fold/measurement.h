// A reported figure rebuilt from its events: one row of the relation `measurements` per series and period, its newest
// version; and the periods a series has, in order.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "engine/fold/columns.h"

namespace slipstream {

// Fills `row` (measurement_column::count_ columns, then the declared ones) from the history of one period. False: the
// figure has been retracted, or never reported. Texts point into the history.
Result<bool> fold_measurement(std::string_view history, const DeclaredColumns& declared, std::span<Value> row);

// The period an event of a measurement belongs to: its period_start, or effective_at when none is given.
Timestamp period_of(const Event& event);

// The periods of a series that have a figure, as stored: ascending, 8 bytes each (i64, big-endian, sign flipped).
class SeriesPeriods {
 public:
  explicit SeriesPeriods(std::string& bytes) : bytes_(bytes) {}

  std::optional<Timestamp> before(Timestamp period) const;
  std::optional<Timestamp> after(Timestamp period) const;
  bool contains(Timestamp period) const;
  void insert(Timestamp period);  // not contained yet
  void erase(Timestamp period);   // contained

 private:
  std::size_t count() const { return bytes_.size() / 8; }
  Timestamp at(std::size_t index) const;
  std::size_t lower_bound(Timestamp period) const;  // the first that is not earlier

  std::string& bytes_;
};

}  // namespace slipstream
