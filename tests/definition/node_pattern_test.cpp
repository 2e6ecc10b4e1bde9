#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "engine/definition/plan.h"

namespace slipstream {
namespace {

bool matches(std::vector<std::string> patterns, std::string_view node) {
  return NodePattern::parse(patterns, "city")->matches(node);
}

TEST(NodePattern, TwoStarsAreEveryNodeTheRootIncluded) {
  EXPECT_TRUE(matches({"**"}, "city"));
  EXPECT_TRUE(matches({"**"}, "General"));
  EXPECT_TRUE(matches({"**"}, "General/Resource07/x"));
}

TEST(NodePattern, OneStarIsTheNodesRightBelowTheRoot) {
  EXPECT_TRUE(matches({"*"}, "General"));
  EXPECT_FALSE(matches({"*"}, "city"));
  EXPECT_FALSE(matches({"*"}, "General/Resource07"));
  EXPECT_TRUE(matches({"*/*"}, "General/Resource07"));
}

TEST(NodePattern, ALiteralIsOneNodeAndTheRootsNameIsTheRoot) {
  EXPECT_TRUE(matches({"city"}, "city"));
  EXPECT_FALSE(matches({"city"}, "General"));
  EXPECT_TRUE(matches({"General"}, "General"));
  EXPECT_FALSE(matches({"General"}, "General/Resource07"));
  EXPECT_FALSE(matches({"General"}, "general"));
  EXPECT_FALSE(matches({"General"}, "Generals"));
}

TEST(NodePattern, TwoStarsStandForNoSegmentAsWell) {
  EXPECT_TRUE(matches({"General/**"}, "General"));
  EXPECT_TRUE(matches({"General/**"}, "General/Resource07"));
  EXPECT_FALSE(matches({"General/**"}, "Other/General"));
  EXPECT_TRUE(matches({"**/Resource07"}, "Resource07"));
  EXPECT_TRUE(matches({"**/Resource07"}, "General/Team/Resource07"));
  EXPECT_FALSE(matches({"**/Resource07"}, "General/Resource07/x"));
  EXPECT_TRUE(matches({"a/**/b/**/c"}, "a/b/x/b/c"));
  EXPECT_FALSE(matches({"a/**/b/**/c"}, "a/x/c"));
}

TEST(NodePattern, TheRootsNameInFrontChangesNothing) {
  EXPECT_TRUE(matches({"city/*"}, "General"));
  EXPECT_FALSE(matches({"city/*"}, "city"));
  EXPECT_TRUE(matches({"city/General"}, "General"));
  EXPECT_TRUE(matches({"city/**"}, "city"));
}

TEST(NodePattern, AListIsAUnion) {
  EXPECT_TRUE(matches({"city", "General"}, "city"));
  EXPECT_TRUE(matches({"city", "General"}, "General"));
  EXPECT_FALSE(matches({"city", "General"}, "Other"));
  EXPECT_EQ(NodePattern::parse({"city", "*"})->texts(), (std::vector<std::string>{"city", "*"}));
}

TEST(NodePattern, RefusesWhatItWouldNotMatch) {
  for (const std::vector<std::string>& wrong :
       {std::vector<std::string>{}, {""}, {"a//b"}, {"/a"}, {"a/"}, {"Gen*"}, {"***"}, {"a", "b*"}}) {
    const auto pattern = NodePattern::parse(wrong);
    ASSERT_FALSE(pattern);
    EXPECT_EQ(pattern.error().code, ErrorCode::invalid_value);
  }
}

using Path = std::vector<std::string>;

std::string join(const Path& path) {
  std::string text;
  for (const std::string& segment : path)
    text += (text.empty() ? "" : "/") + segment;
  return text;
}

// The definition, tried out: "**" takes no segment, or one and stays.
bool matches_by_trial(const Path& pattern, std::size_t p, const Path& path, std::size_t n) {
  if (p == pattern.size()) return n == path.size();
  if (pattern[p] == "**")
    return matches_by_trial(pattern, p + 1, path, n) ||
           (n < path.size() && matches_by_trial(pattern, p, path, n + 1));
  return n < path.size() && (pattern[p] == "*" || pattern[p] == path[n]) &&
         matches_by_trial(pattern, p + 1, path, n + 1);
}

RC_GTEST_PROP(NodePattern, AgreesWithTryingEveryWayToMatch, ()) {
  const auto segment = rc::gen::element<std::string>("a", "b");
  const auto part = rc::gen::weightedElement<std::string>({{3, "a"}, {2, "b"}, {2, "*"}, {3, "**"}});
  const Path path = *rc::gen::resize(6, rc::gen::nonEmpty(rc::gen::container<Path>(segment)));
  const Path pattern = *rc::gen::resize(6, rc::gen::nonEmpty(rc::gen::container<Path>(part)));
  RC_ASSERT(NodePattern::parse({join(pattern)}, "root")->matches(join(path)) ==
            matches_by_trial(pattern, 0, path, 0));
}

TEST(NodePattern, AnswersSoonForAPatternOfManyStars) {
  std::string pattern, node;
  for (int i = 0; i < 300; ++i) {
    pattern += "**/a/";
    node += "a/";
  }
  EXPECT_FALSE(matches({pattern + "b"}, node + "c"));
}

}  // namespace
}  // namespace slipstream
