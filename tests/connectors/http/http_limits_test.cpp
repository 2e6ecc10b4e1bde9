// Each limit: what is at it is taken, what is beyond it refused with its status, and then the connection ends.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <list>

#include "tests/connectors/http/http_client.h"

namespace slipstream {
namespace {

using testing::HasSubstr;

void expect_refusal(TestClient& client, int status, std::string_view words) {
  const auto response = client.receive();
  EXPECT_EQ(response.status, status);
  EXPECT_EQ(response.headers.contains("content-type") ? response.headers.at("content-type") : "",
            "application/problem+json");
  EXPECT_EQ(response.headers.contains("connection") ? response.headers.at("connection") : "", "close");
  EXPECT_THAT(response.body, HasSubstr(words));
  EXPECT_TRUE(client.has_ended());
}

std::string head_of(std::size_t bytes) {
  const std::string bare = with_host("GET /", "X: \r\n");
  return with_host("GET /", "X: " + std::string(bytes - bare.size(), 'a') + "\r\n");
}

// Where a client waits for its next request: with a loop, or with those that are answered at once.
const std::string kPaths[] = {"/", "/now"};

TEST(HttpLimits, headerBytesOfALaterRequest) {
  for (const std::string& before : kPaths) {
    SCOPED_TRACE(before);
    TestServer server({.header_bytes_max = 1000});
    TestClient client(server.port());
    EXPECT_EQ(client.get(before).status, 200);
    client.send(head_of(1001));
    expect_refusal(client, 431, "1000 bytes");
    EXPECT_EQ(server.server().counts().refused, 1);
    EXPECT_EQ(server.server().counts().requests, 2);
  }
}

TEST(HttpLimits, headerBytes) {
  TestServer server({.header_bytes_max = 1000});
  TestClient client(server.port());
  client.send(head_of(1000));
  EXPECT_EQ(client.receive().status, 200);
  client.send(head_of(1001));
  expect_refusal(client, 431, "1000 bytes");
  EXPECT_EQ(server.server().counts().refused, 1);
  EXPECT_EQ(server.server().counts().requests, 2);

  TestClient endless(server.port());
  endless.send("GET /" + std::string(5000, 'a'));
  expect_refusal(endless, 431, "1000 bytes");
}

TEST(HttpLimits, bodyBytes) {
  TestServer server({.body_bytes_max = 100'000});
  TestClient client(server.port());
  client.send(with_host("POST /echo", "Content-Length: 100000\r\n") + std::string(100'000, 'a'));
  EXPECT_EQ(client.receive().body.size(), 100'000);
  client.send(with_host("POST /echo", "Content-Length: 100001\r\n"));
  expect_refusal(client, 413, "100000 bytes");
}

TEST(HttpLimits, bytesOfAllBodies) {
  TestServer server({.body_bytes_max = 100'000, .bodies_bytes_max = 150'000});
  const std::string head = with_host("POST /echo", "Content-Length: 100000\r\n");
  const std::string half(50'000, 'a');
  TestClient first(server.port()), second(server.port()), third(server.port());
  first.send(head + half);
  second.send(head + half);
  ASSERT_TRUE(comes_true([&] { return server.server().counts().body_bytes == 100'000; }));
  third.send(with_host("POST /echo", "Content-Length: 60000\r\n") + half + std::string(10'000, 'a'));
  expect_refusal(third, 503, "150000 bytes");
  // What is answered counts no more, nor what was given up.
  first.send(half);
  EXPECT_EQ(first.receive().body.size(), 100'000);
  first.send(head + half + half);
  EXPECT_EQ(first.receive().body.size(), 100'000);
  second.send(half);
  EXPECT_EQ(second.receive().body.size(), 100'000);
}

TEST(HttpLimits, oneBodyAloneIsNeverTooMuch) {
  TestServer server({.body_bytes_max = 100'000, .bodies_bytes_max = 1});
  TestClient client(server.port());
  client.send(with_host("POST /echo", "Content-Length: 100000\r\n") + std::string(100'000, 'a'));
  EXPECT_EQ(client.receive().body.size(), 100'000);
}

TEST(HttpLimits, bodyBytesInChunks) {
  TestServer server({.body_bytes_max = 100'000});
  TestClient client(server.port());
  const std::string begin = with_host("POST /echo", "Transfer-Encoding: chunked\r\n") + "c350\r\n" +
                            std::string(50'000, 'a') + "\r\n";
  client.send(begin + "c350\r\n" + std::string(50'000, 'a') + "\r\n0\r\n\r\n");
  EXPECT_EQ(client.receive().body.size(), 100'000);
  client.send(begin + "c351\r\n" + std::string(50'001, 'a') + "\r\n0\r\n\r\n");
  expect_refusal(client, 413, "100000 bytes");
}

TEST(HttpLimits, aClientThatSendsAllTheSameSeesTheAnswer) {
  TestServer server({.body_bytes_max = 1000});
  TestClient client(server.port());
  EXPECT_TRUE(
      client.send(with_host("POST /echo", "Content-Length: 5000000\r\n") + std::string(5'000'000, 'a')))
      << "some systems throw the answer away with what they could not send";
  expect_refusal(client, 413, "1000 bytes");
}

TEST(HttpLimits, linesOfChunksAndTrailers) {
  TestServer server({.header_bytes_max = 1000});
  const std::string begin = with_host("POST /echo", "Transfer-Encoding: chunked\r\n");
  TestClient extension(server.port());
  extension.send(begin + "1;a=" + std::string(200'000, 'b'));
  expect_refusal(extension, 431, "1000 bytes");
  TestClient trailer(server.port());
  trailer.send(begin + "0\r\nA: " + std::string(200'000, 'b'));
  expect_refusal(trailer, 431, "1000 bytes");
}

TEST(HttpLimits, connections) {
  TestServer server({.connections_max = 2});
  TestClient first(server.port()), second(server.port());
  EXPECT_EQ(first.get("/").status, 200);
  EXPECT_EQ(second.get("/").status, 200);
  TestClient third(server.port());
  expect_refusal(third, 503, "2 connections");
  EXPECT_EQ(second.get("/now").status, 200);
  expect_refusal(*std::make_unique<TestClient>(server.port()), 503, "2 connections");
  first.close();
  second.close();
  EXPECT_TRUE(comes_true([&] { return server.server().counts().connections == 0; }));
  EXPECT_EQ(TestClient(server.port()).get("/").status, 200);
}

TEST(HttpLimits, connectionsThatAreToldSoAreFewToo) {
  TestServer server({.connections_max = 1});
  TestClient first(server.port());
  EXPECT_EQ(first.get("/").status, 200);
  std::list<TestClient> others;
  for (int i = 0; i < 300; ++i)
    others.emplace_back(server.port());
  std::size_t told = 0;
  for (auto& other : others) {
    const int status = other.receive().status;
    EXPECT_TRUE(status == 503 || status == 0);
    if (status == 503) ++told;
  }
  EXPECT_GT(told, 0);
  EXPECT_EQ(server.server().counts().connections, 1);
  EXPECT_EQ(first.get("/").status, 200);
}

TEST(HttpLimits, requestsThatWait) {
  TestServer server({.waiting_max = 1}, 1);
  TestClient working(server.port()), waiting(server.port()), refused(server.port());
  working.send(with_host("GET /hold"));
  server.wait_until_held(1);
  waiting.send(with_host("GET /"));
  EXPECT_TRUE(comes_true([&] { return server.server().counts().requests == 2; }));
  refused.send(with_host("GET /"));
  const auto response = refused.receive();
  EXPECT_EQ(response.status, 503);
  EXPECT_EQ(response.headers.at("retry-after"), "1");
  EXPECT_TRUE(refused.has_ended());
  server.release();
  EXPECT_EQ(working.receive().status, 200);
  EXPECT_EQ(waiting.receive().status, 200);
  EXPECT_EQ(server.server().counts().refused, 1);
}

// One byte every 20 ms never pauses for long; the whole, 20 s, is what takes too long.
constexpr auto kSoonerThanTheWhole = std::chrono::seconds(10);

void send_slowly(TestClient& client, std::string_view bytes) {
  for (const char byte : bytes) {
    if (!client.send({&byte, 1})) return;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
}

TEST(HttpLimits, timeOfTheHead) {
  TestServer server({.head_time = milliseconds(300)});
  TestClient client(server.port());
  const auto begin = std::chrono::steady_clock::now();
  std::thread sending([&] { send_slowly(client, "GET /" + std::string(1000, 'a')); });
  expect_refusal(client, 408, "0.3 s");
  EXPECT_GE(std::chrono::steady_clock::now() - begin, std::chrono::milliseconds(300));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, kSoonerThanTheWhole);
  sending.join();
}

TEST(HttpLimits, timeOfTheHeadOfALaterRequest) {
  TestServer server({.head_time = milliseconds(300)});
  for (const std::string& path : kPaths) {
    SCOPED_TRACE(path);
    TestClient client(server.port());
    for (int i = 0; i < 4; ++i) {  // their own time, each
      EXPECT_EQ(client.get(path).status, 200);
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
    client.send("GET / HT");
    expect_refusal(client, 408, "0.3 s");
  }
}

TEST(HttpLimits, timeOfTheBody) {
  TestServer server({.body_time = milliseconds(300)});
  TestClient client(server.port());
  client.send(with_host("POST /echo", "Content-Length: 1000\r\n"));
  const auto begin = std::chrono::steady_clock::now();
  std::thread sending([&] { send_slowly(client, std::string(1000, 'a')); });
  expect_refusal(client, 408, "0.3 s");
  EXPECT_LT(std::chrono::steady_clock::now() - begin, kSoonerThanTheWhole);
  sending.join();
}

TEST(HttpLimits, timeBetweenRequests) {
  TestServer server({.idle_time = milliseconds(500)});
  TestClient silent(server.port());
  EXPECT_TRUE(silent.has_ended());
  for (const std::string& path : kPaths) {
    SCOPED_TRACE(path);
    TestClient client(server.port());
    const auto begin = std::chrono::steady_clock::now();
    for (int i = 0; i < 4; ++i) {
      EXPECT_EQ(client.get(path).status, 200);
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
    EXPECT_TRUE(client.has_ended());
    EXPECT_GE(std::chrono::steady_clock::now() - begin, std::chrono::milliseconds(800)) << "since the last";
  }
  EXPECT_EQ(server.server().counts().refused, 0);
}

// A client cannot know that its connection is just being closed: it may be told nothing, and then tries again.
TEST(HttpLimits, timeBetweenRequestsEndsNoneThatComes) {
  constexpr auto kIdleTime = milliseconds(30);
  TestServer server({.idle_time = kIdleTime});
  std::map<int, int> statuses;
  for (int i = 0; i < 200; ++i) {
    TestClient client(server.port());
    ASSERT_EQ(client.get("/now").status, 200);
    std::this_thread::sleep_for(std::chrono::microseconds(kIdleTime.us + i * 20 - 1000));
    client.send(with_host("POST /echo", "Content-Length: 2\r\n"));
    std::this_thread::sleep_for(std::chrono::milliseconds(3));
    client.send("ab");
    ++statuses[client.receive().status];
  }
  for (const auto& [status, count] : statuses)
    EXPECT_TRUE(status == 200 || status == 0) << count << " times " << status;
}

TEST(HttpLimits, timeToTakeAnAnswer) {
  for (const std::string& path : kPaths) {
    SCOPED_TRACE(path);
    TestServer server({.write_time = milliseconds(300)});
    TestClient stuck(server.port(), 4096);
    EXPECT_EQ(stuck.get(path).status, 200);
    stuck.send(with_host(path == "/" ? "GET /size/50000000" : "GET /now/50000000"));
    EXPECT_TRUE(comes_true([&] { return server.server().counts().requests == 2; }));
    EXPECT_TRUE(comes_true([&] { return server.server().counts().connections == 0; }));
    EXPECT_LT(stuck.receive_all().size(), 50'000'000);
  }
}

TEST(HttpLimits, timeToTakeAnAnswerBeginsAnewWithEveryPiece) {
  TestServer server({.write_time = milliseconds(500)});
  TestClient slow(server.port(), 4096);
  slow.send(with_host("GET /size/8000000"));
  const auto begin = std::chrono::steady_clock::now();
  std::size_t pieces = 0, bytes = 0;
  while (bytes < 8'000'000) {
    const std::string piece = slow.receive_some();
    if (piece.empty()) break;
    bytes += piece.size();
    if (++pieces % 4 == 0 && std::chrono::steady_clock::now() - begin < std::chrono::milliseconds(1500))
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  EXPECT_GE(bytes, 8'000'000);
  EXPECT_GE(std::chrono::steady_clock::now() - begin, std::chrono::milliseconds(600))
      << "else it was not slow";
}

}  // namespace
}  // namespace slipstream
