// Expressions and measures: compiling gives a typed expression or errors with places in the text; a value has
// the declared type and stands until the instant that the evaluation names (docs/expressions.md, The clock).
#include <array>
#include <random>

#include "engine/base/hash.h"
#include "engine/decode/json_text.h"
#include "tests/expression/sample_row.h"
#include "tests/fuzz/fuzz_target.h"
#include "tests/fuzz/unpacked.h"

using namespace slipstream;

namespace {

constexpr std::size_t kInputBytesMax = 20'000;  // more than an expression may have
constexpr std::array<const char*, 6> kZones{
    "UTC", "Europe/Amsterdam", "Asia/Ho_Chi_Minh", "America/St_Johns", "Pacific/Apia", "America/Sao_Paulo"};
constexpr std::array<const char*, 6> kMoments{"2011-05-31T10:00:00Z", "2011-10-30T00:59:59.999999Z",
                                              "2024-02-29T17:00:00Z", "2009-11-01T02:31:00Z",
                                              "2011-12-30T09:59:00Z", "2011-10-16T03:00:00Z"};

struct Situation {
  testing::SampleRow sample;
  std::mt19937_64 random;

  // One text, one situation.
  explicit Situation(std::string_view text) : random(hash64(text)) {
    sample.zone = testing::zone_of(kZones[random() % kZones.size()]);
    sample.now = testing::instant(kMoments[random() % kMoments.size()]);
    sample.scope.clock_as_value = random() % 2 == 0;
  }
};

void check_errors(std::string_view text, const std::vector<ExpressionError>& errors) {
  FUZZ_PROMISE(!errors.empty(), "refused without a reason");
  for (const ExpressionError& error : errors) {
    FUZZ_PROMISE(error.position <= text.size(), std::to_string(error.position) + ": " + error.message);
    FUZZ_PROMISE(blame_of(error.code) == Blame::configuration, std::string(name_of(error.code)));
    FUZZ_PROMISE(!error.message.empty() && error.message.find('\n') == std::string::npos, error.message);
    FUZZ_PROMISE(is_plain_text(error.message) && is_plain_text(error.hint), error.message + error.hint);
  }
}

template <class V>
void check_type(const Expression& expression, const V& value) {
  const bool fits = value.is_null() || value.type() == expression.type() ||
                    (expression.type() == Type::decimal && value.type() == Type::integer);
  FUZZ_PROMISE(fits, std::string(name_of(expression.type())) + " gave " + std::string(name_of(value.type())));
}

template <class V>
struct Answer {
  V value;
  Timestamp until;
};

template <class V>
Answer<V> ask(const Expression& expression, const std::vector<V>& row, const Situation& at, Timestamp now,
              Arena& arena) {
  EvaluationContext context{.now = now, .zone = &at.sample.zone, .arena = &arena};
  const V value = evaluate(expression, std::span<const V>(row), context);
  check_type(expression, value);
  FUZZ_PROMISE(context.valid_until > now || context.valid_until == Timestamp::max(),
               "at " + format_timestamp(now) + " until " + format_timestamp(context.valid_until));
  return {value, context.valid_until};
}

// Follows valid_until from change to change: the value stands up to a microsecond before, and in between.
template <class V>
void check_clock(const Expression& expression, const std::vector<V>& row, Situation& at) {
  constexpr int kChanges = 4;
  Arena arena;
  Timestamp now = at.sample.now;
  for (int change = 0; change < kChanges; ++change) {
    const Answer<V> answer = ask(expression, row, at, now, arena);
    const Timestamp until = answer.until == Timestamp::max() ? now + days(800) : answer.until;
    const std::int64_t span = until.us - now.us;
    for (const std::int64_t later : {span - 1, span / 2, static_cast<std::int64_t>(at.random() % span)}) {
      const Timestamp t = now + Duration{later};
      const Answer<V> same = ask(expression, row, at, t, arena);
      FUZZ_PROMISE(same.value == answer.value,
                   expression.text() + ": " + format_value(answer.value, at.sample.zone) + " at " +
                       format_timestamp(now) + " until " + format_timestamp(answer.until) + ", but " +
                       format_value(same.value, at.sample.zone) + " at " + format_timestamp(t));
    }
    if (answer.until == Timestamp::max() || !expression.uses_clock()) return;
    now = answer.until;
  }
}

void check_expression(const Expression& expression, Situation& at) {
  for (const std::uint16_t column : expression.columns_used())
    FUZZ_PROMISE(column < at.sample.row.size(), std::to_string(column));
  check_clock(expression, at.sample.row, at);
  check_clock(expression, at.sample.kpi_row, at);
}

std::optional<Expression> compiled(std::string_view text, const Situation& at, Type wanted) {
  std::vector<ExpressionError> errors;
  auto expression = compile_expression(text, at.sample.scope, wanted, errors);
  if (!expression) check_errors(text, errors);
  if (expression) FUZZ_PROMISE(errors.empty() && *expression, "compiled, and yet an error");
  return expression;
}

void check_measure(std::string_view text, Situation& at) {
  std::vector<ExpressionError> errors;
  const auto measure = compile_measure(text, at.sample.scope, errors);
  if (!measure) return check_errors(text, errors);
  FUZZ_PROMISE(errors.empty(), errors.front().message);
  for (const Expression* part : {&measure->argument, &measure->denominator, &measure->filter})
    if (*part) check_expression(*part, at);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text = fuzz::unpacked(fuzz::text_of(data, size), kInputBytesMax);
  Situation at(text);
  if (auto expression = compiled(text, at, Type::null)) {
    check_expression(*expression, at);
    const auto again = compiled(expression->text(), at, expression->type());
    FUZZ_PROMISE(again && again->type() == expression->type(), expression->text());
  } else {
    check_measure(text, at);
  }
  return 0;
}
