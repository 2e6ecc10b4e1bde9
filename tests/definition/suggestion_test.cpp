#include "engine/definition/suggestion.h"

#include <gtest/gtest.h>

namespace slipstream {
namespace {

const std::vector<std::string> kNames = {"every", "from", "window", "measures", "on_time"};

TEST(Suggestion, ProposesTheNearestNameForATypingMistake) {
  EXPECT_EQ(suggest("evry", kNames), "did you mean 'every'?");
  EXPECT_EQ(suggest("form", kNames), "did you mean 'from'?");
  EXPECT_EQ(suggest("widnow", kNames), "did you mean 'window'?");
  EXPECT_EQ(suggest("measure", kNames), "did you mean 'measures'?");
  EXPECT_EQ(suggest("ontime", kNames), "did you mean 'on_time'?");
}

TEST(Suggestion, ProposesNothingForAnotherWord) {
  EXPECT_EQ(suggest("filter", kNames), "");
  EXPECT_EQ(suggest("", kNames), "");
  EXPECT_EQ(suggest(std::string(100'000, 'x'), kNames), "");
  EXPECT_EQ(suggest("every", std::vector<std::string>{}), "");
}

TEST(Suggestion, CountsSwappedNeighboursAsOneEdit) {
  EXPECT_EQ(edit_distance("form", "from"), 1u);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3u);
  EXPECT_EQ(edit_distance("", "abc"), 3u);
  EXPECT_EQ(edit_distance("abc", "abc"), 0u);
}

}  // namespace
}  // namespace slipstream
