// The hash table of a RowTable: open addressing, linear probing; a slot is a row's hash and address.
//
// Not one of the libraries' tables because of what none of them offers: prefetch(). A table of many rows is
// memory that no cache holds, and a batch of look-ups that announces itself waits for that memory once, not
// once for each row. Owned by the shard's thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace slipstream {

struct SliceRow;

class RowIndex {
 public:
  std::size_t size() const { return size_; }
  static constexpr std::size_t kBytesPerRow = 24;  // slots and their vacancy, on average

  // Begins to fetch the slot where a row of this hash would be.
  void prefetch(std::uint64_t hash) const {
    if (!slots_.empty()) __builtin_prefetch(&slots_[hash & mask()]);
  }
  // The first row of this hash for which is(row) holds; null if there is none.
  template <class Is>
  SliceRow* find(std::uint64_t hash, Is is) const {
    if (slots_.empty()) return nullptr;
    for (std::size_t at = hash & mask(); slots_[at].row != nullptr; at = (at + 1) & mask())
      if (slots_[at].hash == hash && is(*slots_[at].row)) return slots_[at].row;
    return nullptr;
  }
  // A row that is not there yet.
  void insert(std::uint64_t hash, SliceRow* row);
  // A row that is there.
  void erase(std::uint64_t hash, const SliceRow* row);

  template <class Visit>
  void for_each(Visit visit) const {
    for (const Slot& slot : slots_)
      if (slot.row != nullptr) visit(*slot.row);
  }
  // Erases the rows for which gone(row, share) says so, which it may then free; it is asked of some rows
  // twice. `share`: how much of the table has been visited, from 0 to 1. What is spared must not depend on
  // where in the table a row lies: one whose second half stays full while its first is emptied has no short
  // way to a free slot.
  template <class Gone>
  void erase_if(Gone gone) {
    const double slots = static_cast<double>(slots_.size());
    for (std::size_t at = 0; at < slots_.size();)
      if (slots_[at].row != nullptr && gone(*slots_[at].row, static_cast<double>(at) / slots)) {
        close_gap(at);  // what moves here is asked next
      } else {
        ++at;
      }
  }

 private:
  struct Slot {
    std::uint64_t hash = 0;
    SliceRow* row = nullptr;
  };

  std::size_t mask() const { return slots_.size() - 1; }
  void place(std::uint64_t hash, SliceRow* row);
  void close_gap(std::size_t at);
  void grow();

  std::vector<Slot> slots_;  // a power of two, at most kLoadMax full
  std::size_t size_ = 0;
};

}  // namespace slipstream
