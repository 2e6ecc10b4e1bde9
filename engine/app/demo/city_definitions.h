// The definitions of the made-up city: what it counts, wants, and is to be told.
#pragma once

#include <string>
#include <vector>

namespace slipstream {

std::string city_definitions(const std::vector<std::string>& units);

}  // namespace slipstream
