// POST /v1/dead-letters/OFFSET/replay: a refused record is given another chance, once.
#pragma once

#include "engine/app/service/state_answer.h"

namespace slipstream {

bool is_replay(const HttpRequest& request);
// 202 says how many were replayed, 1 or 0, and how many had been before. `now`: when that is. Waits for the log.
Result<HttpResponse> replay_letter(const ReadContext& context, const HttpRequest& request, Timestamp now);

}  // namespace slipstream
