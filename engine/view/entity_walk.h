// Walks entities in the order of their keys and evaluates what each contributes. A reported figure that is
// carried forward ends where the next figure of its series begins, so the walk looks one ahead. Belongs to
// one thread.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "engine/shard/entity_contributions.h"

namespace slipstream {

// A task, or a reported figure, with its history (fold/entity.h). Contributions' texts live until the visit
// returns.
struct WalkedEntity {
  const std::string& key;
  const std::string& history;
  std::span<const Contribution> contributions;
};

class EntityWalk {
 public:
  using Visit = std::function<Result<>(const WalkedEntity&)>;
  // `plan` outlives this. Contributions are evaluated as of `at`.
  EntityWalk(const Plan& plan, Timestamp at, Visit visit)
      : contributions_(plan), at_(at), visit_(std::move(visit)) {}

  // Figures of other indicators contribute nothing; it outlives this.
  void count_only(const Indicators* known) { contributions_.count_only(known); }
  // The next entity of the `entities` family; keys ascend.
  Result<> take(std::string_view key, std::string_view history);
  // After the last one.
  Result<> finish() { return emit_figure({}); }

 private:
  Result<> emit_figure(std::string_view next);
  Result<> emit(const std::string& key, const std::string& history, std::string_view next);

  EntityContributions contributions_;
  Timestamp at_;
  Visit visit_;
  std::string figure_key_, figure_;  // waits for its successor; empty: none does
};

// What people call an entity: the task's id, or "indicator, node, period".
std::string entity_name(std::string_view key, const Zone& zone);

}  // namespace slipstream
