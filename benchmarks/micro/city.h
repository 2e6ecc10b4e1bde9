// What the benchmarks of whole stages share: definitions, and the readings of a city's sensors.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/base/error.h"
#include "engine/decode/event.h"
#include "engine/definition/plan.h"
#include "engine/shard/entity_contributions.h"

namespace slipstream::bench {

// 2026-03-01T00:00:00Z: all readings are of this instant, and so of one slice.
inline constexpr Timestamp kNow{1'772'323'200'000'000};

// Count and sum by day, as the end-to-end benchmark's `observations`.
extern const std::string_view kAir;

// A benchmark whose set-up fails measures nothing: these end the program with the error's message.
void must(const Result<>& result);
template <class T>
T must(Result<T> result) {
  if (!result) must(Result<>(tl::unexpected(result.error())));
  return *std::move(result);
}
Plan plan_of(std::string_view definitions);

// One reading of each of so many sensors, `depth` levels below the root. Every place has ten places or sensors below
// it.
class Readings {
 public:
  Readings(int sensors, int depth);
  const std::vector<Event>& events() const { return events_; }

 private:
  std::vector<std::string> nodes_, ids_;  // what the events point into
  std::vector<Event> events_;
};

// What readings contribute to the first view of a plan. All three are to live as long.
std::vector<Contribution> contributions_of(const Readings& readings, EntityContributions& contributions);

}  // namespace slipstream::bench
