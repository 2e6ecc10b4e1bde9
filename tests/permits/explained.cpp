#include "tests/permits/explained.h"

#include <fmt/format.h>

#include "engine/view/explain.h"

namespace slipstream::testing {
namespace {

constexpr std::size_t kEverything = 1'000'000;

// The id of the event at each place of the log.
using EventIds = std::map<std::tuple<std::string, std::int32_t, std::int64_t>, std::string>;

EventIds ids_in_log(const EventSource& source, std::size_t partitions) {
  EventIds ids;
  for (std::size_t i = 0; i < partitions; ++i) {
    const TopicPartition at{source.topics.events, Partition(static_cast<std::int32_t>(i))};
    const auto scanned = scan_events(source, at, source.log.offsets(at)->end,
                                     [&](const Event& event, const RecordView& record) -> Result<> {
                                       ids[{at.topic, at.partition.value, record.offset.value}] = event.id;
                                       return {};
                                     });
    if (!scanned) ids.clear();
  }
  return ids;
}

std::optional<Rational> number_in(const std::string& text, Type type) {
  if (type != Type::interval) {
    const auto number = parse_rational(text);
    return number ? std::optional(*number) : std::nullopt;
  }
  const auto interval = parse_interval(text);
  if (!interval) return std::nullopt;
  return Rational(static_cast<std::int64_t>(comparable_us(*interval)));
}

std::optional<Rational> number_in(const KpiValue& value) {
  if (value.type() == Type::interval)
    return Rational(static_cast<std::int64_t>(comparable_us(value.as_interval())));
  return number_of(value);
}

class Cells {
 public:
  Cells(const CommittedState& state, const EventSource& source, const ViewQuery& query)
      : view_(state.plan->views[query.view]), ids_(ids_in_log(source, state.shards.size())) {}

  // What does not add up in one cell; empty: everything does.
  std::string problem_of(const ViewRow& row, const Explanation& explanation, SummedMeasures& sums) {
    if (!explanation.is_equal) return "the sum is not the stored figure";
    if (explanation.contributions.size() != explanation.contributed)
      return "not every contribution is listed";
    for (const ExplainedContribution& contribution : explanation.contributions) {
      ++found_.contributions;
      std::string problem = add(contribution, sums);
      if (problem.empty()) problem = check_events(contribution);
      if (!problem.empty()) return contribution.entity + ": " + problem;
    }
    return compare(row, sums);
  }

  ExplainedCells& found() { return found_; }

 private:
  std::string add(const ExplainedContribution& contribution, SummedMeasures& sums) const {
    for (std::size_t i = 0; i < view_.measures.size(); ++i) {
      if (contribution.adds[i].empty()) continue;
      const auto number = number_in(contribution.adds[i], view_.measures[i].expression.type);
      if (!number) return fmt::format("'{}' is no number", contribution.adds[i]);
      sums[view_.measures[i].name] += *number * contribution.sign;
    }
    return "";
  }

  std::string check_events(const ExplainedContribution& contribution) {
    if (contribution.events.empty()) return "no event is named";
    for (const ExplainedEvent& event : contribution.events) {
      ++found_.events;
      const auto at =
          ids_.find({event.position.topic, event.position.partition.value, event.position.offset.value});
      if (at == ids_.end() || at->second != event.id)
        return fmt::format("event {} does not stand in the log at {}/{}/{}", event.id, event.position.topic,
                           event.position.partition.value, event.position.offset.value);
    }
    return "";
  }

  // A count of nothing is 0 and a sum of nothing NULL.
  std::string compare(const ViewRow& row, const SummedMeasures& sums) const {
    for (std::size_t i = 0; i < view_.measures.size(); ++i) {
      const MeasurePlan& measure = view_.measures[i];
      const auto sum = sums.find(measure.name);
      const std::optional<Rational> shown = number_in(row.measures[i]);
      const bool counts = measure.expression.aggregate == Aggregate::count;
      const bool equal = sum != sums.end() ? shown == sum->second
                         : counts          ? shown == Rational(0)
                                           : !shown.has_value();
      if (!equal) return fmt::format("the contributions to {} do not sum up to what is shown", measure.name);
    }
    return "";
  }

  const ViewPlan& view_;
  const EventIds ids_;
  ExplainedCells found_;
};

}  // namespace

ExplainedCells explain_cells(const CommittedState& state, const EventSource& source, const ViewQuery& query,
                             const std::function<std::string(const ViewRow&, const SummedMeasures&)>& check) {
  std::map<std::string, std::vector<ViewRow>> by_node;
  Cells cells(state, source, query);
  const auto report = [&](std::string problem) {
    if (cells.found().problems.size() < ExplainedCells::kProblemsMax)
      cells.found().problems.push_back(std::move(problem));
  };
  const auto read = read_view(state, query, [&](ViewRow&& row) {
    by_node[row.node].push_back(std::move(row));
    return true;
  });
  if (!read) report(read.error().message);
  for (const auto& [node, rows] : by_node) {
    std::vector<Window> windows;
    for (const ViewRow& row : rows)
      windows.push_back(row.window);
    const auto explanations = explain_windows(state, source, {query.view, node, {}, kEverything}, windows);
    if (!explanations) {
      report(explanations.error().message);
      continue;
    }
    for (std::size_t i = 0; i < rows.size(); ++i) {
      ++cells.found().cells;
      SummedMeasures sums;
      std::string problem = cells.problem_of(rows[i], (*explanations)[i], sums);
      if (problem.empty()) problem = check(rows[i], sums);
      if (!problem.empty()) report(fmt::format("{} {}: {}", node, rows[i].label, problem));
    }
  }
  return cells.found();
}

}  // namespace slipstream::testing
