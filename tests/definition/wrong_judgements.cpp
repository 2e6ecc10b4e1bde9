#include "tests/definition/wrong_definitions.h"

namespace slipstream {

std::span<const WrongDefinition> wrong_judgements() {
  static const std::vector<WrongDefinition> cases = {
      {"kpi_without_a_value", {"invalid_value"}, "@calendar\n@views\nkpis: { rate: »{ unit: percent } }\n"},
      {"kpi_of_an_unknown_view",
       {"unknown_name"},
       "@calendar\n@views\nkpis: { rate: { view: »delivry, value: late } }\n"},
      {"kpi_with_an_unknown_measure",
       {"unknown_name"},
       "@calendar\n@views\nkpis: { rate: { value: 100.0 * »on_tme / late } }\n"},
      {"kpi_with_two_unknown_measures",
       {"unknown_name", "unknown_name"},
       "@calendar\n@views\nkpis: { rate: { value: »on_tme / »lat } }\n"},
      {"kpi_that_is_a_text", {"type_mismatch"}, "@calendar\n@views\nkpis: { rate: { value: '»node' } }\n"},
      {"kpi_that_is_an_interval",
       {"type_mismatch"},
       "@calendar\n@views\nkpis: { rate: { value: »lateness } }\n"},
      {"kpi_of_a_named_view_that_does_not_parse",
       {"syntax"},
       "@calendar\n@views\nkpis: { rate: { view: delivery, value: on_time + »* late } }\n"},
      {"kpi_that_does_not_parse",
       {"syntax"},
       "@calendar\n@views\nkpis: { rate: { value: on_time + »* late } }\n"},
      {"kpi_named_like_a_measure",
       {"duplicate_name"},
       "@calendar\n@views\nkpis: { »late: { value: late + 1 } }\n"},
      {"kpi_declared_twice",
       {"duplicate_name"},
       "@calendar\n@views\nkpis:\n  rate: { value: late }\n  »rate: { value: late }\n"},
      {"kpi_with_too_many_digits",
       {"invalid_value"},
       "@calendar\n@views\nkpis: { rate: { value: late, precision: »19 } }\n"},
      {"kpi_with_half_a_digit",
       {"invalid_value"},
       "@calendar\n@views\nkpis: { rate: { value: late, precision: »0.5 } }\n"},
      {"kpi_with_an_unknown_side",
       {"invalid_value"},
       "@calendar\n@views\nkpis: { rate: { value: late, better: »more } }\n"},
      {"kpi_that_averages_averages",
       {"invalid_value"},
       "@calendar\n@views\nkpis: { rate: { value: (»effort + effort_due) / 2 } }\n"},
      {"kpi_that_fits_two_views", {"invalid_value"}, R"(@calendar
views:
  a: { from: tasks, window: { on: due_at, every: month }, measures: { late: count(*) } }
  b: { from: tasks, window: { on: due_at, every: month }, measures: { late: count(*) } }
kpis: { rate: { value: »late } }
)"},
      {"kpis_that_are_a_list", {"type_mismatch"}, "@calendar\n@views\nkpis: »[{ value: late }]\n"},

      {"targets_that_are_a_map",
       {"type_mismatch"},
       "@calendar\n@views\n@kpis\ntargets: »{ kpi: rate, target: 80 }\n"},
      {"target_of_an_unknown_kpi",
       {"unknown_name"},
       "@calendar\n@views\n@kpis\ntargets: [{ kpi: »rat, target: 80 }]\n"},
      {"target_without_a_kpi", {"invalid_value"}, "@calendar\n@views\n@kpis\ntargets: [»{ target: 80 }]\n"},
      {"target_without_kpis", {"invalid_value"}, "@calendar\n@views\ntargets: [»{ target: 80 }]\n"},
      {"target_without_a_value", {"invalid_value"}, "@calendar\n@views\n@kpis\ntargets: [»{ kpi: rate }]\n"},
      {"target_that_is_no_number",
       {"invalid_value"},
       "@calendar\n@views\n@kpis\ntargets: [{ kpi: rate, target: »high }]\n"},
      {"target_with_an_unknown_key",
       {"unknown_key"},
       "@calendar\n@views\n@kpis\ntargets: [{ kpi: rate, target: 80, »node: '*' }]\n"},
      {"star_within_a_segment",
       {"invalid_value"},
       "@calendar\n@views\n@kpis\ntargets: [{ kpi: rate, nodes: »'Gen*', target: 80 }]\n"},
      {"empty_segment",
       {"invalid_value"},
       "@calendar\n@views\n@kpis\ntargets: [{ kpi: rate, nodes: [a, »a//b], target: 80 }]\n"},
      {"no_nodes",
       {"invalid_value"},
       "@calendar\n@views\n@kpis\ntargets: [{ kpi: rate, nodes: »[], target: 80 }]\n"},
      {"target_for_a_window_the_view_lacks",
       {"unknown_name"},
       "@calendar\n@views\n@kpis\ntargets: [{ kpi: rate, every: »day, target: 80 }]\n"},
      {"target_for_windows_and_a_period",
       {"invalid_value"},
       "@calendar\n@views\n@kpis\ntargets: [{ kpi: rate, every: »month, from: 2021-01-01, to: 2021-12-31, "
       "target: 80 }]\n"},
      {"period_without_an_end",
       {"invalid_value"},
       "@calendar\n@views\n@kpis\ntargets: [»{ kpi: rate, from: 2021-01-01, target: 80 }]\n"},
      {"period_without_a_start",
       {"invalid_value"},
       "@calendar\n@views\n@kpis\ntargets: [»{ kpi: rate, to: 2021-01-01, target: 80 }]\n"},
      {"period_that_ends_before_it_begins",
       {"invalid_value"},
       "@calendar\n@views\n@kpis\ntargets: [{ kpi: rate, from: 2021-02-01, to: »2021-01-30, target: 80 }]\n"},
      {"period_from_a_day_that_does_not_exist",
       {"invalid_value"},
       "@calendar\n@views\n@kpis\ntargets: [{ kpi: rate, from: »2021-02-30, to: 2021-03-30, target: 80 }]\n"},
      {"range_for_a_kpi_without",
       {"type_mismatch"},
       "@calendar\n@views\n@kpis\ntargets: [{ kpi: rate, target: »{ low: 1, high: 2 } }]\n"},
      {"number_for_a_range_kpi",
       {"type_mismatch"},
       "@calendar\n@views\n@kpis\ntargets: [{ kpi: load, target: »3 }]\n"},
      {"range_upside_down",
       {"invalid_value"},
       "@calendar\n@views\n@kpis\ntargets: [{ kpi: load, target: »{ low: 7, high: 3 } }]\n"},
      {"range_without_a_high_end",
       {"invalid_value"},
       "@calendar\n@views\n@kpis\ntargets: [{ kpi: load, target: »{ low: 7 } }]\n"},
      {"range_on_a_line",
       {"invalid_value"},
       "@calendar\n@views\n@kpis\ntargets: [{ kpi: load, target: { low: 3, high: 7 }, trajectory: »linear "
       "}]\n"},
      {"unknown_trajectory",
       {"invalid_value"},
       "@calendar\n@views\n@kpis\ntargets: [{ kpi: rate, target: 8, trajectory: »line }]\n"},
      {"trajectory_of_two_kinds", {"invalid_value"}, R"(@calendar
@views
@kpis
targets:
  - { kpi: rate, from: 2021-01-01, to: 2021-12-31, target: 8, trajectory: »{ steps: [], table: [] } }
)"},
      {"steps_without_a_period", {"invalid_value"}, R"(@calendar
@views
@kpis
targets:
  - { kpi: rate, target: 8, trajectory: »{ steps: [{ at: 2021-03-01, value: 3 }] } }
)"},
      {"steps_that_are_a_map", {"type_mismatch"}, R"(@calendar
@views
@kpis
targets:
  - { kpi: rate, from: 2021-01-01, to: 2021-12-31, target: 8, trajectory: { steps: »{ at: 2021-03-01, value: 3 } } }
)"},
      {"step_outside_the_period", {"invalid_value"}, R"(@calendar
@views
@kpis
targets:
  - { kpi: rate, from: 2021-01-01, to: 2021-12-31, target: 8, trajectory: { steps: [{ at: »2022-03-01, value: 3 }] } }
)"},
      {"steps_out_of_order", {"invalid_value"}, R"(@calendar
@views
@kpis
targets:
  - kpi: rate
    from: 2021-01-01
    to: 2021-12-31
    target: 8
    trajectory:
      steps:
        - { at: 2021-03-01, value: 3 }
        - »{ at: 2021-02-01, value: 4 }
)"},
      {"step_without_a_value", {"invalid_value"}, R"(@calendar
@views
@kpis
targets:
  - { kpi: rate, from: 2021-01-01, to: 2021-12-31, target: 8, trajectory: { steps: [»{ at: 2021-03-01 }] } }
)"},
      {"amber_narrower_than_green",
       {"invalid_value"},
       "@calendar\n@views\n@kpis\ntargets: [{ kpi: rate, target: 80, green: 5, amber: »3 }]\n"},
      {"negative_amber",
       {"invalid_value"},
       "@calendar\n@views\n@kpis\ntargets: [{ kpi: rate, target: 80, amber: »-5 }]\n"},
      {"share_of_no_distance",
       {"invalid_value"},
       "@calendar\n@views\n@kpis\ntargets: [{ kpi: rate, baseline: 80, target: 80, tolerance: »relative, "
       "amber: 0.1 }]\n"},
      {"unknown_source",
       {"invalid_value"},
       "@calendar\n@views\n@kpis\ntargets: [{ kpi: rate, target: 80, source: »event }]\n"},
      {"same_target_twice", {"duplicate_name"}, R"(@calendar
@views
@kpis
targets:
  - { kpi: rate, nodes: [a, b], target: 80 }
  - »{ kpi: rate, nodes: [b, a], every: month, target: 85 }
)"},
      {"same_target_name_twice", {"duplicate_name"}, R"(@calendar
@views
@kpis
targets:
  - { name: goal, kpi: rate, nodes: a, target: 80 }
  - »{ name: goal, kpi: rate, nodes: b, target: 80 }
)"},

      {"alert_without_a_condition",
       {"invalid_value"},
       "@calendar\n@views\n@kpis\n@targets\nalerts: { a: »{ kpi: rate } }\n"},
      {"alert_without_a_kpi",
       {"invalid_value"},
       "@calendar\n@views\n@kpis\n@targets\nalerts: { a: »{ when: value < 5 } }\n"},
      {"alert_of_an_unknown_kpi",
       {"unknown_name"},
       "@calendar\n@views\n@kpis\n@targets\nalerts: { a: { kpi: »rte, when: value < 5 } }\n"},
      {"alert_on_an_unknown_name",
       {"unknown_name"},
       "@calendar\n@views\n@kpis\n@targets\nalerts: { a: { kpi: rate, when: \"»state = 'red'\" } }\n"},
      {"alert_whose_condition_is_a_number",
       {"type_mismatch"},
       "@calendar\n@views\n@kpis\n@targets\nalerts: { a: { kpi: rate, when: »gap } }\n"},
      {"alert_on_a_status_without_a_target",
       {"invalid_value"},
       "@calendar\n@views\n@kpis\n@targets\nalerts: { a: { kpi: load, when: »status = 'red' } }\n"},
      {"alert_with_an_unknown_severity",
       {"invalid_value"},
       "@calendar\n@views\n@kpis\n@targets\nalerts: { a: { kpi: rate, when: value < 5, severity: »fatal } "
       "}\n"},
      {"alert_that_waits_for_months",
       {"invalid_value"},
       "@calendar\n@views\n@kpis\n@targets\nalerts: { a: { kpi: rate, when: value < 5, for: »1 month } }\n"},
      {"alert_judged_at_every_moment",
       {"invalid_value"},
       "@calendar\n@views\n@kpis\n@targets\nalerts: { a: { kpi: rate, when: value < 5, evaluate: »0 minutes "
       "} }\n"},
      {"alert_over_a_window_the_view_lacks",
       {"unknown_name"},
       "@calendar\n@views\n@kpis\n@targets\nalerts: { a: { kpi: rate, when: value < 5, every: »week } }\n"},
      {"alert_with_labels_in_a_list",
       {"type_mismatch"},
       "@calendar\n@views\n@kpis\n@targets\nalerts: { a: { kpi: rate, when: value < 5, labels: »[a] } }\n"},
      {"label_twice",
       {"duplicate_name"},
       "@calendar\n@views\n@kpis\n@targets\nalerts: { a: { kpi: rate, when: value < 5, labels: { a: b, »a: c "
       "} } }\n"},
      {"label_without_a_value",
       {"invalid_value"},
       "@calendar\n@views\n@kpis\n@targets\nalerts: { a: { kpi: rate, when: value < 5, labels: { »a: } } "
       "}\n"},
  };
  return cases;
}

}  // namespace slipstream
