// How instances share out shards. Needs a broker, as tests/kafka/CMakeLists.txt starts it.
#include <chrono>
#include <functional>
#include <thread>

#include "tests/kafka/kafka_test.h"

namespace slipstream {
namespace {

using Members = std::vector<Membership*>;

class KafkaMembershipTest : public KafkaTest {
 protected:
  void SetUp() override {
    KafkaTest::SetUp();
    if (IsSkipped()) return;
    options_.settings["session.timeout.ms"] = "1500";
    const auto log = open(options_);
    ASSERT_TRUE(log->create_topic({topic_, 4, Cleanup::retain, {}, {}}));
  }

  std::unique_ptr<Membership> join(const std::string& name, const std::string& static_id = "") {
    KafkaLogOptions options = options_;
    if (!static_id.empty()) options.settings["group.instance.id"] = static_id;
    auto joined = join_kafka_group(options, topic_, options_.prefix + "group", name);
    EXPECT_TRUE(joined) << joined.error().message;
    return joined ? std::move(*joined) : nullptr;
  }

  static bool comes_true(const std::function<bool()>& condition) {
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!condition()) {
      if (std::chrono::steady_clock::now() > until) return false;
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    return true;
  }

  // Have the members come to share out all four partitions, `each` of them as many as given?
  static bool share(const Members& members, const std::vector<std::size_t>& each) {
    return comes_true([&] {
      std::set<Partition> all;
      for (std::size_t i = 0; i < members.size(); ++i) {
        const auto assignment = members[i]->assignment();
        if (!assignment || assignment->shards.size() != each[i]) return false;
        all.insert(assignment->shards.begin(), assignment->shards.end());
      }
      return all.size() == 4;
    });
  }

  const std::string topic_ = std::string("members-") + std::to_string(::getpid()) + "-" +
                             testing::UnitTest::GetInstance()->current_test_info()->name();
};

TEST_F(KafkaMembershipTest, SharesOutAndTakesBackWhatOneThatLeavesHad) {
  const auto first = join("a");
  ASSERT_TRUE(share({first.get()}, {4}));
  auto second = join("b");
  ASSERT_TRUE(share({first.get(), second.get()}, {2, 2}));
  second->leave();
  EXPECT_TRUE(share({first.get()}, {4}));
}

TEST_F(KafkaMembershipTest, OneThatComesBackUnderItsNameIsGivenWhatItHad) {
  auto first = join("a");
  const auto second = join("b");
  ASSERT_TRUE(share({first.get(), second.get()}, {2, 2}));
  const std::set<Partition> had = first->assignment()->shards;
  first.reset();
  ASSERT_TRUE(share({second.get()}, {4}));
  first = join("a");
  ASSERT_TRUE(share({first.get(), second.get()}, {2, 2}));
  EXPECT_EQ(first->assignment()->shards, had);
}

TEST_F(KafkaMembershipTest, MoreMembersThanPartitionsStandBy) {
  std::vector<std::unique_ptr<Membership>> members;
  Members all;
  for (const char* name : {"a", "b", "c", "d", "e"}) {
    members.push_back(join(name));
    all.push_back(members.back().get());
  }
  EXPECT_TRUE(share(all, {1, 1, 1, 1, 0}));
  members.front()->leave();
  all.erase(all.begin());
  EXPECT_TRUE(share(all, {1, 1, 1, 1}));
}

TEST_F(KafkaMembershipTest, OfTwoWithOneStaticIdTheOlderIsShutOut) {
  const auto older = join("a", "the-same");
  ASSERT_TRUE(share({older.get()}, {4}));
  const auto newer = join("b", "the-same");
  ASSERT_TRUE(comes_true([&] { return !older->assignment(); }));
  EXPECT_EQ(older->assignment().error().code, ErrorCode::fenced);
  EXPECT_TRUE(share({newer.get()}, {4}));
}

TEST_F(KafkaMembershipTest, ASessionThatBrokersRefuseIsSaid) {
  options_.settings["session.timeout.ms"] = "500";
  options_.settings["heartbeat.interval.ms"] = "100";
  const auto member = join("a");
  ASSERT_TRUE(comes_true([&] { return !member->assignment(); }));
  EXPECT_NE(member->assignment().error().message.find("session"), std::string::npos)
      << member->assignment().error().message;
}

}  // namespace
}  // namespace slipstream
