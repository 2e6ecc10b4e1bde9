#include "connectors/http/request_target.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace slipstream {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

RequestTarget parsed(std::string_view target) {
  auto result = parse_request_target(target);
  EXPECT_TRUE(result) << target << ": " << (result ? "" : result.error().message);
  return result.value_or(RequestTarget{});
}

TEST(RequestTarget, takesThePathApart) {
  EXPECT_THAT(parsed("/").segments, IsEmpty());
  EXPECT_THAT(parsed("/v1/views").segments, ElementsAre("v1", "views"));
  EXPECT_THAT(parsed("/v1/").segments, ElementsAre("v1", ""));
  EXPECT_THAT(parsed("//").segments, ElementsAre("", ""));
  EXPECT_THAT(parsed("/a//b").segments, ElementsAre("a", "", "b"));
  EXPECT_THAT(parsed("/.../.a").segments, ElementsAre("...", ".a"));
}

TEST(RequestTarget, decodesAfterItIsTakenApart) {
  EXPECT_THAT(parsed("/v1/views/a%2Fb").segments, ElementsAre("v1", "views", "a/b"));
  EXPECT_THAT(parsed("/a%2fb%25%3F").segments, ElementsAre("a/b%?"));
  EXPECT_THAT(parsed("/caf%C3%A9").segments, ElementsAre("caf\u00e9"));
  EXPECT_THAT(parsed("/a+b").segments, ElementsAre("a+b"));
  EXPECT_THAT(parsed("/?x=%26%3D%2B&%3D=1").query, ElementsAre(Pair("x", "&=+"), Pair("=", "1")));
}

TEST(RequestTarget, takesTheQueryApart) {
  EXPECT_THAT(parsed("/a").query, IsEmpty());
  EXPECT_THAT(parsed("/a?").query, IsEmpty());
  EXPECT_THAT(parsed("/?a=1&b").query, ElementsAre(Pair("a", "1"), Pair("b", "")));
  EXPECT_THAT(parsed("/?a=1&a=2").query, ElementsAre(Pair("a", "1"), Pair("a", "2")));
  EXPECT_THAT(parsed("/?a=b=c&&=d&").query, ElementsAre(Pair("a", "b=c"), Pair("", "d")));
  EXPECT_THAT(parsed("/?a+b=c+d").query, ElementsAre(Pair("a b", "c d")));
  EXPECT_THAT(parsed("/?a=x?y/../z").query, ElementsAre(Pair("a", "x?y/../z")));
}

TEST(RequestTarget, takesPathAndQueryOfTheAbsoluteForm) {
  EXPECT_THAT(parsed("http://host:80/a/b?c=d").segments, ElementsAre("a", "b"));
  EXPECT_THAT(parsed("http://host:80/a/b?c=d").query, ElementsAre(Pair("c", "d")));
  EXPECT_THAT(parsed("HTTPS://host").segments, IsEmpty());
  EXPECT_THAT(parsed("http://host?a=/b").query, ElementsAre(Pair("a", "/b")));
}

TEST(RequestTarget, refusesWhatIsMalformedOrAmbiguous) {
  for (const std::string_view target :
       {"", "a", "*", "?a", "host:443", "ftp://host/", "http:/a", "http://host#f", "/#", "/a#b", "/?a#b",
        // escapes
        "/%", "/%4", "/%4x", "/%x4", "/%%41", "/?a=%", "/?%2", "/?a=%zz",
        // control characters
        "/%00", "/%1F", "/%7f", "/?a=%00", "/?a=%0d%0a", "/?%09=1", "/\x01", "/a\x7f",
        // not UTF-8: a lone byte, an overlong form, a surrogate, beyond Unicode, a cut one
        "/%80", "/%c0%af", "/%ed%a0%80", "/%f4%90%80%80", "/?a=%c3", "/?%ff=1", "/\xff",
        // dot segments
        "/.", "/..", "/a/../b", "/a/.", "/%2e", "/%2E%2e/etc", "/.%2e", "http://host/.."}) {
    const auto result = parse_request_target(target);
    ASSERT_FALSE(result) << target;
    EXPECT_EQ(result.error().code, ErrorCode::syntax) << target;
  }
}

}  // namespace
}  // namespace slipstream
