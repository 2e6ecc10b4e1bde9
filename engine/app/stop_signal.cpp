#include "engine/app/stop_signal.h"

#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <chrono>
#include <ctime>
#include <optional>

namespace slipstream {
namespace {

constexpr long kLookEveryNs = 50'000'000;
constexpr int kExitBySignal = 128;
// Who stops a process may signal it and then its group, as timeout(1) does: that is one wish, not impatience.
constexpr std::chrono::milliseconds kOneWish(500);

sigset_t stopping_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  return signals;
}

}  // namespace

StopSignal::StopSignal(std::function<void()> stop) : stop_(std::move(stop)) {
  const sigset_t signals = stopping_signals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  thread_ = std::thread([this] { wait(); });
}

StopSignal::~StopSignal() {
  done_.store(true);
  thread_.join();
  const sigset_t signals = stopping_signals();
  pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);
}

void StopSignal::wait() {
  const sigset_t signals = stopping_signals();
  const timespec look_every{0, kLookEveryNs};
  std::optional<std::chrono::steady_clock::time_point> asked;
  while (!done_.load()) {
    const int signal = sigtimedwait(&signals, nullptr, &look_every);
    if (signal <= 0) continue;
    const auto now = std::chrono::steady_clock::now();
    if (!asked) {
      asked = now;
      stop_();
    } else if (now - *asked > kOneWish) {
      _exit(kExitBySignal + signal);
    }
  }
}

}  // namespace slipstream
