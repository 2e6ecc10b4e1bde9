#include "engine/base/error.h"

#include <gtest/gtest.h>

#include <set>

#include "engine/base/ids.h"

namespace slipstream {
namespace {

Result<int> half(int number) {
  if (number % 2 != 0) return fail(ErrorCode::invalid_value, "odd");
  return number / 2;
}

Result<int> quarter(int number) {
  SLIPSTREAM_ASSIGN(const int halved, half(number));
  SLIPSTREAM_TRY(half(halved));
  return half(halved);
}

TEST(Error, EveryCodeHasItsOwnNameAndTheBlameOfItsHundred) {
  std::set<std::string_view> names;
  const auto expect_range = [&](int first, ErrorCode last, Blame blame) {
    for (int number = first; number <= static_cast<int>(last); ++number) {
      const auto code = static_cast<ErrorCode>(number);
      EXPECT_EQ(blame_of(code), blame) << number;
      EXPECT_TRUE(names.insert(name_of(code)).second) << number;
    }
  };
  expect_range(100, ErrorCode::not_supported, Blame::configuration);
  expect_range(200, ErrorCode::invalid_transition, Blame::data);
  expect_range(300, ErrorCode::shard_unavailable, Blame::dependency);
  EXPECT_EQ(names.count("internal"), 0U);
  EXPECT_EQ(name_of(ErrorCode::internal), "internal");
  EXPECT_EQ(name_of(blame_of(ErrorCode::internal)), "bug");
  EXPECT_EQ(name_of(ErrorCode::conflicting_duplicate), "conflicting_duplicate");
}

TEST(Error, TheMacrosReturnTheFirstErrorAndOtherwiseGoOn) {
  EXPECT_EQ(quarter(12).value(), 3);
  EXPECT_EQ(quarter(11).error().code, ErrorCode::invalid_value);
  EXPECT_EQ(quarter(10).error().code, ErrorCode::invalid_value);
}

TEST(ErrorDeathTest, ABrokenInvariantPrintsItsConditionAndValues) {
  const int number = 7;
  EXPECT_DEATH(SLIPSTREAM_INVARIANT(number == 8, "number 7"), "invariant failed: number == 8 .*number 7");
}

TEST(Ids, NumbersOfOneKindAreOrderedAndCountOn) {
  EXPECT_LT(Offset(3), Offset(4));
  EXPECT_EQ(Offset(3).next(), Offset(4));
  static_assert(!std::is_convertible_v<Offset, Partition>);
  static_assert(!std::is_convertible_v<int, Offset>);
}

}  // namespace
}  // namespace slipstream
