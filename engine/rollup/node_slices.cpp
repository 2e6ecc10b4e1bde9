#include "engine/rollup/node_slices.h"

#include <algorithm>

#include "engine/rollup/roll_up.h"

namespace slipstream {
namespace {

auto first_from(std::span<const Slice> slices, Timestamp since) {
  return std::partition_point(slices.begin(), slices.end(),
                              [&](const Slice& slice) { return slice.start < since; });
}

}  // namespace

AccumulatorRow sum_of(const AccumulatorLayout& layout, std::span<const Slice> slices, const Window& window) {
  AccumulatorRow sum(layout);
  const auto end = first_from(slices, window.end);
  for (auto slice = first_from(slices, window.start); slice < end; ++slice)
    layout.merge(sum.bytes(), slice->state.bytes(), +1);
  return sum;
}

std::vector<Window> sessions_of(std::size_t spec, std::span<const Slice> slices, Duration gap) {
  std::vector<Timestamp> instants;
  for (const Slice& slice : slices)
    instants.push_back(slice.start);
  return sessions_of(spec, instants, gap);
}

Timestamp placed_at(std::span<const Slice> slices, const Window& window) {
  const auto after = first_from(slices, window.end);
  return after == slices.begin() ? after->start : std::prev(after)->start;
}

bool is_shown(const ViewPlan& view, const Organisation& organisation, const NodeSlices& node,
              const Window& window, const AccumulatorRow& sum, Timestamp now) {
  return !RollUp::is_expired(view, window, now) && !view.layout.is_empty(sum.bytes()) &&
         organisation.is_known(node.node, placed_at(node.slices, window));
}

}  // namespace slipstream
