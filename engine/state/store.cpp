#include "engine/state/store.h"

namespace slipstream {

std::string_view name_of(Family family) {
  static constexpr std::array<std::string_view, kFamilyCount> kNames = {
      "meta",   "entities", "rows",      "partials",  "totals",
      "timers", "alerts",   "reference", "sequences", "waiting"};
  return kNames.at(static_cast<std::size_t>(family));
}

}  // namespace slipstream
