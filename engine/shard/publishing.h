// Publishes the rows of views: which records of the topic of views a commit changes (docs/design/views-topic.md).
//
// A record is a function of the node's slices and of the organisation, as readers put them together, but for
// retention, which is looked after now and then. So a commit needs to look only at what has changed: totals,
// what the organisation knows, what retention lets go, and after a change of the definitions everything, some
// of it with each commit. Owned by the shard's thread.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "engine/rollup/node_slices.h"
#include "engine/rollup/roll_up.h"
#include "engine/shard/input.h"
#include "engine/shard/published_row.h"
#include "engine/shard/reference.h"

namespace slipstream {

class Publishing {
 public:
  // `at_once`: records of nodes that are published whole with one commit, about; one node at least.
  Publishing(const Plan& plan, RollUp& roll_up, const Reference& reference, const StateReader& store,
             std::size_t at_once);
  bool is_on() const { return !views_.empty(); }

  // After opening and after a replay: what the organisation knows has been published.
  void resume();
  // What retention lets go at `now` and did not at `before` is withdrawn with the next publish(). Before the
  // rows are deleted, and after RollUp::refresh_totals().
  Result<> expire(Timestamp before, Timestamp now);
  // Appends what has changed since the last commit. After RollUp::refresh_totals(), before RollUp::seal().
  // Sets in the note which rows have all been published.
  Result<> publish(CommitNote& note, std::vector<PublishedRow>& rows);
  // Appends a withdrawal for each key whose row does not exist by the committed state. Rows that are owed wait
  // until the last of the keys has been given.
  Result<> withdraw_others(const PublishedKeysInput& input, const CommitNote& note,
                           std::vector<PublishedRow>& rows);

  std::size_t unsealed_bytes() const;  // of the records to come, about

 private:
  // What is looked at again, of one node in one view.
  struct Changes {
    std::map<Timestamp, const SliceRow*> changed;  // rows that the store does not have as they are
    std::set<Timestamp> slices;                    // every window that they are part of
    std::set<Window> windows;
  };
  using ChangedNodes = std::map<std::pair<std::uint32_t, std::string>, Changes>;
  // A row's value; null: withdrawn.
  struct Value {
    std::string node;
    std::optional<std::string> json;
  };
  using Values = std::map<std::string, Value>;  // by key

  // One node in one view as of a commit.
  struct Look {
    std::uint32_t view_index;
    const ViewPlan& view;
    const std::string& node;
    const Changes& changes;
    Timestamp expired_at;
    Timestamp as_of;
  };

  void expire_slice(std::uint32_t index, std::string_view node, Timestamp slice, Timestamp before,
                    Timestamp now);
  ChangedNodes take_changed_totals() const;
  Result<> add_newly_known(ChangedNodes& nodes, CommitNote& note);
  Result<> add_owed(ChangedNodes& nodes, CommitNote& note);
  Result<bool> add_whole_nodes(std::uint32_t view, std::string& from, const std::string& to,
                               std::size_t& room, ChangedNodes& nodes) const;
  Result<> look_at(const ChangedNodes& nodes, const CommitNote& note, Values& values);
  Result<> look_at_windows(const Look& look, Values& values);
  Result<> look_at_steps(const Look& look, std::size_t spec, Values& values);
  Result<> look_at_sessions(const Look& look, std::size_t spec, Values& values);
  void put(const Look& look, const Window& window, const AccumulatorRow* sum, Values& values) const;
  Result<NodeSlices> slices_of(const Look& look, Timestamp from, Timestamp to) const;
  Result<NodeSlices> chain_around(const Look& look, Timestamp slice, Duration gap) const;
  std::size_t records_of_slice(const ViewPlan& view) const;
  std::set<std::string> update_known();

  const Plan& plan_;
  RollUp& roll_up_;
  const Reference& reference_;
  const StateReader* store_;
  std::size_t at_once_;
  std::vector<std::uint32_t> views_;  // those that are published
  ChangedNodes expiring_;
  // What the organisation knew of owned nodes at the last commit: a hash of at which dates; absent: at none.
  std::map<std::string, std::uint64_t, std::less<>> known_;
  std::uint64_t reference_changes_seen_ = 0;
  bool is_withdrawing_ = false;  // what earlier definitions left
  // Where the republishing of everything has got to.
  std::size_t owed_view_ = 0;
  std::string owed_from_;
};

}  // namespace slipstream
