#include "engine/aggregate/row_index.h"

#include <utility>

namespace slipstream {
namespace {

constexpr std::size_t kSlotsMin = 64;
constexpr std::size_t kLoadMaxPercent = 80;

}  // namespace

void RowIndex::place(std::uint64_t hash, SliceRow* row) {
  std::size_t at = hash & mask();
  while (slots_[at].row != nullptr)
    at = (at + 1) & mask();
  slots_[at] = {hash, row};
}

void RowIndex::grow() {
  const std::vector<Slot> before =
      std::exchange(slots_, std::vector<Slot>(slots_.empty() ? kSlotsMin : 2 * slots_.size()));
  for (const Slot& slot : before)
    if (slot.row != nullptr) place(slot.hash, slot.row);
}

void RowIndex::insert(std::uint64_t hash, SliceRow* row) {
  if (100 * (size_ + 1) > kLoadMaxPercent * slots_.size()) grow();
  place(hash, row);
  ++size_;
}

void RowIndex::erase(std::uint64_t hash, const SliceRow* row) {
  std::size_t at = hash & mask();
  while (slots_[at].row != row)
    at = (at + 1) & mask();
  close_gap(at);
}

// Empties a slot and moves up what was pushed past it by the rows before, so that no search ends early.
void RowIndex::close_gap(std::size_t at) {
  --size_;
  std::size_t gap = at;
  for (std::size_t next = (gap + 1) & mask(); slots_[next].row != nullptr; next = (next + 1) & mask()) {
    const std::size_t home = slots_[next].hash & mask();
    if (((next - home) & mask()) < ((next - gap) & mask())) continue;  // it would move before its home
    slots_[gap] = slots_[next];
    gap = next;
  }
  slots_[gap] = {};
}

}  // namespace slipstream
