#include "tests/definition/wrong_definitions.h"

namespace slipstream {

std::span<const WrongDefinition> wrong_views() {
  static const std::vector<WrongDefinition> cases = {
      {"view_that_is_a_text", {"type_mismatch"}, "@calendar\nviews: { delivery: »tasks }\n"},
      {"unknown_view_key", {"unknown_key"}, R"(@calendar
views:
  delivery: { from: tasks, window: { on: due_at, every: month }, measures: { a: count(*) }, »filter: true }
)"},
      {"view_without_from", {"invalid_value"}, R"(@calendar
views:
  delivery: »{ window: { on: due_at, every: month }, measures: { a: count(*) } }
)"},
      {"unknown_relation", {"invalid_value"}, R"(@calendar
views:
  delivery: { from: »task, window: { on: due_at, every: month }, measures: { a: count(*) } }
)"},
      {"view_declared_twice", {"duplicate_name"}, R"(@calendar
views:
  delivery: { from: tasks, window: { on: due_at, every: month }, measures: { a: count(*) } }
  »delivery: { from: tasks, window: { on: due_at, every: month }, measures: { a: count(*) } }
)"},
      {"where_with_an_unknown_column", {"unknown_name"}, R"(@calendar
views:
  delivery:
    from: tasks
    where: "due_at is not null and »chanel = 'post'"
    window: { on: due_at, every: month }
    measures: { a: count(*) }
)"},
      {"where_that_is_not_boolean", {"type_mismatch"}, R"(@calendar
views:
  delivery: { from: tasks, where: weight »+ 1, window: { on: due_at, every: month }, measures: { a: count(*) } }
)"},
      {"where_that_does_not_parse", {"syntax"}, R"(@calendar
views:
  delivery: { from: tasks, where: weight > »), window: { on: due_at, every: month }, measures: { a: count(*) } }
)"},
      {"unknown_node_column", {"unknown_name"}, R"(@calendar
views:
  delivery: { from: tasks, node: [unit, »persn], window: { on: due_at, every: month }, measures: { a: count(*) } }
)"},
      {"node_column_that_is_no_text", {"type_mismatch"}, R"(@calendar
views:
  delivery: { from: tasks, node: »weight, window: { on: due_at, every: month }, measures: { a: count(*) } }
)"},
      {"node_column_twice", {"duplicate_name"}, R"(@calendar
views:
  delivery: { from: tasks, node: [unit, »unit], window: { on: due_at, every: month }, measures: { a: count(*) } }
)"},
      {"publish_that_is_no_boolean", {"invalid_value"}, R"(@calendar
views:
  delivery: { from: tasks, publish: »weekly, window: { on: due_at, every: month }, measures: { a: count(*) } }
)"},
      {"published_measure_called_like_a_member", {"duplicate_name"}, R"(@calendar
views:
  delivery: { from: tasks, publish: »true, window: { on: due_at, every: month }, measures: { as_of: count(*) } }
)"},
      {"published_measure_called_like_the_exact_of_another", {"duplicate_name"}, R"(@calendar
views:
  delivery: { from: tasks, publish: »true, window: { on: due_at, every: month }, measures: { a: avg(weight), a_exact: count(*) } }
)"},
      {"latest_per_of_tasks", {"invalid_value"}, R"(@calendar
views:
  delivery: { from: tasks, latest_per: »series, window: { on: due_at, every: month }, measures: { a: count(*) } }
)"},
      {"latest_per_by_another_instant", {"not_supported"}, R"(@calendar
views:
  water: { from: measurements, latest_per: series, window: { on: »effective_at, every: day }, measures: { a: count(*) } }
)"},
      {"latest_per_unknown", {"invalid_value"}, R"(@calendar
views:
  water: { from: measurements, latest_per: »node, window: { every: day }, measures: { a: count(*) } }
)"},
      {"deduplicate_of_tasks", {"invalid_value"}, R"(@calendar
views:
  delivery: { from: tasks, deduplicate: »id, window: { on: due_at, every: month }, measures: { a: count(*) } }
)"},
      {"deduplicate_without_by", {"invalid_value"}, R"(@calendar
views:
  air: { from: observations, deduplicate: »{ window: 1 hour }, window: { every: day }, measures: { a: count(*) } }
)"},
      {"retention_of_nothing", {"invalid_value"}, R"(@calendar
views:
  water: { from: measurements, retention: »0 days, window: { every: day }, measures: { a: count(*) } }
)"},
      {"retention_of_growing_windows", {"invalid_value"}, R"(@calendar
views:
  water: { from: measurements, retention: »3 days, window: { every: [month, cumulative] }, measures: { a: count(*) } }
)"},
      {"retention_of_carried_figures", {"invalid_value"}, R"(@calendar
views:
  water: { from: measurements, retention: »3 days, latest_per: series, window: { every: day }, measures: { a: count(*) } }
)"},
      {"clock_over_observations", {"not_supported", "not_supported"}, R"(@calendar
views:
  air:
    from: observations
    where: »effective_at < now()
    window: { every: day }
    measures: { a: »count(*) filter (where recorded_at < now()) }
)"},
      {"title_in_an_unknown_language", {"unknown_key"}, R"(@calendar
views:
  water: { title: { en: Water, »fr: Eau }, from: measurements, window: { every: day }, measures: { a: count(*) } }
)"},

      {"view_without_a_window", {"invalid_value"}, R"(@calendar
views:
  delivery: »{ from: tasks, measures: { a: count(*) } }
)"},
      {"tasks_without_a_window_column", {"invalid_value"}, R"(@calendar
views:
  delivery: { from: tasks, window: »{ every: month }, measures: { a: count(*) } }
)"},
      {"window_over_a_text", {"type_mismatch"}, R"(@calendar
views:
  delivery: { from: tasks, window: { on: »title, every: month }, measures: { a: count(*) } }
)"},
      {"window_without_every", {"invalid_value"}, R"(@calendar
views:
  delivery: { from: tasks, window: »{ on: due_at }, measures: { a: count(*) } }
)"},
      {"misspelt_every", {"invalid_value", "unknown_key"}, R"(@calendar
views:
  delivery: { from: tasks, window: »{ on: due_at, »evry: month }, measures: { a: count(*) } }
)"},
      {"unknown_window", {"invalid_value"}, R"(@calendar
views:
  delivery: { from: tasks, window: { on: due_at, every: [day, »fortnight] }, measures: { a: count(*) } }
)"},
      {"window_of_an_unknown_kind", {"invalid_value"}, R"(@calendar
views:
  delivery: { from: tasks, window: { on: due_at, every: »{ rolling: 7 days } }, measures: { a: count(*) } }
)"},
      {"window_twice", {"duplicate_name"}, R"(@calendar
views:
  delivery: { from: tasks, window: { on: due_at, every: [day, »day] }, measures: { a: count(*) } }
)"},
      {"no_windows", {"invalid_value"}, R"(@calendar
views:
  delivery: { from: tasks, window: { on: due_at, every: »[] }, measures: { a: count(*) } }
)"},
      {"hopping_without_every", {"invalid_value"}, R"(@calendar
views:
  water: { from: measurements, window: { every: »{ hopping: 1 hour } }, measures: { a: count(*) } }
)"},
      {"sliding_over_no_days", {"invalid_value"}, R"(@calendar
views:
  water: { from: measurements, window: { every: { sliding: »0, of: day } }, measures: { a: count(*) } }
)"},
      {"sliding_of_an_unknown_period", {"invalid_value"}, R"(@calendar
views:
  water: { from: measurements, window: { every: { sliding: 7, of: »hour } }, measures: { a: count(*) } }
)"},
      {"tumbling_over_no_time", {"invalid_value"}, R"(@calendar
views:
  water: { from: measurements, window: { every: { tumbling: »0 minutes } }, measures: { a: count(*) } }
)"},

      {"view_without_measures", {"invalid_value"}, R"(@calendar
views:
  delivery: »{ from: tasks, window: { on: due_at, every: month } }
)"},
      {"no_measures", {"invalid_value"}, R"(@calendar
views:
  delivery: { from: tasks, window: { on: due_at, every: month }, measures: »{} }
)"},
      {"measure_without_an_expression", {"invalid_value"}, R"(@calendar
views:
  delivery: { from: tasks, window: { on: due_at, every: month }, measures: { »a: } }
)"},
      {"measure_map_without_a_value", {"invalid_value"}, R"(@calendar
views:
  delivery: { from: tasks, window: { on: due_at, every: month }, measures: { a: »{ unit: tasks } } }
)"},
      {"comma_in_a_flow_map", {"syntax", "invalid_value"}, R"(@calendar
views:
  delivery: { from: tasks, window: { on: due_at, every: month }, measures: { a: ratio(percent», »weight) } }
)"},
      {"measure_that_is_no_aggregate", {"type_mismatch"}, R"(@calendar
views:
  delivery: { from: tasks, window: { on: due_at, every: month }, measures: { a: »weight } }
)"},
      {"sum_of_texts", {"type_mismatch"}, R"(@calendar
views:
  delivery: { from: tasks, window: { on: due_at, every: month }, measures: { a: sum(»title) } }
)"},
      {"filter_with_an_unknown_column", {"unknown_name"}, R"(@calendar
views:
  delivery:
    from: tasks
    window: { on: due_at, every: month }
    measures:
      on_time: >-
        count(*) filter (
          where »complete_at <= due_at
        )
)"},
      {"average_of_an_average", {"not_supported"}, R"(@calendar
views:
  delivery: { from: tasks, window: { on: due_at, every: month }, measures: { a: avg(»avg(weight)) } }
)"},
      {"mean_of_ratios", {"invalid_value"}, R"yaml(@calendar
views:
  water: { from: measurements, window: { every: day }, measures: { a: "avg(100 * (»numerator / nullif(denominator, 0)))" } }
)yaml"},
      {"measure_named_like_a_kpi_column", {"duplicate_name"}, R"(@calendar
views:
  water: { from: measurements, window: { every: day }, measures: { »window_end: count(*) } }
)"},
      {"measure_named_like_an_alert_column", {"duplicate_name"}, R"(@calendar
views:
  water: { from: measurements, window: { every: day }, measures: { »gap: count(*) } }
)"},
      {"measure_named_by_a_reserved_word", {"invalid_value"}, R"(@calendar
views:
  water: { from: measurements, window: { every: day }, measures: { »order: count(*) } }
)"},
      {"exact_up_to_of_a_sum", {"invalid_value"}, R"(@calendar
views:
  water: { from: measurements, window: { every: day }, measures: { a: { value: sum(value), exact_up_to: »5 } } }
)"},
      {"exact_up_to_too_many", {"invalid_value"}, R"(@calendar
views:
  water:
    from: measurements
    window: { every: day }
    measures: { a: { value: count(distinct node), exact_up_to: »10001 } }
)"},
      {"relative_error_of_a_half_and_more", {"invalid_value"}, R"(@calendar
views:
  water:
    from: measurements
    window: { every: day }
    measures:
      a: { value: percentile_cont(0.5) within group (order by value), relative_error: »0.6 }
)"},
  };
  return cases;
}

}  // namespace slipstream
