// Loads definitions: from a Document to a Plan, or to every error at once.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "engine/definition/diagnostic.h"
#include "engine/definition/plan.h"

namespace slipstream {

// On failure returns null and appends at least one diagnostic. `file` is the name diagnostics show.
std::shared_ptr<const Plan> load_definitions(const Document& document, const std::string& file,
                                             Diagnostics& diagnostics);

}  // namespace slipstream
