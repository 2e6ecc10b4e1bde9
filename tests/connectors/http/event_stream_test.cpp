#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>

#include "tests/connectors/http/http_client.h"

namespace slipstream {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

std::string chunk(std::string_view events) {
  return (events.size() < 16 ? std::string(1, "0123456789abcdef"[events.size()]) : "?") + "\r\n" +
         std::string(events) + "\r\n";
}

// A client that has read the head of its stream.
struct Watcher {
  explicit Watcher(TestServer& server, int receive_bytes = 0) : client(server.port(), receive_bytes) {
    client.send(with_host("GET /stream"));
    stream = server.next_stream();
    head = client.receive();
  }
  TestClient client;
  std::shared_ptr<EventStream> stream;
  ClientResponse head;
};

TEST(EventStream, sendsASnapshotThenEvents) {
  TestServer server;
  Watcher watcher(server);
  EXPECT_EQ(watcher.head.status, 200);
  EXPECT_EQ(watcher.head.headers["content-type"], "text/event-stream");
  EXPECT_EQ(watcher.head.headers["transfer-encoding"], "chunked");
  EXPECT_EQ(server.server().counts().streams, 1);
  const std::string snapshot = "data: " + std::string(3'000'000, 'a') + "\n\n";
  watcher.stream->send(snapshot);
  EXPECT_EQ(watcher.client.receive_until("\r\n"), "2dc6c8\r\n");
  EXPECT_EQ(watcher.client.receive_until("\r\n"), snapshot + "\r\n");
  EXPECT_TRUE(comes_true([&] { return watcher.stream->is_idle(); }));
  for (const std::string_view event : {"data: 1\n\n", "data: 2\n\n"}) {
    watcher.stream->send(std::string(event));
    EXPECT_EQ(watcher.client.receive_until("\n\n\r\n"), chunk(event));
    EXPECT_TRUE(comes_true([&] { return watcher.stream->is_idle(); }));
  }
}

TEST(EventStream, endsWhenTheSenderLetsGo) {
  TestServer server;
  Watcher watcher(server);
  watcher.stream->send("data: 1\n\n");
  watcher.stream.reset();
  EXPECT_EQ(watcher.client.receive_all(), chunk("data: 1\n\n") + "0\r\n\r\n");
  EXPECT_TRUE(comes_true([&] { return server.server().counts().streams == 0; }));
}

TEST(EventStream, isNotChunkedForHttp10) {
  TestServer server;
  TestClient client(server.port());
  client.send("GET /stream HTTP/1.0\r\n\r\n");
  server.next_stream()->send("data: 1\n\n");
  const std::string all = client.receive_all();
  EXPECT_THAT(all, Not(HasSubstr("Transfer-Encoding")));
  EXPECT_THAT(all, EndsWith("\r\n\r\ndata: 1\n\n"));
}

TEST(EventStream, hasAHeadAloneForHead) {
  TestServer server;
  TestClient client(server.port());
  client.send(with_host("HEAD /stream"));
  const auto stream = server.next_stream();
  ASSERT_NE(stream, nullptr);
  const std::string all = client.receive_all();
  EXPECT_THAT(all, HasSubstr("text/event-stream"));
  EXPECT_THAT(all, EndsWith("\r\n\r\n"));
  EXPECT_TRUE(stream->is_closed());
  EXPECT_EQ(server.server().counts().streams, 0);
}

TEST(EventStream, ofASlowReaderIsNotIdleAndHoldsNobodyUp) {
  TestServer server;
  Watcher watcher(server, 4096);
  watcher.stream->send(std::string(20'000'000, 'a'));
  const auto begin = std::chrono::steady_clock::now();
  for (int i = 0; i < 100; ++i) {
    EXPECT_FALSE(watcher.stream->is_idle());
    watcher.stream->send("data: 1\n\n");
  }
  EXPECT_LT(std::chrono::steady_clock::now() - begin, kPatience / 10);
  EXPECT_EQ(TestClient(server.port()).get("/").status, 200) << "others are served";
  watcher.client.receive_until("data: 1\n\n");
  EXPECT_TRUE(comes_true([&] { return watcher.stream->is_idle(); }));
}

TEST(EventStream, isClosedWhenTooMuchWaits) {
  TestServer server;
  Watcher watcher(server, 4096);
  watcher.stream->send(std::string(20'000'000, 'a'));
  for (int i = 0; i < 40 && !watcher.stream->is_closed(); ++i)
    watcher.stream->send(std::string(100'000, 'b'));
  EXPECT_TRUE(watcher.stream->is_closed());
  EXPECT_TRUE(comes_true([&] { return server.server().counts().connections == 0; }));
}

TEST(EventStream, isClosedWhenTheClientTakesNothing) {
  TestServer server({.write_time = milliseconds(200)});
  Watcher watcher(server, 4096);
  watcher.stream->send(std::string(20'000'000, 'a'));
  EXPECT_TRUE(comes_true([&] { return watcher.stream->is_closed(); }));
}

TEST(EventStream, isClosedWhenTheClientHasGone) {
  TestServer server({.keep_alive_time = minutes(10)});  // not by a comment that cannot be written
  Watcher watcher(server);
  EXPECT_FALSE(watcher.stream->is_closed());
  watcher.client.close();
  EXPECT_TRUE(comes_true([&] { return watcher.stream->is_closed(); }));
  watcher.stream->send("data: 1\n\n");
  EXPECT_TRUE(comes_true([&] { return server.server().counts().streams == 0; }));
}

TEST(EventStream, commentsWhenItIsSilent) {
  TestServer server({.idle_time = milliseconds(50), .keep_alive_time = milliseconds(100)});
  Watcher watcher(server);
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(watcher.client.receive_until("\n\n\r\n"), chunk(":\n\n"));
  watcher.stream->send("data: 1\n\n");
  EXPECT_THAT(watcher.client.receive_until("data: 1\n\n\r\n"), EndsWith(chunk("data: 1\n\n")));
}

TEST(EventStream, doesNotCommentBetweenEvents) {
  TestServer server({.keep_alive_time = seconds(2)});
  Watcher watcher(server);
  for (int i = 0; i < 10; ++i) {
    watcher.stream->send("data: 1\n\n");
    EXPECT_EQ(watcher.client.receive_until("\n\n\r\n"), chunk("data: 1\n\n"));
    std::this_thread::sleep_for(std::chrono::milliseconds(250));
  }
}

TEST(EventStream, isRefusedBeyondTheLimit) {
  TestServer server({.streams_max = 1});
  Watcher watcher(server);
  TestClient other(server.port());
  other.send(with_host("GET /stream"));
  const auto response = other.receive();
  EXPECT_EQ(response.status, 503);
  EXPECT_EQ(response.headers.at("content-type"), "application/problem+json");
  EXPECT_THAT(response.body, HasSubstr("1 event streams"));
  EXPECT_TRUE(other.has_ended());
  EXPECT_EQ(server.next_stream(), nullptr);
  EXPECT_EQ(server.server().counts().streams, 1);
  EXPECT_EQ(server.server().counts().refused, 1);
  watcher.client.close();
  EXPECT_TRUE(comes_true([&] { return server.server().counts().streams == 0; }));
  EXPECT_EQ(Watcher(server).head.status, 200);
}

TEST(EventStream, isSentToByManyThreads) {
  TestServer server;
  Watcher watcher(server);
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&] {
      for (int i = 0; i < 500; ++i)
        watcher.stream->send("data: 1\n\n");
    });
  for (auto& thread : threads)
    thread.join();
  watcher.stream.reset();
  const std::string all = watcher.client.receive_all();
  std::size_t count = 0;
  for (std::size_t at = all.find("data: 1\n\n"); at != std::string::npos;
       at = all.find("data: 1\n\n", at + 1))
    ++count;
  EXPECT_EQ(count, 2000);
}

}  // namespace
}  // namespace slipstream
