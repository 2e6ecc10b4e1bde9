// The HTTP service of an instance: routes requests to answers from committed state, takes events in, tells how the
// instance is. handle() by any thread; docs/api.md has the paths.
#pragma once

#include <functional>
#include <memory>
#include <mutex>

#include "connectors/http/http_server.h"
#include "engine/app/instance.h"
#include "engine/app/service/event_intake.h"
#include "engine/app/service/live_rows.h"
#include "engine/app/service/past_states.h"
#include "engine/app/service/read_routes.h"
#include "engine/app/service/slow_lane.h"

namespace slipstream {

enum class Role : std::uint8_t {
  worker,  // runs the shards that it is assigned
  reader,  // runs none, and answers all the same
};

class Service {
 public:
  // All outlive the service.
  Service(const Configuration& configuration, Deployment& deployment, std::shared_ptr<const Plan> plan,
          const WholeState& states, Role role);

  void handle(HttpRequest request, HttpResponder responder);
  // As HttpServer::QuickAnswer.
  std::optional<HttpResponse> quick_answer(const HttpRequest& request) const;
  // What the instance tells of itself, about once a second.
  void show(const InstanceStatus& status);
  // Whose counts /metrics tells.
  void show(const HttpServer& server) { server_ = &server; }

 private:
  // The answer to a request that needs no waiting.
  HttpResponse answer(const HttpRequest& request);
  GetRoute find_get(const HttpRequest& request) const;
  HttpResponse ready(const HttpRequest& request) const;
  HttpResponse started() const;
  HttpResponse metrics() const;
  HttpResponse status_of_instance(const HttpRequest& request) const;
  void take_events(const HttpRequest& request, HttpResponder responder);
  void replay(const HttpRequest& request, HttpResponder responder);
  void act_on_alert(const HttpRequest& request, HttpResponder responder);
  void take(std::vector<PostedEvent> events, HttpResponder responder);
  void watch(const HttpRequest& request, HttpResponder responder);
  // Answers in the slow lane, from the newest state or one as of an earlier instant.
  void answer_slowly(HttpRequest request, HttpResponder responder);
  void answer_past(HttpRequest request, const std::string& as_of, HttpResponder responder);
  InstanceStatus status() const;

  const ReadContext reading_;
  const Role role_;
  const ClockMode clock_mode_;
  InstanceClock clock_;
  EventIntake intake_;
  LiveHub live_;
  PastStates past_;  // the slow lane's own
  std::atomic<const HttpServer*> server_{nullptr};
  mutable std::mutex mutex_;
  InstanceStatus status_;             // guarded by mutex_
  mutable bool has_started_ = false;  // guarded by mutex_: every shard that was to be here was here once
  SlowLane slow_lane_;                // last: its thread uses the others
};

}  // namespace slipstream
