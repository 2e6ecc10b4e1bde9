// Definitions from a YAML file.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "engine/definition/diagnostic.h"
#include "engine/definition/plan.h"

namespace slipstream {

// On failure return null and append at least one diagnostic.
std::shared_ptr<const Plan> load_definition_file(const std::filesystem::path& path, Diagnostics& diagnostics);
std::shared_ptr<const Plan> load_definition_text(std::string_view yaml, const std::string& file,
                                                 Diagnostics& diagnostics);

}  // namespace slipstream
