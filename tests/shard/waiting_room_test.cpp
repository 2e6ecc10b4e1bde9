// The waiting room keeps records with their bytes and tells when they have waited long enough, over restarts
// too.
#include "engine/shard/waiting_room.h"

#include <gtest/gtest.h>

#include "engine/state/memory_store.h"

namespace slipstream {
namespace {

Timestamp at(std::int64_t us) { return Timestamp{us}; }

WaitingEntity entity(Timestamp deadline, std::vector<WaitingRecord> records) {
  return {
      deadline, {Missing::Kind::node, {{"roads", at(-5)}, {"ponds", Timestamp::min()}}}, std::move(records)};
}

WaitingRecord record(std::int64_t offset) {
  return {Offset(offset),
          at(-7),
          std::string("T\0", 2),
          "{}\xFF",
          {{"ce_id", "x"}, {"", std::string("\0", 1)}},
          3};
}

class WaitingRoomTest : public testing::Test {
 protected:
  // What is sealed outlives the room.
  void reopen() {
    StateBatch batch;
    room_->seal(batch);
    ASSERT_TRUE(store_.apply(batch, true));
    room_ = std::make_unique<WaitingRoom>(store_);
  }
  std::vector<std::string> due(std::int64_t now) {
    std::vector<std::string> entities;
    while (const auto entity = room_->pop_due(at(now)).value())
      entities.push_back(*entity);
    return entities;
  }

  MemoryStore store_;
  std::unique_ptr<WaitingRoom> room_ = std::make_unique<WaitingRoom>(store_);
};

TEST(WaitingEntity, IsReadBackAsItWasWritten) {
  for (const WaitingEntity& each :
       {entity(at(100), {record(1), record(2)}), entity(Timestamp::max(), {record(9)}),
        WaitingEntity{at(1), {Missing::Kind::indicator, {}}, {{}}}})
    EXPECT_EQ(*decode_waiting(encode_waiting(each)), each);
}

TEST(WaitingEntity, DamagedBytesAreCorrupt) {
  const std::string bytes = encode_waiting(entity(at(100), {record(1)}));
  std::size_t refused = 0;
  for (std::size_t length = 0; length < bytes.size(); ++length)
    if (const auto read = decode_waiting(std::string_view(bytes).substr(0, length)); !read) {
      EXPECT_EQ(read.error().code, ErrorCode::store_corrupt);
      ++refused;
    }
  EXPECT_EQ(refused, bytes.size() - 1);  // but for the cut behind what is missing: no record
}

TEST_F(WaitingRoomTest, TellsEachEntityAtItsDeadlineInOrder) {
  for (const bool restarted : {false, true}) {
    ASSERT_TRUE(room_->put("tB", entity(at(20), {record(1)})));
    ASSERT_TRUE(room_->put("tA", entity(at(30), {record(2)})));
    ASSERT_TRUE(room_->put("oC", entity(at(20), {record(3)})));
    ASSERT_TRUE(room_->put("tD", entity(Timestamp::max(), {record(4)})));
    if (restarted) reopen();
    EXPECT_EQ(room_->next_deadline().value(), at(20));
    EXPECT_EQ(due(19), std::vector<std::string>());
    EXPECT_EQ(due(20), (std::vector<std::string>{"oC", "tB"}));
    EXPECT_EQ(room_->next_deadline().value(), at(30));
    EXPECT_EQ(due(1000), std::vector<std::string>{"tA"});
    EXPECT_EQ(room_->next_deadline().value(), Timestamp::max());
    EXPECT_EQ(room_->load("tB").value(), entity(at(20), {record(1)})) << "it waits until it is put anew";
  }
}

TEST_F(WaitingRoomTest, ADeadlineMovesAndWhoLeavesHasNone) {
  ASSERT_TRUE(room_->put("tA", entity(at(10), {record(1)})));
  ASSERT_TRUE(room_->put("tB", entity(at(10), {record(2)})));
  reopen();
  ASSERT_TRUE(room_->put("tA", entity(at(40), {record(1), record(3)})));
  ASSERT_TRUE(room_->put("tB", WaitingEntity{}));
  for (const bool restarted : {false, true}) {
    if (restarted) reopen();
    EXPECT_EQ(room_->next_deadline().value(), at(40));
    EXPECT_EQ(room_->load("tA")->records.size(), 2u);
    EXPECT_TRUE(room_->load("tB")->records.empty());
  }
  ASSERT_TRUE(room_->put("tA", WaitingEntity{}));
  reopen();
  std::size_t keys = 0;
  ASSERT_TRUE(
      store_.scan(Family::waiting, "", "", [&](std::string_view, std::string_view) { return ++keys > 0; }));
  EXPECT_EQ(keys, 0u) << "nothing is left in the store";
}

TEST_F(WaitingRoomTest, ListsEntitiesWhetherStoredOrNotYet) {
  ASSERT_TRUE(room_->put("mA1", entity(at(10), {record(1)})));
  ASSERT_TRUE(room_->put("mA2", entity(at(10), {record(2)})));
  ASSERT_TRUE(room_->put("mB1", entity(at(10), {record(3)})));
  reopen();
  ASSERT_TRUE(room_->put("mA0", entity(at(10), {record(4)})));
  ASSERT_TRUE(room_->put("mA2", WaitingEntity{}));
  EXPECT_EQ(room_->entities_with("mA").value(), (std::vector<std::string>{"mA0", "mA1"}));
}

}  // namespace
}  // namespace slipstream
