// What people do about alerts over HTTP, as the events that say so:
//   POST /v1/alerts/ID/acknowledge  {"person": ..., "note": ..., "reason": ..., "follow_up_at": ...}
//   POST /v1/alerts/ID/silence      {"until": ..., "person": ..., "note": ..., "reason": ...}
// A request that is repeated with the same Idempotency-Key is one act. Any thread.
#pragma once

#include "engine/app/service/posted_events.h"
#include "engine/app/service/state_answer.h"

namespace slipstream {

bool is_alert_action(const HttpRequest& request);  // by its path

// The event of an act. Errors: unknown_name for an alert that never was, malformed_record for a body that is not a JSON
// object; what its members say is checked as every event is.
Result<PostedEvent> alert_action(const CommittedState& state, const HttpRequest& request, Timestamp now);

}  // namespace slipstream
