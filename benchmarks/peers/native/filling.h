// The events of the comparison with peers: a function of their numbers, which are asked for in order, from 0.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "engine/decode/event.h"

namespace slipstream::bench {

class Filling {
 public:
  virtual ~Filling() = default;
  // Writes event number `index`, whose texts live until the next call. Returns what counts of it, in the bytes that the
  // recompute (workloads.py) reads; nothing when it is a copy of one before.
  virtual std::string_view write(std::uint64_t index, Event& event) = 0;
};

struct ReadingShape {
  std::uint64_t events = 0;
  std::uint64_t sensors = 0;
  bool skewed = false;  // a third of the events are of a hundredth of the sensors
  bool late = false;    // 5 in 100 up to 40 days late, 1 in 100 sent twice; sensors number their readings
};
std::unique_ptr<Filling> readings_of(const ReadingShape& shape);

// Tasks that are assigned (two in five events), then extended, reassigned and completed in random order.
std::unique_ptr<Filling> tasks_of(std::uint64_t events);

}  // namespace slipstream::bench
