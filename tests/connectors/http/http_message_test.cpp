#include "connectors/http/http_message.h"

#include <gtest/gtest.h>

namespace slipstream {
namespace {

TEST(HttpRequest, findsTheFirstHeaderInAnyCaseOfLetters) {
  HttpRequest request;
  request.headers = {{"X-a", "1"}, {"x-A", "2"}, {"X-ab", "3"}};
  EXPECT_EQ(request.header("x-A"), "1");
  EXPECT_EQ(request.header("X-AB"), "3");
  EXPECT_EQ(request.header("X-"), std::nullopt);
}

TEST(PercentEncoded, leavesWhatAQueryMayHave) {
  EXPECT_EQ(percent_encoded("aZ9-._~"), "aZ9-._~");
  EXPECT_EQ(percent_encoded("a b&c=\xc3\xa9/?"), "a%20b%26c%3D%C3%A9%2F%3F");
}

TEST(Problem, isJsonWhateverItSays) {
  EXPECT_EQ(
      problem(404, "No view \"a\\b\"\n\x01.").body,
      R"({"type":"about:blank","title":"Not Found","status":404,"detail":"No view \"a\\b\"\u000a\u0001."})");
  EXPECT_EQ(problem(400, "caf\u00e9").body,
            "{\"type\":\"about:blank\",\"title\":\"Bad Request\",\"status\":400,\"detail\":\"caf\u00e9\"}");
  EXPECT_EQ(problem(404, "x").content_type, "application/problem+json");
  EXPECT_EQ(problem(404, "x").status, 404);
}

TEST(Problem, leavesOutBytesThatAreNotUtf8) {
  EXPECT_EQ(problem(400,
                    "a\xff"
                    "b")
                .body,
            R"({"type":"about:blank","title":"Bad Request","status":400,"detail":"ab"})");
}

TEST(Problem, hasTheMembersThatItIsGiven) {
  EXPECT_EQ(problem(400, "x", R"("errors":[])").body,
            R"({"type":"about:blank","title":"Bad Request","status":400,"detail":"x","errors":[]})");
}

TEST(Reason, isTheRegisteredOne) {
  EXPECT_EQ(reason_of(431), "Request Header Fields Too Large");
  EXPECT_EQ(reason_of(299), "");
}

}  // namespace
}  // namespace slipstream
