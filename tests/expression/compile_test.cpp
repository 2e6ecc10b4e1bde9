// Compiling: what an Expression tells about itself, how errors are placed and worded for `validate`, and that
// no text, however hostile, does harm.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <fstream>

#include "engine/expression/expression_node.h"
#include "engine/expression/utf8.h"
#include "tests/expression/sample_row.h"

namespace slipstream::testing {
namespace {

using Errors = std::vector<ExpressionError>;

std::optional<Expression> compiled(std::string_view text, Type wanted = Type::null) {
  Errors errors;
  auto expression = compile_expression(text, SampleRow().scope, wanted, errors);
  EXPECT_EQ(expression.has_value(), errors.empty()) << text;
  return expression;
}

Errors errors_of(std::string_view text, Type wanted = Type::null) {
  Errors errors;
  EXPECT_FALSE(compile_expression(text, SampleRow().scope, wanted, errors).has_value()) << text.substr(0, 80);
  EXPECT_FALSE(errors.empty()) << text.substr(0, 80);
  errors.resize(std::max<std::size_t>(errors.size(), 1));
  return errors;
}

TEST(Compile, AnExpressionKnowsItsColumns) {
  const auto expression = compiled("price + seven > 3 and seven is not null and due_at < now()");
  EXPECT_EQ(expression->columns_used(), (std::vector<std::uint16_t>{3, 5, 10}));
  EXPECT_TRUE(expression->uses_clock());
  EXPECT_FALSE(expression->as_column().has_value());
  EXPECT_EQ(expression->text(), "price + seven > 3 and seven is not null and due_at < now()");
}

TEST(Compile, AColumnAloneIsAShortcut) {
  const auto column = compiled(" ( price ) ");
  EXPECT_EQ(column->as_column(), 5);
  EXPECT_FALSE(column->uses_clock());
  EXPECT_EQ(column->type(), Type::decimal);
  EXPECT_FALSE(Expression());
  EXPECT_TRUE(Expression().columns_used().empty());
}

TEST(Compile, TheWantedTypeIsHeldTo) {
  EXPECT_EQ(errors_of("seven", Type::boolean)[0].code, ErrorCode::type_mismatch);
  EXPECT_EQ(errors_of("price", Type::integer)[0].code, ErrorCode::type_mismatch);
  EXPECT_EQ(errors_of("'soon'", Type::timestamp)[0].code, ErrorCode::invalid_value);
  EXPECT_EQ(compiled("seven", Type::decimal)->type(), Type::integer);
  EXPECT_EQ(compiled("seven", Type::decimal)->as_column(), 3);
  EXPECT_EQ(compiled("null", Type::timestamp)->type(), Type::null);
  EXPECT_EQ(compiled("'2011-06-01'", Type::timestamp)->type(), Type::timestamp);
}

TEST(Compile, TheClockIsAValueOnlyWhereTheScopeSaysSo) {
  SampleRow sample;
  Errors errors;
  EXPECT_FALSE(compile_expression("now() - assigned_at", sample.scope, Type::null, errors).has_value());
  sample.scope.clock_as_value = true;
  errors.clear();
  const auto age = compile_expression("now() - assigned_at", sample.scope, Type::interval, errors);
  ASSERT_TRUE(age.has_value());
  EXPECT_EQ(evaluated(*age, sample.row, sample),
            "interval 30 days 02:30:00 until 2011-05-31T12:00:00.000001+02:00");
  const auto hours = compile_expression("extract(epoch from now() - assigned_at) / 3600", sample.scope,
                                        Type::decimal, errors);
  ASSERT_TRUE(hours.has_value());
  EXPECT_EQ(evaluated(*hours, sample.kpi_row, sample),
            "decimal 722.5 until 2011-05-31T12:00:00.000001+02:00");
  const auto today = compile_expression("date_trunc('day', now())", sample.scope, Type::timestamp, errors);
  ASSERT_TRUE(today.has_value());
  EXPECT_EQ(evaluated(*today, sample.row, sample),
            "timestamp 2011-05-31T00:00:00+02:00 until 2011-06-01T00:00:00+02:00");
}

TEST(Compile, EveryErrorIsReportedAtOnce) {
  const Errors errors = errors_of("dueat < now() and upper(seven) = 'x' or foo(pryce) > 'y' + 1");
  std::vector<std::size_t> positions;
  for (const ExpressionError& error : errors)
    positions.push_back(error.position);
  EXPECT_EQ(positions, (std::vector<std::size_t>{0, 24, 44, 40, 57}));
}

TEST(Compile, APositionCountsBytesOfTheText) {
  EXPECT_EQ(errors_of("name = 'Đà Nẵng' and pryce > 1")[0].position, 25u);
  EXPECT_EQ(errors_of("name = 'Đà Nẵng' and and")[0].position, 25u);
  EXPECT_EQ(errors_of("seven\n  + -- price\n pryce")[0].position, 20u);
  EXPECT_EQ(errors_of("1 +")[0].position, 3u);
}

TEST(Compile, AHintHelpsOn) {
  EXPECT_EQ(errors_of("dueat < now()")[0].hint, "did you mean due_at?");
  EXPECT_EQ(errors_of("rond(price)")[0].hint, "did you mean round?");
  for (const char* text :
       {"span > 30", "due_at + 3", "sum(seven)", "now()", "name + name", "date_trunc('moon', due_at)"})
    EXPECT_FALSE(errors_of(text)[0].hint.empty()) << text;
}

TEST(Compile, AMessageIsOneLineOfValidTextWhateverItQuotes) {
  for (const char* text :
       {"2đ - 5", "-92147483ʛik", "span > interval '9\n'", "\"a\nb\" = 1", "due_at < '1\r\n'", "\"f\ng\"(1)",
        "seven = 'một hai ba bốn năm sáu bảy tám chín mười'"}) {
    for (const ExpressionError& error : errors_of(text)) {
      EXPECT_TRUE(is_utf8(error.message)) << error.message;
      EXPECT_EQ(error.message.find_first_of("\n\r\t"), std::string::npos) << error.message;
    }
    Errors errors;
    EXPECT_FALSE(compile_measure(text, SampleRow().scope, errors).has_value());
    for (const ExpressionError& error : errors)
      EXPECT_TRUE(is_utf8(error.message) && error.message.find('\n') == std::string::npos) << error.message;
  }
}

TEST(Compile, AQuotedNameIsTakenAsWritten) {
  SampleRow sample;
  sample.scope.columns[3].name = "Order";
  sample.scope.columns[4].name = "data.percent";
  Errors errors;
  EXPECT_EQ(compile_expression("\"Order\"", sample.scope, Type::null, errors)->as_column(), 3);
  EXPECT_EQ(compile_expression("data.percent", sample.scope, Type::null, errors)->as_column(), 4);
  EXPECT_FALSE(compile_expression("Order", sample.scope, Type::null, errors).has_value());
}

TEST(HostileText, IsBoundedBeforeItIsParsed) {
  EXPECT_EQ(errors_of("")[0].code, ErrorCode::syntax);
  EXPECT_EQ(errors_of(" \n\t")[0].code, ErrorCode::syntax);
  EXPECT_EQ(errors_of(std::string(17'000, 'a'))[0].code, ErrorCode::invalid_value);
  EXPECT_EQ(errors_of(std::string_view("1 + \0 2", 7))[0].position, 4u);
  const ExpressionError utf8 = errors_of("name = '\xC3\x28'")[0];
  EXPECT_EQ(utf8.code, ErrorCode::syntax);
  EXPECT_EQ(utf8.position, 8u);
  EXPECT_EQ(errors_of("name = 'a\xE1\xBA")[0].position, 9u);
  EXPECT_FALSE(errors_of(R"(name = E'\xff')").empty());
  EXPECT_FALSE(errors_of(R"(name = E'\000')").empty());
}

std::string nested(std::string_view open, std::string_view inner, std::string_view close, int depth) {
  std::string text;
  for (int i = 0; i < depth; ++i)
    text += open;
  text += inner;
  for (int i = 0; i < depth; ++i)
    text += close;
  return text;
}

TEST(HostileText, NestsToABoundAndNoDeeper) {
  EXPECT_TRUE(compiled(nested("(", "1", ")", 199)).has_value());
  EXPECT_TRUE(compiled(nested("abs(", "seven", ")", 190)).has_value());
  EXPECT_TRUE(compiled(nested("not ", "yes", "", 190)).has_value());
  EXPECT_TRUE(compiled(nested("case when yes then ", "1", " end", 150)).has_value());
  EXPECT_TRUE(compiled(nested("(yes in (no, ", "yes", "))", 90)).has_value());
  EXPECT_TRUE(compiled(nested("seven + ", "1", "", 190)).has_value());
  const std::string kDeep[] = {
      nested("(", "1", ")", 7000),     nested("abs(", "1", ")", 300),
      nested("not ", "yes", "", 1000), nested("not ", "yes", "", 4000),
      nested("- ", "seven", "", 1000), nested("- ", "seven", "", 8000),
      nested("1 + ", "1", "", 1500),   nested("1+", "1", "", 8000),
      nested("1", "", "::text", 1500), nested("case when yes then ", "1", " end", 600),
      nested("[", "1", "]", 5000),     nested("name", "", " collate \"C\"", 1000)};
  for (const std::string& text : kDeep)
    EXPECT_FALSE(errors_of(text).empty());
}

TEST(HostileText, FlatTextMayBeLong) {
  EXPECT_TRUE(compiled(nested("yes and ", "yes", "", 1500)).has_value());
  EXPECT_TRUE(compiled("seven in (" + nested("1, ", "2", "", 4000) + ")").has_value());
  EXPECT_TRUE(compiled("concat(" + nested("1, ", "2", "", 900) + ")").has_value());
}

TEST(HostileText, ACommentEndsWithTheText) {
  EXPECT_TRUE(compiled("seven -- trailing").has_value());
  EXPECT_TRUE(compiled("/* a /* nested */ one */ seven").has_value());
  EXPECT_FALSE(errors_of("seven /* open").empty());
}

TEST(HostileText, GrowsNoNumberOrTextWithoutBound) {
  const SampleRow sample;
  const std::string powers = nested("power(", "9.5", ", 1000)", 60);
  EXPECT_EQ(evaluated(*compiled(powers), sample.kpi_row, sample), "decimal NULL lost");
  EXPECT_EQ(evaluated(*compiled("power(2, 9223372036854775807)"), sample.kpi_row, sample),
            "decimal NULL lost");
  const std::string copies =
      nested("replace(", "'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'", ", 'a', 'aaaaaaaaaaaaaaaa')", 60);
  EXPECT_EQ(evaluated(*compiled(copies), sample.row, sample), "text NULL lost");
}

std::vector<std::string> golden_texts() {
  std::vector<std::string> texts;
  for (const char* name : {"logic", "numbers", "text", "calendar", "errors"}) {
    std::ifstream in(std::string(SLIPSTREAM_GOLDEN_DIR) + "/" + name + ".txt");
    for (std::string line; std::getline(in, line);)
      if (!line.empty() && !line.starts_with('#')) texts.push_back(line.substr(0, line.rfind(" => ")));
  }
  return texts;
}

// Pieces of sound expressions put together at random: compiled or refused with an error inside the text; what
// compiles can be evaluated at both levels.
RC_GTEST_PROP(HostileText, AnyMixtureIsRefusedOrEvaluated, ()) {
  static const std::vector<std::string> kTexts = golden_texts();
  std::string text = *rc::gen::elementOf(kTexts);
  const int edits = *rc::gen::inRange(1, 6);
  for (int i = 0; i < edits; ++i) {
    const auto at = static_cast<std::size_t>(*rc::gen::inRange<int>(0, static_cast<int>(text.size()) + 1));
    const std::string other = *rc::gen::elementOf(kTexts);
    switch (*rc::gen::inRange(0, 4)) {
      case 0:
        text.insert(at, 1, *rc::gen::elementOf(std::string("()+-*/%,'\".: ;$\\0aé")));
        break;
      case 1:
        text.erase(at, 1);
        break;
      case 2:
        text.insert(at, "(" + other + ")");
        break;
      default:
        text = text.substr(0, at) + other.substr(std::min(at, other.size()));
        break;
    }
  }
  const SampleRow sample;
  Errors errors;
  const auto expression = compile_expression(text, sample.scope, Type::null, errors);
  RC_ASSERT(expression.has_value() == errors.empty());
  for (const ExpressionError& error : errors)
    RC_ASSERT(error.position <= text.size() && !error.message.empty());
  compile_measure(text, sample.scope, errors);
  if (!expression) return;
  RC_ASSERT(!evaluated(*expression, sample.row, sample).empty());
  RC_ASSERT(!evaluated(*expression, sample.kpi_row, sample).empty());
}

}  // namespace
}  // namespace slipstream::testing
