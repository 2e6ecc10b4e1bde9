// Rolls contributions up the organisation within a shard, and merges what several shards have of one node.
//
// Every shard keeps *local* rows: what its own entities add to each node, from leaf to root. Every node has
// one owner, chosen by the partitioner on the node's key. With one partition the local rows are the totals.
// With more, a shard sends its local rows of nodes owned elsewhere as partials (a replacement, not a
// difference: repeating one is harmless), and the owner's *total* of a node is the sum of the newest partial
// of each origin and its own local row. As long as no other shard has sent a partial of it, as of most leaves, the owner's
// local row is the total and stored as that alone. Owned by the shard's thread.
#pragma once

#include <algorithm>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "engine/aggregate/contribution.h"
#include "engine/aggregate/row_table.h"
#include "engine/rollup/organisation.h"

namespace slipstream {

// A replacement for what the owner of a node knows of this shard.
struct OutgoingPartial {
  Partition owner;
  ViewId view;
  std::string node;
  Timestamp slice;
  std::string state;  // canonical; empty: withdrawn
};

struct IncomingPartial {
  Partition origin;
  CommitSequence sequence;  // of the origin's commit; an older one than known is ignored
  ViewId view;
  std::string_view node;
  Timestamp slice;
  std::string_view state;
};

// The event being folded: what an alert cites as evidence.
struct Cause {
  std::string event_id;
  EventPosition position;
  std::string traceparent = {};  // may be empty
};

class RollUp {
 public:
  RollUp(const Plan& plan, Partition shard, std::int32_t partitions, const StateReader& store);

  Organisation& organisation() { return organisation_; }
  const Organisation& organisation() const { return organisation_; }
  bool single() const { return partitions_ == 1; }

  // Adds (sign * contribution.sign) to the node's row and those above it.
  Result<> apply(const Contribution& contribution, int sign);
  // The same of many, each with sign +1: their rows are looked up together, in one store call per view at
  // most, and the rows above the parents change with the next settle().
  Result<> apply(std::span<const Contribution> contributions);
  // Adds to every row what has gathered for it, and to those above it: what a thousand readings add to a ward
  // reaches its district as one sum. Exact, since accumulators are linear.
  Result<> settle();

  // Moves the figures of `node` from the parents it had to those it has, for slices that start at or after
  // the change. To be settled before the organisation changes.
  Result<> move_subtree(const std::string& node, const Organisation::Change& change);

  Result<> receive(const IncomingPartial& partial);
  // Settles, and brings the totals of nodes that this shard owns up to date with local rows and partials.
  Result<> refresh_totals();

  // What the next changes come from; null: the clock, or many events at once. Must live until it is replaced.
  struct CauseView {
    std::string_view event_id;
    const TopicPartition* at = nullptr;
    Offset offset;
    std::string_view traceparent = {};
  };
  void set_cause(const CauseView* cause) { cause_ = cause; }
  // What changed in the totals of a watched view since the last call, for the judge. After refresh_totals(), and before
  // rows are let go: by expire() and shrink().
  struct Changes {
    std::vector<const SliceRow*> rows;  // each once until told_until_now()
    // By node: an event of this shard that changed it, if one did.
    std::map<std::string, Cause, std::less<>> causes;
  };
  Changes take_changes(std::uint32_t view) { return std::exchange(views_[view].changes, {}); }
  // Whoever asks for changes has acted upon them: rows that change again are told again.
  void told_until_now() { ++round_; }
  void watch(std::uint32_t view) { views_[view].watched = true; }
  bool is_watched(std::uint32_t view) const { return views_[view].watched; }
  // The total of an owned node, from memory or the store; null if there is none.
  Result<SliceRow*> total(std::uint32_t view, std::string_view node, Timestamp slice);
  bool owns(std::string_view node) const;
  // Visits the totals that have changed since the last seal, in no particular order. After refresh_totals().
  template <class Visit>
  void for_each_changed_total(std::uint32_t view, Visit visit) const;
  // How many rows have changed since the last seal, local ones and totals.
  std::size_t changed_rows(std::uint32_t view) const;
  // Where the totals are stored.
  Family totals_family() const { return single() ? Family::rows : Family::totals; }

