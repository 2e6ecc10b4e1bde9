#include "connectors/http/server_state.h"

#include "connectors/http/wall_clock.h"

namespace slipstream {

AnswerForm ServerState::form_now(AnswerForm asked) const {
  asked.keeps_alive = asked.keeps_alive && !is_stopping;
  return asked;
}

std::optional<HttpAnswer> ServerState::answer_quickly(const HttpRequest& request,
                                                      const AnswerForm& asked) const {
  if (!quick_answer) return std::nullopt;
  try {
    auto response = quick_answer(request);
    if (!response) return std::nullopt;
    return make_answer(*std::move(response), form_now(asked), unix_seconds_now());
  } catch (...) {
    return std::nullopt;
  }
}

}  // namespace slipstream
