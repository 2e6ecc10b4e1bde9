#include "tests/golden/rerun.h"

#include <fmt/format.h>

#include <algorithm>
#include <random>

#include "connectors/definition/load_file.h"
#include "connectors/definition/short_event.h"
#include "engine/view/recompute.h"

namespace slipstream::testing {
namespace {

using Crash = Rehearsal::Crash;

class Run {
 public:
  Run(const Script& script, const Way& way) : script_(script), way_(way), random_(way.seed) {}

  Result<std::vector<Lines>> all() {
    for (const Command& command : script_.commands) {
      const Result<> done = take(command);
      if (!done)
        return fail(done.error().code,
                    fmt::format("{}.golden:{}: {}", script_.name, command.line, done.error().message));
    }
    SLIPSTREAM_TRY(end_group());
    SLIPSTREAM_TRY(check_conservation());
    return std::move(answers_);
  }

 private:
  Result<> take(const Command& command) {
    if (command.is_silent()) return {};
    if (command.is_definitions()) return define(command);
    if (!rehearsal_) return fail(ErrorCode::usage, "the file does not begin with its definitions");
    if (command.is_event()) return add_event(command.text);
    SLIPSTREAM_TRY(end_group());
    if (command.is_query()) {
      SLIPSTREAM_TRY(check_by_brute_force());
      SLIPSTREAM_ASSIGN(Lines answer, answer_to(command));
      answers_.push_back(std::move(answer));
      return {};
    }
    if (command.word() == "clock") {
      SLIPSTREAM_ASSIGN(const Timestamp to, parse_timestamp(command.rest(), &rehearsal_->plan().zone));
      SLIPSTREAM_TRY(rehearsal_->advance_to(to));
      return crash_if_asked();
    }
    if (command.word() == "replay") {
      SLIPSTREAM_TRY(rehearsal_->replay_dead_letters(command.rest()));
      SLIPSTREAM_TRY(rehearsal_->judge());
      return crash_if_asked();
    }
    return rehearsal_->crash(command.word() == "restart" ? Crash::clean
                             : command.word() == "crash" ? Crash::torn
                                                         : Crash::state_lost);
  }

  Result<> define(const Command& command) {
    std::string yaml(static_cast<std::size_t>(command.line), '\n');  // errors then name the file's lines
    for (const std::string& line : command.block)
      yaml += line + "\n";
    Diagnostics diagnostics;
    auto plan = load_definition_text(yaml, script_.name + ".golden", diagnostics);
    if (!plan) return fail(ErrorCode::syntax, format_diagnostic(diagnostics.front()));
    LocalEngine::Options options;
    options.partitions = way_.partitions;
    options.limits.records_max = way_.records_max;
    SLIPSTREAM_ASSIGN(rehearsal_, Rehearsal::open(std::move(plan), std::move(options)));
    return {};
  }

  Result<> add_event(const std::string& text) {
    ++events_;
    if (text.starts_with("record ")) {
      group_.push_back(text.substr(7));
    } else if (text.front() == '{') {
      group_.push_back(text);
    } else {
      SLIPSTREAM_ASSIGN(ShortEvent event, parse_short_event(text));
      SLIPSTREAM_TRY(resolve_alert(event.subject));
      SLIPSTREAM_ASSIGN(std::string json,
                        cloud_event(event, fmt::format("e{}", events_), rehearsal_->clock()));
      group_.push_back(std::move(json));
    }
    return {};
  }

  // "@rule,node,period": the id of that alert.
  Result<> resolve_alert(std::string& subject) {
    if (!subject.starts_with('@')) return {};
    SLIPSTREAM_ASSIGN(const std::vector<AlertRecord> decisions, rehearsal_->decisions());
    for (const AlertRecord& record : decisions) {
      const AlertSubject& about = record.state.subject;
      if (subject != fmt::format("@{},{},{}", about.rule, about.node, about.period_label)) continue;
      subject = record.state.id;
      return {};
    }
    return fail(ErrorCode::unknown_name, subject + ": no such alert has started");
  }

  bool may_come_twice(const std::string& event) const {
    if (event.find("\"type\":\"observation\"") == std::string::npos) return true;
    const bool has_sequence = event.find("\"sequence\"") != std::string::npos;
    const auto& views = rehearsal_->plan().views;
    return std::all_of(views.begin(), views.end(), [&](const ViewPlan& view) {
      return view.from != Relation::observations || view.deduplicate == Deduplicate::id ||
             (view.deduplicate == Deduplicate::sequence && has_sequence);
    });
  }

  Result<> end_group() {
    if (group_.empty()) return {};
    if (way_.duplicated) {
      const std::vector<std::string> once = group_;
      std::copy_if(once.begin(), once.end(), std::back_inserter(group_),
                   [&](const auto& e) { return may_come_twice(e); });
    }
    if (way_.seed != 0) std::shuffle(group_.begin(), group_.end(), random_);
    for (const std::string& event : group_) {
      SLIPSTREAM_TRY(rehearsal_->append(event));
      if (!way_.crashes) continue;
      SLIPSTREAM_TRY(rehearsal_->settle());
      SLIPSTREAM_TRY(crash_if_asked());
    }
    group_.clear();
    SLIPSTREAM_TRY(rehearsal_->judge());
    return crash_if_asked();
  }

  Result<> crash_if_asked() { return way_.crashes ? rehearsal_->crash(*way_.crashes) : Result<>(); }

