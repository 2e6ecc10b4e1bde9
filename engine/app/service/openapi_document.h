// schemas/openapi.yaml, as it was when this was built.
#pragma once

#include <string_view>

namespace slipstream {

std::string_view openapi_document();

}  // namespace slipstream
