// A write-back cache of small values in front of one store family: entities, sequence windows, alert states.
//
// Values are read once, changed in memory, and handed over in key order when a commit is sealed; clean ones
// are dropped when memory runs short (second chance). Owned by the shard's thread.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/state/store.h"

namespace slipstream {

class HotValues {
 public:
  struct Entry {
    std::string key;
    std::string value;  // empty: not there
    bool dirty = false;
    bool used = false;  // since the last sweep
  };

  HotValues(Family family, const StateReader& store);

  // The value in memory or in the store; an entry with an empty value when there is none. Valid until
  // shrink().
  Result<Entry*> load(std::string_view key);
  // Loads what is missing of these keys in one store call.
  Result<> prefetch(std::vector<std::string>& keys);
  // The keys that begin with `prefix` and have a value, ascending.
  Result<std::vector<std::string>> keys_with(std::string_view prefix) const;
  // To be called before every change of entry.value.
  void mark_dirty(Entry& entry);
  // Appends the changed entries in key order (an empty value as a deletion).
  void seal(StateBatch& batch);
  void shrink(std::size_t bytes);
  std::size_t memory_bytes() const { return memory_bytes_; }  // of the clean entries
  std::size_t dirty_bytes() const { return dirty_bytes_; }    // of the others, as they became dirty

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view key) const;
  };
  // With its slot in the map, which is two thirds full, and what allocators round up to.
  static std::size_t bytes_of(const Entry& entry) {
    return sizeof(Entry) + 48 + entry.key.capacity() + entry.value.capacity() * 9 / 8;
  }
  Entry* add(std::string_view key, std::string value);

  Family family_;
  const StateReader* store_;
  boost::unordered_flat_map<std::string_view, std::unique_ptr<Entry>, Hash, std::equal_to<>> entries_;
  std::vector<Entry*> dirty_;
  std::size_t memory_bytes_ = 0;
  std::size_t dirty_bytes_ = 0;
  bool store_is_empty_ = false;  // known to hold nothing, dropped entries included
};

}  // namespace slipstream
