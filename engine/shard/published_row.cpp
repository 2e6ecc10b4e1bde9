#include "engine/shard/published_row.h"

#include <fmt/format.h>

#include "engine/expression/cell.h"
#include "engine/judge/figure.h"

namespace slipstream {

std::string published_key(const ViewPlan& view, const Window& window, std::string_view node) {
  const WindowSpec& spec = view.windows.specs()[window.spec];
  const bool is_session = spec.kind == WindowKind::session;
  return fmt::format("{}|{}:{}|{}", view.name, spec.name(),
                     is_session ? format_timestamp(window.start) : view.windows.label(window), node);
}

std::optional<PublishedKey> parse_published_key(std::string_view key) {
  const std::size_t after_view = key.find('|');
  if (after_view == std::string_view::npos) return std::nullopt;
  const std::size_t after_spec = key.find(':', after_view);
  const std::size_t after_label = key.find('|', after_view + 1);
  if (after_label == std::string_view::npos || after_spec > after_label) return std::nullopt;
  return PublishedKey{key.substr(0, after_view), key.substr(after_view + 1, after_spec - after_view - 1),
                      key.substr(after_spec + 1, after_label - after_spec - 1), key.substr(after_label + 1)};
}

std::optional<Window> window_of_label(const WindowPlan& windows, std::size_t spec, std::string_view label) {
  if (windows.specs()[spec].kind == WindowKind::session) {
    const auto start = parse_timestamp(label);
    return start ? std::optional(Window{spec, *start, *start}) : std::nullopt;
  }
  const auto window = windows.parse_label(label, spec);
  return window ? std::optional(*window) : std::nullopt;
}

std::string published_value(const Plan& plan, const ViewPlan& view, const Window& window,
                            std::string_view node, const std::byte* state, Timestamp as_of) {
  std::string members;
  append_json_member(members, "view", text_cell(view.name));
  append_json_member(members, "node", text_cell(node));
  append_json_member(members, "every", text_cell(view.windows.specs()[window.spec].name()));
  append_json_member(members, "window", text_cell(view.windows.label(window)));
  append_json_member(members, "window_start", time_cell(window.start, plan.zone));
  append_json_member(members, "window_end", time_cell(window.end, plan.zone));
  const std::vector<KpiValue> values = measure_values(view, state);
  for (std::size_t i = 0; i < values.size(); ++i)
    append_json_member(members, view.measures[i].name, value_cell(values[i], plan.zone));
  append_json_member(members, "as_of", time_cell(as_of, plan.zone));
  append_json_member(members, "definitions", text_cell(plan.version));
  return "{" + members + "}";
}

OutputRecord published_record(PublishedRow row, const CommitNote& note, const std::string& source,
                              const std::string& topic) {
  OutputRecord record{topic, note.shard, std::move(row.key), std::move(row.value), {}, note.clock};
  if (!record.value) return record;
  record.headers = {{"ce_specversion", "1.0"},
                    {"ce_id", fmt::format("{}/{}", record.key, note.sequence.value)},
                    {"ce_source", source},
                    {"ce_type", "view.row"},
                    {"ce_subject", record.key},
                    {"ce_time", format_timestamp(note.clock)},
                    {"ce_partitionkey", std::move(row.node)},
                    {"content-type", "application/json"}};
  return record;
}

}  // namespace slipstream
