#include "connectors/http/event_queue.h"

#include <gtest/gtest.h>

namespace slipstream {
namespace {

class EventQueueTest : public testing::Test {
 protected:
  void SetUp() override {
    queue_.on_waiting([this] { ++woken_; });
  }
  void begin() { EXPECT_EQ(queue_.take(), std::nullopt); }  // the head is written

  int woken_ = 0;
  EventQueue queue_;
};

TEST_F(EventQueueTest, wakesOnceForWhatWaits) {
  begin();
  EXPECT_TRUE(queue_.is_idle());
  queue_.send("a");
  EXPECT_FALSE(queue_.is_idle());
  queue_.send("b");
  EXPECT_EQ(woken_, 1);
  EXPECT_EQ(queue_.take(), "ab");
  EXPECT_FALSE(queue_.is_idle()) << "it is being written";
  queue_.send("c");
  EXPECT_EQ(woken_, 1) << "the end of the write looks for more";
  EXPECT_EQ(queue_.take(), "c");
  EXPECT_EQ(queue_.take(), std::nullopt);
  EXPECT_TRUE(queue_.is_idle());
  queue_.send("d");
  EXPECT_EQ(woken_, 2);
}

TEST_F(EventQueueTest, waitsForTheHead) {
  EXPECT_TRUE(queue_.is_idle());
  queue_.send("a");
  EXPECT_EQ(woken_, 0);
  EXPECT_EQ(queue_.take(), "a");
}

TEST_F(EventQueueTest, closesRatherThanGrow) {
  begin();
  queue_.send(std::string(5 << 20, 'a'));  // of any size when it is idle
  EXPECT_FALSE(queue_.is_closed());
  EXPECT_TRUE(queue_.take());
  queue_.send(std::string(1 << 20, 'a'));
  EXPECT_FALSE(queue_.is_closed());
  queue_.send("b");
  EXPECT_TRUE(queue_.is_closed());
  EXPECT_EQ(woken_, 2) << "the connection is told";
  EXPECT_EQ(queue_.take(), std::nullopt);
}

TEST_F(EventQueueTest, commentsOnlyInSilence) {
  EXPECT_FALSE(queue_.begin_comment());
  begin();
  EXPECT_TRUE(queue_.begin_comment());
  EXPECT_FALSE(queue_.is_idle());
  EXPECT_FALSE(queue_.begin_comment());
  begin();
  queue_.send("a");
  EXPECT_FALSE(queue_.begin_comment());
}

TEST_F(EventQueueTest, isFinishedWhenWhatWasSentIsWritten) {
  begin();
  queue_.send("a");
  queue_.end();
  EXPECT_FALSE(queue_.is_finished());
  EXPECT_EQ(queue_.take(), "a");
  EXPECT_EQ(queue_.take(), std::nullopt);
  EXPECT_TRUE(queue_.is_finished());
}

TEST_F(EventQueueTest, isQuietWhenClosed) {
  begin();
  queue_.close();
  queue_.send("a");
  queue_.end();
  EXPECT_EQ(woken_, 0);
  EXPECT_TRUE(queue_.is_closed());
}

}  // namespace
}  // namespace slipstream
