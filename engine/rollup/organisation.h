// The organisation: who rolls up into whom, dated.
//
// With TreeSource::paths a node's parents are the prefixes of its path and nothing can be unknown. With
// TreeSource::events the tree is a pure function of the set of unit.* and person.* events: each node has a
// list of parents by date. The tree as it was: a slice rolls up by the parents in force at its start. Owned
// by the shard's thread; rebuilt from the `reference` family when a shard opens.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/error.h"
#include "engine/definition/plan.h"
#include "engine/fold/entity.h"

namespace slipstream {

// A parent in force from an instant on; no parent: the node is a top node below the root's place, or not yet
// placed.
struct Placement {
  Timestamp since;
  std::string parent;
  friend bool operator==(const Placement&, const Placement&) = default;
};

struct NodeInfo {
  std::vector<Placement> placements;  // ascending, the first reaches back to the beginning of time
  std::string name;                   // display name, the latest
  std::optional<Timestamp> closed_at;
  std::vector<std::string> successors;

  // The parent in force; nullopt when the node has never been placed.
  std::optional<std::string_view> parent_at(Timestamp at) const;
};

class Organisation {
 public:
  explicit Organisation(const OrganisationPlan& plan) : plan_(plan) {}

  struct Change {
    std::optional<Timestamp> since;  // from when on its parents differ; nullopt: they do not
    NodeInfo before;
  };
  // Rebuilds what is known of one unit or person from its history of events.
  Result<Change> update(const std::string& node, std::string_view history);
  // Undoes the last update of a node.
  void restore(const std::string& node, NodeInfo before) { nodes_[node] = std::move(before); }

  // The parent at an instant; nullopt for the root and for a node the tree does not know.
  std::optional<std::string_view> parent_of(std::string_view node, Timestamp at) const;
  // The root, or a node whose parents lead to it.
  bool is_known(std::string_view node, Timestamp at) const;
  // The first instant after `after` at which a parent on the node's way up is another one, by dates alone;
  // max: none.
  Timestamp next_move(std::string_view node, Timestamp after) const;
  // The parents from nearest to root; stops where the tree does not know on.
  std::vector<std::string> ancestors_of(std::string_view node, Timestamp at) const;
  // The parents a node with this info has, where every other node is as known now.
  std::vector<std::string> ancestors_of(const NodeInfo& info, Timestamp at) const;
  // Do the parents of `node` lead back to it at some date? Such an update must be undone.
  bool has_cycle(std::string_view node) const;
  // Is `node` below `ancestor`, or the same, at that instant?
  bool is_within(std::string_view node, std::string_view ancestor, Timestamp at) const;
  const NodeInfo* find(std::string_view node) const;
  const std::map<std::string, NodeInfo, std::less<>>& nodes() const { return nodes_; }
  const std::string& root() const { return plan_.root; }
  TreeSource source() const { return plan_.tree; }

 private:
  std::size_t depth_max() const;
  bool leads_to(std::string_view target, std::string_view from, Timestamp begin, Timestamp end,
                std::size_t depth) const;

  OrganisationPlan plan_;
  std::map<std::string, NodeInfo, std::less<>> nodes_;
};

}  // namespace slipstream
