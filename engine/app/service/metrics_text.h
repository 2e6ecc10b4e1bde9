// What /metrics answers, in Prometheus' text format. Names and meanings are in docs/api.md. Any thread.
#pragma once

#include <string>

#include "connectors/http/http_server.h"
#include "engine/app/instance.h"
#include "engine/app/service/event_intake.h"

namespace slipstream {

struct MetricsSource {
  InstanceStatus status;          // of about a second ago
  Timestamp now;                  // of the instance's clock
  std::vector<CommitNote> notes;  // of the shards that are here
  HttpServer::Counts http;
  EventIntake::Counts intake;
};

std::string metrics_text(const MetricsSource& source);

}  // namespace slipstream
