// The definitions that schedules run: compiled once, shared by all.
//
// Between them they have tasks, figures carried forward and not, observations with every kind of
// deduplication, windows of every kind, views that are published and others, trees of paths and of events,
// retention, targets written down and from events, and alerts with and without `for` and `keep_firing_for`.
// The model (model.h) knows their views by name.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/definition/plan.h"

namespace slipstream::simulator {

struct Definitions {
  std::string name;
  std::shared_ptr<const Plan> plan;
  bool has_tree_of_events() const { return plan->organisation.tree == TreeSource::events; }
};

// Error when one does not load: a bug of the simulator.
Result<std::vector<Definitions>> load_definitions_pool();

// Does the alert's condition depend on its figures alone, and not on the instant? Then judging it once more
// changes nothing (docs/reliability.md).
bool depends_on_figures_alone(const AlertPlan& alert, const Plan& plan);

}  // namespace slipstream::simulator