  Result<Lines> answer_to(const Command& command) {
    const std::string rest = command.rest();
    const std::string name = rest.substr(0, rest.find(' '));
    const std::string options = rest.find(' ') == std::string::npos ? "" : rest.substr(rest.find(' '));
    if (command.word() == "view") return view_rows(rehearsal_->committed(), name, options);
    if (command.word() == "kpi") return kpi_rows(rehearsal_->committed(), name, options);
    if (command.word() == "waiting") return waiting_lines(rehearsal_->committed());
    if (command.word() == "counters") return counter_lines(rehearsal_->counters());
    if (command.word() == "dead_letters") {
      SLIPSTREAM_ASSIGN(const std::vector<DeadLetter> letters, rehearsal_->dead_letters());
      return dead_letter_lines(letters, std::exchange(letters_seen_, letters.size()));
    }
    if (command.word() == "states") {
      SLIPSTREAM_ASSIGN(const std::vector<AlertRecord> decisions, rehearsal_->decisions());
      return state_lines(decisions, rehearsal_->clock());
    }
    SLIPSTREAM_ASSIGN(const std::vector<AlertRecord> decisions, rehearsal_->take_new_decisions());
    return transition_lines(decisions, name == "sentences", rehearsal_->plan().zone);
  }

  // Guarantee G1: what is stored is what the log says.
  Result<> check_by_brute_force() const {
    std::string first;
    SLIPSTREAM_ASSIGN(const CheckReport report,
                      check_views(rehearsal_->committed(), rehearsal_->source(), std::nullopt,
                                  [&](const Difference& d) { first = first.empty() ? d.node : first; }));
    if (report.settled && report.differences == 0) return {};
    return fail(
        ErrorCode::internal,
        fmt::format("{}; {} of {} rows differ from a recomputation, the first at {}",
                    report.settled ? "settled" : "not settled", report.differences, report.rows, first));
  }

  // Guarantee G3.
  Result<> check_conservation() const {
    const Counters c = rehearsal_->counters();
    if (c.received == c.folded + c.duplicates + c.dead_lettered + c.forwarded) return {};
    return fail(ErrorCode::internal,
                fmt::format("received {} is not folded {} + duplicates {} + dead-lettered {} + forwarded {}",
                            c.received, c.folded, c.duplicates, c.dead_lettered, c.forwarded));
  }

  const Script& script_;
  const Way& way_;
  std::mt19937_64 random_;
  std::unique_ptr<Rehearsal> rehearsal_;
  std::vector<std::string> group_;
  std::vector<Lines> answers_;
  std::size_t events_ = 0, letters_seen_ = 0;
};

std::vector<Way> shuffled_ways() {
  std::vector<Way> ways;
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    Way way;
    way.seed = seed;
    way.partitions = seed % 2 == 0 ? 3 : 1;
    way.records_max = seed % 3 == 0 ? 2 : 16'384;
    ways.push_back(way);
  }
  return ways;
}

Way way_with(void (*change)(Way&)) {
  Way way;
  change(way);
  return way;
}

std::vector<Way> crashing_ways(Crash crash) {
  std::vector<Way> ways;
  for (const std::int32_t partitions : {1, 3}) {
    Way way;
    way.partitions = partitions;
    way.crashes = crash;
    ways.push_back(way);
  }
  return ways;
}

std::vector<Way> everything_at_once() {
  std::vector<Way> ways;
  for (std::uint64_t seed = 11; seed <= 14; ++seed) {
    Way way;
    way.partitions = 8;
    way.records_max = 1;
    way.seed = seed;
    way.duplicated = true;
    way.crashes = Crash::torn;
    ways.push_back(way);
  }
  return ways;
}

}  // namespace

std::string Way::describe() const {
  return fmt::format("{} partitions, batches of {}, seed {}{}{}", partitions, records_max, seed,
                     duplicated ? ", every event twice" : "",
                     !crashes                        ? ""
                     : *crashes == Crash::clean      ? ", a restart after every step"
                     : *crashes == Crash::state_lost ? ", the state lost after every step"
                                                     : ", a torn commit after every step");
}

const std::map<std::string, std::vector<Way>>& ways() {
  static const std::map<std::string, std::vector<Way>> all = {
      {"as_written", {Way{}}},
      {"batch_of_one", {way_with([](Way& way) { way.records_max = 1; })}},
      {"eight_partitions", {way_with([](Way& way) { way.partitions = 8; })}},
      {"shuffled", shuffled_ways()},
      {"duplicated", {way_with([](Way& way) { way.duplicated = true; })}},
      {"restarted", crashing_ways(Crash::clean)},
      {"torn", crashing_ways(Crash::torn)},
      {"state_lost", crashing_ways(Crash::state_lost)},
      {"everything_at_once", everything_at_once()},
  };
  return all;
}

Result<std::vector<Lines>> run(const Script& script, const Way& way) { return Run(script, way).all(); }

Lines comparable(const Lines& lines, const Command& query, const Way& way) {
  if (query.word() != "counters") return lines;
  Lines kept;
  for (const std::string& line : lines) {
    const bool of_repetition = line.starts_with("received ") || line.starts_with("duplicates ") ||
                               line.starts_with("dead_lettered ") || line.starts_with("forwarded ");
    if (of_repetition && way.duplicated) continue;
    if (line.starts_with("late ") && way.seed != 0) continue;
    kept.push_back(line);
  }
  return kept;
}

}  // namespace slipstream::testing
