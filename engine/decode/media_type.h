// The media type that a Content-Type names. Pure; any thread.
#pragma once

#include <string>
#include <string_view>

namespace slipstream {

// Without parameters, in lower case: "Text/CSV; header=present" is "text/csv".
std::string media_type(std::string_view content_type);

}  // namespace slipstream
