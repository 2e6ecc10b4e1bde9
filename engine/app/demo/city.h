// A made-up city: departments, communes and officers with half a year of tasks, a health programme that
// reports every month, and air sensors. The same seed and size give the same bytes everywhere.
//
// One commune, An Hải, lets its tasks slip from April on; another, Bà Nà, falls behind with its programme:
// what the demo is to find.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "engine/base/time.h"

namespace slipstream {

enum class CitySize : std::uint8_t { small, city };

struct CityEvent {
  Timestamp effective_at;
  std::string json;  // a CloudEvent, one line without its end
};

struct City {
  std::string definitions;         // YAML
  std::vector<std::string> units;  // departments, then communes
  std::string root;
  Timestamp begins, ends;  // all events lie in [begins, ends)
};

// Calls visit for every event, not in the order of time.
City generate_city(std::uint64_t seed, CitySize size, const std::function<void(CityEvent&&)>& visit);

}  // namespace slipstream
