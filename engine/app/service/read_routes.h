// Routes that answer from committed state, the log and the definitions. Any thread; nothing here changes anything.
#pragma once

#include <optional>

#include "engine/app/service/state_answer.h"

namespace slipstream {

// The answer to GET of a path below /v1, by the segments after "v1"; nullopt: there is no such path.
std::optional<HttpResponse> read_route(const ReadContext& context, const HttpRequest& request);

}  // namespace slipstream
