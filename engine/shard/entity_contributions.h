// What entities and observations contribute to the views: histories and events in, contributions out. Pure;
// shared by the fold, by `explain` and by `check`. Belongs to one thread.
#pragma once

#include <array>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "engine/aggregate/contribution.h"
#include "engine/decode/event.h"
#include "engine/fold/columns.h"

namespace slipstream {

// The indicators that were defined by events.
using Indicators = std::set<std::string, std::less<>>;

struct Evaluation {
  std::vector<Contribution> contributions;
  Timestamp valid_until = Timestamp::max();  // the first instant at which the clock alone may change them
};

class EntityContributions {
 public:
  explicit EntityContributions(const Plan& plan);  // outlives this

  // Appends what the task with this history contributes at `at`. Texts point into the history and into the
  // arena.
  Result<> add_task(std::string_view key, std::string_view history, Timestamp at, Evaluation& out);
  // The same of a reported figure. `next`: the history of the series' next period that has a figure, which
  // ends one that is carried forward; empty: none.
  Result<> add_measurement(std::string_view key, std::string_view history, std::string_view next,
                           Timestamp at, Evaluation& out);
  // The same of an observation, to the given views.
  void add_observation(const Event& event, std::span<const std::uint32_t> views, Timestamp at,
                       std::vector<Contribution>& out);

  // Figures of other indicators contribute nothing. For `indicators: { from: events }`; it outlives this.
  void count_only(const Indicators* known) { known_indicators_ = known; }

  // Does the figure stand, i.e. was it reported and not retracted?
  Result<bool> has_measurement(std::string_view history);
  // Error wrong_type: an attribute does not convert to its declared column; unknown_indicator: the
  // definitions list the indicators, and not this one.
  Result<> check(const Event& event) const;

  // Did an overflow, a division by zero or a failed cast make a NULL of a value since the last call?
  bool take_numeric_error() { return std::exchange(numeric_error_, false); }

  std::span<const std::uint32_t> views_of(Relation relation) const { return of(relation).views; }
  bool carries_series() const { return carries_series_; }
  void clear_arena() { arena_.clear(); }

 private:
  struct RelationPlan {
    DeclaredColumns declared;
    std::size_t columns = 0;           // built-in and declared
    std::vector<std::uint32_t> views;  // indexes
    std::vector<Value> row;            // scratch
  };
  RelationPlan& of(Relation relation) { return relations_[static_cast<std::size_t>(relation) - 1]; }
  const RelationPlan& of(Relation relation) const {
    return relations_[static_cast<std::size_t>(relation) - 1];
  }

  const Plan& plan_;
  std::array<RelationPlan, 3> relations_;
  std::vector<Value> next_row_;
  const Indicators* known_indicators_ = nullptr;  // null: all count
  bool carries_series_ = false;
  bool numeric_error_ = false;
  Arena arena_;
};

}  // namespace slipstream
