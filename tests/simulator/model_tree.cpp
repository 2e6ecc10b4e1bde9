#include <algorithm>

#include "tests/simulator/model.h"

namespace slipstream::simulator {
namespace {
constexpr std::size_t kDepthMax = 20;  // more units than the pool has: a circle
}

ModelTree::ModelTree(const Definitions& definitions) : definitions_(definitions) {}

// Later facts go over earlier ones: each placement holds from its date on, whatever was planned for after it.
std::vector<ModelTree::Place> ModelTree::places_of(std::vector<const Happening*> events,
                                                   const std::string& root) {
  std::sort(events.begin(), events.end(), [](const Happening* a, const Happening* b) {
    return std::tuple(a->version.has_value(), a->version.value_or(0), a->effective_at, a->recorded_at,
                      a->type, a->id) < std::tuple(b->version.has_value(), b->version.value_or(0),
                                                   b->effective_at, b->recorded_at, b->type, b->id);
  });
  std::vector<Place> places;
  for (const Happening* event : events) {
    const Timestamp since = places.empty() ? Timestamp::min() : *event->valid_from;
    while (!places.empty() && places.back().since >= since)
      places.pop_back();
    places.push_back({places.empty() ? Timestamp::min() : since, event->unit.empty() ? root : event->unit});
  }
  return places;
}

bool ModelTree::take(const Happening& event) {
  std::vector<Happening>& known = events_[event.subject];
  for (const Happening& other : known)
    if (other.id == event.id) return false;
  known.push_back(event);
  std::vector<const Happening*> all;
  for (const Happening& each : known)
    all.push_back(&each);
  auto before = places_[event.subject];
  places_[event.subject] = places_of(all, definitions_.plan->organisation.root);
  if (definitions_.has_tree_of_events() && has_circle()) {
    places_[event.subject] = std::move(before);
    known.pop_back();
    ++refused_;
    return false;
  }
  ++moves_;
  return true;
}

std::optional<std::string> ModelTree::parent(const std::string& node, Timestamp at) const {
  const std::string& root = definitions_.plan->organisation.root;
  if (node == root) return std::nullopt;
  if (!definitions_.has_tree_of_events()) {
    const auto slash = node.rfind('/');
    return slash == std::string::npos ? root : node.substr(0, slash);
  }
  const auto found = places_.find(node);
  if (found == places_.end() || found->second.empty()) return std::nullopt;
  const Place* in_force = &found->second.front();
  for (const Place& place : found->second)
    if (place.since <= at) in_force = &place;
  return in_force->parent;
}

std::vector<std::string> ModelTree::chain(const std::string& node, Timestamp at) const {
  std::vector<std::string> chain{node};
  while (const auto above = parent(chain.back(), at)) {
    if (chain.size() > kDepthMax) break;
    chain.push_back(*above);
  }
  return chain;
}

bool ModelTree::has_circle() const {
  for (const auto& [dated, places] : places_)
    for (const Place& place : places)
      for (const auto& [node, unused] : places_)
        if (chain(node, place.since).size() > kDepthMax) return true;
  return false;
}

bool ModelTree::is_known(const std::string& node, Timestamp at) const {
  return chain(node, at).back() == definitions_.plan->organisation.root;
}

bool ModelTree::is_unclear(const std::string& node) const {
  bool known = false, unknown = false;
  for (const auto& [dated, places] : places_)
    for (const Place& place : places)
      (is_known(node, place.since) ? known : unknown) = true;
  return known && unknown;
}

}  // namespace slipstream::simulator