  // Appends the changed rows to the batch, and the partials to send.
  Result<> seal(StateBatch& batch, std::vector<OutgoingPartial>& partials);
  // Appends the stored rows of nodes owned elsewhere as partials, from `from` on and about `max` of them;
  // moves `from` on. True: those were the last.
  struct RowCursor {
    std::size_t view = 0;
    std::string key;
  };
  Result<bool> read_partials(RowCursor& from, std::size_t max, std::vector<OutgoingPartial>& partials) const;
  // Deletes rows of slices that are let go. After refresh_totals() and take_changes().
  Result<> expire(Timestamp now, StateBatch& batch);
  // Can any window of the view have ended for as long as it keeps them? Without looking at rows.
  bool may_let_go(std::uint32_t view, Timestamp now) const;
  // Has the view let go of the slice, with all windows it is part of? Readers and judges leave such slices
  // out, whether they are deleted yet or not.
  static bool is_expired(const ViewPlan& view, Timestamp slice, Timestamp now);
  // Has the view let go of the window? Some of its slices may go on in others. While it has not, all of them
  // are kept.
  static bool is_expired(const ViewPlan& view, const Window& window, Timestamp now);
  // Is the slice beyond what is folded at `now`? While replaying as of an earlier instant, what retention has
  // let go since then is folded too, for its published rows are still to be withdrawn.
  bool is_let_go(const ViewPlan& view, Timestamp slice, Timestamp now) const {
    return is_expired(view, slice, std::min(now, let_go_until_));
  }
  void let_go_until(Timestamp at) { let_go_until_ = at; }

  void shrink(std::size_t bytes);
  std::size_t memory_bytes() const;    // of rows as the store has them
  std::size_t unsealed_bytes() const;  // of the others

 private:
  struct ViewRows {
    const ViewPlan* plan = nullptr;
    std::unique_ptr<RowTable> local;
    std::unique_ptr<RowTable> partials;   // several partitions only
    std::unique_ptr<RowTable> totals;     // several partitions only
    std::vector<SliceRow*> unmerged;      // local rows of owned nodes changed since refresh_totals()
    std::vector<SliceRow*> stale_totals;  // their totals, and those of received partials
    Changes changes;                      // of a watched view, since take_changes()
    bool watched = false;
    std::vector<SliceRow*> gathering;  // local rows that are owed something
    std::deque<AccumulatorRow> owed;   // what they are owed: as many as were ever needed between two settle()
    std::size_t owed_used = 0;
    // Scratch of apply(): the rows that contributions land on.
    std::vector<const Contribution*> landing;
    std::vector<RowName> landing_names;
    std::vector<SliceRow*> landing_rows;
  };

  std::size_t sum_of_tables(std::size_t (RowTable::*bytes_of)() const) const;
  static std::byte* owed_to(ViewRows& rows, SliceRow& row);
  Result<SliceRow*> parent_of(ViewRows& rows, SliceRow& row);
  void change(ViewRows& rows, SliceRow& row);
  void tell(ViewRows& rows, SliceRow& row) const;
  Result<> part_from_total(ViewRows& rows, std::string_view node, Timestamp slice);
  Result<SliceRow*> make_stale(ViewRows& rows, std::string_view node, Timestamp slice);
  Result<> find_origins(ViewRows& rows, SliceRow& total);
  Result<> refresh(ViewRows& rows, SliceRow& total);
  // Figures carried forward stay with their node: where it moves, what stands in it leaves the old parent and
  // enters the new one, in the first slice that begins there.
  bool moves_with_node(const ViewRows& rows) const {
    return rows.plan->latest_per_series && organisation_.source() == TreeSource::events;
  }
  Result<> carry(ViewRows& rows, std::string_view node, Timestamp slice, const std::byte* amount, int sign);
  Result<> carry_up(ViewRows& rows, const NodeInfo& info, Timestamp slice, const std::byte* amount, int sign);
  Result<> move_carried(ViewRows& rows, const std::string& node, const NodeInfo& before);
  Result<> add_to_ancestors(ViewRows& rows, const std::vector<std::string>& ancestors, const SliceRow& row,
                            int sign);
  Result<std::vector<SliceRow*>> rows_of_node(ViewRows& rows, const std::string& node, Timestamp since);

  const CauseView* cause_ = nullptr;
  std::uint32_t round_ = 1;  // of telling changes: SliceRow::told
  Timestamp let_go_until_ = Timestamp::max();
  Partition shard_;
  std::int32_t partitions_;
  const StateReader* store_;
  Organisation organisation_;
  std::vector<ViewRows> views_;
  std::unordered_map<std::uint32_t, std::uint32_t> index_of_view_;  // ViewId to index
};

template <class Visit>
void RollUp::for_each_changed_total(std::uint32_t view, Visit visit) const {
  const ViewRows& rows = views_[view];
  for (const SliceRow* row : rows.local->dirty())
    if (single() || row->is_total) visit(*row);
  if (single()) return;
  for (const SliceRow* row : rows.totals->dirty())
    visit(*row);
}

}  // namespace slipstream
