#include "engine/rollup/roll_up.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "engine/base/encoding.h"
#include "engine/log/event_log.h"

namespace slipstream {
namespace {

void add_inputs(const AccumulatorLayout& layout, const Contribution& contribution, int sign, std::byte* row) {
  layout.count_row(row, sign);
  for (const MeasureValues& values : contribution.inputs)
    layout.accumulate(row, values.measure,
                      {&values.argument, &values.denominator, contribution.order_at, contribution.order_tie},
                      sign);
}

}  // namespace

RollUp::RollUp(const Plan& plan, Partition shard, std::int32_t partitions, const StateReader& store)
    : shard_(shard), partitions_(partitions), store_(&store), organisation_(plan.organisation) {
  for (std::uint32_t i = 0; i < plan.views.size(); ++i) {
    const ViewPlan& view = plan.views[i];
    ViewRows rows;
    rows.plan = &view;
    std::optional<RowTable::Totals> totals;
    // Rows of figures that are carried forward are differences: a total may be empty, and so not stored, while its parts are not.
    if (!single() && !view.latest_per_series)
      totals = {Family::totals, [this](std::string_view node) { return owns(node); }};
    rows.local = std::make_unique<RowTable>(view.id, view.layout, Family::rows, store, std::move(totals));
    if (!single()) {
      rows.partials = std::make_unique<RowTable>(view.id, view.layout, Family::partials, store);
      rows.totals = std::make_unique<RowTable>(view.id, view.layout, Family::totals, store);
    }
    views_.push_back(std::move(rows));
    index_of_view_[view.id.value] = i;
  }
}

bool RollUp::owns(std::string_view node) const {
  return single() || partition_of(node, partitions_) == shard_;
}

Result<SliceRow*> RollUp::parent_of(ViewRows& rows, SliceRow& row) {
  if (row.parent_resolved) return row.parent;
  const std::string_view node = row.node();
  const auto parent = organisation_.parent_of(node, row.slice);
  if (parent) {
    SLIPSTREAM_ASSIGN(row.parent, rows.local->find_or_load(RowName(*parent, row.slice)));
    ++row.parent->children;
  }
  row.parent_resolved = true;
  return row.parent;
}

void RollUp::tell(ViewRows& rows, SliceRow& row) const {
  if (!rows.watched || row.told == round_) return;
  row.told = round_;
  rows.changes.rows.push_back(&row);
}

void RollUp::change(ViewRows& rows, SliceRow& row) {
  if (rows.watched && !row.caused && cause_ != nullptr) {
    row.caused = true;
    rows.changes.causes.insert_or_assign(std::string(row.node()),
                                         Cause{std::string(cause_->event_id),
                                               {cause_->at->topic, cause_->at->partition, cause_->offset},
                                               std::string(cause_->traceparent)});
  }
  rows.local->mark_dirty(row);
  if (single() || row.is_total) {
    tell(rows, row);
  } else if (!row.tracked) {
    row.tracked = true;
    rows.unmerged.push_back(&row);
  }
}

std::byte* RollUp::owed_to(ViewRows& rows, SliceRow& row) {
  if (row.owed != nullptr) return row.owed;
  if (rows.owed_used == rows.owed.size()) rows.owed.emplace_back(rows.plan->layout);
  row.owed = rows.owed[rows.owed_used++].bytes();
  rows.gathering.push_back(&row);
  return row.owed;
}

Result<> RollUp::apply(const Contribution& contribution, int sign) {
  ViewRows& rows = views_[contribution.view];
  if (moves_with_node(rows)) {
    AccumulatorRow amount(rows.plan->layout);
    add_inputs(rows.plan->layout, contribution, contribution.sign, amount.bytes());
    return carry(rows, std::string(contribution.node), contribution.slice, amount.bytes(), sign);
  }
  SLIPSTREAM_ASSIGN(SliceRow * row, rows.local->find_or_load(RowName(contribution.node, contribution.slice)));
  while (row != nullptr) {
    add_inputs(rows.plan->layout, contribution, sign * contribution.sign, row->state());
    change(rows, *row);
    SLIPSTREAM_ASSIGN(row, parent_of(rows, *row));
  }
  return {};
}

Result<> RollUp::apply(std::span<const Contribution> contributions) {
  for (ViewRows& rows : views_) {
    rows.landing.clear();
    rows.landing_names.clear();
  }
  for (const Contribution& contribution : contributions) {
    ViewRows& rows = views_[contribution.view];
    if (moves_with_node(rows)) {
      SLIPSTREAM_TRY(apply(contribution, +1));
      continue;
    }
    rows.landing.push_back(&contribution);
    rows.landing_names.emplace_back(contribution.node, contribution.slice);
  }
  for (ViewRows& rows : views_) {
    SLIPSTREAM_TRY(rows.local->find_or_load(rows.landing_names, rows.landing_rows));
    for (std::size_t i = 0; i < rows.landing.size(); ++i) {
      const Contribution& contribution = *rows.landing[i];
      SliceRow& row = *rows.landing_rows[i];
      add_inputs(rows.plan->layout, contribution, contribution.sign, row.state());
      change(rows, row);
      SLIPSTREAM_ASSIGN(SliceRow * parent, parent_of(rows, row));
      if (parent != nullptr)
        add_inputs(rows.plan->layout, contribution, contribution.sign, owed_to(rows, *parent));
    }
  }
  return {};
}

Result<> RollUp::settle() {
  for (ViewRows& rows : views_) {
    const AccumulatorLayout& layout = rows.plan->layout;
    for (std::size_t i = 0; i < rows.gathering.size(); ++i) {  // it grows: a parent comes after its children
      SliceRow& row = *rows.gathering[i];
      std::byte* const owed = std::exchange(row.owed, nullptr);
      layout.merge(row.state(), owed, +1);
      change(rows, row);
      SLIPSTREAM_ASSIGN(SliceRow * parent, parent_of(rows, row));
      if (parent != nullptr) layout.merge(owed_to(rows, *parent), owed, +1);
      layout.destroy(owed);
    }
    rows.gathering.clear();
    rows.owed_used = 0;
  }
  return {};
}

// The rows of one node from a slice on, wherever they are.
Result<std::vector<SliceRow*>> RollUp::rows_of_node(ViewRows& rows, const std::string& node,
                                                    Timestamp since) {
  std::vector<Timestamp> stored;
  const std::string prefix = node_prefix(rows.plan->id, node);
  const auto find_slices = [&](Family family) {
    return store_->scan(family, row_key(rows.plan->id, node, since), prefix_end(prefix),
                        [&](std::string_view key, std::string_view) {
                          if (const auto parsed = parse_row_key(key)) stored.push_back(parsed->slice);
                          return true;
                        });
  };
  SLIPSTREAM_TRY(find_slices(Family::rows));
  if (!single() && owns(node)) SLIPSTREAM_TRY(find_slices(Family::totals));
  std::vector<SliceRow*> found;
  for (const Timestamp slice : stored) {
    SLIPSTREAM_ASSIGN(SliceRow * row, rows.local->find_stored(RowName(node, slice)));
    if (row != nullptr) found.push_back(row);
  }
  rows.local->for_each([&](SliceRow& row) {
    if (row.slice >= since && row.node() == node) found.push_back(&row);
  });
  std::sort(found.begin(), found.end());
  found.erase(std::unique(found.begin(), found.end()), found.end());
  return found;
}

Result<> RollUp::add_to_ancestors(ViewRows& rows, const std::vector<std::string>& ancestors,
                                  const SliceRow& row, int sign) {
  for (const std::string& ancestor : ancestors) {
    SLIPSTREAM_ASSIGN(SliceRow * above, rows.local->find_or_load(RowName(ancestor, row.slice)));
    rows.plan->layout.merge(above->state(), row.state(), sign);
    change(rows, *above);
  }
  return {};
}

Result<> RollUp::carry(ViewRows& rows, std::string_view node, Timestamp slice, const std::byte* amount,
                       int sign) {
  SLIPSTREAM_ASSIGN(SliceRow * row, rows.local->find_or_load(RowName(node, slice)));
  rows.plan->layout.merge(row->state(), amount, sign);
  change(rows, *row);
  const NodeInfo* info = node == organisation_.root() ? nullptr : organisation_.find(node);
  return info == nullptr ? Result<>() : carry_up(rows, *info, slice, amount, sign);
}

// What entered a node with `slice` goes to its parent of then, and on to every later one.
Result<> RollUp::carry_up(ViewRows& rows, const NodeInfo& info, Timestamp slice, const std::byte* amount,
                          int sign) {
  const WindowPlan& windows = rows.plan->windows;
  const auto first_slice_from = [&](Timestamp since) {
    const Timestamp holding = windows.slice_of(since);
    return holding == since ? since : windows.slice_end(holding);
  };
  const std::string* parent = nullptr;
  for (std::size_t i = 0; i < info.placements.size(); ++i) {
    const Timestamp since = info.placements[i].since;
    const Timestamp begin = since <= slice ? slice : first_slice_from(since);
    const bool is_last = i + 1 == info.placements.size();
    if (!is_last && info.placements[i + 1].since <= begin) continue;  // no slice begins under it
    if (parent != nullptr && *parent == info.placements[i].parent) continue;
    if (parent != nullptr) SLIPSTREAM_TRY(carry(rows, *parent, begin, amount, -sign));
    parent = &info.placements[i].parent;
    SLIPSTREAM_TRY(carry(rows, *parent, begin, amount, sign));
  }
  return {};
}

Result<> RollUp::move_carried(ViewRows& rows, const std::string& node, const NodeInfo& before) {
  SLIPSTREAM_ASSIGN(const std::vector<SliceRow*> moved, rows_of_node(rows, node, Timestamp::min()));
  for (const SliceRow* row : moved) {
    SLIPSTREAM_TRY(carry_up(rows, before, row->slice, row->state(), -1));
    SLIPSTREAM_TRY(carry_up(rows, *organisation_.find(node), row->slice, row->state(), +1));
  }
  return {};
}

Result<> RollUp::move_subtree(const std::string& node, const Organisation::Change& change) {
  for (ViewRows& rows : views_) {
    SLIPSTREAM_INVARIANT(rows.gathering.empty(), rows.plan->name);
    if (moves_with_node(rows)) {
      SLIPSTREAM_TRY(move_carried(rows, node, change.before));
      continue;
    }
    // A change within a slice applies from the next one on: a slice rolls up by the parents at its start.
    SLIPSTREAM_ASSIGN(const std::vector<SliceRow*> moved, rows_of_node(rows, node, *change.since));
    for (const SliceRow* row : moved) {
      SLIPSTREAM_TRY(add_to_ancestors(rows, organisation_.ancestors_of(change.before, row->slice), *row, -1));
      SLIPSTREAM_TRY(add_to_ancestors(rows, organisation_.ancestors_of(node, row->slice), *row, +1));
    }
    rows.local->forget_parents();
  }
  return {};
}

Result<> RollUp::receive(const IncomingPartial& partial) {
  const auto index = index_of_view_.find(partial.view.value);
  if (index == index_of_view_.end() || single()) return {};  // of other definitions: not ours to merge
  ViewRows& rows = views_[index->second];
  SLIPSTREAM_ASSIGN(SliceRow * row,
                    rows.partials->find_or_load(RowName(partial.node, partial.slice, partial.origin.value)));
  if (partial.sequence.value < row->prefix) return {};  // outdated: a zombie's
  const AccumulatorLayout& layout = rows.plan->layout;
  layout.destroy(row->state());
  if (!partial.state.empty()) SLIPSTREAM_TRY(layout.deserialize(row->state(), partial.state));
  row->prefix = partial.sequence.value;
  rows.partials->mark_dirty(*row);
  SLIPSTREAM_TRY(part_from_total(rows, partial.node, partial.slice));
  SLIPSTREAM_ASSIGN(SliceRow * total, make_stale(rows, partial.node, partial.slice));
  total->prefix |= std::uint64_t{1} << (partial.origin.value % 64);
  return {};
}

// Another shard has figures of the node: this one's own row is stored beside the total from now on.
Result<> RollUp::part_from_total(ViewRows& rows, std::string_view node, Timestamp slice) {
  SLIPSTREAM_ASSIGN(SliceRow * own, rows.local->find_or_load(RowName(node, slice)));
  if (!own->is_total) return {};
  own->is_total = false;
  rows.local->mark_dirty(*own);
  return {};
}

Result<SliceRow*> RollUp::make_stale(ViewRows& rows, std::string_view node, Timestamp slice) {
  SLIPSTREAM_ASSIGN(SliceRow * total, rows.totals->find_or_load(RowName(node, slice)));
  const bool may_have_cancelled_out = rows.plan->latest_per_series && !total->dirty && total->prefix == 0 &&
                                      rows.plan->layout.is_empty(total->state());
  if (may_have_cancelled_out) SLIPSTREAM_TRY(find_origins(rows, *total));
  rows.totals->mark_dirty(*total);
  if (!total->parent_resolved) {  // in a table of totals: already among the stale
    total->parent_resolved = true;
    rows.stale_totals.push_back(total);
  }
  return total;
}

// Whose partials a total has that is not stored since they and this shard's row cancel out.
Result<> RollUp::find_origins(ViewRows& rows, SliceRow& total) {
  const std::string prefix = row_key(rows.plan->id, total.node(), total.slice);
  SLIPSTREAM_TRY(
      store_->scan(Family::partials, prefix, prefix_end(prefix), [&](std::string_view key, std::string_view) {
        ByteReader in(key.substr(prefix.size()));
        std::uint32_t origin = 0;
        if (in.read_u32(origin)) total.prefix |= std::uint64_t{1} << (origin % 64);
        return true;
      }));
  return {};
}

Result<> RollUp::refresh(ViewRows& rows, SliceRow& total) {
  const AccumulatorLayout& layout = rows.plan->layout;
  const std::string_view node = total.node();
  layout.destroy(total.state());
  SLIPSTREAM_ASSIGN(const SliceRow* own, rows.local->find_stored(RowName(node, total.slice)));
  if (own != nullptr) layout.merge(total.state(), own->state(), +1);
  for (std::int32_t origin = 0; origin < partitions_; ++origin) {
    if (origin == shard_.value || ((total.prefix >> (origin % 64)) & 1) == 0) continue;
    SLIPSTREAM_ASSIGN(const SliceRow* partial,
                      rows.partials->find_stored(RowName(node, total.slice, origin)));
    if (partial != nullptr) layout.merge(total.state(), partial->state(), +1);
  }
  return {};
}

Result<> RollUp::refresh_totals() {
  SLIPSTREAM_TRY(settle());
  if (single()) return {};
  for (ViewRows& rows : views_) {
    for (SliceRow* row : rows.unmerged) {
      row->tracked = false;
      const std::string_view node = row->node();
      if (owns(node)) SLIPSTREAM_TRY(make_stale(rows, node, row->slice));
    }
    rows.unmerged.clear();
    for (SliceRow* total : rows.stale_totals) {
      SLIPSTREAM_TRY(refresh(rows, *total));
      total->parent_resolved = false;
      tell(rows, *total);
    }
    rows.stale_totals.clear();
  }
  return {};
}

Result<SliceRow*> RollUp::total(std::uint32_t view, std::string_view node, Timestamp slice) {
  ViewRows& rows = views_[view];
  const RowName name(node, slice);
  SLIPSTREAM_ASSIGN(SliceRow * own, rows.local->find_stored(name));
  if (single() || (own != nullptr && own->is_total)) return own;
  SLIPSTREAM_ASSIGN(SliceRow * total, rows.totals->find_stored(name));
  if (total != nullptr && total->prefix == 0) return own;  // nobody else has a part in it
  return total;
}

std::size_t RollUp::changed_rows(std::uint32_t view) const {
  return views_[view].local->dirty().size() + (single() ? 0 : views_[view].totals->dirty().size());
}

Result<> RollUp::seal(StateBatch& batch, std::vector<OutgoingPartial>& partials) {
  SLIPSTREAM_TRY(refresh_totals());
  for (ViewRows& rows : views_) {
    rows.local->seal(batch, [&](const SliceRow& row, std::string_view state) {
      const std::string_view node = row.node();
      if (single() || row.is_total || owns(node)) return;
      partials.push_back(
          {partition_of(node, partitions_), rows.plan->id, std::string(node), row.slice, std::string(state)});
    });
    if (single()) continue;
    rows.partials->seal(batch, [](const SliceRow&, std::string_view) {});
    rows.totals->seal(batch, [](const SliceRow&, std::string_view) {});
  }
  return {};
}

Result<bool> RollUp::read_partials(RowCursor& from, std::size_t max,
                                   std::vector<OutgoingPartial>& partials) const {
  for (; !single() && from.view < views_.size(); ++from.view, from.key.clear()) {
    const ViewId view = views_[from.view].plan->id;
    const std::string prefix = view_prefix(view);
    bool full = false;
    SLIPSTREAM_TRY(store_->scan(
        Family::rows, std::max(prefix, from.key), "", [&](std::string_view key, std::string_view state) {
          if (!key.starts_with(prefix)) return false;
          if ((full = partials.size() >= max)) {
            from.key = key;
            return false;
          }
          const auto row = parse_row_key(key);
          if (row && !owns(row->node))
            partials.push_back(
                {partition_of(row->node, partitions_), view, row->node, row->slice, std::string(state)});
          return true;
        }));
    if (full) return false;
  }
  return true;
}

bool RollUp::is_expired(const ViewPlan& view, Timestamp slice, Timestamp now) {
  if (!view.retention || view.windows.slice_end(slice) + *view.retention > now) return false;
  return view.windows.last_end(slice) + *view.retention <= now;
}

bool RollUp::is_expired(const ViewPlan& view, const Window& window, Timestamp now) {
  return view.retention && window.end + *view.retention <= now;
}

Result<> RollUp::expire(Timestamp now, StateBatch& batch) {
  now = std::min(now, let_go_until_);
  for (ViewRows& rows : views_) {
    if (!rows.plan->retention) continue;
    SLIPSTREAM_INVARIANT(rows.gathering.empty() && rows.unmerged.empty() && rows.changes.rows.empty(),
                         rows.plan->name);
    for (RowTable* table : {rows.local.get(), rows.partials.get(), rows.totals.get()})
      if (table != nullptr)
        SLIPSTREAM_TRY(
            table->sweep(batch, [&](Timestamp slice) { return is_expired(*rows.plan, slice, now); }));
  }
  return {};
}

bool RollUp::may_let_go(std::uint32_t view, Timestamp now) const {
  const ViewRows& rows = views_[view];
  if (!rows.plan->retention) return false;
  for (const RowTable* table : {rows.local.get(), rows.partials.get(), rows.totals.get()}) {
    if (table == nullptr) continue;
    const std::optional<Timestamp> oldest = table->oldest_slice();
    if (!oldest) return true;
    if (*oldest != Timestamp::max() && rows.plan->windows.slice_end(*oldest) + *rows.plan->retention <= now)
      return true;
  }
  return false;
}

void RollUp::shrink(std::size_t bytes) {
  const std::size_t used = memory_bytes();
  if (used <= bytes) return;
  for (ViewRows& rows : views_)
    for (RowTable* table : {rows.local.get(), rows.partials.get(), rows.totals.get()})
      if (table != nullptr) table->shrink(table->memory_bytes() * (bytes / 1024) / (used / 1024 + 1));
}

std::size_t RollUp::sum_of_tables(std::size_t (RowTable::*bytes_of)() const) const {
  std::size_t bytes = 0;
  for (const ViewRows& rows : views_)
    for (const RowTable* table : {rows.local.get(), rows.partials.get(), rows.totals.get()})
      if (table != nullptr) bytes += (table->*bytes_of)();
  return bytes;
}

std::size_t RollUp::memory_bytes() const { return sum_of_tables(&RowTable::memory_bytes); }
std::size_t RollUp::unsealed_bytes() const { return sum_of_tables(&RowTable::dirty_bytes); }

}  // namespace slipstream
