// One row, scope and clock for expressions under test.
#pragma once

#include <string>
#include <vector>

#include "engine/expression/expression.h"

namespace slipstream::testing {

inline Timestamp instant(std::string_view text) { return parse_timestamp(text).value(); }
inline Zone zone_of(std::string_view name) { return Zone::find(name).value(); }

struct SampleRow {
  Scope scope;
  std::vector<Value> row;
  std::vector<KpiValue> kpi_row;
  Zone zone = zone_of("Europe/Amsterdam");
  Timestamp now = instant("2011-05-31T12:00:00+02:00");

  SampleRow() {
    add("yes", Type::boolean, Value::boolean(true));
    add("no", Type::boolean, Value::boolean(false));
    add("unknown", Type::boolean, Value::null());
    add("seven", Type::integer, Value::integer(7));
    add("nothing", Type::integer, Value::null());
    add("price", Type::decimal, Value::decimal(Decimal::from_units(1230, 2)));
    add("name", Type::text, Value::text("Đà Nẵng"));
    add("status", Type::text, Value::text("open"));
    add("digits", Type::text, Value::text("42"));
    add("empty", Type::text, Value::text(""));
    add("due_at", Type::timestamp, Value::timestamp(instant("2011-06-01T12:00:00+02:00")));
    add("assigned_at", Type::timestamp, Value::timestamp(instant("2011-05-01T09:30:00+02:00")));
    add("completed_at", Type::timestamp, Value::null());
    add("span", Type::interval, Value::interval({0, 3, 14'706'000'000}));
  }

 private:
  void add(std::string name, Type type, Value value) {
    scope.columns.push_back({std::move(name), type});
    row.push_back(value);
    kpi_row.push_back(to_kpi_value(value));
  }
};

// "decimal 1.50", "text NULL", with " lost" when a number was lost and " until <instant>" when the clock can
// change it.
template <class V>
std::string evaluated(const Expression& expression, const std::vector<V>& row, const SampleRow& sample) {
  Arena arena;
  EvaluationContext context{.now = sample.now, .zone = &sample.zone, .arena = &arena};
  const V value = evaluate(expression, std::span<const V>(row), context);
  std::string out(name_of(expression.type()));
  out += value.is_null() ? " NULL" : " " + format_value(value, sample.zone);
  if (context.numeric_error) out += " lost";
  if (context.valid_until != Timestamp::max())
    out += " until " + format_timestamp(context.valid_until, sample.zone);
  return out;
}

}  // namespace slipstream::testing
