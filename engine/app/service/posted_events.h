// The events in the body of a request, as the CloudEvents HTTP protocol binding has them: one in structured or binary
// mode, a batch, or JSON Lines. Pure functions; any thread.
#pragma once

#include <string>
#include <vector>

#include "connectors/http/http_message.h"
#include "engine/base/error.h"
#include "engine/log/event_log.h"

namespace slipstream {

struct PostedEvent {
  std::string value;
  std::vector<Header> headers;  // as the Kafka protocol binding names them: ce_id, content-type
};

inline constexpr std::size_t kPostedEventsMax = 10'000;

// By the Content-Type:
//   application/cloudevents+json        one event
//   application/cloudevents-batch+json  an array of events
//   application/x-ndjson                one event a line; empty lines are passed over
//   application/json                    one event or an array; with ce-* headers the data of one
//   application/x-flatbuffers           one event
// Errors: usage for another content type, and malformed_record for a body that is not what it says or holds no event
// or too many.
Result<std::vector<PostedEvent>> posted_events(const HttpRequest& request);

}  // namespace slipstream
