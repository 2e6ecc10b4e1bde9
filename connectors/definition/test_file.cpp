#include "connectors/definition/test_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>

#include "connectors/definition/load_file.h"
#include "connectors/definition/yaml_document.h"
#include "engine/definition/load.h"
#include "engine/definition/section.h"
#include "engine/definition/settings.h"
#include "engine/definition/suggestion.h"

namespace slipstream {
namespace {

using Kind = TestStep::Kind;
using Names = std::vector<std::string>;

constexpr std::array<std::string_view, 2> kFileKeys = {"definitions", "tests"};
constexpr std::array<std::string_view, 2> kTestKeys = {"name", "steps"};
// In the order of TestStep::Kind.
constexpr std::array<std::string_view, 6> kStepKeys = {"clock",      "event",         "expect_view",
                                                       "expect_kpi", "expect_alerts", "expect_dead_letters"};
constexpr std::array<std::string_view, 5> kViewKeys = {"view", "node", "every", "exactly", "rows"};
constexpr std::array<std::string_view, 5> kKpiKeys = {"kpi", "node", "every", "exactly", "rows"};
constexpr std::array<std::string_view, 2> kAlertKeys = {"only", "transitions"};

const Names kKpiCells = {"node", "window",     "value",    "expected",      "target", "baseline",
                         "gap",  "attainment", "forecast", "required_rate", "status"};
const Names kTransitionCells = {"alert",    "node",   "period",  "kind",     "from",    "to",
                                "at",       "status", "value",   "expected", "target",  "gap",
                                "forecast", "actor",  "episode", "severity", "silenced"};
const Names kDeadLetterCells = {"code", "stage", "subject"};

std::string json_of(const Document& node) {
  if (node.kind == Document::Kind::absent) return "null";
  if (node.kind == Document::Kind::scalar) return boost::json::serialize(boost::json::value(node.scalar));
  std::string out;
  const bool is_list = node.kind == Document::Kind::list;
  for (const Document& item : node.items)
    out += (out.empty() ? "" : ",") + json_of(item);
  for (const Document::Entry& entry : node.entries)
    out += fmt::format("{}{}:{}", out.empty() ? "" : ",",
                       boost::json::serialize(boost::json::value(entry.key)), json_of(entry.value));
  return is_list ? "[" + out + "]" : "{" + out + "}";
}

class TestFileReader {
 public:
  TestFileReader(TestFile& out, Report& report) : out_(out), report_(report) {}

  void read_tests(const Setting& at) {
    for (const Setting& item : items_or_self(at))
      read_test(item);
    if (out_.tests.empty()) report_.add(ErrorCode::invalid_value, at, "no test", "write at least one test");
  }

 private:
  void read_test(const Setting& at) {
    const auto section = Section::open(at, kTestKeys, report_);
    if (!section) return;
    DefinitionTest& test = out_.tests.emplace_back();
    test.mark = at.node->mark;
    if (const auto name = section->require("name", "name: A late task counts as late"))
      test.name = read_text(*name, report_).value_or("");
    const auto steps = section->require("steps", "steps: [{ clock: 2026-01-01 }, ...]");
    if (!steps) return;
    now_.reset();
    for (const Setting& item : items_or_self(*steps))
      read_step(item, test.steps);
  }

  void read_step(const Setting& at, std::vector<TestStep>& steps) {
    if (at.node->kind != Document::Kind::map || at.node->entries.size() != 1) {
      report_.add(ErrorCode::type_mismatch, at, "a step is one key and its value",
                  "steps: " + listed(kStepKeys));
      return;
    }
    const Document::Entry& entry = at.node->entries.front();
    const auto word = std::find(kStepKeys.begin(), kStepKeys.end(), entry.key);
    if (word == kStepKeys.end()) {
      const std::string near = suggest(entry.key, kStepKeys);
      report_.add(ErrorCode::unknown_key, entry.key_mark, at.entry(entry).path,
                  fmt::format("no such step '{}'", entry.key),
                  near.empty() ? "steps: " + listed(kStepKeys) : near);
      return;
    }
    TestStep step;
    step.kind = static_cast<Kind>(word - kStepKeys.begin());
    step.mark = entry.key_mark;
    if (step.kind != Kind::clock && !now_)
      report_.add(ErrorCode::invalid_value, at, "the clock is not set yet",
                  "begin the steps with { clock: 2026-01-01 }");
    if (read_value(at.entry(entry), step)) steps.push_back(std::move(step));
  }

