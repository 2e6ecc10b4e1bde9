#include "tests/definition/wrong_definitions.h"

namespace slipstream {

std::span<const WrongDefinition> wrong_structure() {
  static const std::vector<WrongDefinition> cases = {
      {"unclosed_bracket", {"syntax"}, "time_zone: UTC\nviews: { a: 1\nb»: 2\n"},
      {"colon_in_a_plain_text", {"syntax"}, "name: a»: b\n"},
      {"tab_indentation", {"syntax"}, "views:\n»\tdelivery: 1\n"},
      {"unclosed_quote", {"syntax"}, "name: »\"abc\n@calendar\n@views\n"},
      {"unclosed_single_quote", {"syntax"}, "name: »'it''s\n"},
      {"anchor", {"not_supported"}, "name: »&a city\n@calendar\n@views\n"},
      {"anchor_and_alias", {"not_supported", "not_supported"}, "name: »&a city\ntime_zone: »*a\n"},
      {"tag", {"not_supported"}, "name: »!!str city\n@calendar\n@views\n"},
      {"merge_key", {"not_supported", "not_supported"}, "a: »&a { b: 1 }\nc: { <<: »*a }\n"},
      {"second_document", {"not_supported"}, "name: city\n»---\nname: town\n"},
      {"bracket_that_nothing_opened", {"syntax"}, "name: city\n»]\n"},
      {"key_that_is_a_list", {"syntax"}, "? »[a, b]\n: 1\n"},
      {"key_without_a_name", {"syntax"}, "name: city\n»: 1\n"},
      {"control_character", {"syntax"}, "name: ci»\x04ty\n"},
      {"bytes_that_are_not_utf8", {"syntax"}, "name: ti»\xC3(n\n"},
      {"overlong_utf8", {"syntax"}, "name: »\xC0\xAF\n"},

      {"a_list_instead_of_definitions", {"type_mismatch"}, "»- a\n- b\n"},
      {"a_text_instead_of_definitions", {"type_mismatch"}, "»city\n"},
      {"unknown_top_key", {"unknown_key"}, "@calendar\n@views\n»kpi: {}\n"},
      {"repeated_top_key", {"duplicate_name"}, "name: a\n»name: b\n@calendar\n@views\n"},
      {"key_without_a_value", {"invalid_value"}, "»name:\n@calendar\n@views\n"},
      {"missing_time_zone", {"invalid_value"}, "»name: city\n@views\n"},
      {"missing_views", {"invalid_value"}, "»time_zone: UTC\n"},
      {"no_views", {"invalid_value"}, "time_zone: UTC\nviews: »{}\n"},
      {"name_that_is_a_list", {"type_mismatch"}, "name: »[a]\n@calendar\n@views\n"},
      {"empty_name", {"invalid_value"}, "name: »''\n@calendar\n@views\n"},

      {"unknown_time_zone", {"unknown_name"}, "time_zone: »Europe/Amsterdm\n@views\n"},
      {"fiscal_year_on_29_february", {"invalid_value"}, "fiscal_year_start: »02-29\n@calendar\n@views\n"},
      {"fiscal_year_that_is_no_date", {"invalid_value"}, "fiscal_year_start: »April\n@calendar\n@views\n"},

      {"unknown_organisation_key", {"unknown_key"}, "organisation: { »roots: city }\n@calendar\n@views\n"},
      {"root_with_a_slash", {"invalid_value"}, "organisation: { root: »a/b }\n@calendar\n@views\n"},
      {"unknown_tree", {"invalid_value"}, "organisation: { tree: »event }\n@calendar\n@views\n"},
      {"wait_without_events", {"invalid_value"}, "organisation: { wait: »30 days }\n@calendar\n@views\n"},
      {"wait_in_months",
       {"invalid_value"},
       "organisation: { tree: events, wait: »1 month }\n@calendar\n@views\n"},
      {"negative_wait",
       {"invalid_value"},
       "organisation: { tree: events, wait: »-1 day }\n@calendar\n@views\n"},

      {"columns_of_an_unknown_relation",
       {"unknown_key"},
       "columns: { »task: { a: text } }\n@calendar\n@views\n"},
      {"column_that_exists", {"duplicate_name"}, "columns: { tasks: { »unit: text } }\n@calendar\n@views\n"},
      {"column_declared_twice",
       {"duplicate_name"},
       "columns: { tasks: { a: text, »a: text } }\n@calendar\n@views\n"},
      {"column_of_an_unknown_type",
       {"invalid_value"},
       "columns: { tasks: { a: »string } }\n@calendar\n@views\n"},
      {"column_named_by_a_reserved_word",
       {"invalid_value"},
       "columns: { tasks: { »user: text } }\n@calendar\n@views\n"},
      {"column_named_in_capitals",
       {"invalid_value"},
       "columns: { tasks: { »Kênh: text } }\n@calendar\n@views\n"},
      {"columns_that_are_a_list", {"type_mismatch"}, "columns: { tasks: »[a, b] }\n@calendar\n@views\n"},
  };
  return cases;
}

}  // namespace slipstream
