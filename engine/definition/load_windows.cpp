// Windows of a view, and how targets and alerts name them.
#include <fmt/format.h>

#include <algorithm>

#include "engine/definition/keys.h"
#include "engine/definition/loading.h"
#include "engine/definition/settings.h"
#include "engine/definition/suggestion.h"
#include "engine/fold/relation.h"

namespace slipstream {
namespace {

constexpr std::string_view kExample = "every: month";
constexpr std::array<std::string_view, 7> kWords = {"day",  "week",         "month",     "quarter",
                                                    "year", "year_to_date", "cumulative"};
constexpr std::array<std::string_view, 5> kUnits = {"day", "week", "month", "quarter", "year"};

std::vector<std::string> names_of(const WindowPlan& windows) {
  std::vector<std::string> names;
  for (const WindowSpec& spec : windows.specs())
    names.push_back(spec.name());
  return names;
}

std::optional<WindowSpec> read_spec_word(const Setting& at, Report& report) {
  const auto word = read_text(at, report);
  if (!word) return std::nullopt;
  if (auto spec = WindowSpec::find(*word)) return *spec;
  report.add(ErrorCode::invalid_value, at, fmt::format("no such window '{}'", *word), suggest(*word, kWords));
  return std::nullopt;
}

std::optional<WindowSpec> read_tumbling(const Section& section, Report& report) {
  const auto size = read_duration_positive(*section.find("tumbling"), report);
  if (!size) return std::nullopt;
  return WindowSpec::tumbling(*size);
}

std::optional<WindowSpec> read_hopping(const Section& section, Report& report) {
  const auto every = section.require("every", "{ hopping: 1 hour, every: 5 minutes }");
  const auto size = read_duration_positive(*section.find("hopping"), report);
  const auto hop = every ? read_duration_positive(*every, report) : std::nullopt;
  if (!size || !hop) return std::nullopt;
  return WindowSpec::hopping(*size, *hop);
}

std::optional<Step> read_step(const Setting& at, Report& report) {
  if (at.node->kind == Document::Kind::scalar) {
    if (const auto unit = find_calendar_unit(at.node->scalar)) return Step(*unit);
    const auto duration = parse_duration(at.node->scalar);
    if (duration && duration->us > 0) return Step(*duration);
  }
  report.add(ErrorCode::invalid_value, at, "neither a calendar period nor a duration",
             fmt::format("one of {}, or like 15 minutes", listed(kUnits)));
  return std::nullopt;
}

std::optional<WindowSpec> read_sliding(const Section& section, Report& report) {
  const auto of = section.require("of", "{ sliding: 7, of: day }");
  const auto count = read_integer(*section.find("sliding"), 1, WindowPlan::kStepsMax, report);
  const auto step = of ? read_step(*of, report) : std::nullopt;
  if (!count || !step) return std::nullopt;
  return WindowSpec::sliding(static_cast<std::int32_t>(*count), *step);
}

std::optional<WindowSpec> read_session(const Section& section, Report& report) {
  const auto pause = read_duration_positive(*section.find("session"), report);
  if (!pause) return std::nullopt;
  return WindowSpec::session(*pause);
}

struct Kind {
  std::string_view key;
  std::span<const std::string_view> keys;
  std::optional<WindowSpec> (*read)(const Section&, Report&);
};
constexpr std::array<Kind, 4> kKinds = {{{"tumbling", keys::kTumbling, read_tumbling},
                                         {"hopping", keys::kHopping, read_hopping},
                                         {"sliding", keys::kSliding, read_sliding},
                                         {"session", keys::kSession, read_session}}};

// A window with settings: the key that names its kind decides which other keys there are.
std::optional<WindowSpec> read_spec_map(const Setting& at, Report& report) {
  for (const Kind& kind : kKinds) {
    if (at.node->find(kind.key) == nullptr) continue;
    const auto section = Section::open(at, kind.keys, report);
    return section->find(kind.key) ? kind.read(*section, report) : std::nullopt;
  }
  report.add(ErrorCode::invalid_value, at, "no such window",
             "kinds with settings: tumbling, hopping, sliding, session");
  return std::nullopt;
}

// Series carried forward are kept as differences: what stood at the end of a period is the sum of all until
// then.
std::optional<WindowSpec> carried(const Setting& at, const WindowSpec& spec, Report& report) {
  switch (spec.kind) {
    case WindowKind::calendar:
    case WindowKind::tumbling:
    case WindowKind::cumulative:
      return WindowSpec::cumulative(spec.step);
    case WindowKind::year_to_date:
    case WindowKind::hopping:
    case WindowKind::sliding:
    case WindowKind::session:
      break;
  }
  report.add(ErrorCode::not_supported, at, fmt::format("window {} in a view with 'latest_per'", spec.name()),
             "what stands at an end needs no other start: use day, week, month, quarter or year");
  return std::nullopt;
}

std::optional<WindowSpec> read_spec(const Setting& at, bool carry, Report& report) {
  const auto spec =
      at.node->kind == Document::Kind::map ? read_spec_map(at, report) : read_spec_word(at, report);
  if (!spec || !carry) return spec;
  return carried(at, *spec, report);
}

// Each window alone first, so that what is wrong with one stands at its own place.
bool check_alone(const Setting& at, const WindowSpec& spec, const std::vector<WindowSpec>& others,
                 Loading& loading) {
  if (std::find(others.begin(), others.end(), spec) != others.end()) {
    loading.report.add(ErrorCode::duplicate_name, at,
                       fmt::format("window {} is declared twice", spec.name()));
    return false;
  }
  const auto alone = WindowPlan::make({spec}, loading.plan.zone, loading.plan.fiscal_year_start);
  if (alone) return true;
  loading.report.add(alone.error().code, at, alone.error().message);
  return false;
}

void load_every(const Setting& at, ViewPlan& plan, ViewState& state, Loading& loading) {
  const std::size_t before = loading.report.count();
  std::vector<WindowSpec> specs;
  for (const Setting& item : items_or_self(at))
    if (const auto spec = read_spec(item, plan.latest_per_series, loading.report))
      if (check_alone(item, *spec, specs, loading)) specs.push_back(*spec);
  if (loading.report.count() > before) return;
  auto windows = WindowPlan::make(specs, loading.plan.zone, loading.plan.fiscal_year_start);
  if (!windows) {
    loading.report.add(windows.error().code, at, windows.error().message);
    return;
  }
  plan.windows = *std::move(windows);
  state.windows_known = true;
}

// The instant that places a row: of a figure the start of its period, of a reading when it was taken.
void load_on(const Section& window, const Scope& scope, ViewPlan& plan, Report& report) {
  if (plan.from == Relation::measurements) plan.window_column = measurement_column::period_start;
  if (plan.from == Relation::observations) plan.window_column = observation_column::effective_at;
  if (plan.from == Relation::tasks) window.require("on", "on: due_at");
  const auto on = window.find("on");
  if (!on) return;
  const auto column = find_column(*on, scope, Type::timestamp, report);
  if (!column) return;
  plan.window_column = *column;
  const bool is_carried = plan.from == Relation::measurements && plan.latest_per_series;
  if (is_carried && plan.window_column != measurement_column::period_start)
    report.add(ErrorCode::not_supported, *on,
               fmt::format("'on: {}' in a view with 'latest_per'", on->node->scalar),
               "the latest figure is that of the latest period: use period_start, which is the default");
}

}  // namespace

void load_windows(const Section& view, const Scope& scope, ViewPlan& plan, ViewState& state,
                  Loading& loading) {
  const auto at = view.require("window", "window: { on: due_at, every: month }");
  const auto window = at ? Section::open(*at, keys::kWindow, loading.report) : std::nullopt;
  if (!window) return;
  load_on(*window, scope, plan, loading.report);
  if (const auto every = window->require("every", kExample)) load_every(*every, plan, state, loading);
}

std::optional<std::size_t> read_window_name(const Setting& at, const ViewPlan& view, Report& report) {
  const auto named =
      at.node->kind == Document::Kind::scalar ? view.windows.find_spec(at.node->scalar) : std::nullopt;
  if (named) return named;
  const auto spec = read_spec(at, view.latest_per_series, report);
  if (!spec) return std::nullopt;
  if (const auto index = view.windows.find_spec(spec->name())) return index;
  report.add(ErrorCode::unknown_name, at, fmt::format("view '{}' has no window {}", view.name, spec->name()),
             "its windows: " + listed(names_of(view.windows)));
  return std::nullopt;
}

}  // namespace slipstream
