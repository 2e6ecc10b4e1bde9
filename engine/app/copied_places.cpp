#include "engine/app/copied_places.h"

#include <algorithm>

namespace slipstream {

void CopiedPlaces::add(const TopicPartition& at, Offset original, Offset copy) {
  std::vector<Run>& runs = runs_[at];
  if (!runs.empty() && runs.back().original.value + runs.back().records == original.value &&
      runs.back().copy.value + runs.back().records == copy.value)
    ++runs.back().records;
  else
    runs.push_back({original, copy, 1});
}

const std::string& CopiedPlaces::name_of(const std::string& topic) const {
  const auto found = topics_.find(topic);
  return found == topics_.end() ? topic : found->second;
}

EventPosition CopiedPlaces::of(const EventPosition& position) const {
  if (!topics_.contains(position.topic)) return position;
  return {name_of(position.topic), position.partition,
          next({position.topic, position.partition}, position.offset)};
}

Offset CopiedPlaces::next(const TopicPartition& at, Offset next) const {
  const auto found = runs_.find(at);
  if (found == runs_.end()) return Offset(0);
  const std::vector<Run>& runs = found->second;
  const auto after =
      std::partition_point(runs.begin(), runs.end(), [&](const Run& run) { return run.original <= next; });
  if (after == runs.begin()) return runs.front().copy;
  const Run& run = *std::prev(after);
  return Offset(run.copy.value + std::min(next.value - run.original.value, run.records));
}

bool CopiedPlaces::are_kept(const std::string& topic) const {
  return std::all_of(runs_.begin(), runs_.end(), [&](const auto& partition) {
    return partition.first.topic != topic ||
           std::all_of(partition.second.begin(), partition.second.end(),
                       [](const Run& run) { return run.original == run.copy; });
  });
}

}  // namespace slipstream
