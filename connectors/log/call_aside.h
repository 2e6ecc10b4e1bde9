// A call of librdkafka that does not keep to the time it is given: made by a thread of its own, which is left
// behind when it takes too long.
#pragma once

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include "connectors/log/patience.h"

namespace slipstream {

// What `call` returns; nullopt: it is still at it when the wait is over. Whatever it uses must live as long as
// it runs: let it own that.
template <class Call>
auto call_aside(const Patience::Wait& wait, Call call) -> std::optional<decltype(call())> {
  struct State {
    std::mutex mutex;
    std::condition_variable returned;
    std::optional<decltype(call())> result;  // guarded by mutex
  };
  const auto state = std::make_shared<State>();
  std::thread([state, call = std::move(call)]() mutable {
    auto result = call();
    const std::scoped_lock lock(state->mutex);
    state->result = std::move(result);
    state->returned.notify_one();
  }).detach();
  std::unique_lock lock(state->mutex);
  while (!state->result && !wait.is_over())
    state->returned.wait_for(lock, std::chrono::microseconds(wait.piece().us));
  return std::exchange(state->result, std::nullopt);
}

}  // namespace slipstream