  bool read_value(const Setting& at, TestStep& step) {
    switch (step.kind) {
      case Kind::clock:
        return read_clock(at, step);
      case Kind::event:
        return read_event(at, step);
      case Kind::view:
        return read_view_rows(at, step);
      case Kind::kpi:
        return read_kpi_rows(at, step);
      case Kind::alerts:
        return read_transitions(at, step);
      case Kind::dead_letters:
        return read_rows(at, kDeadLetterCells, step.rows);
    }
    return false;
  }

  bool read_clock(const Setting& at, TestStep& step) {
    const auto instant = read_instant(at, out_.plan->zone, report_);
    if (!instant) return false;
    if (now_ && *instant < *now_)
      report_.add(ErrorCode::invalid_value, at, "the clock does not go back",
                  "put the step before the later one");
    now_ = step.clock = *instant;
    return true;
  }

  bool read_event(const Setting& at, TestStep& step) {
    if (at.node->kind == Document::Kind::map) return read_event_map(at, step);
    const auto text = read_text(at, report_);
    if (!text) return false;
    if (text->starts_with("{")) {
      step.cloud_event = *text;
      return true;
    }
    auto event = parse_short_event(*text);
    if (!event) report_.add(event.error().code, at, event.error().message);
    if (event) step.event = *std::move(event);
    return event.has_value();
  }

  bool read_event_map(const Setting& at, TestStep& step) {
    ShortEvent event;
    for (const Document::Entry& entry : at.node->entries) {
      const Document& value = entry.value;
      const bool plain = value.kind == Document::Kind::scalar && !value.quoted;
      std::string text = plain ? value.scalar : json_of(value);
      if (entry.key == "type" || entry.key == "subject") {
        (entry.key == "type" ? event.type : event.subject) = value.scalar;
      } else {
        event.members.emplace_back(entry.key == "at" ? "effective_at" : entry.key, std::move(text));
      }
    }
    if (event.type.empty() || event.subject.empty())
      report_.add(ErrorCode::invalid_value, at, "an event without type or subject",
                  "write { type: task.assigned, subject: T1, unit: General }");
    step.event = std::move(event);
    return true;
  }

  template <class Plans>
  std::optional<std::size_t> read_name(const Setting& at, const Plans& plans, std::string_view what) {
    const auto name = read_text(at, report_);
    if (!name) return std::nullopt;
    Names known;
    for (std::size_t i = 0; i < plans.size(); ++i) {
      if (plans[i].name == *name) return i;
      known.push_back(plans[i].name);
    }
    report_.add(ErrorCode::unknown_name, at, fmt::format("no such {} '{}'", what, *name),
                suggest(*name, known));
    return std::nullopt;
  }

  bool read_view_rows(const Setting& at, TestStep& step) {
    const auto section = Section::open(at, kViewKeys, report_);
    if (!section) return false;
    const auto name = section->require("view", "view: delivery");
    const auto view = name ? read_name(*name, out_.plan->views, "view") : std::nullopt;
    if (!view) return false;
    step.subject = *view;
    Names cells = {"node", "window"};
    for (const MeasurePlan& measure : out_.plan->views[*view].measures)
      cells.push_back(measure.name);
    return read_answer(*section, out_.plan->views[*view], cells, step);
  }

  bool read_kpi_rows(const Setting& at, TestStep& step) {
    const auto section = Section::open(at, kKpiKeys, report_);
    if (!section) return false;
    const auto name = section->require("kpi", "kpi: on_time_rate");
    const auto kpi = name ? read_name(*name, out_.plan->kpis, "KPI") : std::nullopt;
    if (!kpi) return false;
    step.subject = *kpi;
    return read_answer(*section, out_.plan->views[out_.plan->kpis[*kpi].view], kKpiCells, step);
  }

