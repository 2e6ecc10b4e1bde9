// Instances that read one another's shards, over real sockets.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fmt/format.h>

#include "connectors/http/http_server.h"
#include "engine/app/peers/remote_shard.h"
#include "engine/app/peers/shard_reads.h"
#include "engine/base/encoding.h"
#include "engine/state/memory_store.h"
#include "tests/definition/plan_of.h"

namespace slipstream {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr Partition kShard(1);

using Rows = std::vector<std::pair<std::string, std::string>>;

Rows scanned(const StateReader& reader, std::string_view from, std::string_view to,
             std::size_t rows_max = 1'000'000) {
  Rows rows;
  EXPECT_TRUE(reader.scan(Family::totals, from, to, [&](std::string_view key, std::string_view value) {
    rows.emplace_back(key, value);
    return rows.size() < rows_max;
  }));
  return rows;
}

// An instance that runs one shard, and one that reads it there.
class PeersTest : public testing::Test {
 protected:
  void SetUp() override {
    auto opened = HttpServer::open({}, [this](const HttpRequest& request, HttpResponder responder) {
      responder.answer(reads_.answer(request));
    });
    ASSERT_TRUE(opened);
    server_ = *std::move(opened);
    client_ = *HttpClient::of(fmt::format("127.0.0.1:{}", server_->port()));
  }

  void commit(std::uint64_t sequence, const StateBatch& batch = {}) {
    ASSERT_TRUE(store_.apply(batch, false));
    CommitNote note;
    note.shard = kShard;
    note.sequence = CommitSequence(sequence);
    note.clock = Timestamp{static_cast<std::int64_t>(sequence) * 1000};
    shelf_.put(kShard, {store_.snapshot(), note, true});
  }
  Result<ShownShards> newest() { return newest_of(client_, *plan_, {kShard}); }
  std::shared_ptr<const StateReader> remote() { return newest()->at(kShard).snapshot; }

