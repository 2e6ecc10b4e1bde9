// What one row of a relation adds to a view: the slice and node it lands on and an input for each of its
// measures.
//
// Every change of an entity subtracts the contributions it made before and adds the ones it makes now, so
// extension, handover, correction, retraction, cancellation and the passing of time are one mechanism.
#pragma once

#include <boost/container/small_vector.hpp>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "engine/definition/plan.h"

namespace slipstream {

// Inputs of one measure; NULL values are given as such (the accumulator ignores them as SQL does).
struct MeasureValues {
  std::uint16_t measure = 0;
  Value argument;
  Value denominator;
  friend bool operator==(const MeasureValues&, const MeasureValues&) = default;
};

struct Contribution {
  std::uint32_t view = 0;  // index into Plan::views
  std::string_view node;   // like the inputs' texts
  Timestamp slice;
  Timestamp order_at;  // the window column: orders first() and last()
  std::uint64_t order_tie = 0;
  int sign = 1;
  boost::container::small_vector<MeasureValues, 6>
      inputs;  // texts point into what the row points into, or the arena
  friend bool operator==(const Contribution&, const Contribution&) = default;
};

// Appends what `row` adds to view number `view` (nothing when `where` is not true or the window column is
// NULL). `context.valid_until` drops to the first instant at which the clock alone may change the answer.
void append_contribution(const Plan& plan, std::uint32_t view, std::span<const Value> row,
                         std::uint64_t order_tie, EvaluationContext& context, std::vector<Contribution>& out);

// For a view that carries a series forward: the row counts from its slice until the slice of `next`, the
// series' next row (empty: there is none), where it is withdrawn.
void append_carried(const Plan& plan, std::uint32_t view, std::span<const Value> row,
                    std::span<const Value> next, std::uint64_t order_tie, EvaluationContext& context,
                    std::vector<Contribution>& out);

// The node a row belongs to: its node columns joined by '/' up to the first NULL or empty one; the root when
// none is left. With a tree from events, the finest node column alone. Points into the row or the plan, or
// else into the arena.
std::string_view node_of(const Plan& plan, const ViewPlan& view, std::span<const Value> row, Arena& arena);

}  // namespace slipstream
