// Evaluating a typical filter takes no memory: it runs for every change of every entity. Counts calls of
// operator new.
#include <gtest/gtest.h>

#include "tests/expression/counted_new.h"
#include "tests/expression/sample_row.h"

namespace slipstream::testing {
namespace {

std::size_t allocations_of(const char* text) {
  const SampleRow sample;
  std::vector<ExpressionError> errors;
  const auto expression = compile_expression(text, sample.scope, Type::null, errors);
  if (!expression) return SIZE_MAX;
  Arena arena;
  EvaluationContext context{.now = sample.now, .zone = &sample.zone, .arena = &arena};
  evaluate(*expression, std::span<const Value>(sample.row),
           context);  // reads the zone's rules once for the process
  const std::size_t before = allocations();
  for (int i = 0; i < 10; ++i)
    evaluate(*expression, std::span<const Value>(sample.row), context);
  return allocations() - before;
}

TEST(Allocation, TypicalFiltersAndArgumentsTakeNone) {
  for (const char* text :
       {"completed_at is null and due_at < now()", "status = 'open' and price > 10", "completed_at <= due_at",
        "due_at < date_trunc('day', now())", "now() - assigned_at > interval '30 days'",
        "status in ('open', 'late')", "coalesce(completed_at, now()) > due_at",
        "case when due_at < now() then price * 2 else 0 end", "completed_at - due_at",
        "round(price * 1.075, 2)", "name like '%Nẵng%'", "name ilike '%NẴNG%'", "price / seven",
        "due_at + interval '1 month' < now()", "left(name, 2) = 'Đà'", "extract(day from due_at) = 1"})
    EXPECT_EQ(allocations_of(text), 0u) << text;
}

TEST(Allocation, IsCounted) { EXPECT_GT(allocations_of("upper(name) || name || name || name || name"), 0u); }

}  // namespace
}  // namespace slipstream::testing
