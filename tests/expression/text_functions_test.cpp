// LIKE and letter case, held against the obvious way to compute them.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "engine/expression/text_functions.h"
#include "engine/expression/utf8.h"

namespace slipstream::testing {
namespace {

// LIKE as its definition says, by trying every length for %.
bool matches_obviously(std::u32string_view text, std::u32string_view pattern) {
  if (pattern.empty()) return text.empty();
  const char32_t step = pattern.front();
  if (step == U'%') {
    for (std::size_t skipped = 0; skipped <= text.size(); ++skipped)
      if (matches_obviously(text.substr(skipped), pattern.substr(1))) return true;
    return false;
  }
  const bool escaped = step == U'\\' && pattern.size() > 1;
  if (escaped) pattern.remove_prefix(1);
  if (text.empty()) return false;
  const bool same = text.front() == pattern.front() || (step == U'_' && !escaped);
  return same && matches_obviously(text.substr(1), pattern.substr(1));
}

std::string utf8_of(const std::u32string& text) {
  std::string out;
  for (const char32_t code_point : text)
    append_code_point(out, code_point);
  return out;
}

std::u32string any_text(const std::u32string& alphabet) {
  return *rc::gen::resize(12, rc::gen::container<std::u32string>(rc::gen::elementOf(alphabet)));
}

RC_GTEST_PROP(Like, MatchesAsItsDefinitionSays, ()) {
  const std::u32string text = any_text(U"abĐ");
  const std::u32string pattern = any_text(U"abĐ%%_\\");
  RC_LOG() << utf8_of(text) << " like " << utf8_of(pattern) << "\n";
  RC_ASSERT(matches_like(utf8_of(text), utf8_of(pattern), U'\\', false) == matches_obviously(text, pattern));
}

TEST(Like, AManifoldPatternTakesNoExponentialTime) {
  const std::string text(5'000, 'a');
  std::string pattern;
  for (int i = 0; i < 50; ++i)
    pattern += "%a";
  EXPECT_FALSE(matches_like(text, pattern + "%b", U'\\', false));
}

RC_GTEST_PROP(Utf8, CodePointsReadBack, ()) {
  const auto code_point = static_cast<char32_t>(*rc::gen::inRange(0, 0x110000));
  RC_PRE(code_point < 0xD800 || code_point > 0xDFFF);
  std::string text;
  append_code_point(text, code_point);
  RC_ASSERT(is_utf8(text));
  RC_ASSERT(count_code_points(text) == 1);
  std::string_view rest = text;
  RC_ASSERT(take_code_point(rest) == code_point);
  RC_ASSERT(rest.empty());
}

TEST(Utf8, MalformedTextIsSeen) {
  for (const char* text : {"\x80", "\xC0\x80", "\xC1\xBF", "\xE0\x80\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80",
                           "\xF5\x80\x80\x80", "\xC3", "\xE1\xBA", "a\xFF"})
    EXPECT_FALSE(is_utf8(text));
  EXPECT_TRUE(is_utf8("nhiệm vụ — 任务 🏙"));
}

TEST(LetterCase, UpperAndLowerUndoEachOther) {
  int pairs = 0;
  for (char32_t c = 0; c < 0x2000; ++c) {
    if (lower_case(c) == c) continue;
    EXPECT_EQ(upper_case(lower_case(c)), c) << static_cast<std::uint32_t>(c);
    EXPECT_EQ(lower_case(lower_case(c)), lower_case(c)) << static_cast<std::uint32_t>(c);
    ++pairs;
  }
  EXPECT_GT(pairs, 400);
}

TEST(LetterCase, CoversVietnamese) {
  EXPECT_EQ(upper_case("aăâbcdđeêghiklmnoôơpqrstuưvxy áàảãạ ắằẳẵặ ấầẩẫậ éèẻẽẹ ếềểễệ íìỉĩị óòỏõọ ốồổỗộ ớờởỡợ "
                       "úùủũụ ứừửữự ýỳỷỹỵ"),
            "AĂÂBCDĐEÊGHIKLMNOÔƠPQRSTUƯVXY ÁÀẢÃẠ ẮẰẲẴẶ ẤẦẨẪẬ ÉÈẺẼẸ ẾỀỂỄỆ ÍÌỈĨỊ ÓÒỎÕỌ ỐỒỔỖỘ ỚỜỞỠỢ ÚÙỦŨỤ ỨỪỬỮỰ "
            "ÝỲỶỸỴ");
}

}  // namespace
}  // namespace slipstream::testing
