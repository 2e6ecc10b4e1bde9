#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace slipstream {

// RFC 1952. nullopt: there is no memory for it, or the text is of 2 GiB and more.
std::optional<std::string> gzip(std::string_view text);

}  // namespace slipstream