  bool read_answer(const Section& section, const ViewPlan& view, const Names& cells, TestStep& step) {
    if (const auto node = section.find("node")) step.node = read_text(*node, report_);
    if (const auto every = section.find("every")) {
      const auto word = read_text(*every, report_);
      if (word) step.window = view.windows.find_spec(*word);
      if (word && !step.window)
        report_.add(ErrorCode::unknown_name, *every, fmt::format("{} has no window '{}'", view.name, *word));
    }
    if (const auto exactly = section.find("exactly"))
      step.exactly = read_boolean(*exactly, report_).value_or(false);
    const auto rows =
        section.require("rows", "rows: [{ node: General, window: 2026-01, ... }], or rows: none");
    return rows && read_rows(*rows, cells, step.rows);
  }

  bool read_transitions(const Setting& at, TestStep& step) {
    if (at.node->kind != Document::Kind::map) return read_rows(at, kTransitionCells, step.rows);
    const auto section = Section::open(at, kAlertKeys, report_);
    if (!section) return false;
    if (const auto only = section->find("only")) read_cells(*only, kTransitionCells, step.only);
    const auto rows = section->require(
        "transitions", "transitions: [{ alert: slipping, to: firing }], or transitions: none");
    return rows && read_rows(*rows, kTransitionCells, step.rows);
  }

  // A list of rows, or the word `none`.
  bool read_rows(const Setting& at, const Names& cells, std::vector<ExpectedRow>& rows) {
    if (at.node->kind == Document::Kind::scalar && at.node->scalar == "none") return true;
    if (at.node->kind != Document::Kind::list || at.node->items.empty()) {
      report_.add(ErrorCode::type_mismatch, at, "expected a list of rows, or the word none");
      return false;
    }
    for (const Setting& item : items_or_self(at)) {
      ExpectedRow& row = rows.emplace_back();
      row.mark = item.node->mark;
      if (!read_cells(item, cells, row.cells)) return false;
    }
    return true;
  }

  bool read_cells(const Setting& at, const Names& known, ExpectedCells& cells) {
    if (at.node->kind != Document::Kind::map) {
      report_.add(ErrorCode::type_mismatch, at, "expected a row: { " + known.front() + ": ..., ... }");
      return false;
    }
    for (const Document::Entry& entry : at.node->entries) {
      if (std::find(known.begin(), known.end(), entry.key) == known.end()) {
        const std::string near = suggest(entry.key, known);
        report_.add(ErrorCode::unknown_name, entry.key_mark, at.entry(entry).path,
                    fmt::format("a row here has no '{}'", entry.key),
                    near.empty() ? "there are " + listed(known) : near);
        continue;
      }
      ExpectedCell cell{entry.key, entry.key_mark, std::nullopt};
      if (entry.value.kind == Document::Kind::scalar) cell.text = entry.value.scalar;
      cells.push_back(std::move(cell));
    }
    return true;
  }

  TestFile& out_;
  Report& report_;
  std::optional<Timestamp> now_;  // of the test being read
};

std::shared_ptr<const Plan> load_plan(const Setting& at, const std::filesystem::path& beside,
                                      const std::string& file, Report& report, Diagnostics& diagnostics) {
  if (at.node->kind == Document::Kind::map) return load_definitions(*at.node, file, diagnostics);
  const auto name = read_text(at, report);
  return name ? load_definition_file(beside.parent_path() / *name, diagnostics) : nullptr;
}

}  // namespace

std::optional<TestFile> load_test_file(const std::filesystem::path& path, Diagnostics& diagnostics) {
  const auto document = read_yaml_file(path, diagnostics);
  if (!document) return std::nullopt;
  TestFile out;
  out.file = path.string();
  const std::size_t before = diagnostics.size();
  Report report(out.file, diagnostics);
  const auto section = Section::open({&*document, ""}, kFileKeys, report);
  if (!section) return std::nullopt;
  const auto definitions = section->require("definitions", "definitions: city.yaml");
  const auto tests = section->require("tests", "tests: [{ name: ..., steps: [...] }]");
  if (definitions) out.plan = load_plan(*definitions, path, out.file, report, diagnostics);
  if (out.plan && tests) TestFileReader(out, report).read_tests(*tests);
  if (diagnostics.size() > before) return std::nullopt;
  return out;
}

}  // namespace slipstream
