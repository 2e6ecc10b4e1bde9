// What every shard knows alike: units, persons, indicators, targets and what people did about alerts, from
// the reference topic.
//
// Each subject's events are kept as an entity history (fold/entity.h) in the `reference` family, all of it in
// memory. Owned by the shard's thread.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "engine/decode/event.h"
#include "engine/judge/target.h"
#include "engine/rollup/roll_up.h"
#include "engine/shard/folding.h"

namespace slipstream {

// Histories of targets as stored, by key; what readers and the shard resolve targets from.
using TargetHistories = std::map<std::string, std::string, std::less<>>;
Result<TargetHistories> read_targets(const StateReader& store);
// The indicators defined, as stored.
Result<Indicators> read_indicators(const StateReader& store);
// The revisions of a KPI's or indicator's target at a node, in no particular order.
std::vector<TargetRevision> revisions_in(const TargetHistories& histories, std::string_view kpi,
                                         std::string_view node);

class Reference {
 public:
  Reference(const Plan& plan, RollUp& roll_up, const StateReader& store);
  // Reads what the store has. Call once, before anything else.
  Result<> open();

  // A unit, person, indicator, target or alert event. Moves figures when the organisation changes.
  Result<FoldOutcome> fold(const Event& event, Partition partition, Offset offset);

  std::vector<TargetRevision> revisions(std::string_view kpi, std::string_view node) const {
    return revisions_in(histories_, kpi, node);
  }
  // Those that an indicator.defined event has introduced.
  const Indicators& indicators() const { return indicators_; }
  // Of the acts of its kind on its alert, as folded so far, is this event the newest? One that comes late is
  // not.
  Result<bool> is_newest_act(const Event& event) const;
  // Counts changes to targets and to the organisation: a judge compares it to know that there are some.
  std::uint64_t changes() const { return changes_; }

  void seal(StateBatch& batch);

 private:
  Result<> update_organisation(const std::string& node, const std::string& history, bool move_figures);

  const Plan& plan_;
  RollUp& roll_up_;
  const StateReader* store_;
  std::map<std::string, std::string, std::less<>> histories_;  // by store key
  std::set<std::string> dirty_;
  Indicators indicators_;
  std::uint64_t changes_ = 0;
};

}  // namespace slipstream
