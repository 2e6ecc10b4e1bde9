#include "engine/aggregate/ordered_counts.h"

#include <algorithm>

#include "engine/aggregate/signed_counts.h"
#include "engine/base/error.h"

namespace slipstream {

namespace {

// What a key of a node takes beside the node itself.
std::size_t heap_bytes(const std::string& key) {
  return key.capacity() > std::string().capacity() ? key.capacity() + 1 : 0;
}

}  // namespace

void OrderedCounts::add(std::string key, std::int64_t count) {
  if (keep_ != Keep::all) {
    SLIPSTREAM_INVARIANT(count == 1, "count " + std::to_string(count) + " in an append-only multiset");
    return keep_better(std::move(key));
  }
  const auto [at, is_new] = counts_.try_emplace(std::move(key), 0);
  if (is_new) key_bytes_ += heap_bytes(at->first);
  at->second = wrapping_add(at->second, count);
  if (at->second != 0) return;
  key_bytes_ -= heap_bytes(at->first);
  counts_.erase(at);
}

void OrderedCounts::keep_better(std::string key) {
  if (!counts_.empty()) {
    const std::string& best = counts_.begin()->first;
    if (keep_ == Keep::smallest ? best <= key : best >= key) return;
    counts_.clear();
  }
  key_bytes_ = heap_bytes(counts_.emplace(std::move(key), 1).first->first);
}

void OrderedCounts::merge(const OrderedCounts& other, int sign) {
  for (const auto& [key, count] : other.counts_)
    add(key, with_sign(count, sign));
}

std::optional<std::string_view> OrderedCounts::smallest() const {
  const auto at =
      std::find_if(counts_.begin(), counts_.end(), [](const auto& entry) { return entry.second > 0; });
  return at == counts_.end() ? std::nullopt : std::optional<std::string_view>(at->first);
}

std::optional<std::string_view> OrderedCounts::greatest() const {
  const auto at =
      std::find_if(counts_.rbegin(), counts_.rend(), [](const auto& entry) { return entry.second > 0; });
  return at == counts_.rend() ? std::nullopt : std::optional<std::string_view>(at->first);
}

std::size_t OrderedCounts::memory_bytes() const {
  constexpr std::size_t kNodeBytes =
      sizeof(Counts::value_type) + 4 * sizeof(void*) + 8;  // links, colour, allocator
  return sizeof(*this) + counts_.size() * kNodeBytes + key_bytes_;
}

void OrderedCounts::append_to(std::string& out) const {
  append_varint(out, counts_.size());
  for (const auto& [key, count] : counts_) {
    append_string(out, key);
    append_zigzag(out, count);
  }
}

}  // namespace slipstream
