#include "connectors/http/request_head.h"

#include <gtest/gtest.h>

namespace slipstream {
namespace {

constexpr std::string_view kHead = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

TEST(HeadScan, findsTheEndHoweverTheHeadIsCut) {
  for (std::size_t cut = 0; cut < kHead.size(); ++cut) {
    HeadScan scan(100);
    const auto first = scan.find_end(kHead.substr(0, cut));
    ASSERT_TRUE(first) << cut;
    EXPECT_EQ(*first, std::nullopt) << cut;
    const auto second = scan.find_end(std::string(kHead) + "GET /next");
    ASSERT_TRUE(second) << cut;
    EXPECT_EQ(*second, kHead.size()) << cut;
  }
}

TEST(HeadScan, refusesAHeadThatIsTooLargeWithOrWithoutItsEnd) {
  EXPECT_TRUE(HeadScan(kHead.size()).find_end(kHead));
  const auto ended = HeadScan(kHead.size() - 1).find_end(kHead);
  ASSERT_FALSE(ended);
  EXPECT_EQ(ended.error().status, 431);
  const auto endless = HeadScan(10).find_end("GET /aaaaaaa");
  ASSERT_FALSE(endless);
  EXPECT_EQ(endless.error().status, 431);
}

TEST(HeadScan, refusesAtOnceWhatNoLaterByteMakesGood) {
  for (const std::string_view head :
       {"\x16\x03\x01", " GET", "\nGET", "GET / HTTP/1.1\n", "GET / HTTP/1.1\r\nA: b\n",
        "GET / HTTP/1.1\r\nA: b\r\n c\r\n", "GET / HTTP/1.1\r\n\tA: b\r\n"}) {
    const auto found = HeadScan(100).find_end(head);
    ASSERT_FALSE(found) << head;
    EXPECT_EQ(found.error().status, 400) << head;
  }
}

TEST(LeadingBlankBytes, areWholeLinesOnly) {
  EXPECT_EQ(count_leading_blank_bytes(""), 0);
  EXPECT_EQ(count_leading_blank_bytes("\r"), 0);
  EXPECT_EQ(count_leading_blank_bytes("\r\n\r\n\rG"), 4);
  EXPECT_EQ(count_leading_blank_bytes("G\r\n"), 0);
}

TEST(Version, ofAnotherHttpIsToldFromNone) {
  EXPECT_EQ(refuse_version("GET / HTTP/2.0\r\n").status, 505);
  EXPECT_EQ(refuse_version("GET / HTTP/0.9\r\n").status, 505);
  EXPECT_EQ(refuse_version("GET / HTTP/11\r\n").status, 400);
  EXPECT_EQ(refuse_version("GET / http/1.1\r\n").status, 400);
  EXPECT_EQ(refuse_version("GET / HTTP/1.x\r\n").status, 400);
  EXPECT_EQ(refuse_version("").status, 400);
}

int status_of(std::string method, std::vector<HttpHeader> headers, int version = 11) {
  HttpRequest request;
  request.method = std::move(method);
  request.headers = std::move(headers);
  const auto refusal = check_head(request, version);
  return refusal ? refusal->status : 200;
}

TEST(CheckHead, asksForOneHost) {
  EXPECT_EQ(status_of("GET", {{"Host", "a.example:80"}}), 200);
  EXPECT_EQ(status_of("GET", {{"Host", "[::1]:80"}}), 200);
  EXPECT_EQ(status_of("GET", {{"Host", ""}}), 200);
  EXPECT_EQ(status_of("GET", {}), 400);
  EXPECT_EQ(status_of("GET", {}, 10), 200);
  EXPECT_EQ(status_of("GET", {{"Host", "a"}, {"hOST", "a"}}), 400);
  EXPECT_EQ(status_of("GET", {{"Host", "a"}, {"Host", "a"}}, 10), 400);
  EXPECT_EQ(status_of("GET", {{"Host", "a b"}}), 400);
  EXPECT_EQ(status_of("GET", {{"Host", "a/b"}}), 400);
}

TEST(CheckHead, takesOneFramingOfTheBody) {
  const HttpHeader host{"Host", "a"};
  EXPECT_EQ(status_of("POST", {host, {"Transfer-Encoding", "Chunked"}}), 200);
  EXPECT_EQ(status_of("POST", {host, {"Transfer-Encoding", "gzip"}}), 501);
  EXPECT_EQ(status_of("POST", {host, {"Transfer-Encoding", "gzip, chunked"}}), 501);
  EXPECT_EQ(status_of("POST", {host, {"Transfer-Encoding", "chunked, gzip"}}), 400);
  EXPECT_EQ(status_of("POST", {host, {"Transfer-Encoding", "chunked, chunked"}}), 400);
  EXPECT_EQ(status_of("POST", {host, {"Transfer-Encoding", "chunked"}, {"Transfer-Encoding", "chunked"}}),
            400);
  EXPECT_EQ(status_of("POST", {host, {"Transfer-Encoding", "chunked;a=b"}}), 400);
  EXPECT_EQ(status_of("POST", {host, {"Transfer-Encoding", ""}}), 400);
  EXPECT_EQ(status_of("POST", {host, {"Transfer-Encoding", "\"chunked\""}}), 400);
  EXPECT_EQ(status_of("POST", {host, {"Transfer-Encoding", "chunked"}, {"Content-Length", "1"}}), 400);
  EXPECT_EQ(status_of("POST", {host, {"Transfer-Encoding", "chunked"}}, 10), 400);
}

TEST(CheckHead, refusesWhatIsNotServed) {
  const HttpHeader host{"Host", "a"};
  EXPECT_EQ(status_of("TRACE", {host}), 501);
  EXPECT_EQ(status_of("CONNECT", {host}), 501);
  EXPECT_EQ(status_of("POST", {host, {"Expect", "100-Continue"}}), 200);
  EXPECT_EQ(status_of("POST", {host, {"Expect", "200-ok"}}), 417);
}

}  // namespace
}  // namespace slipstream
