// The events of the comparison with peers: readings of a city's sensors. Each is a function of its number, so the filler, which
// writes down what it sends, needs no memory of what it has sent.
#pragma once

#include <cstdint>
#include <string>

#include "engine/decode/event.h"

namespace slipstream::bench {

struct ReadingShape {
  std::uint64_t events = 0;
  std::uint64_t sensors = 0;
  bool skewed = false;  // a third of the events are of a hundredth of the sensors
  bool late = false;    // 5 in 100 up to 40 days late, 1 in 100 sent twice
};

// What counts of a reading, for the recompute; the bytes of the filler's record of them.
struct ReadingRecord {
  std::uint32_t sensor = 0;
  std::int32_t tenths = 0;
  std::int64_t effective_us = 0;
};

class Readings {
 public:
  explicit Readings(const ReadingShape& shape) : shape_(shape) {}

  // Writes event number `index`; its texts live until the next call. Nothing new counts when it is a copy of one before.
  struct Written {
    ReadingRecord counts;
    bool copy = false;
  };
  Written write(std::uint64_t index, Event& event);

 private:
  std::uint64_t sensor_of(std::uint64_t index) const;

  const ReadingShape shape_;
  std::string node_, id_, source_;
};

}  // namespace slipstream::bench
