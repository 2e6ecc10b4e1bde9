// What a thread is for, told to the system: its name (ps -L, top -H) and how the scheduler treats it where threads want more
// processors than there are. To be called by the thread, first of all.
#pragma once

#include <cstdint>
#include <string>

namespace slipstream {

enum class ThreadRole : std::uint8_t {
  usual,
  // Waits for people and works for microseconds: comes as soon as it can. On Linux from 6.12 by a short slice (sched(7));
  // elsewhere as usual.
  prompt,
  // Computes for as long as there is something to, or tells many at once: gives way to others, and has all that they
  // leave. So do the threads that it starts.
  steady,
};

// `name`: 15 bytes at most are kept.
void begin_thread(const std::string& name, ThreadRole role = ThreadRole::usual);

}  // namespace slipstream
