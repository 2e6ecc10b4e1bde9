// The slices of one node, and the windows they make up: what readers show of a view, and what its shard
// publishes of it. Pure.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "engine/aggregate/accumulator.h"
#include "engine/aggregate/window.h"
#include "engine/definition/plan.h"
#include "engine/rollup/organisation.h"

namespace slipstream {

struct Slice {
  Timestamp start;
  AccumulatorRow state;  // not empty
};

struct NodeSlices {
  std::string node;
  std::vector<Slice> slices;  // ascending; without those that retention has let go
};

AccumulatorRow sum_of(const AccumulatorLayout& layout, std::span<const Slice> slices, const Window& window);

std::vector<Window> sessions_of(std::size_t spec, std::span<const Slice> slices, Duration gap);

// The instant whose organisation says where a window's row belongs: its last slice rolled up by the parents
// at its start. The window, or one before it, has a slice.
Timestamp placed_at(std::span<const Slice> slices, const Window& window);

// Does a row with this sum exist for readers at `now`: is something in it, is the window kept, and does the
// organisation know the node there?
bool is_shown(const ViewPlan& view, const Organisation& organisation, const NodeSlices& node,
              const Window& window, const AccumulatorRow& sum, Timestamp now);

}  // namespace slipstream
