// Reads YAML into a Document. The YAML is a plain subset: one document, maps with text keys, lists, scalars;
// no anchors, aliases or tags, so that what a file says is what stands in it and no small file expands into a
// large one.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "engine/definition/diagnostic.h"
#include "engine/definition/document.h"

namespace slipstream {

inline constexpr std::size_t kYamlBytesMax = 1 << 20;
inline constexpr std::size_t kYamlDepthMax = 64;

// On failure returns nullopt and appends at least one diagnostic: every construct outside the subset, and the
// first syntax error (what follows one cannot be read reliably). `file` is the name diagnostics show.
std::optional<Document> parse_yaml(std::string_view text, const std::string& file, Diagnostics& diagnostics);
std::optional<Document> read_yaml_file(const std::filesystem::path& path, Diagnostics& diagnostics);

}  // namespace slipstream
