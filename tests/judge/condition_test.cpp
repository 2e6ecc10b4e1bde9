#include "engine/judge/condition.h"

#include "tests/judge/samples.h"

namespace slipstream {
namespace {

const Period kWindow = period("2021-01-01", "2021-02-01", kUtc);

struct Rule {
  ViewPlan view;
  AlertPlan plan;

  explicit Rule(const std::string& when) {
    MeasurePlan overdue, worst;
    overdue.name = "overdue";
    overdue.expression.type = Type::integer;
    worst.name = "worst";
    worst.expression.type = Type::text;
    view.measures = {overdue, worst};
    std::vector<ExpressionError> errors;
    const Scope scope{alert_scope(view), true};
    auto compiled = compile_expression(when, scope, Type::boolean, errors);
    if (!compiled) ADD_FAILURE() << when << ": " << (errors.empty() ? "not compiled" : errors[0].message);
    if (compiled) plan.when = *std::move(compiled);
  }

  Condition operator()(const Judgement& judgement, KpiValue overdue = KpiValue::integer(3)) const {
    Arena arena;
    EvaluationContext context;
    context.now = kWindow.start + days(3);
    context.zone = &kUtc;
    context.arena = &arena;
    const KpiValue measures[] = {std::move(overdue), KpiValue::text("case-7")};
    return evaluate_condition(plan, view, judgement, measures, kWindow, "city/north", context);
  }
};

Judgement judged(Status status) {
  Judgement judgement{1, 2, 3, 4, 5, 6, 7, 8, status};
  if (status == Status::grey) judgement = {};
  return judgement;
}

struct Case {
  const char* when;
  Status status;
  Condition condition;
};

TEST(Condition, IsUnknownRatherThanClearWhileTheStatusIsGrey) {
  const Case cases[] = {
      {"status = 'red'", Status::red, Condition::holds},
      {"status = 'red'", Status::amber, Condition::clear},
      {"status = 'red'", Status::grey, Condition::unknown},
      {"status <> 'green'", Status::grey, Condition::unknown},
      {"status in ('amber', 'red')", Status::grey, Condition::unknown},
      {"gap < -5", Status::grey, Condition::unknown},
      {"gap < -5", Status::green, Condition::clear},
      // What does not depend on the status is known all the same.
      {"overdue > 2", Status::grey, Condition::holds},
      {"overdue > 5", Status::grey, Condition::clear},
      {"status = 'red' or overdue > 2", Status::grey, Condition::holds},
      {"status = 'red' or overdue > 5", Status::grey, Condition::unknown},
      {"value is null", Status::grey, Condition::holds},
      // A rule about missing figures names the word; even then grey ends nothing.
      {"status = 'grey'", Status::grey, Condition::holds},
      {"status = 'grey'", Status::green, Condition::clear},
      {"status in ('grey', 'red')", Status::grey, Condition::holds},
      {"status = 'red' and status <> 'grey'", Status::grey, Condition::unknown},
      // False by its other half, a condition that rests on the judgement is not clear either.
      {"status = 'red' and overdue > 5", Status::grey, Condition::unknown},
      {"status = 'red' and overdue > 2", Status::grey, Condition::unknown},
      {"gap < -5 and overdue > 5", Status::grey, Condition::unknown},
      {"expected > 5 and overdue > 5", Status::grey, Condition::unknown},
      {"value < target and overdue > 5", Status::grey, Condition::unknown},
      {"attainment < 0.5 and overdue > 5", Status::grey, Condition::unknown},
      {"forecast < 5 and overdue > 5", Status::grey, Condition::unknown},
      {"value < 5 and overdue > 5", Status::grey, Condition::unknown},
      {"status = 'red' and overdue > 5", Status::green, Condition::clear},
  };
  for (const Case& c : cases)
    EXPECT_EQ(name_of(Rule(c.when)(judged(c.status))), name_of(c.condition))
        << c.when << " while " << name_of(c.status);
}

TEST(Condition, MayBeClearByTheValueWhereOnlyTheTargetIsMissing) {
  Judgement untargeted;
  untargeted.value = 7;
  EXPECT_EQ(Rule("value < 5")(untargeted), Condition::clear);
  EXPECT_EQ(Rule("value < 5 or overdue > 5")(untargeted), Condition::clear);
  EXPECT_EQ(Rule("value < target and overdue > 5")(untargeted), Condition::unknown);
}

TEST(Condition, ReadsEveryColumnFromItsPlaceInTheScope) {
  const char* columns[] = {"value = 1",
                           "expected = 2",
                           "target = 3",
                           "baseline = 4",
                           "gap = 5",
                           "attainment = 6",
                           "forecast = 7",
                           "overdue = 3",
                           "worst = 'case-7'",
                           "node = 'city/north'",
                           "window_start = timestamptz '2021-01-01 00:00:00+00'",
                           "window_end = timestamptz '2021-02-01 00:00:00+00'"};
  for (const char* when : columns)
    EXPECT_EQ(name_of(Rule(when)(judged(Status::red))), "holds") << when;
}

TEST(Condition, IsUnknownWhenAMeasureItNeedsIsNull) {
  EXPECT_EQ(Rule("overdue > 2")(judged(Status::red), KpiValue::null()), Condition::unknown);
}

TEST(Condition, IsUnknownWhereAFigureCannotBeComputed) {
  EXPECT_EQ(Rule("100 / overdue > 2")(judged(Status::red), KpiValue::integer(0)), Condition::unknown);
}

TEST(ConditionDeathTest, RefusesFiguresThatAreNotTheViews) {
  Rule rule("overdue > 2");
  rule.view.measures.pop_back();
  EXPECT_DEATH(rule(judged(Status::red)), "2 figures for 1 measures");
}

}  // namespace
}  // namespace slipstream
