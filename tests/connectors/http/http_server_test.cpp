#include "connectors/http/http_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>

#include "tests/connectors/http/gunzip.h"
#include "tests/connectors/http/http_client.h"

namespace slipstream {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(HttpServer, answersOneRequestAfterTheOtherOnAConnection) {
  TestServer server;
  TestClient client(server.port());
  for (const std::string size : {"0", "1", "1000", "3000000"}) {
    const auto response = client.get("/size/" + size);
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(std::to_string(response.body.size()), size);
    EXPECT_EQ(response.headers.at("connection"), "keep-alive");
    EXPECT_EQ(response.headers.at("content-type"), "text/plain");
    EXPECT_TRUE(response.headers.contains("date"));
  }
  const auto counts = server.server().counts();
  EXPECT_EQ(counts.connections, 1);
  EXPECT_EQ(counts.requests, 4);
  EXPECT_EQ(counts.refused, 0);
}

TEST(HttpServer, answersInOrderWhatIsSentAhead) {
  TestServer server;
  TestClient client(server.port());
  std::string all;
  for (int i = 0; i < 100; ++i)
    all += with_host("POST /echo", "Content-Length: " + std::to_string(std::to_string(i).size()) + "\r\n") +
           std::to_string(i);
  client.send(all);
  for (int i = 0; i < 100; ++i)
    ASSERT_EQ(client.receive().body, std::to_string(i));
}

TEST(HttpServer, takesARequestInPiecesOfAnySize) {
  TestServer server;
  TestClient client(server.port());
  for (const char byte : with_host("POST /echo", "Transfer-Encoding: chunked\r\n") +
                             "3;a=b\r\nabc\r\n2\r\nde\r\n0\r\nA: b\r\n\r\n")
    client.send({&byte, 1});
  EXPECT_EQ(client.receive().body, "abcde");
  EXPECT_EQ(client.get("/").status, 200);
}

TEST(HttpServer, takesAChunkedBodyThatIsCutAnywhere) {
  TestServer server;
  for (const std::string body : {"0\r\n\r\n", "1\r\na\r\n0\r\n\r\n", "1;b=c\r\na\r\n0;d\r\nE: f\r\n\r\n"}) {
    for (std::size_t cut = 1; cut < body.size(); ++cut) {
      SCOPED_TRACE(body + " cut at " + std::to_string(cut));
      TestClient client(server.port());
      client.send(with_host("POST /echo", "Transfer-Encoding: chunked\r\n") + body.substr(0, cut));
      std::this_thread::sleep_for(std::chrono::milliseconds(3));  // so that the pieces are read one by one
      for (const char byte : body.substr(cut, 2)) {
        client.send({&byte, 1});
        std::this_thread::sleep_for(std::chrono::milliseconds(3));
      }
      client.send(body.substr(std::min(cut + 2, body.size())));
      EXPECT_EQ(client.receive().body, body[0] == '0' ? "" : "a");
    }
  }
}

TEST(HttpServer, givesTheHandlerTheRequestDecoded) {
  std::promise<HttpRequest> seen;
  auto server = *HttpServer::open({}, [&](HttpRequest request, HttpResponder responder) {
    seen.set_value(std::move(request));
    responder.answer({});
  });
  TestClient client(server->port());
  client.send(with_host("PUT /v1/a%2Fb?c=d+e", "X-Two: 1\r\nx-two: 2\r\nTransfer-Encoding: chunked\r\n") +
              "1\r\nz\r\n0\r\nX-Trailer: t\r\n\r\n");
  const auto request = seen.get_future().get();
  EXPECT_EQ(request.method, "PUT");
  EXPECT_THAT(request.segments, testing::ElementsAre("v1", "a/b"));
  EXPECT_THAT(request.query, testing::ElementsAre(testing::Pair("c", "d e")));
  EXPECT_EQ(request.header("X-TWO"), "1");
  EXPECT_EQ(request.headers.size(), 4) << "trailers are no headers";
  EXPECT_EQ(request.body, "z");
}

TEST(HttpServer, sendsNoBodyToHeadAndForNoContent) {
  TestServer server;
  TestClient client(server.port());
  client.send(with_host("HEAD /size/5"));
  const auto head = client.receive(false);
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.headers.at("content-length"), "5");
  for (const int status : {204, 304}) {
    const auto response = client.get("/status/" + std::to_string(status));
    EXPECT_EQ(response.status, status);
    EXPECT_FALSE(response.headers.contains("content-length"));
  }
  EXPECT_EQ(client.get("/").body, "ok") << "nothing is left over of the answers before";
}

TEST(HttpServer, compressesForWhoTakesIt) {
  TestServer server;
  TestClient client(server.port());
  const auto packed = client.get("/size/100000", "Accept-Encoding: br\r\nAccept-Encoding: gzip;q=0.5\r\n");
  EXPECT_EQ(packed.headers.at("content-encoding"), "gzip");
  EXPECT_LT(packed.body.size(), 2000);
  EXPECT_EQ(gunzip(packed.body), std::string(100000, 'a'));
  const auto plain = client.get("/size/100000", "Accept-Encoding: gzip;q=0\r\n");
  EXPECT_EQ(plain.body, std::string(100000, 'a'));
  EXPECT_EQ(plain.headers.at("vary"), "Accept-Encoding");
}

TEST(HttpServer, keepsAConnectionAsLongAsTheClientWants) {
  TestServer server;
  for (const std::string request :
       {"GET / HTTP/1.0\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"}) {
    TestClient client(server.port());
    client.send(request);
    const auto response = client.receive();
    EXPECT_EQ(response.body, "ok");
    EXPECT_EQ(response.headers.at("connection"), "close");
    EXPECT_TRUE(client.has_ended());
  }
  TestClient old(server.port());
  for (int i = 0; i < 2; ++i) {
    old.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    EXPECT_EQ(old.receive().headers.at("connection"), "keep-alive");
  }
}

