// Clients that ask for what is answered at once, and what else they may do.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <stdexcept>

#include "tests/connectors/http/gunzip.h"
#include "tests/connectors/http/http_client.h"

namespace slipstream {
namespace {

TEST(QuickLane, answersTheSameConnectionAgainAndAgain) {
  TestServer server;
  TestClient client(server.port());
  for (int i = 0; i < 100; ++i)
    ASSERT_EQ(client.get("/now").body, "now");
  EXPECT_EQ(server.server().counts().connections, 1);
  EXPECT_EQ(server.server().counts().requests, 100);
}

TEST(QuickLane, letsAClientAskForOtherThings) {
  TestServer server;
  TestClient client(server.port());
  for (int i = 0; i < 20; ++i) {
    ASSERT_EQ(client.get("/now").body, "now");
    ASSERT_EQ(client.get("/").body, "ok");
    ASSERT_EQ(client.get("/now").body, "now");
    ASSERT_EQ(client.get("/now").body, "now");
    client.send(with_host("POST /echo", "Content-Length: 100000\r\n") + std::string(100'000, 'b'));
    ASSERT_EQ(client.receive().body, std::string(100'000, 'b'));
    ASSERT_EQ(client.get("/now/3").body, "aaa");
    client.send(with_host("HEAD /size/5"));
    ASSERT_EQ(client.receive(false).headers.at("content-length"), "5");
  }
  EXPECT_EQ(server.server().counts().connections, 1);
  EXPECT_EQ(server.server().counts().requests, 140);
}

TEST(QuickLane, leavesToTheOthersWhatIsNotSimple) {
  TestServer server;
  const auto client = [&] {
    auto made = std::make_unique<TestClient>(server.port());
    EXPECT_EQ(made->get("/now").body, "now");
    return made;
  };
  const auto streaming = client();
  streaming->send(with_host("GET /stream"));
  server.next_stream()->send("data: 1\n\n");
  streaming->receive_until("data: 1\n\n\r\n");

  const auto asking = client();
  asking->send(with_host("POST /echo", "Expect: 100-continue\r\nContent-Length: 3\r\n"));
  EXPECT_EQ(asking->receive_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  asking->send("abc");
  EXPECT_EQ(asking->receive().body, "abc");

  const auto odd = client();
  odd->send(with_host("GET /now", "Content-Length: 3\r\n") + "abc");
  EXPECT_EQ(odd->receive().body, "now");
  odd->send(with_host("GET /now", "Transfer-Encoding: chunked\r\n") + "3\r\nabc\r\n0\r\n\r\n");
  EXPECT_EQ(odd->receive().body, "now");
  odd->send("\r\n\r\n" + with_host("GET /now"));
  EXPECT_EQ(odd->receive().body, "now");
  odd->send("GET /now HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_EQ(odd->receive().headers.at("connection"), "keep-alive");
  EXPECT_EQ(gunzip(odd->get("/now/5000", "Accept-Encoding: gzip\r\n").body), std::string(5000, 'a'));
  odd->send("GET /now HTTP/1.0\r\n\r\n");
  EXPECT_EQ(odd->receive().headers.at("connection"), "close");
  EXPECT_TRUE(odd->has_ended());
}

TEST(QuickLane, asksOnceWhatCanBeAnsweredAtOnce) {
  std::atomic<int> asked = 0;
  auto server = *HttpServer::open(
      {}, [](const HttpRequest&, HttpResponder responder) { responder.answer({.body = "by a worker"}); },
      [&](const HttpRequest& request) -> std::optional<HttpResponse> {
        ++asked;
        if (request.segments[0] == "throw") throw std::runtime_error("secret");
        return request.segments[0] == "now" ? std::optional(HttpResponse{.body = "now"}) : std::nullopt;
      });
  TestClient client(server->port());
  int requests = 0;
  for (const std::string path :
       {"/now", "/now", "/slow", "/slow", "/now", "/throw", "/now", "/now", "/slow"}) {
    EXPECT_EQ(client.get(path).body, path == "/now" ? "now" : "by a worker");
    EXPECT_EQ(asked, ++requests);
  }
}

TEST(QuickLane, takesARequestInPieces) {
  TestServer server;
  TestClient client(server.port());
  for (int i = 0; i < 3; ++i) {
    for (const char byte : with_host("GET /now"))
      client.send({&byte, 1});
    ASSERT_EQ(client.receive().body, "now");
  }
}

TEST(QuickLane, answersInOrderWhatIsSentAhead) {
  TestServer server;
  TestClient client(server.port());
  ASSERT_EQ(client.get("/now").body, "now");
  std::string all;
  for (int i = 0; i < 500; ++i)
    all += with_host(i % 3 == 0 ? "GET /size/" + std::to_string(i) : "GET /now/" + std::to_string(i));
  client.send(all);
  for (int i = 0; i < 500; ++i)
    ASSERT_EQ(client.receive().body.size(), i);
  EXPECT_EQ(client.get("/now").body, "now");
}

TEST(QuickLane, closesWhenTheClientOrTheRequestSaysSo) {
  TestServer server;
  TestClient gone(server.port()), ended(server.port()), closing(server.port());
  for (TestClient* client : {&gone, &ended, &closing})
    EXPECT_EQ(client->get("/now").body, "now");
  gone.close();
  ended.send(with_host("GET /now/4"));
  ended.end_sending();
  EXPECT_EQ(ended.receive().body, "aaaa");
  EXPECT_TRUE(ended.has_ended());
  const auto last = closing.get("/now", "Connection: close\r\n");
  EXPECT_EQ(last.headers.at("connection"), "close");
  EXPECT_TRUE(closing.has_ended());
  EXPECT_TRUE(comes_true([&] { return server.server().counts().connections == 0; }));
}

TEST(QuickLane, sendsALargeAnswerToAClientThatTakesItSlowly) {
  TestServer server;
  TestClient slow(server.port(), 4096), other(server.port());
  EXPECT_EQ(slow.get("/now").body, "now");
  slow.send(with_host("GET /now/20000000"));
  for (int i = 0; i < 100; ++i)
    ASSERT_EQ(other.get("/now").body, "now");
  EXPECT_EQ(slow.receive().body, std::string(20'000'000, 'a'));
  EXPECT_EQ(slow.get("/now").body, "now");
  EXPECT_EQ(server.server().counts().requests, 103);
}

TEST(QuickLane, goesOnWhileOneAnswerTakesLong) {
  std::promise<void> entered, go;
  const auto none = [](const HttpRequest&, HttpResponder responder) { responder.answer({.status = 404}); };
  auto server = *HttpServer::open({.io_threads = 1, .quick_threads = 2}, none,
                                  [&](const HttpRequest& request) -> std::optional<HttpResponse> {
                                    if (request.segments[0] == "long") {
                                      entered.set_value();
                                      go.get_future().wait();
                                    }
                                    return HttpResponse{.body = request.segments[0]};
                                  });
  TestClient held(server->port());
  std::vector<TestClient> others;
  for (int i = 0; i < 20; ++i)
    others.emplace_back(server->port());
  EXPECT_EQ(held.get("/short").body, "short");
  for (TestClient& other : others)
    EXPECT_EQ(other.get("/short").body, "short");
  held.send(with_host("GET /long"));
  entered.get_future().wait();
  for (TestClient& other : others)
    EXPECT_EQ(other.get("/short").body, "short");
  go.set_value();
  EXPECT_EQ(held.receive().body, "long");
}

TEST(QuickLane, servesManyConnectionsFromManyThreads) {
  expect_served_from_many_threads(40, [](TestClient& client, std::size_t number) {
    const std::string path = (number % 5 == 0 ? "/size/" : "/now/") + std::to_string(number);
    return client.get(path).body.size() == number;
  });
}

}  // namespace
}  // namespace slipstream
