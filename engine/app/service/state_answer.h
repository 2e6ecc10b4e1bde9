// Answers from committed state: what they begin with, and what saves sending them again. Any thread.
#pragma once

#include <functional>
#include <memory>

#include "connectors/http/http_message.h"
#include "engine/app/deployment.h"
#include "engine/app/output/answer.h"
#include "engine/app/peers/whole_state.h"

namespace slipstream {

struct ReadContext {
  Deployment& deployment;
  std::shared_ptr<const Plan> plan;
  const WholeState& states;
  std::shared_ptr<const ShownState> past =
      nullptr;  // what is read instead of the newest state, as of an earlier instant
};

inline constexpr std::size_t kRowsByDefault = 1000;
inline constexpr std::size_t kRowsMax = 10'000;

// An answer's facts as_of, definitions and complete.
void add_state_facts(Answer& answer, const ShownState& shown);

// Answers from the newest state, or the past one, with an ETag of its version; 304 to one who has seen that, 503 while
// shards are away.
HttpResponse answer_state(const ReadContext& context, const HttpRequest& request, OutputFormat format,
                          const std::function<Result<>(Answer&, const ShownState&)>& write);

// What is wrong about a name in the path, or about a node, is that it is not there: 404 rather than 400.
Error as_unknown(const Error& error);

}  // namespace slipstream
