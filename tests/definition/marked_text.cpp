#include "tests/definition/marked_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace slipstream {
namespace {

constexpr std::string_view kMark = "»";

constexpr std::array<std::pair<std::string_view, std::string_view>, 4> kParts = {{
    {"@calendar\n", "time_zone: Asia/Ho_Chi_Minh\n"},
    {"@views\n", R"(views:
  delivery:
    from: tasks
    window: { on: due_at, every: month }
    measures:
      on_time: count(*) filter (where completed_at <= due_at)
      late: count(*) filter (where completed_at > due_at)
      lateness: avg(completed_at - due_at)
      effort: avg(weight)
      effort_due: avg(weight) filter (where due_at is not null)
)"},
    {"@kpis\n", R"(kpis:
  rate: { value: '100.0 * on_time / nullif(on_time + late, 0)' }
  load: { value: effort, better: range }
)"},
    {"@targets\n", R"(targets:
  - { kpi: rate, target: 80 }
)"},
}};

}  // namespace

MarkedText read_marks(std::string_view marked) {
  MarkedText result;
  Mark here{1, 1};
  for (std::size_t i = 0; i < marked.size();) {
    if (marked.substr(i).starts_with(kMark)) {
      result.marks.push_back(here);
      i += kMark.size();
      continue;
    }
    const char c = marked[i++];
    result.text += c;
    const bool continues_character = (static_cast<unsigned char>(c) & 0xC0) == 0x80;
    if (c == '\n')
      here = {here.line + 1, 1};
    else if (!continues_character)
      ++here.column;
  }
  return result;
}

std::string with_parts(std::string_view text) {
  std::string result(text);
  for (const auto& [name, part] : kParts)
    for (std::size_t at = 0; (at = result.find(name, at)) != std::string::npos; at += part.size())
      result.replace(at, name.size(), part);
  return result;
}

std::vector<std::string> places_of(const Diagnostics& diagnostics) {
  Diagnostics sorted = diagnostics;
  std::stable_sort(sorted.begin(), sorted.end(), [](const Diagnostic& a, const Diagnostic& b) {
    return std::pair(a.mark.line, a.mark.column) < std::pair(b.mark.line, b.mark.column);
  });
  std::vector<std::string> places;
  for (const Diagnostic& diagnostic : sorted)
    places.push_back(
        fmt::format("{} {}:{}", name_of(diagnostic.code), diagnostic.mark.line, diagnostic.mark.column));
  return places;
}

std::string all_messages(const Diagnostics& diagnostics) {
  std::string text;
  for (const Diagnostic& diagnostic : diagnostics)
    text += format_diagnostic(diagnostic) + "\n";
  return text;
}

}  // namespace slipstream
