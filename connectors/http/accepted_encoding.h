// Accept-Encoding (RFC 9110, 12.5.3).
#pragma once

#include <string_view>

namespace slipstream {

// Whether an answer may be compressed with gzip; of several headers, their values joined by commas. What cannot be
// understood allows nothing.
bool accepts_gzip(std::string_view accept_encoding);

}  // namespace slipstream
