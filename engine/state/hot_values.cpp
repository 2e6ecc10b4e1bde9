#include "engine/state/hot_values.h"

#include <algorithm>

#include "engine/base/encoding.h"
#include "engine/base/hash.h"

namespace slipstream {

std::size_t HotValues::Hash::operator()(std::string_view key) const { return hash64(key); }

HotValues::HotValues(Family family, const StateReader& store) : family_(family), store_(&store) {
  bool any = false;
  const auto scanned = store.scan(family, "", "", [&](std::string_view, std::string_view) {
    any = true;
    return false;
  });
  store_is_empty_ = scanned && !any;
}

HotValues::Entry* HotValues::add(std::string_view key, std::string value) {
  auto entry = std::make_unique<Entry>(Entry{std::string(key), std::move(value), false, true});
  memory_bytes_ += bytes_of(*entry);
  Entry* added = entry.get();
  entries_.emplace(std::string_view(added->key), std::move(entry));
  return added;
}

Result<HotValues::Entry*> HotValues::load(std::string_view key) {
  if (const auto found = entries_.find(key); found != entries_.end()) {
    found->second->used = true;
    return found->second.get();
  }
  if (store_is_empty_) return add(key, {});
  SLIPSTREAM_ASSIGN(std::optional<std::string> stored, store_->get(family_, key));
  return add(key, std::move(stored).value_or(std::string()));
}

Result<> HotValues::prefetch(std::vector<std::string>& keys) {
  if (store_is_empty_) return {};
  std::erase_if(keys, [&](const std::string& key) { return entries_.contains(std::string_view(key)); });
  std::sort(keys.begin(), keys.end());
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  if (keys.empty()) return {};
  SLIPSTREAM_ASSIGN(auto values, store_->get_many(family_, keys));
  for (std::size_t i = 0; i < keys.size(); ++i)
    add(keys[i], std::move(values[i]).value_or(std::string()));
  return {};
}

Result<std::vector<std::string>> HotValues::keys_with(std::string_view prefix) const {
  std::vector<std::string> keys;
  SLIPSTREAM_TRY(
      store_->scan(family_, prefix, prefix_end(prefix), [&](std::string_view key, std::string_view) {
        if (!entries_.contains(key)) keys.emplace_back(key);
        return true;
      }));
  for (const auto& [key, entry] : entries_)
    if (key.starts_with(prefix) && !entry->value.empty()) keys.emplace_back(key);
  std::sort(keys.begin(), keys.end());
  return keys;
}

void HotValues::mark_dirty(Entry& entry) {
  if (entry.dirty) return;
  entry.dirty = true;
  const std::size_t bytes = bytes_of(entry);
  memory_bytes_ -= bytes;
  dirty_bytes_ += bytes;
  dirty_.push_back(&entry);
}

void HotValues::seal(StateBatch& batch) {
  std::sort(dirty_.begin(), dirty_.end(), [](const Entry* a, const Entry* b) { return a->key < b->key; });
  for (Entry* entry : dirty_) {
    batch.push_back({family_, entry->key,
                     entry->value.empty() ? std::nullopt : std::optional<std::string_view>(entry->value)});
    entry->dirty = false;
    memory_bytes_ += bytes_of(*entry);
  }
  if (!dirty_.empty()) store_is_empty_ = false;
  dirty_.clear();
  dirty_bytes_ = 0;
}

void HotValues::shrink(std::size_t bytes) {
  for (int sweep = 0; sweep < 2 && memory_bytes_ > bytes; ++sweep) {
    for (auto it = entries_.begin(); it != entries_.end() && memory_bytes_ > bytes;) {
      Entry& entry = *it->second;
      const bool keep = entry.dirty || entry.used;
      entry.used = false;
      if (keep) {
        ++it;
        continue;
      }
      memory_bytes_ -= bytes_of(entry);
      // The key lives in the entry: take the entry out before the slot that points to it goes.
      const std::unique_ptr<Entry> gone = std::move(it->second);
      entries_.erase(it++);
    }
  }
}

}  // namespace slipstream
