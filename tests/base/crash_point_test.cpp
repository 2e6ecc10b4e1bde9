#include "engine/base/crash_point.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <stdlib.h>

#include <cstdio>
#include <thread>

namespace slipstream {
namespace {

// Each runs in a process of its own, since the variable is read once.
[[noreturn]] void pass(const char* crash_at, int times) {
  ::setenv("SLIPSTREAM_CRASH_AT", crash_at, 1);
  for (int passed = 1; passed <= times; ++passed) {
    crash_point("test.other");
    std::thread([] { crash_point("test.step"); }).join();
    std::fprintf(stderr, "passed %d.", passed);
  }
  std::_Exit(0);
}

const testing::ExitedWithCode kPassedAll(0);
const testing::KilledBySignal kKilled(SIGKILL);

TEST(CrashPointDeathTest, TheProcessIsKilledAtTheNamedPointOnly) {
  EXPECT_EXIT(pass("test.step", 3), kKilled, "^$");
  EXPECT_EXIT(pass("test.ste", 3), kPassedAll, "passed 3\\.$");
  EXPECT_EXIT(pass("", 3), kPassedAll, "passed 3\\.$");
}

TEST(CrashPointDeathTest, ACountLetsThePointPassThatOftenLessOne) {
  EXPECT_EXIT(pass("test.step:3", 5), kKilled, "passed 2\\.$");
  EXPECT_EXIT(pass("test.step:1", 5), kKilled, "^$");
  EXPECT_EXIT(pass("test.step:6", 5), kPassedAll, "passed 5\\.$");
}

TEST(CrashPointDeathTest, ACountThatIsNoneIsNotTakenForAPlan) {
  for (const char* text : {"test.step:", "test.step:0", "test.step:two", "test.step:2x"})
    EXPECT_DEATH(pass(text, 1), "invariant failed") << text;
}

}  // namespace
}  // namespace slipstream
