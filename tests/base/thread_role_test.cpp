#include "engine/base/thread_role.h"

#include <gtest/gtest.h>

#include <fstream>
#include <thread>

#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace slipstream {
namespace {

struct Thread {
  std::string name;
  int nice = 0;
};

Thread begun(const std::string& name, ThreadRole role) {
  Thread seen;
  std::thread([&] {
    begin_thread(name, role);
    const auto thread = ::syscall(SYS_gettid);
    std::getline(std::ifstream("/proc/self/task/" + std::to_string(thread) + "/comm"), seen.name);
    seen.nice = ::getpriority(PRIO_PROCESS, static_cast<id_t>(thread));
  }).join();
  return seen;
}

TEST(ThreadRole, IsToldToTheSystem) {
  const int nice = ::getpriority(PRIO_PROCESS, 0);
  EXPECT_EQ(begun("http-io", ThreadRole::prompt).name, "http-io");
  EXPECT_EQ(begun("http-io", ThreadRole::prompt).nice, nice);
  EXPECT_EQ(begun("a-name-that-is-too-long", ThreadRole::usual).name, "a-name-that-is-");
  EXPECT_GE(begun("shard-12", ThreadRole::steady).nice, std::max(nice, 10));
  EXPECT_EQ(::getpriority(PRIO_PROCESS, 0), nice) << "the others stay as they are";
}

}  // namespace
}  // namespace slipstream
