#include "connectors/definition/load_file.h"

#include "connectors/definition/yaml_document.h"
#include "engine/definition/load.h"

namespace slipstream {

std::shared_ptr<const Plan> load_definition_file(const std::filesystem::path& path,
                                                 Diagnostics& diagnostics) {
  const auto document = read_yaml_file(path, diagnostics);
  return document ? load_definitions(*document, path.string(), diagnostics) : nullptr;
}

std::shared_ptr<const Plan> load_definition_text(std::string_view yaml, const std::string& file,
                                                 Diagnostics& diagnostics) {
  const auto document = parse_yaml(yaml, file, diagnostics);
  return document ? load_definitions(*document, file, diagnostics) : nullptr;
}

}  // namespace slipstream
