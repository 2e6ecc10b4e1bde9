// The ordered multiset behind min, max, first and last: keys that compare as bytes, each with a signed count,
// so that the next best value is at hand when the best one is retracted. Linear (guarantee G1): the order of
// additions, retractions and merges leaves no trace, counts may be negative in between, and an entry of count
// 0 vanishes.
//
// A measure that never retracts keeps the best key alone, with the count 1.
//
// Bytes: varint number of entries; per entry, ascending: the key as a string (varint length, bytes), zigzag
// varint count.
#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "engine/base/encoding.h"

namespace slipstream {

class OrderedCounts {
 public:
  enum class Keep : std::uint8_t { all, smallest, greatest };

  explicit OrderedCounts(Keep keep) : keep_(keep) {}
  // A count other than +1 is for Keep::all.
  void add(std::string key, std::int64_t count);
  void merge(const OrderedCounts& other, int sign);  // of the same Keep; sign -1 is for Keep::all
  bool empty() const { return counts_.empty(); }
  // Among the keys with a positive count; the view lives until the next change.
  std::optional<std::string_view> smallest() const;
  std::optional<std::string_view> greatest() const;

  std::size_t memory_bytes() const;
  void append_to(std::string& out) const;
  // `is_key` tells whether bytes are a key.
  template <class IsKey>
  bool read_from(ByteReader& in, IsKey is_key);

 private:
  using Counts = std::map<std::string, std::int64_t, std::less<>>;
  void keep_better(std::string key);

  Keep keep_;
  Counts counts_;
  std::size_t key_bytes_ = 0;  // of the keys too long to lie in their node
};

template <class IsKey>
bool OrderedCounts::read_from(ByteReader& in, IsKey is_key) {
  std::uint64_t size = 0;
  if (!in.read_varint(size) || size > in.rest().size() / 2 || (keep_ != Keep::all && size > 1)) return false;
  for (std::uint64_t i = 0; i < size; ++i) {
    std::string_view key;
    std::int64_t count = 0;
    if (!in.read_string(key) || !in.read_zigzag(count) || !is_key(key)) return false;
    if (count == 0 || (keep_ != Keep::all && count != 1)) return false;
    if (!counts_.empty() && key <= std::prev(counts_.end())->first) return false;
    add(std::string(key), count);
  }
  return true;
}

}  // namespace slipstream
