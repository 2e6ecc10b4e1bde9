// The web console: its page at / and its files below /console/. Any thread.
#pragma once

#include <functional>

#include "engine/app/service/read_routes.h"

namespace slipstream {

// What answers GET of the page or of one of its files, to be called while the request lives; empty: there is no such
// path.
GetRoute find_console_route(const HttpRequest& request);

}  // namespace slipstream
