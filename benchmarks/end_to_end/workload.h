// What an end-to-end measurement feeds the engine: definitions, a deterministic stream of events, and the
// totals that must stand at the root when all of them are folded.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "engine/base/rational.h"
#include "engine/decode/event.h"

namespace slipstream::bench {

enum class Encoding : std::uint8_t { flatbuffers, json };

// Figures of the root by window label and measure.
using Totals = std::map<std::string, std::map<std::string, Rational>>;

class Workload {
 public:
  virtual ~Workload() = default;
  virtual std::string definitions() const = 0;
  virtual std::string_view view() const = 0;
  virtual std::string_view root() const = 0;
  virtual Encoding encoding() const { return Encoding::flatbuffers; }
  // Events that bring the state to where the measurement starts.
  virtual std::uint64_t preload() const = 0;
  // Writes event number `index`; the numbers are asked for in order, from 0. Its texts live until the next
  // call.
  virtual void write(std::uint64_t index, Event& event) = 0;
  // What has been written so far must come to. `clock`: the latest instant that any event showed.
  virtual Totals totals(Timestamp clock) const = 0;
};

// A number that looks random and depends on its argument alone (splitmix64's finaliser).
constexpr std::uint64_t scatter(std::uint64_t x) {
  x += 0x9E3779B97F4A7C15ULL;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9ULL;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBULL;
  return x ^ (x >> 31);
}

// Readings of a city's sensors, once a minute each, in random order.
struct ObservationShape {
  static constexpr int kDepthMax = 6;

  std::uint64_t keys = 100'000;
  std::uint64_t preload = 0;
  int depth =
      3;  // levels above a sensor, the city included, 1 to kDepthMax: 3 is district/ward/sensor below the city
  int views = 1;          // of the same readings, from 1 on
  int rules = 0;          // on the places right below the city
  bool extremes = false;  // min and max beside count and sum
  Encoding encoding = Encoding::flatbuffers;
};
std::unique_ptr<Workload> make_observations(const ObservationShape& shape);

// Tasks with deadlines: the preload assigns `tasks` of them, then they are extended, handed over, progressed
// and completed in random order.
std::unique_ptr<Workload> make_tasks(std::uint64_t tasks);

}  // namespace slipstream::bench
