// What windows are called, and which window is called so.
#include <fmt/format.h>

#include "engine/aggregate/window.h"

namespace slipstream {
namespace {

constexpr std::string_view kTo = "..";

struct Ends {
  std::string_view first, last;
};

std::optional<Ends> split(std::string_view text) {
  const auto at = text.find(kTo);
  if (at == std::string_view::npos) return std::nullopt;
  return Ends{text.substr(0, at), text.substr(at + kTo.size())};
}

std::optional<Window> parse_session(std::size_t spec, const Ends& ends) {
  const auto start = parse_timestamp(ends.first);
  const auto end = parse_timestamp(ends.last);
  if (!start || !end || *start >= *end) return std::nullopt;
  return Window{spec, *start, *end};
}

}  // namespace

std::string WindowPlan::label(const Window& window) const {
  const StepGrid& steps = steps_[window.spec];
  const auto step_label = [&](Timestamp t) { return steps.label(steps.index_of(t)); };
  const Timestamp last = window.end - kMoment;
  switch (specs_[window.spec].kind) {
    case WindowKind::calendar:
    case WindowKind::tumbling:
    case WindowKind::hopping:
      break;
    case WindowKind::sliding:
    case WindowKind::year_to_date:
      return fmt::format("{}{}{}", step_label(window.start), kTo, step_label(last));
    case WindowKind::cumulative:
      return fmt::format("{}{}", kTo, step_label(last));
    case WindowKind::session:
      return fmt::format("{}{}{}", format_timestamp(window.start), kTo, format_timestamp(window.end));
  }
  return step_label(window.start);
}

std::optional<Window> WindowPlan::parse_for(std::size_t spec, std::string_view text) const {
  const StepGrid& steps = steps_[spec];
  const WindowKind kind = specs_[spec].kind;
  const auto ends = split(text);
  const bool single =
      kind == WindowKind::calendar || kind == WindowKind::tumbling || kind == WindowKind::hopping;
  if (single == ends.has_value()) return std::nullopt;
  if (kind == WindowKind::session) return parse_session(spec, *ends);
  const auto closing = steps.parse_label(single ? text : ends->last);
  if (!closing || is_empty_step(spec, *closing)) return std::nullopt;
  const Window window = window_of(spec, *closing);
  if (kind == WindowKind::cumulative) return ends->first.empty() ? std::optional(window) : std::nullopt;
  if (single) return window;
  const auto opening = steps.parse_label(ends->first);
  if (!opening || steps.start_of(*opening) != window.start) return std::nullopt;
  return window;
}

std::string WindowPlan::sample_label(std::size_t spec) const {
  constexpr Timestamp kSample{1'615'716'900'000'000};  // 2021-03-14T10:15:00Z
  const auto window = window_at(spec, kSample);
  return label(window.value_or(Window{spec, kSample, kSample + minutes(45)}));
}

Result<Window> WindowPlan::parse_label(std::string_view text, std::optional<std::size_t> spec) const {
  std::string samples;
  std::optional<Window> named;
  for (std::size_t i = 0; i < specs_.size(); ++i) {
    if (spec && *spec != i) continue;
    if (const auto window = parse_for(i, text)) {
      if (named && (named->start != window->start || named->end != window->end))
        return fail(ErrorCode::invalid_value,
                    fmt::format("'{}' names a window of {} and one of {}: say which kind is meant",
                                text.substr(0, 64), specs_[named->spec].name(), specs_[i].name()));
      if (!named) named = window;
    }
    samples += fmt::format("{}{} ({})", samples.empty() ? "" : ", ", sample_label(i), specs_[i].name());
  }
  if (named) return *named;
  return fail(ErrorCode::invalid_value,
              fmt::format("'{}' names no window; write it like {}", text.substr(0, 64), samples));
}

}  // namespace slipstream
