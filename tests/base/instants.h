// Instants and zones by their names.
#pragma once

#include "engine/base/time.h"

namespace slipstream {

inline Zone zone(std::string_view name) { return Zone::find(name).value(); }
inline Timestamp utc(std::string_view text) { return parse_timestamp(text).value(); }

}  // namespace slipstream
