#include "connectors/http/server_state.h"

#include "connectors/http/wall_clock.h"

namespace slipstream {

std::optional<HttpAnswer> ServerState::answer_quickly(const HttpRequest& request, AnswerForm form) const {
  if (!quick_answer) return std::nullopt;
  try {
    auto response = quick_answer(request);
    if (!response) return std::nullopt;
    form.keeps_alive = form.keeps_alive && !is_stopping;
    return make_answer(*std::move(response), form, unix_seconds_now());
  } catch (...) {
    return std::nullopt;
  }
}

}  // namespace slipstream
