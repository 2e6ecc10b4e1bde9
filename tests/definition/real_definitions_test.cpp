// The definitions of the real data sets, as users would write them.
#include <gtest/gtest.h>

#include <stdexcept>

#include "connectors/definition/load_file.h"
#include "tests/definition/marked_text.h"

namespace slipstream {
namespace {

std::shared_ptr<const Plan> load_real(const std::string& folder) {
  Diagnostics diagnostics;
  auto plan = load_definition_file(
      std::string(SLIPSTREAM_SOURCE_DIR) + "/tests/" + folder + "/definitions.yaml", diagnostics);
  if (plan == nullptr) throw std::runtime_error(all_messages(diagnostics));
  return plan;
}

TEST(PermitsDefinitions, CountIntakeAndDeliveryByMonth) {
  const auto plan = load_real("permits");
  const ViewPlan* intake = plan->find_view("intake");
  const ViewPlan* delivery = plan->find_view("delivery");
  ASSERT_TRUE(intake != nullptr && delivery != nullptr);
  EXPECT_FALSE(intake->uses_clock);
  EXPECT_TRUE(delivery->uses_clock);
  EXPECT_NE(intake->id, delivery->id);
  EXPECT_EQ(delivery->measures.size(), 6u);
  EXPECT_EQ(plan->organisation.root, "city");
  EXPECT_EQ(plan->find_kpi("on_time_rate")->view, 1u);
  EXPECT_EQ(plan->find_kpi("mean_lateness_days")->better, Better::lower);
}

KpiValue evaluate_kpi(const Plan& plan, const std::string& name, std::vector<KpiValue> measures) {
  measures.push_back(KpiValue::timestamp({}));
  measures.push_back(KpiValue::timestamp({}));
  measures.push_back(KpiValue::text("city"));
  Arena arena;
  EvaluationContext context{Timestamp{}, &plan.zone, &arena};
  return evaluate(plan.find_kpi(name)->value, measures, context);
}

TEST(PermitsDefinitions, KeepRatesAndMeansExact) {
  const auto plan = load_real("permits");
  const auto integer = [](std::int64_t n) { return KpiValue::integer(n); };
  const Interval late_by{0, 0, 1'000};
  const std::vector<KpiValue> some = {integer(10), integer(2), integer(1),
                                      integer(4),  integer(3), KpiValue::interval(late_by)};
  EXPECT_EQ(number_of(evaluate_kpi(*plan, "on_time_rate", some)), Rational(200, 7));
  EXPECT_EQ(number_of(evaluate_kpi(*plan, "mean_lateness_days", some)), Rational(1, 86'400'000));
  const std::vector<KpiValue> none = {integer(0), integer(0), integer(0),
                                      integer(0), integer(0), KpiValue::null()};
  EXPECT_TRUE(evaluate_kpi(*plan, "on_time_rate", none).is_null());
  EXPECT_TRUE(evaluate_kpi(*plan, "mean_lateness_days", none).is_null());
}

TEST(VaccinationDefinitions, AreGreyUntilSomebodyReports) {
  const auto plan = load_real("vaccination");
  const auto decimal = [](std::int64_t n) { return KpiValue::decimal(Rational(n)); };
  EXPECT_TRUE(evaluate_kpi(*plan, "coverage", {KpiValue::null(), decimal(5'024'279)}).is_null());
  EXPECT_TRUE(evaluate_kpi(*plan, "coverage", {decimal(5), KpiValue::null()}).is_null());
  EXPECT_EQ(number_of(evaluate_kpi(*plan, "coverage", {decimal(1), decimal(3)})), Rational(100, 3));
}

TEST(VaccinationDefinitions, JudgeTheNationAgainstALineToIndependenceDay) {
  const auto plan = load_real("vaccination");
  EXPECT_TRUE(plan->views[0].latest_per_series);
  ASSERT_EQ(plan->targets.size(), 1u);
  const TargetPlan& target = plan->targets[0];
  EXPECT_EQ(format_timestamp(target.period_start, plan->zone), "2021-01-20T00:00:00-05:00");
  EXPECT_EQ(format_timestamp(target.period_end, plan->zone), "2021-07-05T00:00:00-04:00");
  EXPECT_EQ(target.tolerance.amber, 5);
  EXPECT_TRUE(target.nodes.matches("South/East South Central/Alabama"));
  EXPECT_TRUE(plan->alerts[0].nodes.matches("US"));
  EXPECT_FALSE(plan->alerts[0].nodes.matches("South"));
}

}  // namespace
}  // namespace slipstream