  MemoryStore store_;
  const std::shared_ptr<const Plan> plan_ = plan_of(kDueByMonth);
  StateShelf shelf_{plan_, 2, {"reference", Partition(0)}};
  ShardReads reads_{shelf_, plan_};
  std::unique_ptr<HttpServer> server_;
  std::shared_ptr<HttpClient> client_;
};

TEST_F(PeersTest, AShardReadElsewhereIsTheShard) {
  StateBatch batch;
  for (int i = 0; i < 5'000; ++i)
    batch.push_back({Family::totals, fmt::format("k{:05}", i), std::string(100 + i % 700, 'v')});
  batch.push_back({Family::totals, std::string_view("\0\xFF", 2), ""});
  commit(7, batch);
  const auto shown = newest();
  ASSERT_TRUE(shown) << shown.error().message;
  EXPECT_EQ(shown->at(kShard).note.sequence, CommitSequence(7));
  EXPECT_EQ(shown->at(kShard).note.clock, Timestamp{7000});
  EXPECT_TRUE(shown->at(kShard).caught_up);
  const StateReader& there = *shown->at(kShard).snapshot;
  EXPECT_EQ(scanned(there, "", ""), scanned(store_, "", ""));
  EXPECT_EQ(scanned(there, "k00100", "k00103"), scanned(store_, "k00100", "k00103"));
  EXPECT_EQ(scanned(there, "", "", 3), scanned(store_, "", "", 3));
  EXPECT_EQ(there.get(Family::totals, "k00004")->value(), store_.get(Family::totals, "k00004")->value());
  EXPECT_EQ(*there.get(Family::totals, "k"), std::nullopt);
  EXPECT_EQ(*there.get(Family::rows, "k00004"), std::nullopt);
  const std::vector<std::string> keys{"k00002", "none", "k00001"};
  EXPECT_EQ(*there.get_many(Family::totals, keys), *store_.get_many(Family::totals, keys));
}

TEST_F(PeersTest, ARowLargerThanAnAnswerIsReadAll) {
  const std::string large(3 * kScanBytesMax, 'x');
  commit(1, {{Family::totals, "a", large}, {Family::totals, "b", large}});
  EXPECT_EQ(scanned(*remote(), "", ""), scanned(store_, "", ""));
}

TEST_F(PeersTest, MoreKeysThanAQuestionHoldsAreAskedInTurn) {
  StateBatch batch;
  std::vector<std::string> keys;
  for (std::size_t i = 0; i < 2 * kKeysMax + 1; ++i) {
    keys.push_back(fmt::format("{:0200}", i));
    batch.push_back({Family::totals, keys.back(), "v"});
  }
  commit(1, batch);
  EXPECT_EQ(*remote()->get_many(Family::totals, keys), *store_.get_many(Family::totals, keys));
}

TEST_F(PeersTest, WhatIsReadIsOneCommitHoweverManyFollow) {
  commit(1, {{Family::totals, "a", "1"}, {Family::totals, "b", "1"}});
  const auto first = remote();
  commit(2, {{Family::totals, "a", "2"}, {Family::totals, "b", std::nullopt}});
  commit(3, {{Family::totals, "a", "3"}});
  EXPECT_THAT(scanned(*first, "", ""), ElementsAre(std::pair("a", "1"), std::pair("b", "1")));
  EXPECT_THAT(scanned(*remote(), "", ""), ElementsAre(std::pair("a", "3")));
}

TEST_F(PeersTest, AShardThatHasGoneIsSaidToBeAway) {
  commit(1, {{Family::totals, "a", "1"}});
  const auto snapshot = remote();
  shelf_.take_off(kShard, seconds(10));
  const auto value = snapshot->get(Family::totals, "a");
  ASSERT_FALSE(value);
  EXPECT_EQ(value.error().code, ErrorCode::shard_unavailable);
  EXPECT_EQ(newest().error().code, ErrorCode::shard_unavailable);
  EXPECT_THAT(newest().error().message, HasSubstr("shard 1"));
}

TEST_F(PeersTest, OtherDefinitionsAreNotMixed) {
  commit(1);
  Plan other = *plan_;
  other.version += "x";
  const auto newest = newest_of(client_, other, {kShard});
  ASSERT_FALSE(newest);
  EXPECT_EQ(newest.error().code, ErrorCode::shard_unavailable);
  EXPECT_THAT(newest.error().message, HasSubstr("other definitions"));
}

TEST_F(PeersTest, AHostThatIsGoneIsSaidToBeAwayAndComesBack) {
  commit(1, {{Family::totals, "a", "1"}});
  ASSERT_TRUE(newest());
  const std::uint16_t port = server_->port();
  server_.reset();
  EXPECT_EQ(newest().error().code, ErrorCode::shard_unavailable);
  HttpServerOptions options;
  options.port = port;
  auto again = HttpServer::open(options, [this](const HttpRequest& request, HttpResponder responder) {
    responder.answer(reads_.answer(request));
  });
  ASSERT_TRUE(again) << again.error().message;
  server_ = *std::move(again);
  EXPECT_TRUE(newest());
}

TEST_F(PeersTest, QuestionsOfOthersAreRefused) {
  commit(1);
  const auto ask = [&](std::string path, std::string body) {
    return client_->post(path, std::move(body), seconds(5))->status;
  };
  EXPECT_EQ(ask("/newest", "rubbish"), 400);
  EXPECT_EQ(ask("/get", ""), 400);
  EXPECT_EQ(ask("/scan", "\xFF"), 400);
  EXPECT_EQ(ask("/other", ""), 404);
  GetQuestion beyond{{kShard, CommitSequence(1), static_cast<Family>(kFamilyCount)}, {"a"}};
  EXPECT_EQ(ask("/get", encode(beyond)), 400);
  EXPECT_EQ(ask("/get", encode(GetQuestion{{kShard, CommitSequence(9), Family::meta}, {"a"}})),
            kNotHeldStatus);
}

TEST(HttpClientTest, SaysWhoDoesNotAnswerInTime) {
  // Accepts, and never answers.
  auto server = HttpServer::open({}, [](const HttpRequest&, HttpResponder responder) {
    static std::vector<HttpResponder> kept;
    kept.push_back(std::move(responder));
  });
  ASSERT_TRUE(server);
  const auto client = *HttpClient::of(fmt::format("127.0.0.1:{}", (*server)->port()));
  const auto answer = client->post("/", "", milliseconds(100));
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, ErrorCode::io);
  EXPECT_THAT(answer.error().message, HasSubstr(client->address()));
}

TEST(HttpClientTest, RefusesWhatIsNoAddress) {
  for (const char* text : {"", "host", "host:", ":80"})
    EXPECT_EQ(HttpClient::of(text).error().code, ErrorCode::invalid_value) << text;
  EXPECT_TRUE(HttpClient::of("[::1]:80"));
}

}  // namespace
}  // namespace slipstream
