// What is malformed or hostile, byte by byte, and the status of its answer. After each the server serves others.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/connectors/http/http_client.h"

namespace slipstream {
namespace {

using namespace std::string_literals;

constexpr int kEnded = 0;  // no answer, only the connection's end

struct Row {
  std::string what;
  std::string bytes;
  int status = 400;
};

std::string get(const std::string& target) { return "GET " + target + " HTTP/1.1\r\nHost: a\r\n\r\n"; }
std::string with_header(const std::string& header) {
  return "GET / HTTP/1.1\r\nHost: a\r\n" + header + "\r\n\r\n";
}
std::string post(const std::string& headers, const std::string& body) {
  return "POST /echo HTTP/1.1\r\nHost: a\r\n" + headers + "\r\n\r\n" + body;
}
std::string chunked(const std::string& body) { return post("Transfer-Encoding: chunked", body); }

const std::vector<Row>& rows() {
  static const std::vector<Row> all = {
      // another protocol
      {"TLS client hello", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"s, 400},
      {"SSH banner", "SSH-2.0-OpenSSH_9.2\r\n\r\n", 400},
      {"HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505},
      {"zero bytes", std::string(64, '\0'), 400},
      {"bytes that are no text", "\xff\xfe\xfd\r\n\r\n", 400},
      {"only the end of a request", "\r\n\r\n\r\n\r\n \r\n\r\n", 400},
      // the request line
      {"HTTP/0.9", "GET /\r\n\r\n", 400},
      {"version 1.2", "GET / HTTP/1.2\r\nHost: a\r\n\r\n", 505},
      {"version 3.0", "GET / HTTP/3.0\r\nHost: a\r\n\r\n", 505},
      {"version of two digits", "GET / HTTP/1.10\r\nHost: a\r\n\r\n", 400},
      {"version in small letters", "GET / http/1.1\r\nHost: a\r\n\r\n", 400},
      {"version without a point", "GET / HTTP/11\r\nHost: a\r\n\r\n", 400},
      {"words after the version", "GET / HTTP/1.1 x\r\nHost: a\r\n\r\n", 400},
      {"two blanks", "GET  / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"tab for a blank", "GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"no target", "GET HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"method that is no token", "G(T / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"bare line feeds", "GET / HTTP/1.1\nHost: a\n\n", 400},
      {"bare carriage return", "GET / HTTP/1.1\rHost: a\r\n\r\n", 400},
      {"CONNECT", "CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n", 501},
      {"TRACE", "TRACE / HTTP/1.1\r\nHost: a\r\n\r\n", 501},
      // the target
      {"path without a slash", get("a/b"), 400},
      {"asterisk", "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"another scheme", get("file:///etc/passwd"), 400},
      {"cut escape", get("/a%2"), 400},
      {"wrong escape", get("/a%zz"), 400},
      {"escaped NUL", get("/a%00b"), 400},
      {"escaped line end in the query", get("/?a=%0d%0aSet-Cookie:x"), 400},
      {"NUL in the target", "GET /a\0b HTTP/1.1\r\nHost: a\r\n\r\n"s, 400},
      {"overlong UTF-8", get("/%c0%ae%c0%ae/"), 400},
      {"lone UTF-8 byte", get("/%e9"), 400},
      {"bytes of Latin 1", get("/caf\xe9"), 400},
      {"dot segments", get("/../../etc/passwd"), 400},
      {"escaped dot segments", get("/%2e%2e/%2e%2e/etc/passwd"), 400},
      {"fragment", get("/a#b"), 400},
      {"target without an end", "GET /" + std::string(20'000, 'a'), 431},
      // headers
      {"no Host", "GET / HTTP/1.1\r\n\r\n", 400},
      {"two Hosts", with_header("Host: b"), 400},
      {"Host with a path", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400},
      {"Host with a blank", "GET / HTTP/1.1\r\nHost: a b\r\n\r\n", 400},
      {"blank before the colon", with_header("X : a"), 400},
      {"no colon", with_header("X"), 400},
      {"no name", with_header(": a"), 400},
      {"name that is no token", with_header("X(: a"), 400},
      {"folded header", with_header("X: a\r\n b"), 400},
      {"header before the first", "GET / HTTP/1.1\r\n Host: a\r\n\r\n", 400},
      {"NUL in a header", with_header("X: a\0b"s), 400},
      {"carriage return in a header", with_header("X: a\rb"), 400},
      {"control character in a header", with_header("X: a\x01"), 400},
      {"too large a header", with_header("X: " + std::string(20'000, 'a')), 431},
      {"too many headers", with_header([] {
         std::string many;
         for (int i = 0; i < 5'000; ++i)
           many += "a:\r\n";
         return many + "a:";
       }()),
       431},
      {"an expectation", post("Expect: 200-ok\r\nContent-Length: 1", "a"), 417},
      // the length of the body
      {"Content-Length that is no number", post("Content-Length: a", "a"), 400},
      {"empty Content-Length", post("Content-Length:", "a"), 400},
      {"Content-Length below zero", post("Content-Length: -1", "a"), 400},
      {"Content-Length with a sign", post("Content-Length: +1", "a"), 400},
      {"Content-Length in hexadecimal", post("Content-Length: 0x1", "a"), 400},
      {"Content-Length with a fraction", post("Content-Length: 1.0", "a"), 400},
      {"Content-Length of two numbers", post("Content-Length: 1 1", "a"), 400},
      {"Content-Lengths that differ", post("Content-Length: 1\r\nContent-Length: 2", "ab"), 400},
      {"Content-Lengths that differ in a list", post("Content-Length: 1, 2", "ab"), 400},
      {"Content-Length beyond 64 bits", post("Content-Length: 18446744073709551617", "a"), 400},
      {"Content-Length of all of 64 bits", post("Content-Length: 18446744073709551615", "a"), 413},
      {"Content-Length beyond the limit", post("Content-Length: 10485761", "a"), 413},
      {"both lengths", post("Content-Length: 1\r\nTransfer-Encoding: chunked", "0\r\n\r\n"), 400},
      {"both lengths, the other way", post("Transfer-Encoding: chunked\r\nContent-Length: 1", "0\r\n\r\n"),
       400},
      {"Content-Length with another coding", post("Content-Length: 1\r\nTransfer-Encoding: gzip", "a"), 400},
      {"coding that is not known", post("Transfer-Encoding: gzip", "a"), 501},
      {"coding before chunked", post("Transfer-Encoding: gzip, chunked", "0\r\n\r\n"), 501},
      {"identity", post("Transfer-Encoding: identity", "a"), 501},
      {"nearly chunked", post("Transfer-Encoding: xchunked", "0\r\n\r\n"), 501},
      {"chunked with a control character",
       post("Transfer-Encoding: \x0b"
            "chunked",
            "0\r\n\r\n"),
       400},
      {"chunked with a parameter", post("Transfer-Encoding: chunked;a=b", "0\r\n\r\n"), 400},
      {"chunked before another", post("Transfer-Encoding: chunked, gzip", "0\r\n\r\n"), 400},
      {"chunked twice", post("Transfer-Encoding: chunked, chunked", "0\r\n\r\n"), 400},
      {"chunked in two headers",
       post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", "0\r\n\r\n"), 400},
      {"empty Transfer-Encoding", post("Transfer-Encoding:", "0\r\n\r\n"), 400},
      {"chunked in HTTP/1.0", "POST /echo HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
      // chunks
      {"size that is no number", chunked("x\r\na\r\n0\r\n\r\n"), 400},
      {"empty size", chunked("\r\na\r\n0\r\n\r\n"), 400},
      {"size with a sign", chunked("+1\r\na\r\n0\r\n\r\n"), 400},
      {"size with a prefix", chunked("0x1\r\na\r\n0\r\n\r\n"), 400},
      {"size beyond 64 bits", chunked("10000000000000001\r\na\r\n0\r\n\r\n"), 400},
      {"size of all of 64 bits", chunked("ffffffffffffffff\r\na\r\n0\r\n\r\n"), 413},
      {"size beyond the limit", chunked("a00001\r\na\r\n0\r\n\r\n"), 413},
      {"chunk that is longer than its size", chunked("1\r\nab\r\n0\r\n\r\n"), 400},
      {"chunk line with a bare line feed", chunked("1\na\r\n0\r\n\r\n"), 400},
      {"extension that is none", chunked("1;\x01\r\na\r\n0\r\n\r\n"), 400},
      {"extension without an end", chunked("1;a=" + std::string(100'000, 'b')), 431},
      {"trailer that is none", chunked("0\r\nA\r\n\r\n"), 400},
      {"trailer without an end", chunked("0\r\nA: " + std::string(100'000, 'b')), 431},
  };
  return all;
}

class BadRequests : public testing::Test {
 protected:
  void expect_answered(const ClientResponse& response, int status) {
    EXPECT_EQ(response.status, status);
    if (status == kEnded) return;
    EXPECT_EQ(response.headers.contains("content-type") ? response.headers.at("content-type") : "",
              "application/problem+json");
    EXPECT_THAT(response.body, testing::HasSubstr("\"status\":" + std::to_string(status)));
  }
  void expect_serves() { EXPECT_EQ(TestClient(server_.port()).get("/").body, "ok"); }

  TestServer server_;
};

TEST_F(BadRequests, haveTheirStatusAndEndTheConnection) {
  for (const Row& row : rows()) {
    SCOPED_TRACE(row.what);
    TestClient client(server_.port());
    client.send(row.bytes);
    expect_answered(client.receive(), row.status);
    EXPECT_TRUE(client.has_ended());
    expect_serves();
  }
  EXPECT_EQ(server_.server().counts().refused, rows().size());
}

TEST_F(BadRequests, areNoBetterAByteAtATime) {
  for (const Row& row : rows()) {
    if (row.bytes.size() > 1000) continue;
    SCOPED_TRACE(row.what);
    TestClient client(server_.port());
    for (const char byte : row.bytes)
      if (!client.send({&byte, 1})) break;
    expect_answered(client.receive(), row.status);
  }
  expect_serves();
}

TEST_F(BadRequests, thatAreCutShortAreNotWaitedFor) {
  const std::vector<Row> cut = {
      {"nothing", "", kEnded},
      {"within the request line", "GET / HT", 400},
      {"within the headers", "GET / HTTP/1.1\r\nHost: a\r\n", 400},
      {"within the body", post("Content-Length: 5", "abc"), 400},
      {"before the body", post("Content-Length: 5", ""), 400},
      {"within a chunk", chunked("5\r\nabc"), 400},
      {"within a chunk's line", chunked("5"), 400},
      {"before the last chunk", chunked("3\r\nabc\r\n"), 400},
      {"within the trailers", chunked("0\r\nA: b\r\n"), 400},
  };
  for (const Row& row : cut) {
    SCOPED_TRACE(row.what);
    TestClient client(server_.port()), quick(server_.port());
    EXPECT_EQ(quick.get("/now").body, "now");
    for (TestClient* each : {&client, &quick}) {
      each->send(row.bytes);
      each->end_sending();
      expect_answered(each->receive(), row.status);
      EXPECT_TRUE(each->has_ended());
    }
    expect_serves();
  }
}

TEST_F(BadRequests, behindAGoodOneDoNotSpoilIt) {
  for (const Row& row : rows()) {
    SCOPED_TRACE(row.what);
    TestClient client(server_.port());
    client.send(get("/size/5") + row.bytes);
    EXPECT_EQ(client.receive().body, "aaaaa");
    expect_answered(client.receive(), row.status);
  }
}

TEST_F(BadRequests, ofAClientThatWasAnsweredAtOnceAreNoBetter) {
  for (const Row& row : rows()) {
    SCOPED_TRACE(row.what);
    TestClient client(server_.port());
    EXPECT_EQ(client.get("/now").body, "now");
    client.send(row.bytes);
    expect_answered(client.receive(), row.status);
    EXPECT_TRUE(client.has_ended());
  }
  expect_serves();
}

TEST_F(BadRequests, areNotFollowedByWhatTheySmuggle) {
  TestClient client(server_.port());
  client.send(post("Content-Length: 5\r\nTransfer-Encoding: chunked", "0\r\n\r\n" + get("/size/5")));
  EXPECT_EQ(client.receive().status, 400);
  EXPECT_TRUE(client.has_ended());
}

}  // namespace
}  // namespace slipstream
