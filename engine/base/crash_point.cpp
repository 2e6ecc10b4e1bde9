#include "engine/base/crash_point.h"

#include <signal.h>

#include <atomic>
#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "engine/base/error.h"

namespace slipstream {
namespace {

class CrashPlan {
 public:
  explicit CrashPlan(const char* text) {
    if (text == nullptr) return;
    name_ = text;
    const std::size_t colon = name_.find(':');
    if (colon == std::string::npos) return;
    const std::string count = name_.substr(colon + 1);
    const auto [end, error] = std::from_chars(count.data(), count.data() + count.size(), count_);
    // A test that dies nowhere because of a slip of the pen would prove nothing.
    SLIPSTREAM_INVARIANT(error == std::errc() && end == count.data() + count.size() && count_ > 0, text);
    name_.resize(colon);
  }

  bool ends(std::string_view name) { return name == name_ && ++passed_ == count_; }

 private:
  std::string name_;
  std::uint64_t count_ = 1;
  std::atomic<std::uint64_t> passed_ = 0;
};

}  // namespace

void crash_point(std::string_view name) {
  static CrashPlan plan(std::getenv("SLIPSTREAM_CRASH_AT"));
  if (plan.ends(name)) ::raise(SIGKILL);
}

}  // namespace slipstream
