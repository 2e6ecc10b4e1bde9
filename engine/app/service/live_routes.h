// Paths that are watched: /v1/views/NAME/stream, /v1/kpis/NAME/stream, /v1/scoreboard/stream and /v1/alerts/stream,
// each with the filters of the path above it. Any thread.
#pragma once

#include "engine/app/service/live_rows.h"
#include "engine/app/service/read_routes.h"

namespace slipstream {

bool is_live_path(const HttpRequest& request);

// What the request watches. `query` is the same for equal requests. Errors: usage, unknown_name.
struct LiveQuery {
  std::string query;
  EvaluateRows evaluate;
};
Result<LiveQuery> live_query(const ReadContext& context, const HttpRequest& request);

}  // namespace slipstream
