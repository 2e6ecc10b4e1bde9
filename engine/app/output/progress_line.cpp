#include "engine/app/output/progress_line.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>

#include "engine/app/instance_clock.h"

namespace slipstream {
namespace {

constexpr auto kRewriteEvery = std::chrono::milliseconds(200);
constexpr auto kLineEvery = std::chrono::seconds(10);

}  // namespace

ProgressLine::ProgressLine(bool quiet, MessageFormat format)
    : quiet_(quiet), format_(format), rewrites_(format == MessageFormat::text && isatty(STDERR_FILENO) == 1) {
  const auto now = std::chrono::steady_clock::now();
  next_ = rewrites_ ? now : now + kLineEvery;
}

void ProgressLine::show(std::string_view text) {
  const auto now = std::chrono::steady_clock::now();
  if (quiet_ || now < next_) return;
  next_ = now + (rewrites_ ? std::chrono::nanoseconds(kRewriteEvery) : std::chrono::nanoseconds(kLineEvery));
  if (rewrites_) {
    std::fprintf(stderr, "\r\x1b[K%.*s", static_cast<int>(text.size()), text.data());
    open_ = true;
  } else {
    fmt::print(stderr, "{}\n", message_line(format_, Severity::info, text, system_now()));
  }
  std::fflush(stderr);
}

void ProgressLine::erase() {
  if (open_) std::fputs("\r\x1b[K", stderr);
  open_ = false;
}

void ProgressLine::end() {
  if (open_) std::fputc('\n', stderr);
  open_ = false;
}

}  // namespace slipstream
