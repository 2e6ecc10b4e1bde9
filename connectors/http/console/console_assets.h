// The files of the console's page, as they were when this was built (build.mjs). Any thread.
#pragma once

#include <span>
#include <string_view>

namespace slipstream {

struct ConsoleAsset {
  std::string_view path;  // below /console/; empty: the page itself
  std::string_view content_type;
  std::string_view hash;  // of the body
  bool is_immutable;      // the path has the hash in it
  std::string_view body;
};

// Empty: built with SLIPSTREAM_CONSOLE=OFF.
std::span<const ConsoleAsset> console_assets();

}  // namespace slipstream
