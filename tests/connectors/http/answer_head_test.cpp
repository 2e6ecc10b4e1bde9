#include "connectors/http/answer_head.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "connectors/http/gzip.h"
#include "tests/connectors/http/gunzip.h"

namespace slipstream {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

HttpResponse text_of(std::size_t bytes) {
  return {.content_type = "text/plain", .body = std::string(bytes, 'a')};
}

TEST(Answer, isWholeToTheByte) {
  const auto answer = make_answer({.status = 201, .body = "{}", .headers = {{"ETag", "\"1\""}}},
                                  {.keeps_alive = true}, 784111777);
  EXPECT_EQ(answer.head,
            "HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: 2\r\n"
            "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\nConnection: keep-alive\r\nETag: \"1\"\r\n\r\n");
  EXPECT_EQ(answer.body, "{}");
  EXPECT_TRUE(answer.keeps_alive);
}

TEST(Answer, hasNoContentFor204And304) {
  for (const int status : {204, 304}) {
    const auto answer = make_answer({.status = status, .body = "x"}, {}, 0);
    EXPECT_EQ(answer.body, "");
    EXPECT_THAT(answer.head, Not(HasSubstr("Content-")));
    EXPECT_THAT(answer.head, HasSubstr("Connection: close\r\n"));
  }
}

TEST(Answer, toHeadHasTheHeadersOfTheBodyAlone) {
  const auto whole = make_answer(text_of(2000), {.takes_gzip = true}, 0);
  const auto head = make_answer(text_of(2000), {.is_head = true, .takes_gzip = true}, 0);
  EXPECT_EQ(head.head, whole.head);
  EXPECT_EQ(head.body, "");
}

TEST(Answer, isCompressedFromAThousandBytesOn) {
  const auto packed = make_answer(text_of(1001), {.takes_gzip = true}, 0);
  EXPECT_THAT(packed.head, HasSubstr("Content-Encoding: gzip\r\n"));
  EXPECT_THAT(packed.head, HasSubstr("Vary: Accept-Encoding\r\n"));
  EXPECT_THAT(packed.head, HasSubstr("Content-Length: " + std::to_string(packed.body.size()) + "\r\n"));
  EXPECT_EQ(gunzip(packed.body), std::string(1001, 'a'));

  const auto plain = make_answer(text_of(1001), {}, 0);
  EXPECT_THAT(plain.head, HasSubstr("Vary: Accept-Encoding\r\n"));
  EXPECT_EQ(plain.body, std::string(1001, 'a'));

  const auto small = make_answer(text_of(1000), {.takes_gzip = true}, 0);
  EXPECT_THAT(small.head, Not(HasSubstr("Vary")));
  EXPECT_EQ(small.body, std::string(1000, 'a'));
}

TEST(Answer, isNotCompressedTwiceOrInVain) {
  HttpResponse packed = text_of(2000);
  packed.headers = {{"content-encoding", "br"}};
  EXPECT_EQ(make_answer(packed, {.takes_gzip = true}, 0).body, packed.body);

  HttpResponse noise{.content_type = "text/plain"};
  for (unsigned i = 1; noise.body.size() < 2000; i = i * 1664525 + 1013904223)
    noise.body += static_cast<char>(i >> 24);
  EXPECT_EQ(make_answer(noise, {.takes_gzip = true}, 0).body, noise.body);
}

TEST(Answer, thatCannotBeSentIs500) {
  EXPECT_THAT(make_answer({.status = 100}, {}, 0).head, StartsWith("HTTP/1.1 500 "));
  EXPECT_THAT(make_answer({.status = 600}, {}, 0).head, StartsWith("HTTP/1.1 500 "));
  EXPECT_THAT(make_answer({.headers = {{"A", "b\r\nSet-Cookie: c"}}}, {}, 0).head,
              StartsWith("HTTP/1.1 500 "));
  EXPECT_THAT(make_answer({.headers = {{"A\n", "b"}}}, {}, 0).head, StartsWith("HTTP/1.1 500 "));
  EXPECT_THAT(make_answer({.content_type = "a\r\nb"}, {}, 0).head, StartsWith("HTTP/1.1 500 "));
}

TEST(StreamHead, isNeverStoredOrBuffered) {
  const auto head = stream_head({.takes_chunks = true}, 0);
  EXPECT_EQ(head,
            "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: "
            "no-store\r\nX-Accel-Buffering: no\r\n"
            "Date: Thu, 01 Jan 1970 00:00:00 GMT\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n");
  EXPECT_THAT(stream_head({}, 0), Not(HasSubstr("Transfer-Encoding")));
}

TEST(HttpDate, isInGreenwich) {
  EXPECT_EQ(http_date(784111777), "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(http_date(951827696), "Tue, 29 Feb 2000 12:34:56 GMT");
  EXPECT_EQ(http_date(-1), "Wed, 31 Dec 1969 23:59:59 GMT");
}

TEST(Gzip, comesBackAsItWas) {
  for (const std::size_t bytes : {0U, 1U, 1000U, 3000000U}) {
    std::string text;
    for (std::size_t i = 0; i < bytes; ++i)
      text += static_cast<char>(i * i >> 3);
    const auto packed = gzip(text);
    ASSERT_TRUE(packed);
    EXPECT_EQ(gunzip(*packed), text);
  }
}

}  // namespace
}  // namespace slipstream
