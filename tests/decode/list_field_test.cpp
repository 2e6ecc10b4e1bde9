#include "engine/decode/list_field.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tests/decode/event_generator.h"

namespace slipstream::test {
namespace {

RC_GTEST_PROP(ListField, TextsComeBackFromTheirCanonicalForm, (std::uint64_t seed)) {
  EventGenerator generator(seed);
  std::vector<std::string> items;
  for (std::uint64_t left = generator.below(6); left > 0; --left)
    items.push_back(generator.random_text(10));
  const auto read = read_text_list(format_text_list(items));
  RC_ASSERT(read.has_value());
  RC_ASSERT(*read == items);
}

RC_GTEST_PROP(ListField, DecimalsComeBackFromTheirCanonicalForm, (std::uint64_t seed)) {
  EventGenerator generator(seed);
  std::vector<Decimal> items;
  for (std::uint64_t left = generator.below(6); left > 0; --left)
    items.push_back(generator.random_decimal());
  const auto read = read_decimal_list(format_decimal_list(items));
  RC_ASSERT(read.has_value());
  RC_ASSERT(*read == items);
}

TEST(ListField, OnlyTheCanonicalFormIsRead) {
  for (const char* text : {"", "[", "[\"a\"", "[\"a\",]", "[ \"a\"]", "[\"a\"] ", "[1]", "[\"\\n\"]",
                           "[\"\\u0041\"]", "[\"\\\"]", "[\"a\"\"b\"]", "{}", "[null]", "[[]]"})
    EXPECT_FALSE(read_text_list(text)) << text;
  for (const char* text :
       {"", "[1.0]", "[01]", "[1e2]", "[+1]", "[\"1\"]", "[1,]", "[,1]", "[1", "[--1]", "[1]]"})
    EXPECT_FALSE(read_decimal_list(text)) << text;
  for (const char* text :
       {R"([{"working":true,"date":"2026-01-01"}])", R"([{"date":"2026-13-01","working":true}])",
        R"([{"date":"2026-01-01"}])", R"([{"date":"2026-01-01","working":true,"name":""}])", R"([{}])"})
    EXPECT_FALSE(read_day_list(text)) << text;
}

TEST(ListField, ADayKeepsDateKindAndName) {
  const std::string text =
      R"([{"date":"2026-01-01","working":false,"name":"Tết"},{"date":"2026-01-02","working":true}])";
  const auto days = read_day_list(text);
  ASSERT_TRUE(days) << days.error().message;
  EXPECT_EQ((*days)[0], (CalendarDay{{2026, 1, 1}, false, "Tết"}));
  EXPECT_EQ((*days)[1], (CalendarDay{{2026, 1, 2}, true, ""}));
  EXPECT_EQ(format_day_list(*days), text);
}

}  // namespace
}  // namespace slipstream::test
