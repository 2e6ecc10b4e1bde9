#include "engine/aggregate/row_table.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <new>

#include "engine/base/hash.h"

namespace slipstream {

RowName::RowName(std::string_view node_path, Timestamp slice_start, std::int32_t origin_shard)
    : node(node_path), slice(slice_start), origin(origin_shard) {
  const std::uint64_t seed = static_cast<std::uint64_t>(slice.us) * 0x9E3779B97F4A7C15ULL + static_cast<std::uint32_t>(origin);
  hash = hash64(node, seed);
}

RowTable::RowTable(ViewId view, const AccumulatorLayout& layout, Family family, const StateReader& store)
    : view_(view), layout_(&layout), family_(family), store_(&store), rows_(0, Hash{}, Equal{this}) {
  bool any = false;
  const auto scanned = store.scan(family, view_prefix(view), "", [&](std::string_view key, std::string_view) {
    any = key.starts_with(view_prefix(view));
    return false;
  });
  store_is_empty_ = scanned && !any;
}

RowTable::~RowTable() {
  for (SliceRow* row : rows_) destroy(row);
}

std::string_view RowTable::node_of(const SliceRow& row) const {
  return {reinterpret_cast<const char*>(row.state() + layout_->size()), row.node_length};
}

bool RowTable::is(const SliceRow& row, const RowName& name) const {
  return row.hash == name.hash && row.slice == name.slice && row.origin == name.origin && node_of(row) == name.node;
}

std::size_t RowTable::bytes_of(const SliceRow& row) const {
  // Header, accumulators with what they point to, node, and a slot of the hash table.
  return sizeof(SliceRow) + layout_->memory_bytes(row.state()) + row.node_length + 16;
}

SliceRow* RowTable::create(const RowName& name) {
  const std::size_t bytes = sizeof(SliceRow) + layout_->size() + name.node.size();
  void* memory = std::aligned_alloc(alignof(SliceRow), (bytes + alignof(SliceRow) - 1) / alignof(SliceRow) * alignof(SliceRow));
  if (memory == nullptr) throw std::bad_alloc();
  SliceRow* row = new (memory) SliceRow();
  row->hash = name.hash;
  row->slice = name.slice;
  row->origin = name.origin;
  row->node_length = static_cast<std::uint32_t>(name.node.size());
  layout_->create(row->state());
  std::memcpy(row->state() + layout_->size(), name.node.data(), name.node.size());
  rows_.insert(row);
  memory_bytes_ += bytes_of(*row);
  return row;
}

void RowTable::destroy(SliceRow* row) {
  layout_->destroy(row->state());
  row->~SliceRow();
  std::free(row);
}

SliceRow* RowTable::find(const RowName& name) {
  const auto found = rows_.find(name);
  if (found == rows_.end()) return nullptr;
  (*found)->used = true;
  return *found;
}

std::string RowTable::name_key(const RowName& name) const {
  return name.origin < 0 ? row_key(view_, name.node, name.slice)
                         : partial_key(view_, name.node, name.slice, Partition(name.origin));
}

std::string RowTable::store_key(const SliceRow& row) const {
  return row.origin < 0 ? row_key(view_, node_of(row), row.slice)
                        : partial_key(view_, node_of(row), row.slice, Partition(row.origin));
}

Result<SliceRow*> RowTable::adopt(const RowName& name, std::string_view stored) {
  SliceRow* row = create(name);
  memory_bytes_ -= bytes_of(*row);
  if (has_prefix()) {
    const std::optional<TotalValue> value = parse_total(stored);
    row->prefix = value ? value->origins : 0;
    stored = value ? value->state : std::string_view();
  }
  auto read = layout_->deserialize(row->state(), stored);
  memory_bytes_ += bytes_of(*row);
  if (!read) return tl::unexpected(read.error());
  row->used = true;
  return row;
}

Result<SliceRow*> RowTable::find_stored(const RowName& name) {
  if (SliceRow* row = find(name)) return row;
  if (store_is_empty_) return nullptr;
  SLIPSTREAM_ASSIGN(const std::optional<std::string> stored, store_->get(family_, name_key(name)));
  if (!stored) return nullptr;
  return adopt(name, *stored);
}

Result<SliceRow*> RowTable::find_or_load(const RowName& name) {
  SLIPSTREAM_ASSIGN(SliceRow * row, find_stored(name));
  if (row != nullptr) return row;
  row = create(name);
  row->used = true;
  return row;
}

Result<> RowTable::prefetch(std::vector<RowName>& names) {
  if (store_is_empty_) return {};
  std::erase_if(names, [&](const RowName& name) { return find(name) != nullptr; });
  std::vector<std::pair<std::string, const RowName*>> wanted;
  wanted.reserve(names.size());
  for (const RowName& name : names) wanted.emplace_back(name_key(name), &name);
  std::sort(wanted.begin(), wanted.end());
  wanted.erase(std::unique(wanted.begin(), wanted.end(), [](const auto& a, const auto& b) { return a.first == b.first; }), wanted.end());
  std::vector<std::string> keys;
  keys.reserve(wanted.size());
  for (auto& [key, name] : wanted) keys.push_back(std::move(key));
  SLIPSTREAM_ASSIGN(const auto values, store_->get_many(family_, keys));
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (values[i]) {
      SLIPSTREAM_TRY(adopt(*wanted[i].second, *values[i]));
    } else {
      create(*wanted[i].second)->used = true;
    }
  }
  return {};
}

void RowTable::mark_dirty(SliceRow& row) {
  if (row.dirty) return;
  row.dirty = true;
  memory_bytes_ -= bytes_of(row);
  dirty_.push_back(&row);
}

void RowTable::erase(SliceRow& row, StateBatch& batch) {
  batch.push_back({family_, store_key(row), std::nullopt});
  if (row.dirty) {
    std::erase(dirty_, &row);
  } else {
    memory_bytes_ -= bytes_of(row);
  }
  if (row.parent != nullptr) --row.parent->children;
  rows_.erase(&row);
  destroy(&row);
}

void RowTable::sort_dirty() {
  std::sort(dirty_.begin(), dirty_.end(), [this](const SliceRow* a, const SliceRow* b) {
    const int nodes = node_of(*a).compare(node_of(*b));
    if (nodes != 0) return nodes < 0;
    return a->slice != b->slice ? a->slice < b->slice : a->origin < b->origin;
  });
}

void RowTable::forget_parents() {
  for (SliceRow* row : rows_) {
    row->parent = nullptr;
    row->parent_resolved = false;
    row->children = 0;
  }
}

void RowTable::shrink(std::size_t bytes) {
  // Two sweeps: the first spares and unmarks what was used, the second takes it.
  for (int sweep = 0; sweep < 2 && memory_bytes_ > bytes; ++sweep) {
    for (auto it = rows_.begin(); it != rows_.end() && memory_bytes_ > bytes;) {
      SliceRow* row = *it;
      const bool keep = row->dirty || row->children > 0 || row->used;
      row->used = false;
      if (keep) {
        ++it;
        continue;
      }
      if (row->parent != nullptr) --row->parent->children;
      memory_bytes_ -= bytes_of(*row);
      auto gone = it++;
      rows_.erase(gone);
      destroy(row);
    }
  }
}

}  // namespace slipstream
