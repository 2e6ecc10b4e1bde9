// Routes that answer from committed state, the log and the definitions. Any thread; nothing here changes anything.
#pragma once

#include <functional>

#include "engine/app/service/state_answer.h"

namespace slipstream {

// What answers GET of a path, to be called while both arguments live; empty: there is no such path.
using GetRoute = std::function<Result<HttpResponse>()>;
// Of a path below /v1, by the segments after "v1".
GetRoute find_read_route(const ReadContext& context, const HttpRequest& request);

}  // namespace slipstream
