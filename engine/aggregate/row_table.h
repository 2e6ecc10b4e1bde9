// The hot rows of one view: a write-back cache of accumulators in front of one store family.
//
// A row is one allocation: header, node, accumulators; what a look-up compares lies in one cache line. It
// knows its parent's row of the same slice, so that an event is one look-up and then a walk up the
// organisation. Dirty rows are handed over in key order when a commit is sealed; clean ones without children
// are dropped when memory runs short, the least recently used first (second chance). Owned by the shard's
// thread.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/aggregate/accumulator.h"
#include "engine/aggregate/row_index.h"
#include "engine/aggregate/row_key.h"
#include "engine/base/encoding.h"
#include "engine/state/store.h"

namespace slipstream {

// What identifies a row in its table. `origin` is -1 but in tables of partials.
struct RowName {
  std::string_view node;
  Timestamp slice;
  std::int32_t origin = -1;
  std::uint64_t hash = 0;

  RowName(std::string_view node_path, Timestamp slice_start, std::int32_t origin_shard = -1);
};

struct SliceRow {
  SliceRow* parent = nullptr;
  std::byte* owed = nullptr;  // free for the owner of the table: accumulators that are still to be added here
  Timestamp slice;
  // Tables of totals: the origins that have partials (encode_total); tables of partials: the origin's commit
  // sequence.
  std::uint64_t prefix = 0;
  std::uint32_t node_length = 0;
  std::uint32_t children = 0;  // rows in memory that point here
  std::int32_t origin = -1;
  std::uint32_t told = 0;  // free for the owner of the table: in which round its changes were told
  bool dirty = false;
  bool used = false;             // since the last sweep
  bool parent_resolved = false;  // `parent` says what the organisation says
  bool tracked = false;          // free for the owner of the table: told to an index
  bool caused = false;           // free for the owner of the table, until the row is sealed
  bool is_total = false;         // tables of local rows: it is the total of its node too, and stored as that

  // Bytes between the header and the accumulators: the node, up to a multiple of 8.
  static constexpr std::size_t node_bytes(std::size_t node_length) { return (node_length + 7) / 8 * 8; }

  std::string_view node() const { return {reinterpret_cast<const char*>(this + 1), node_length}; }
  std::byte* state() { return reinterpret_cast<std::byte*>(this + 1) + node_bytes(node_length); }
  const std::byte* state() const { return const_cast<SliceRow*>(this)->state(); }
};

class RowTable {
 public:
  // Where rows are stored that are the total of their node too (SliceRow::is_total): as long as the store has no total
  // with partials of other shards, those of the nodes for which `owns` holds.
  struct Totals {
    Family family;
    std::function<bool(std::string_view node)> owns;
  };

  RowTable(ViewId view, const AccumulatorLayout& layout, Family family, const StateReader& store,
           std::optional<Totals> totals = std::nullopt);
  ~RowTable();
  RowTable(const RowTable&) = delete;
  RowTable& operator=(const RowTable&) = delete;

  const AccumulatorLayout& layout() const { return *layout_; }

  SliceRow* find(const RowName& name);
  // The row in memory, or as stored, or a new empty one.
  Result<SliceRow*> find_or_load(const RowName& name);
  // The row if it is in memory or stored; null if it is neither.
  Result<SliceRow*> find_stored(const RowName& name);
  // The same for each of many names: memory is fetched for all of them at once, and what it lacks in one
  // store call.
  Result<> find_or_load(std::span<const RowName> names, std::vector<SliceRow*>& rows);

  void mark_dirty(SliceRow& row);
  const std::vector<SliceRow*>& dirty() const { return dirty_; }
  // Appends the dirty rows to the batch in key order (an empty row as a deletion) and makes them clean; calls
  // sealed(row, state) for each, with empty bytes for an empty row.
  template <class Sealed>
  void seal(StateBatch& batch, Sealed sealed);
  // Deletes the rows of slices that are over, from memory now and from the store with this batch; in order of
  // time, a slice is over before those after it.
  Result<> sweep(StateBatch& batch, const std::function<bool(Timestamp slice)>& is_over);
  // No row is of an earlier slice; max: there is none; nullopt: unknown until the next sweep.
  std::optional<Timestamp> oldest_slice() const { return oldest_; }

  template <class Visit>
  void for_each(Visit visit) {
    rows_.for_each(visit);
  }

  // Drops clean rows until at most `bytes` are used, as far as possible.
  void shrink(std::size_t bytes);
  // After a change of the organisation: every parent is looked up anew.
  void forget_parents();
  std::size_t memory_bytes() const { return memory_bytes_; }  // of the clean rows
  std::size_t dirty_bytes() const { return dirty_bytes_; }    // of the others, as they became dirty

 private:
  // A row that is not in memory: what the store has of it, and whether as a total.
  struct Stored {
    std::optional<std::string> value;
    bool is_total = false;
  };
  struct Missing {
    std::string key;
    std::size_t index;
    Stored stored;
  };

  Result<> load(std::span<const RowName> names, std::vector<SliceRow*>& rows);
  Result<Stored> stored(const RowName& name) const;
  Result<> read(std::vector<Missing>& missing) const;
  Result<> read_family(Family family, std::span<Missing*> missing) const;
  bool may_be_total(const RowName& name) const { return totals_ && totals_->owns(name.node); }
  SliceRow* create(const RowName& name, bool is_total);
  Result<SliceRow*> adopt(const RowName& name, const Stored& stored);
  void destroy(SliceRow* row);
  std::size_t bytes_of(const SliceRow& row) const;
  std::string name_key(const RowName& name) const;
  void append_store_key(std::string& out, const SliceRow& row) const;
  Family family_of(const SliceRow& row) const { return row.is_total ? totals_->family : family_; }
  static bool has_prefix(Family family) { return family != Family::rows; }
  void sort_dirty();

  ViewId view_;
  const AccumulatorLayout* layout_;
  Family family_;
  std::optional<Totals> totals_;
  const StateReader* store_;
  RowIndex rows_;
  std::vector<SliceRow*> dirty_;
  std::size_t memory_bytes_ = 0;  // of the clean rows: a dirty one's size changes with every event
  std::size_t dirty_bytes_ = 0;
  // Known to hold no row of this view, dropped ones included: a miss needs no read.
  bool store_is_empty_ = false;
  std::optional<Timestamp> oldest_;
};

template <class Sealed>
void RowTable::seal(StateBatch& batch, Sealed sealed) {
  sort_dirty();
  batch.reserve(batch.size() + dirty_.size());
  std::string key, value;
  for (SliceRow* row : dirty_) {
    key.clear();
    append_store_key(key, *row);
    value.clear();
    const Family family = family_of(*row);
    if (has_prefix(family)) append_u64(value, row->prefix);
    const std::size_t prefix_bytes = value.size();
    const bool empty = layout_->is_empty(row->state());
    if (!empty) layout_->serialize(row->state(), value);
    batch.push_back({family, key, empty ? std::nullopt : std::optional(std::string_view(value))});
    sealed(*row, std::string_view(value).substr(prefix_bytes));
    row->dirty = row->caused = false;
    memory_bytes_ += bytes_of(*row);
  }
  if (!dirty_.empty()) store_is_empty_ = false;
  dirty_.clear();
  dirty_bytes_ = 0;
}

}  // namespace slipstream
