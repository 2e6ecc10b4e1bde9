#include "connectors/definition/definition_test.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "connectors/definition/figure_text.h"
#include "connectors/definition/rehearsal.h"
#include "connectors/definition/test_file.h"
#include "engine/view/view_reader.h"

namespace slipstream {
namespace {

using Kind = TestStep::Kind;
using Rows = std::vector<AnswerRow>;

constexpr std::size_t kRowsShownMax = 5;

AnswerRow cells_of(const ViewPlan& view, const ViewRow& row, const Zone& zone) {
  AnswerRow cells{{"node", figure_of(row.node)}, {"window", figure_of(row.label)}};
  for (std::size_t i = 0; i < row.measures.size(); ++i)
    cells.emplace_back(view.measures[i].name, figure_of(row.measures[i], zone));
  return cells;
}

AnswerRow cells_of(const KpiRow& row, const Zone& zone) {
  const Judgement& j = row.judgement;
  return {{"node", figure_of(row.row.node)},
          {"window", figure_of(row.row.label)},
          {"value", figure_of(row.value, zone)},
          {"status", figure_of(name_of(j.status))},
          {"expected", figure_of(j.expected)},
          {"target", figure_of(j.target)},
          {"baseline", figure_of(j.baseline)},
          {"gap", figure_of(j.gap)},
          {"attainment", figure_of(j.attainment)},
          {"forecast", figure_of(j.forecast)},
          {"required_rate", figure_of(j.required_rate)}};
}

AnswerRow cells_of(const AlertRecord& record, const Zone& zone) {
  const AlertTransition& t = record.transition;
  const AlertSubject& about = record.state.subject;
  return {{"at", figure_of(KpiValue::timestamp(t.at), zone)},
          {"alert", figure_of(about.rule)},
          {"node", figure_of(about.node)},
          {"period", figure_of(about.period_label)},
          {"kind", figure_of(name_of(t.kind))},
          {"from", figure_of(name_of(t.from))},
          {"to", figure_of(name_of(t.to))},
          {"status", figure_of(name_of(t.judgement.status))},
          {"value", figure_of(t.judgement.value)},
          {"expected", figure_of(t.judgement.expected)},
          {"target", figure_of(t.judgement.target)},
          {"gap", figure_of(t.judgement.gap)},
          {"forecast", figure_of(t.judgement.forecast)},
          {"episode", figure_of(KpiValue::integer(t.episode), zone)},
          {"severity", figure_of(t.severity)},
          {"silenced", figure_of(t.silenced ? "true" : "false")},
          {"actor", figure_of(t.actor)}};
}

AnswerRow cells_of(const DeadLetter& letter) {
  return {{"code", figure_of(name_of(letter.code))},
          {"stage", figure_of(letter.stage)},
          {"subject", figure_of(letter.key)}};
}

// What there is, for a message about what is missing.
std::string shown(const Rows& rows) {
  if (rows.empty()) return "there is none";
  std::string out = "there is";
  for (std::size_t i = 0; i < std::min(rows.size(), kRowsShownMax); ++i)
    out += fmt::format("{} {{ {} }}", i == 0 ? "" : ",", describe(rows[i]));
  return rows.size() > kRowsShownMax ? out + fmt::format(", and {} more", rows.size() - kRowsShownMax) : out;
}

class TestRun {
 public:
  TestRun(const TestFile& file, const DefinitionTest& test) : plan_(file.plan), test_(test) {
    outcome_.name = test.name;
    outcome_.mark = test.mark;
  }

  TestOutcome run() {
    Mark at = test_.mark;
    const Result<> done = take_all(at);
    if (!done) fail_at(at, fmt::format("{}: {}", name_of(done.error().code), done.error().message));
    return std::move(outcome_);
  }

 private:
  Result<> take_all(Mark& at) {
    SLIPSTREAM_ASSIGN(rehearsal_, Rehearsal::open(plan_, LocalEngine::Options{}));
    for (const TestStep& step : test_.steps) {
      at = step.mark;
      SLIPSTREAM_TRY(take(step));
    }
    at = test_.mark;
    SLIPSTREAM_TRY(rehearsal_->judge());
    return report_refused();
  }

  Result<> take(const TestStep& step) {
    if (step.kind == Kind::clock) return rehearsal_->advance_to(step.clock);
    if (step.kind == Kind::event) return add_event(step);
    SLIPSTREAM_TRY(rehearsal_->judge());
    switch (step.kind) {
      case Kind::view:
        return check_view(step);
      case Kind::kpi:
        return check_kpi(step);
      case Kind::alerts:
        return check_alerts(step);
      default:
        return check_dead_letters(step);
    }
  }

  Result<> add_event(const TestStep& step) {
    std::string json = step.cloud_event;
    if (step.event) {
      SLIPSTREAM_ASSIGN(json, cloud_event(*step.event, fmt::format("e{}", ++events_), rehearsal_->clock()));
    }
    places_.emplace(json, step.mark);
    return rehearsal_->append(json);
  }

  ViewQuery query_of(const TestStep& step, std::size_t view) const {
    ViewQuery query;
    query.view = view;
    query.window_spec = step.window;
    if (!step.node) return query;
    query.subtree = step.node->ends_with("/**");
    query.node = step.node->substr(0, step.node->size() - (query.subtree ? 3 : 0));
    return query;
  }

