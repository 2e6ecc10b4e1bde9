// A signed multiset of small keys, as a sorted array of (key, count): linear, compact, and already in
// canonical order. Counts may be negative while retractions arrive before what they retract; a count of 0
// leaves no trace.
//
// Adding a new key moves the entries behind it, so this is for at most a few thousand keys: the buckets of a
// quantile sketch, the exact part of a distinct count.
//
// Bytes: varint number of entries; per entry the varint distance of its key from the previous key (from
// `Key`'s smallest value for the first), and the zigzag varint count.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <type_traits>
#include <vector>

#include "engine/base/encoding.h"

namespace slipstream {

// Addition modulo 2^64: stored counts may be hostile, and a group must not trap.
constexpr std::int64_t wrapping_add(std::int64_t a, std::int64_t b) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
}
constexpr std::int64_t with_sign(std::int64_t count, int sign) {
  return sign < 0 ? static_cast<std::int64_t>(std::uint64_t{0} - static_cast<std::uint64_t>(count)) : count;
}

template <class Key>
class SignedCounts {
 public:
  struct Entry {
    Key key;
    std::int64_t count;
    friend bool operator==(const Entry&, const Entry&) = default;
  };

  void add(Key key, std::int64_t count) {
    const auto at = std::lower_bound(entries_.begin(), entries_.end(), key,
                                     [](const Entry& entry, Key wanted) { return entry.key < wanted; });
    if (at == entries_.end() || at->key != key) {
      if (count != 0) entries_.insert(at, {key, count});
      return;
    }
    at->count = wrapping_add(at->count, count);
    if (at->count == 0) entries_.erase(at);
  }

  void merge(const SignedCounts& other, int sign) {
    std::vector<Entry> merged;
    merged.reserve(entries_.size() + other.entries_.size());
    auto mine = entries_.begin();
    for (const Entry& theirs : other.entries_) {
      while (mine != entries_.end() && mine->key < theirs.key)
        merged.push_back(*mine++);
      Entry sum{theirs.key, with_sign(theirs.count, sign)};
      if (mine != entries_.end() && mine->key == theirs.key)
        sum.count = wrapping_add(sum.count, mine++->count);
      if (sum.count != 0) merged.push_back(sum);
    }
    merged.insert(merged.end(), mine, entries_.end());
    entries_ = std::move(merged);
  }

  // Replaces everything; the entries are sorted here, must have distinct keys and counts other than 0.
  void assign(std::vector<Entry> entries) {
    std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) { return a.key < b.key; });
    entries_ = std::move(entries);
  }

  const std::vector<Entry>& entries() const { return entries_; }
  std::size_t size() const { return entries_.size(); }
  bool empty() const { return entries_.empty(); }
  void clear() { std::vector<Entry>().swap(entries_); }
  std::size_t memory_bytes() const { return entries_.capacity() * sizeof(Entry); }

  void append_to(std::string& out) const {
    append_varint(out, entries_.size());
    Unsigned previous = kFirst;
    for (const Entry& entry : entries_) {
      append_varint(out, static_cast<Unsigned>(static_cast<Unsigned>(entry.key) - previous));
      append_zigzag(out, entry.count);
      previous = static_cast<Unsigned>(entry.key);
    }
  }

  // False when the bytes are no canonical multiset of keys within [first, last].
  bool read_from(ByteReader& in, Key first, Key last) {
    std::uint64_t size = 0;
    if (!in.read_varint(size) || size > in.rest().size() / 2) return false;
    std::vector<Entry> entries;
    entries.reserve(size);
    Unsigned previous = kFirst;
    for (std::uint64_t i = 0; i < size; ++i) {
      std::uint64_t distance = 0;
      std::int64_t count = 0;
      if (!in.read_varint(distance) || !in.read_zigzag(count)) return false;
      const std::uint64_t room = static_cast<Unsigned>(static_cast<Unsigned>(last) - previous);
      if (distance > room || (distance == 0 && i > 0) || count == 0) return false;
      previous = static_cast<Unsigned>(previous + distance);
      if (static_cast<Key>(previous) < first) return false;
      entries.push_back({static_cast<Key>(previous), count});
    }
    entries_ = std::move(entries);
    return true;
  }

 private:
  using Unsigned = std::make_unsigned_t<Key>;
  static constexpr auto kFirst = static_cast<Unsigned>(std::numeric_limits<Key>::min());
  std::vector<Entry> entries_;
};

}  // namespace slipstream
