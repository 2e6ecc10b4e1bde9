#include <gtest/gtest.h>

#include <atomic>
#include <optional>
#include <thread>

#include "tests/connectors/http/http_client.h"

namespace slipstream {
namespace {

using std::chrono::steady_clock;

TEST(HttpStop, letsWhatIsBeingAnsweredFinish) {
  TestServer server({}, 1);
  TestClient working(server.port()), waiting(server.port()), idle(server.port()), half(server.port());
  TestClient quick(server.port());
  EXPECT_EQ(idle.get("/").status, 200);
  EXPECT_EQ(quick.get("/now").status, 200);
  half.send("GET / HTT");
  working.send(with_host("GET /hold"));
  server.wait_until_held(1);
  waiting.send(with_host("GET /"));
  EXPECT_TRUE(comes_true([&] { return server.server().counts().requests == 4; }));
  const std::uint16_t port = server.port();
  std::thread stopping([&] { server.server().stop(seconds(30)); });
  EXPECT_TRUE(idle.has_ended());
  EXPECT_TRUE(quick.has_ended());
  EXPECT_TRUE(half.has_ended());
  EXPECT_EQ(TestClient(port).get("/").status, 0) << "nothing more is accepted";
  server.release();
  for (TestClient* client : {&working, &waiting}) {
    const auto response = client->receive();
    EXPECT_EQ(response.body, "ok");
    EXPECT_EQ(response.headers.at("connection"), "close");
    EXPECT_TRUE(client->has_ended());
  }
  stopping.join();
  EXPECT_EQ(server.server().counts().connections, 0);
}

TEST(HttpStop, closesTheRestWhenItsPatienceIsOver) {
  TestServer server;
  TestClient working(server.port());
  working.send(with_host("GET /hold"));
  server.wait_until_held(1);
  const auto begin = steady_clock::now();
  std::thread stopping([&] { server.server().stop(milliseconds(200)); });
  EXPECT_TRUE(working.has_ended());
  EXPECT_GE(steady_clock::now() - begin, std::chrono::milliseconds(200));
  server.release();
  stopping.join();
}

TEST(HttpStop, letsAClientTakeWhatWasAnsweredAtOnce) {
  constexpr std::size_t kBytes = 20'000'000;
  TestServer server;
  TestClient slow(server.port(), 4096), stuck(server.port(), 4096);
  for (TestClient* client : {&slow, &stuck}) {
    EXPECT_EQ(client->get("/now").body, "now");
    client->send(with_host("GET /now/" + std::to_string(kBytes)));
  }
  EXPECT_TRUE(comes_true([&] { return server.server().counts().requests == 4; }));
  const auto begin = steady_clock::now();
  std::thread stopping([&] { server.server().stop(seconds(3)); });
  EXPECT_EQ(slow.receive().body.size(), kBytes);
  stopping.join();
  EXPECT_GE(steady_clock::now() - begin, std::chrono::seconds(3));
  EXPECT_LT(stuck.receive_all().size(), kBytes);
  EXPECT_EQ(server.server().counts().connections, 0);
}

TEST(HttpStop, endsStreams) {
  TestServer server;
  TestClient client(server.port()), stuck(server.port(), 4096);
  client.send(with_host("GET /stream"));
  const auto stream = server.next_stream();
  stream->send("data: 1\n\n");
  client.receive_until("data: 1\n\n\r\n");
  stuck.send(with_host("GET /stream"));
  const auto stuck_stream = server.next_stream();
  stuck_stream->send(std::string(20'000'000, 'a'));
  std::thread stopping([&] { server.server().stop(milliseconds(500)); });
  EXPECT_EQ(client.receive_all(), "0\r\n\r\n");
  stopping.join();
  EXPECT_TRUE(stream->is_closed());
  EXPECT_TRUE(stuck_stream->is_closed());
  EXPECT_EQ(server.server().counts().streams, 0);
  stream->send("data: 2\n\n");
}

TEST(HttpStop, isDoneOnceAndByTheDestructor) {
  TestServer server;
  TestClient client(server.port());
  EXPECT_EQ(client.get("/").status, 200);
  server.server().stop({});
  server.server().stop(seconds(30));
  EXPECT_TRUE(client.has_ended());
  TestServer other;
  TestClient second(other.port());
  EXPECT_EQ(second.get("/").status, 200);
  other.destroy();
  EXPECT_TRUE(second.has_ended());
}

TEST(HttpStop, leavesRespondersAndStreamsHarmless) {
  std::optional<HttpResponder> kept, asked;
  std::shared_ptr<EventStream> stream;
  int handled = 0;  // by one worker, in an order that two threads of sockets may choose
  std::promise<void> all;
  auto server = *HttpServer::open({.workers = 1}, [&](const HttpRequest& request, HttpResponder responder) {
    if (request.segments[0] == "kept") {
      kept = std::move(responder);
    } else if (request.segments[0] == "asked") {
      asked = std::move(responder);
    } else {
      stream = responder.open_stream();
    }
    if (++handled == 3) all.set_value();
  });
  TestClient first(server->port()), second(server->port()), third(server->port());
  first.send(with_host("GET /kept"));
  second.send(with_host("GET /asked"));
  third.send(with_host("GET /stream"));
  all.get_future().wait();
  server.reset();
  EXPECT_TRUE(first.has_ended());
  EXPECT_TRUE(second.has_ended());
  kept->answer({.body = "late"});
  EXPECT_EQ(asked->open_stream(), nullptr);
  EXPECT_TRUE(stream->is_closed());
  stream->send("data: 1\n\n");
  EXPECT_TRUE(stream->is_closed());
}

TEST(HttpStop, comesWhileClientsCome) {
  for (int round = 0; round < 10; ++round) {
    TestServer server;
    const std::uint16_t port = server.port();
    std::atomic<bool> is_over = false;
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t)
      threads.emplace_back([&] {
        while (!is_over)
          TestClient(port).get("/size/2000", "Accept-Encoding: gzip\r\n");
      });
    for (int t = 0; t < 2; ++t)
      threads.emplace_back([&] {
        while (!is_over) {
          TestClient client(port);
          for (int i = 0; i < 20 && client.get("/now").status == 200; ++i)
            client.get("/");
        }
      });
    threads.emplace_back([&] {
      while (!is_over) {
        TestClient client(port);
        client.send(with_host("GET /stream"));
        client.receive_until("\r\n\r\n");
      }
    });
    EXPECT_TRUE(comes_true([&] { return server.server().counts().requests > 20; }));
    server.server().stop(milliseconds(20));
    const auto counts = server.server().counts();
    EXPECT_EQ(counts.connections, 0);
    EXPECT_EQ(counts.streams, 0);
    is_over = true;
    for (auto& thread : threads)
      thread.join();
  }
}

}  // namespace
}  // namespace slipstream
