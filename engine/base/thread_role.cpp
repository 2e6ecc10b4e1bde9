#include "engine/base/thread_role.h"

#include <pthread.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace slipstream {
namespace {

constexpr std::size_t kNameBytesMax = 15;
constexpr std::uint64_t kPromptSliceNs = 100'000;
constexpr int kSteadyNice = 10;

// The kernel's struct sched_attr, of which no header of Debian 12 has the declaration.
struct SchedulingAttributes {
  std::uint32_t size = sizeof(SchedulingAttributes);
  std::uint32_t policy = 0;
  std::uint64_t flags = 0;
  std::int32_t nice = 0;
  std::uint32_t priority = 0;
  std::uint64_t runtime = 0;  // of a thread that is not real-time: its slice, in nanoseconds; 0: the system's
  std::uint64_t deadline = 0, period = 0;
};

// What the system does not grant stays as it is: nothing depends on it but how long others wait.
void ask_for_short_slices() {
  SchedulingAttributes attributes;
  if (::syscall(SYS_sched_getattr, 0, &attributes, sizeof attributes, 0) != 0) return;
  attributes.size = sizeof attributes;
  attributes.runtime = kPromptSliceNs;
  ::syscall(SYS_sched_setattr, 0, &attributes, 0);
}

// Niceness is a thread's own on Linux.
void give_way() {
  const auto thread = static_cast<id_t>(::syscall(SYS_gettid));
  if (::getpriority(PRIO_PROCESS, thread) < kSteadyNice) ::setpriority(PRIO_PROCESS, thread, kSteadyNice);
}

}  // namespace

void begin_thread(const std::string& name, ThreadRole role) {
  ::pthread_setname_np(::pthread_self(), name.substr(0, kNameBytesMax).c_str());
  if (role == ThreadRole::prompt) ask_for_short_slices();
  if (role == ThreadRole::steady) give_way();
}

}  // namespace slipstream
