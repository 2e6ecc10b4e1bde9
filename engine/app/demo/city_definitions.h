// The definitions of the made-up city: what it counts, wants, and is to be told.
#pragma once

#include <cstdint>
#include <string>

#include "engine/app/demo/organisation.h"

namespace slipstream {

// YAML; the targets are those of `year`.
std::string city_definitions(const CityOrganisation& city, std::int32_t year);

}  // namespace slipstream