TEST(HttpServer, ignoresEmptyLinesBeforeARequest) {
  TestServer server;
  TestClient client(server.port());
  client.send("\r\n\r");
  client.send("\n" + with_host("GET /"));
  EXPECT_EQ(client.receive().body, "ok");
}

TEST(HttpServer, asksForABodyThatIsAnnounced) {
  TestServer server({.body_bytes_max = 10});
  TestClient client(server.port());
  client.send(with_host("POST /echo", "Expect: 100-continue\r\nContent-Length: 3\r\n"));
  EXPECT_EQ(client.receive_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  client.send("abc");
  EXPECT_EQ(client.receive().body, "abc");
  client.send(with_host("POST /echo", "Expect: 100-continue\r\nContent-Length: 11\r\n"));
  EXPECT_EQ(client.receive().status, 413) << "before the body is asked for";
}

TEST(HttpServer, answers500ForAHandlerThatThrowsOrForgets) {
  TestServer server;
  TestClient client(server.port());
  for (const char* target : {"/throw", "/forget"}) {
    const auto response = client.get(target);
    EXPECT_EQ(response.status, 500);
    EXPECT_EQ(response.headers.at("content-type"), "application/problem+json");
    EXPECT_THAT(response.body, Not(HasSubstr("secret")));
  }
  EXPECT_EQ(client.get("/").status, 200);
}

TEST(HttpServer, dropsTheAnswerOfAClientThatHasGone) {
  TestServer server;
  {
    TestClient client(server.port());
    client.send(with_host("GET /hold"));
    server.wait_until_held(1);
  }
  server.release();
  EXPECT_TRUE(comes_true([&] { return server.server().counts().connections == 0; }));
  EXPECT_EQ(TestClient(server.port()).get("/").status, 200);
}

TEST(HttpServer, answersAClientThatHasEndedSending) {
  TestServer server;
  TestClient client(server.port());
  client.send(with_host("GET /size/100000"));
  client.end_sending();
  EXPECT_EQ(client.receive().body.size(), 100000);
  EXPECT_TRUE(client.has_ended());
}

TEST(HttpServer, takesAnswersLaterAndFromAnyThread) {
  std::promise<HttpResponder> taken;
  auto server = *HttpServer::open(
      {}, [&](const HttpRequest&, HttpResponder responder) { taken.set_value(std::move(responder)); });
  TestClient client(server->port());
  client.send(with_host("GET /"));
  std::thread([&] { taken.get_future().get().answer({.body = "later"}); }).join();
  EXPECT_EQ(client.receive().body, "later");
}

TEST(HttpServer, answersQuickRequestsWhileAllWorkersAreBusy) {
  std::promise<void> entered, go;
  auto server = *HttpServer::open(
      {.workers = 1},
      [&](const HttpRequest& request, HttpResponder responder) {
        if (request.segments[0] == "hold") {
          entered.set_value();
          go.get_future().wait();
        }
        responder.answer({.body = "by a worker"});
      },
      [](const HttpRequest& request) -> std::optional<HttpResponse> {
        if (request.segments[0] == "throw") throw std::runtime_error("secret");
        if (request.segments[0] != "quick") return std::nullopt;
        return HttpResponse{.body = request.method == "GET" ? "at once" : "to " + request.method};
      });
  TestClient held(server->port()), client(server->port());
  held.send(with_host("GET /hold"));
  entered.get_future().wait();
  EXPECT_EQ(client.get("/quick").body, "at once");
  std::string all;
  for (int i = 0; i < 1000; ++i)
    all += with_host(i % 2 == 0 ? "GET /quick" : "PUT /quick");
  client.send(all);
  for (int i = 0; i < 1000; ++i)
    ASSERT_EQ(client.receive().body, i % 2 == 0 ? "at once" : "to PUT");
  client.send(with_host("HEAD /quick"));
  EXPECT_EQ(client.receive(false).headers.at("content-length"), "7");
  go.set_value();
  EXPECT_EQ(held.receive().body, "by a worker");
  EXPECT_EQ(client.get("/slow").body, "by a worker");
  EXPECT_EQ(client.get("/throw").body, "by a worker") << "what throws is not quick";
  EXPECT_EQ(server->counts().requests, 1005);
}

TEST(HttpServer, servesManyConnectionsFromManyThreads) {
  expect_served_from_many_threads(20, [](TestClient& client, std::size_t number) {
    const std::string body = std::to_string(number);
    client.send(with_host("POST /echo", "Content-Length: " + std::to_string(body.size()) + "\r\n") + body);
    return client.receive().body == body;
  });
}

TEST(HttpServer, saysWhyItCannotListen) {
  const auto none = [](const HttpRequest&, const HttpResponder&) {};
  EXPECT_EQ(HttpServer::open({.address = "localhost"}, none).error().code, ErrorCode::invalid_value);
  EXPECT_EQ(HttpServer::open({.io_threads = 0}, none).error().code, ErrorCode::invalid_value);
  EXPECT_EQ(HttpServer::open({.quick_threads = 0}, none).error().code, ErrorCode::invalid_value);
  EXPECT_EQ(HttpServer::open({.workers = 0}, none).error().code, ErrorCode::invalid_value);
  TestServer server;
  const auto taken = HttpServer::open({.port = server.port()}, none);
  ASSERT_FALSE(taken);
  EXPECT_EQ(taken.error().code, ErrorCode::io);
  EXPECT_THAT(taken.error().message, HasSubstr("127.0.0.1 port " + std::to_string(server.port())));
}

}  // namespace
}  // namespace slipstream
