// A compact summary of compiled definitions, for people: what `slipstream validate` prints when nothing is
// wrong.
#pragma once

#include <string>

#include "engine/definition/plan.h"

namespace slipstream {

// Several lines, the last one ended: version and calendar, then every view with its windows and measures and
// their types, every KPI, target and alert.
std::string describe(const Plan& plan);

}  // namespace slipstream
