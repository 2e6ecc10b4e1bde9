#include "engine/definition/plan.h"

#include <gtest/gtest.h>

#include <set>

#include "engine/fold/relation.h"

namespace slipstream {
namespace {

Column column_at(Relation relation, std::uint16_t index) { return relation_columns(relation).at(index); }

TEST(RelationColumns, StandWhereTheFoldFillsThem) {
  EXPECT_EQ(column_at(Relation::tasks, task_column::task).name, "task");
  EXPECT_EQ(column_at(Relation::tasks, task_column::current_person).name, "current_person");
  EXPECT_EQ(column_at(Relation::tasks, task_column::weight).type, Type::decimal);
  EXPECT_EQ(column_at(Relation::tasks, task_column::due_at).name, "due_at");
  EXPECT_EQ(column_at(Relation::tasks, task_column::cancelled_at).type, Type::timestamp);
  EXPECT_EQ(column_at(Relation::tasks, task_column::status).name, "status");
  EXPECT_EQ(column_at(Relation::tasks, task_column::starred).type, Type::boolean);
  EXPECT_EQ(column_at(Relation::tasks, task_column::reopenings).name, "reopenings");
  EXPECT_EQ(column_at(Relation::tasks, task_column::source).name, "source");
  EXPECT_EQ(column_at(Relation::measurements, measurement_column::node).name, "node");
  EXPECT_EQ(column_at(Relation::measurements, measurement_column::denominator).name, "denominator");
  EXPECT_EQ(column_at(Relation::measurements, measurement_column::source).name, "source");
  EXPECT_EQ(column_at(Relation::observations, observation_column::value).type, Type::decimal);
  EXPECT_EQ(column_at(Relation::observations, observation_column::sequence).name, "sequence");
}

TEST(RelationColumns, HaveNamesOfTheirOwn) {
  for (const Relation relation : {Relation::tasks, Relation::measurements, Relation::observations}) {
    std::set<std::string> names;
    for (const Column& column : relation_columns(relation)) {
      EXPECT_TRUE(names.insert(column.name).second) << column.name;
      EXPECT_NE(column.type, Type::null) << column.name;
    }
  }
}

TEST(AlertScope, HasTheJudgementThenTheMeasuresThenTheKpiColumns) {
  ViewPlan view;
  view.measures.resize(1);
  view.measures[0].name = "late";
  view.measures[0].expression.type = Type::integer;
  const std::vector<Column> scope = alert_scope(view);
  ASSERT_EQ(scope.size(), 12u);
  EXPECT_EQ(scope[0].name, "status");
  EXPECT_EQ(scope[1].name, "value");
  EXPECT_EQ(scope[8].name, "late");
  EXPECT_EQ(scope[8].type, Type::integer);
  EXPECT_EQ(scope[9].name, kpi_scope_tail()[0].name);
  EXPECT_EQ(scope[11].name, "node");
}

}  // namespace
}  // namespace slipstream
