#include "engine/aggregate/row_table.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <new>
#include <utility>

#include "engine/base/hash.h"

namespace slipstream {
namespace {

constexpr std::size_t kCacheLine = 64;
constexpr std::size_t kAllocationStep = 16;  // to which allocators round up

bool is_named(const SliceRow& row, const RowName& name) {
  return row.slice == name.slice && row.origin == name.origin && row.node() == name.node;
}

// Sorting a commit's rows compares numbers, not texts in rows scattered over memory: eight bytes of each node
// at a time. (With std::sort on the nodes it was a seventh of a commit of 100,000 rows.)
struct SortedRow {
  std::uint64_t chunk = 0;  // of the node, at the depth being sorted
  SliceRow* row = nullptr;
};
constexpr std::size_t kChunkBytes = sizeof(SortedRow::chunk);

std::uint64_t chunk_of(std::string_view node, std::size_t depth) {
  std::uint64_t chunk = 0;
  for (std::size_t i = depth; i < depth + kChunkBytes; ++i)
    chunk = chunk << 8 | (i < node.size() ? static_cast<std::uint8_t>(node[i]) : 0);
  return chunk;
}

// `rows` have the same `depth` first bytes of their nodes. A node has no NUL, so a shorter one sorts before
// its longer ones, and a chunk of 0 means that all of these have ended.
void sort_by_node(std::span<SortedRow> rows, std::size_t depth) {
  for (SortedRow& each : rows)
    each.chunk = chunk_of(each.row->node(), depth);
  std::sort(rows.begin(), rows.end(),
            [](const SortedRow& a, const SortedRow& b) { return a.chunk < b.chunk; });
  for (auto first = rows.begin(); first != rows.end();) {
    const auto last =
        std::find_if(first, rows.end(), [&](const SortedRow& each) { return each.chunk != first->chunk; });
    const std::span<SortedRow> alike(first, last);
    if (first->chunk != 0 && alike.size() > 1) {
      sort_by_node(alike, depth + kChunkBytes);
    } else {
      std::sort(alike.begin(), alike.end(), [](const SortedRow& a, const SortedRow& b) {
        return std::pair(a.row->slice, a.row->origin) < std::pair(b.row->slice, b.row->origin);
      });
    }
    first = last;
  }
}

}  // namespace

RowName::RowName(std::string_view node_path, Timestamp slice_start, std::int32_t origin_shard)
    : node(node_path), slice(slice_start), origin(origin_shard) {
  const std::uint64_t seed =
      static_cast<std::uint64_t>(slice.us) * 0x9E3779B97F4A7C15ULL + static_cast<std::uint32_t>(origin);
  hash = hash64(node, seed);
}

RowTable::RowTable(ViewId view, const AccumulatorLayout& layout, Family family, const StateReader& store,
                   std::optional<Totals> totals)
    : view_(view), layout_(&layout), family_(family), totals_(std::move(totals)), store_(&store) {
  const std::string prefix = view_prefix(view);
  const auto has_none = [&](Family of) {
    bool any = false;
    const auto scanned = store.scan(of, prefix, "", [&](std::string_view key, std::string_view) {
      any = key.starts_with(prefix);
      return false;
    });
    return scanned && !any;
  };
  store_is_empty_ = has_none(family) && (!totals_ || has_none(totals_->family));
  if (store_is_empty_) oldest_ = Timestamp::max();
}

RowTable::~RowTable() {
  rows_.for_each([this](SliceRow& row) { destroy(&row); });
}

std::size_t RowTable::bytes_of(const SliceRow& row) const {
  const std::size_t own =
      sizeof(SliceRow) + SliceRow::node_bytes(row.node_length) + layout_->memory_bytes(row.state());
  return (own + kAllocationStep - 1) / kAllocationStep * kAllocationStep + RowIndex::kBytesPerRow;
}

SliceRow* RowTable::create(const RowName& name, bool is_total) {
  void* memory = std::malloc(sizeof(SliceRow) + SliceRow::node_bytes(name.node.size()) + layout_->size());
  if (memory == nullptr) throw std::bad_alloc();
  SliceRow* row = new (memory) SliceRow();
  row->slice = name.slice;
  row->origin = name.origin;
  row->is_total = is_total;
  row->node_length = static_cast<std::uint32_t>(name.node.size());
  std::memcpy(row + 1, name.node.data(), name.node.size());
  layout_->create(row->state());
  rows_.insert(name.hash, row);
  memory_bytes_ += bytes_of(*row);
  if (oldest_) oldest_ = std::min(*oldest_, name.slice);
  return row;
}

void RowTable::destroy(SliceRow* row) {
  layout_->destroy(row->state());
  row->~SliceRow();
  std::free(row);
}

SliceRow* RowTable::find(const RowName& name) {
  SliceRow* row = rows_.find(name.hash, [&](const SliceRow& found) { return is_named(found, name); });
  if (row != nullptr) row->used = true;
  return row;
}

std::string RowTable::name_key(const RowName& name) const {
  return name.origin < 0 ? row_key(view_, name.node, name.slice)
                         : partial_key(view_, name.node, name.slice, Partition(name.origin));
}

void RowTable::append_store_key(std::string& out, const SliceRow& row) const {
  append_row_key(out, view_, row.node(), row.slice);
  if (row.origin >= 0) append_u32(out, static_cast<std::uint32_t>(row.origin));
}

Result<SliceRow*> RowTable::adopt(const RowName& name, const Stored& stored) {
  SliceRow* row = create(name, stored.is_total);
  row->used = true;
  if (!stored.value) return row;
  memory_bytes_ -= bytes_of(*row);
  std::string_view state = *stored.value;
  if (has_prefix(family_of(*row))) {
    const std::optional<TotalValue> value = parse_total(state);
    row->prefix = value ? value->origins : 0;
    state = value ? value->state : std::string_view();
  }
  auto read = layout_->deserialize(row->state(), state);
  memory_bytes_ += bytes_of(*row);
  if (!read) return tl::unexpected(read.error());
  return row;
}

Result<RowTable::Stored> RowTable::stored(const RowName& name) const {
  if (store_is_empty_) return Stored{{}, may_be_total(name)};
  std::vector<Missing> missing{{name_key(name), 0, {{}, may_be_total(name)}}};
  SLIPSTREAM_TRY(read(missing));
  return std::move(missing[0].stored);
}

// In order of keys. A total that other shards have a part in is not this shard's row.
Result<> RowTable::read(std::vector<Missing>& missing) const {
  std::vector<Missing*> totals, own;
  for (Missing& each : missing)
    (each.stored.is_total ? totals : own).push_back(&each);
  if (!totals.empty()) {
    SLIPSTREAM_TRY(read_family(totals_->family, totals));
    for (Missing* each : totals) {
      const auto total = each->stored.value ? parse_total(*each->stored.value) : std::nullopt;
      if (!total || total->origins == 0) continue;
      each->stored = {};
      own.push_back(each);
    }
  }
  return own.empty() ? Result<>() : read_family(family_, own);
}

Result<> RowTable::read_family(Family family, std::span<Missing*> missing) const {
  if (missing.size() == 1) {
    SLIPSTREAM_ASSIGN(missing[0]->stored.value, store_->get(family, missing[0]->key));
    return {};
  }
  std::vector<std::string> keys;
  keys.reserve(missing.size());
  for (const Missing* each : missing)
    keys.push_back(each->key);
  SLIPSTREAM_ASSIGN(std::vector<std::optional<std::string>> values, store_->get_many(family, keys));
  for (std::size_t i = 0; i < missing.size(); ++i)
    missing[i]->stored.value = std::move(values[i]);
  return {};
}

Result<SliceRow*> RowTable::find_stored(const RowName& name) {
  if (SliceRow* row = find(name)) return row;
  if (store_is_empty_) return nullptr;
  SLIPSTREAM_ASSIGN(const Stored found, stored(name));
  return found.value ? adopt(name, found) : nullptr;
}

Result<SliceRow*> RowTable::find_or_load(const RowName& name) {
  if (SliceRow* row = find(name)) return row;
  SLIPSTREAM_ASSIGN(const Stored found, stored(name));
  return adopt(name, found);
}

// Three rounds, so that the memory which each of them touches is on its way before it is needed: the slots of
// the index, the rows, and then what the rows hold.
Result<> RowTable::find_or_load(std::span<const RowName> names, std::vector<SliceRow*>& rows) {
  for (const RowName& name : names)
    rows_.prefetch(name.hash);
  for (const RowName& name : names)
    rows_.find(name.hash, [](const SliceRow& row) {
      __builtin_prefetch(&row, 1);
      __builtin_prefetch(reinterpret_cast<const std::byte*>(&row) + kCacheLine, 1);
      return true;
    });
  rows.clear();
  bool all_there = true;
  for (const RowName& name : names)
    all_there &= rows.emplace_back(find(name)) != nullptr;
  return all_there ? Result<>() : load(names, rows);
}

// Fills in the rows that are null: from the store, or new.
Result<> RowTable::load(std::span<const RowName> names, std::vector<SliceRow*>& rows) {
  std::vector<Missing> missing;
  for (std::size_t i = 0; i < names.size(); ++i)
    if (rows[i] == nullptr)
      missing.push_back(
          {store_is_empty_ ? std::string() : name_key(names[i]), i, {{}, may_be_total(names[i])}});
  if (!store_is_empty_) {
    std::sort(missing.begin(), missing.end(),
              [](const Missing& a, const Missing& b) { return a.key < b.key; });
    SLIPSTREAM_TRY(read(missing));
  }
  for (const Missing& each : missing) {
    SliceRow*& row = rows[each.index];
    row = find(names[each.index]);  // it may have been asked for twice
    if (row != nullptr) continue;
    SLIPSTREAM_ASSIGN(row, adopt(names[each.index], each.stored));
  }
  return {};
}

void RowTable::mark_dirty(SliceRow& row) {
  if (row.dirty) return;
  row.dirty = true;
  const std::size_t bytes = bytes_of(row);
  memory_bytes_ -= bytes;
  dirty_bytes_ += bytes;
  dirty_.push_back(&row);
}

Result<> RowTable::sweep(StateBatch& batch, const std::function<bool(Timestamp slice)>& is_over) {
  if (oldest_ && (*oldest_ == Timestamp::max() || !is_over(*oldest_))) return {};
  Timestamp oldest = Timestamp::max();
  const std::string prefix = view_prefix(view_);
  const auto sweep_family = [&](Family family) {
    return store_->scan(family, prefix, prefix_end(prefix), [&](std::string_view key, std::string_view) {
      const auto parsed = parse_row_key(key);
      if (!parsed) return true;
      if (is_over(parsed->slice)) {
        batch.push_back({family, key, std::nullopt});
      } else {
        oldest = std::min(oldest, parsed->slice);
      }
      return true;
    });
  };
  SLIPSTREAM_TRY(sweep_family(family_));
  if (totals_) SLIPSTREAM_TRY(sweep_family(totals_->family));
  std::vector<SliceRow*> over;
  rows_.for_each([&](SliceRow& row) {
    if (is_over(row.slice)) {
      over.push_back(&row);
    } else {
      oldest = std::min(oldest, row.slice);
    }
  });
  std::erase_if(dirty_, [&](const SliceRow* row) { return is_over(row->slice); });
  std::string key;
  for (SliceRow* row : over) {  // with their parents and children, for a slice goes whole
    key.clear();
    append_store_key(key, *row);
    batch.push_back({family_of(*row), key, std::nullopt});
    if (!row->dirty) memory_bytes_ -= bytes_of(*row);
    rows_.erase(RowName(row->node(), row->slice, row->origin).hash, row);
    destroy(row);
  }
  oldest_ = oldest;
  return {};
}

// By node, slice and origin: the order of their keys.
void RowTable::sort_dirty() {
  std::vector<SortedRow> rows;
  rows.reserve(dirty_.size());
  for (SliceRow* row : dirty_)
    rows.push_back({0, row});
  sort_by_node(rows, 0);
  for (std::size_t i = 0; i < rows.size(); ++i)
    dirty_[i] = rows[i].row;
}

void RowTable::forget_parents() {
  rows_.for_each([](SliceRow& row) {
    row.parent = nullptr;
    row.parent_resolved = false;
    row.children = 0;
  });
}

void RowTable::shrink(std::size_t bytes) {
  // The first sweep spares and unmarks what was used, the second takes it. Both keep pace with their way
  // through the table, so that rows go evenly from all of it; a third takes what that has spared.
  for (int sweep = 0; sweep < 3 && memory_bytes_ > bytes; ++sweep) {
    const std::size_t before = memory_bytes_;
    const double excess = static_cast<double>(before - bytes);
    rows_.erase_if([&](SliceRow& row, double visited) {
      const double share = sweep < 2 ? visited : 1.0;
      const bool keep = row.dirty || row.children > 0 || row.used;
      row.used = false;
      if (keep || memory_bytes_ <= bytes || static_cast<double>(before - memory_bytes_) > excess * share)
        return false;
      if (row.parent != nullptr) --row.parent->children;
      memory_bytes_ -= bytes_of(row);
      destroy(&row);
      return true;
    });
  }
}

}  // namespace slipstream