  Result<> check_view(const TestStep& step) {
    Rows rows;
    SLIPSTREAM_TRY(read_view(rehearsal_->committed(), query_of(step, step.subject), [&](ViewRow&& row) {
      rows.push_back(cells_of(plan_->views[step.subject], row, plan_->zone));
      return true;
    }));
    compare_rows(step, rows);
    return {};
  }

  Result<> check_kpi(const TestStep& step) {
    Rows rows;
    const ViewQuery query = query_of(step, plan_->kpis[step.subject].view);
    SLIPSTREAM_TRY(read_kpi(rehearsal_->committed(), step.subject, query, [&](KpiRow&& row) {
      rows.push_back(cells_of(row, plan_->zone));
      return true;
    }));
    compare_rows(step, rows);
    return {};
  }

  // Each row expected is one there is, by its node and window.
  void compare_rows(const TestStep& step, const Rows& rows) {
    if (step.rows.empty() && !rows.empty()) fail_at(step.mark, "expected no row; " + shown(rows));
    for (const ExpectedRow& expected : step.rows) {
      Rows found;
      std::copy_if(rows.begin(), rows.end(), std::back_inserter(found),
                   [&](const AnswerRow& row) { return names(expected, row); });
      if (found.size() == 1) {
        if (const std::string difference = differences(found.front(), expected.cells, plan_->zone);
            !difference.empty())
          fail_at(expected.mark, difference);
      } else {
        fail_at(expected.mark, found.empty() ? "no such row; " + shown(rows)
                                             : "several rows are meant; write node and window");
      }
    }
    if (step.exactly && rows.size() > step.rows.size())
      fail_at(step.mark,
              fmt::format("{} rows, expected exactly {}; {}", rows.size(), step.rows.size(), shown(rows)));
  }

  bool names(const ExpectedRow& expected, const AnswerRow& row) const {
    return std::all_of(expected.cells.begin(), expected.cells.end(), [&](const ExpectedCell& cell) {
      const bool is_name = cell.name == "node" || cell.name == "window";
      return !is_name || is_as_expected(*find_figure(row, cell.name), cell.text, plan_->zone);
    });
  }

  Result<> check_alerts(const TestStep& step) {
    SLIPSTREAM_ASSIGN(const std::vector<AlertRecord> decisions, rehearsal_->take_new_decisions());
    Rows rows;
    for (const AlertRecord& decision : decisions) {
      AnswerRow row = cells_of(decision, plan_->zone);
      if (differences(row, step.only, plan_->zone).empty()) rows.push_back(std::move(row));
    }
    compare_list(step, rows, "transition");
    return {};
  }

  Result<> check_dead_letters(const TestStep& step) {
    SLIPSTREAM_ASSIGN(const std::vector<DeadLetter> letters, rehearsal_->dead_letters());
    Rows rows;
    for (std::size_t i = std::exchange(letters_seen_, letters.size()); i < letters.size(); ++i)
      rows.push_back(cells_of(letters[i]));
    compare_list(step, rows, "dead letter");
    return {};
  }

  // All of them, in their order.
  void compare_list(const TestStep& step, const Rows& rows, std::string_view what) {
    for (std::size_t i = 0; i < std::min(rows.size(), step.rows.size()); ++i) {
      const std::string difference = differences(rows[i], step.rows[i].cells, plan_->zone);
      if (!difference.empty())
        fail_at(step.rows[i].mark, fmt::format("{}; it is {{ {} }}", difference, describe(rows[i])));
    }
    for (std::size_t i = rows.size(); i < step.rows.size(); ++i)
      fail_at(step.rows[i].mark, fmt::format("no such {}: there are {} only", what, rows.size()));
    for (std::size_t i = step.rows.size(); i < rows.size(); ++i)
      fail_at(step.mark, fmt::format("a {} that is not expected: {}", what, describe(rows[i])));
  }

  // An event that was refused where no refusal was expected makes the rest of the test worthless.
  Result<> report_refused() {
    SLIPSTREAM_ASSIGN(const std::vector<DeadLetter> letters, rehearsal_->dead_letters());
    for (std::size_t i = letters_seen_; i < letters.size(); ++i) {
      const auto place = places_.find(letters[i].value.value_or(""));
      fail_at(place == places_.end() ? test_.mark : place->second,
              fmt::format("the event was refused: {}: {}", name_of(letters[i].code), letters[i].reason));
    }
    return {};
  }

  void fail_at(Mark mark, std::string message) { outcome_.failures.push_back({mark, std::move(message)}); }

  std::shared_ptr<const Plan> plan_;
  const DefinitionTest& test_;
  TestOutcome outcome_;
  std::unique_ptr<Rehearsal> rehearsal_;
  std::map<std::string, Mark> places_;  // of the events
  std::size_t events_ = 0, letters_seen_ = 0;
};

}  // namespace

bool TestReport::passed() const {
  return std::all_of(tests.begin(), tests.end(), [](const TestOutcome& test) { return test.passed(); });
}

std::optional<TestReport> run_definition_tests(const std::filesystem::path& path, Diagnostics& diagnostics) {
  const auto file = load_test_file(path, diagnostics);
  if (!file) return std::nullopt;
  TestReport report{file->file, {}};
  for (const DefinitionTest& test : file->tests)
    report.tests.push_back(TestRun(*file, test).run());
  return report;
}

std::string format_failure(const std::string& file, const TestFailure& failure) {
  return fmt::format("{}:{}:{}: {}", file, failure.mark.line, failure.mark.column, failure.message);
}

}  // namespace slipstream
