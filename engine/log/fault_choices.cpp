#include "engine/log/fault_choices.h"

namespace slipstream {

Choose choose_from_seed(std::uint64_t seed) {
  return [state = seed](std::uint64_t bound) mutable {
    state += 0x9e3779b97f4a7c15;
    std::uint64_t mixed = state;
    mixed = (mixed ^ mixed >> 30) * 0xbf58476d1ce4e5b9;
    mixed = (mixed ^ mixed >> 27) * 0x94d049bb133111eb;
    return (mixed ^ mixed >> 31) % bound;
  };
}

// A fault that never happens costs no choice: switching one off leaves the choices of the others as they
// were.
bool happens(const Choose& choose, OneIn one_in) { return one_in != 0 && choose(one_in) == 0; }

}  // namespace slipstream
