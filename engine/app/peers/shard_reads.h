// Answers other instances that read the shards of this one: committed state, commit by commit. Any thread; it waits for
// disks alone, never for another instance.
#pragma once

#include <memory>

#include "connectors/http/http_message.h"
#include "engine/app/state_shelf.h"

namespace slipstream {

class ShardReads {
 public:
  // The shelf outlives it.
  ShardReads(StateShelf& shelf, std::shared_ptr<const Plan> plan) : shelf_(shelf), plan_(std::move(plan)) {}

  HttpResponse answer(const HttpRequest& request);

 private:
  HttpResponse newest(const HttpRequest& request);
  HttpResponse get(const HttpRequest& request);
  HttpResponse scan(const HttpRequest& request);

  StateShelf& shelf_;
  const std::shared_ptr<const Plan> plan_;
};

}  // namespace slipstream
