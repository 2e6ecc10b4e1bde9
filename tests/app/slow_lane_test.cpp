#include "engine/app/service/slow_lane.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <new>
#include <vector>

namespace slipstream {
namespace {

constexpr auto kPatience = std::chrono::seconds(30);

TEST(SlowLane, WorksInOrderAndEndsWithWhatWaits) {
  std::vector<int> done;
  std::atomic<bool> was_stopping = false;
  {
    SlowLane lane(minutes(1), [] {});
    for (int i = 0; i < 3; ++i)
      ASSERT_TRUE(lane.push([&, i] { done.push_back(i); }));
    std::promise<void> begun;
    ASSERT_TRUE(lane.push([&] {
      begun.set_value();
      while (!lane.is_stopping())
        std::this_thread::yield();
      was_stopping = true;
    }));
    ASSERT_TRUE(lane.push([&] { done.push_back(3); }));
    ASSERT_EQ(begun.get_future().wait_for(kPatience), std::future_status::ready);
  }
  EXPECT_TRUE(was_stopping);
  EXPECT_EQ(done, (std::vector<int>{0, 1, 2, 3}));
}

TEST(SlowLane, TakesNoMoreThanMayWait) {
  std::promise<void> begun, end;
  SlowLane lane(minutes(1), [] {});
  ASSERT_TRUE(lane.push([&] {
    begun.set_value();
    end.get_future().wait_for(kPatience);
  }));
  ASSERT_EQ(begun.get_future().wait_for(kPatience), std::future_status::ready);
  for (std::size_t i = 0; i < SlowLane::kWaitingMax; ++i)
    EXPECT_TRUE(lane.push([] {}));
  EXPECT_FALSE(lane.push([] {}));
  end.set_value();
}

TEST(SlowLane, GoesOnAfterWorkThatThrows) {
  std::promise<void> done;
  SlowLane lane(minutes(1), [] {});
  ASSERT_TRUE(lane.push([] { throw std::bad_alloc(); }));
  ASSERT_TRUE(lane.push([&] { done.set_value(); }));
  EXPECT_EQ(done.get_future().wait_for(kPatience), std::future_status::ready);
}

TEST(SlowLane, RestsOnceAndGoesOn) {
  std::atomic<int> rests = 0;
  std::promise<void> rested, again;
  SlowLane lane(milliseconds(20), [&] {
    if (++rests == 1) rested.set_value();
    if (rests == 2) again.set_value();
  });
  ASSERT_EQ(rested.get_future().wait_for(kPatience), std::future_status::ready);
  ASSERT_TRUE(lane.push([] {}));
  ASSERT_EQ(again.get_future().wait_for(kPatience), std::future_status::ready);
  EXPECT_EQ(rests, 2);
}

}  // namespace
}  // namespace slipstream
