// Choices of a simulation, all from one seed.
#pragma once

#include <cstdint>
#include <string>

#include "engine/base/time.h"
#include "engine/log/fault_choices.h"

namespace slipstream::simulator {

class Dice {
 public:
  explicit Dice(std::uint64_t seed) : choose_(choose_from_seed(seed)) {}

  std::uint64_t below(std::uint64_t bound) { return choose_(bound); }
  // Both ends included.
  std::int64_t between(std::int64_t low, std::int64_t high) {
    return low + static_cast<std::int64_t>(below(static_cast<std::uint64_t>(high - low) + 1));
  }
  Duration between(Duration low, Duration high) { return {between(low.us, high.us)}; }
  bool one_in(std::uint64_t many) { return below(many) == 0; }
  template <class List>
  const auto& of(const List& list) {
    return list[below(std::size(list))];
  }
  template <class List>
  void shuffle(List& list) {
    for (std::size_t left = list.size(); left > 1; --left)
      std::swap(list[left - 1], list[below(left)]);
  }
  // Another sequence of choices, for a part that must not disturb this one.
  Choose fork() { return choose_from_seed(below(UINT64_MAX)); }

 private:
  Choose choose_;
};

}  // namespace slipstream::simulator
