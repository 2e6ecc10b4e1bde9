#include "engine/view/explain.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <tuple>

#include "engine/aggregate/row_key.h"
#include "engine/base/encoding.h"
#include "engine/fold/entity.h"
#include "engine/rollup/roll_up.h"
#include "engine/shard/event_place.h"
#include "engine/shard/reference.h"
#include "engine/view/entity_walk.h"
#include "engine/view/expulsions.h"

namespace slipstream {
namespace {

// What one contribution adds to a measure.
std::string added_text(const MeasureExpression& measure, const MeasureValues& values, const Zone& zone) {
  const bool counts = measure.aggregate == Aggregate::count;
  if (measure.argument && values.argument.is_null()) return "";
  if (counts) return "1";
  if (measure.aggregate != Aggregate::ratio) return format_value(values.argument, zone);
  if (values.denominator.is_null()) return "";
  return fmt::format("{} / {}", format_value(values.argument, zone), format_value(values.denominator, zone));
}

// What a task is called, where the event says it.
Result<std::string> title_in(const StoredEvent& event) {
  std::string title;
  SLIPSTREAM_TRY(event.read_payload(
      [&](Field field, const Value& value) {
        if (field == Field::title && !value.is_null()) title = value.as_text();
      },
      [](std::string_view, const Value&) {}));
  return title;
}

class Explainer {
 public:
  Explainer(const CommittedState& state, const EventSource& source, const ExplainQuery& query,
            std::span<const Window> windows, const Organisation& organisation)
      : plan_(*state.plan),
        view_(plan_.views[query.view]),
        state_(state),
        source_(source),
        query_(query),
        windows_(windows),
        organisation_(organisation) {
    for (std::size_t i = 0; i < windows.size(); ++i)
      explanations_.emplace_back(view_.layout);
  }

  Result<std::vector<Explanation>> run() {
    SLIPSTREAM_ASSIGN(clock_, read_clock(state_));
    SLIPSTREAM_ASSIGN(const auto shared, read_notes(state_));
    const std::vector<CommitNote>& notes = *shared;
    for (std::size_t i = 0; i < notes.size(); ++i)
      SLIPSTREAM_TRY(view_.from == Relation::observations ? read_observations(notes[i])
                                                          : read_entities(*state_.shards[i], notes[i]));
    SLIPSTREAM_TRY(read_stored());
    for (Explanation& explanation : explanations_)
      conclude(explanation);
    return std::move(explanations_);
  }

 private:
  void conclude(Explanation& explanation) const {
    std::string sum, stored;
    view_.layout.serialize(explanation.sum.bytes(), sum);
    view_.layout.serialize(explanation.stored.bytes(), stored);
    explanation.is_equal = sum == stored;
    std::stable_sort(explanation.contributions.begin(), explanation.contributions.end(),
                     [](const ExplainedContribution& a, const ExplainedContribution& b) {
                       return std::tie(a.node, a.at, a.entity) < std::tie(b.node, b.at, b.entity);
                     });
  }

  // Windows and slices that the view has let go of are in nobody's figures.
  bool is_in(const Window& window, Timestamp slice) const {
    return slice >= window.start && slice < window.end && !RollUp::is_expired(view_, window, clock_) &&
           !RollUp::is_expired(view_, slice, clock_);
  }
  bool counts_in(const Window& window, const Contribution& contribution) const {
    return contribution.view == query_.view && is_in(window, contribution.slice) &&
           organisation_.is_within(contribution.node, query_.node, placed_at(window, contribution));
  }
  // A figure carried forward counts where its node stands when the window's last slice begins.
  Timestamp placed_at(const Window& window, const Contribution& contribution) const {
    return view_.latest_per_series ? view_.windows.slice_of(window.end - microseconds(1))
                                   : contribution.slice;
  }
  bool is_full(const Explanation& explanation) const {
    return explanation.contributions.size() >= query_.listed_max;
  }

  Result<> read_entities(const StateReader& shard, const CommitNote& note) {
    EntityWalk walk(plan_, note.clock, [&](const WalkedEntity& entity) { return take_entity(entity); });
    SLIPSTREAM_ASSIGN(const Indicators indicators, read_indicators(shard));
    if (plan_.indicators.from == IndicatorSource::events) walk.count_only(&indicators);
    Result<> walked;
    SLIPSTREAM_TRY(shard.scan(Family::entities, "", "", [&](std::string_view key, std::string_view history) {
      walked = walk.take(key, history);
      return walked.has_value();
    }));
    SLIPSTREAM_TRY(walked);
    return walk.finish();
  }

  Result<> take_entity(const WalkedEntity& entity) {
    for (std::size_t i = 0; i < windows_.size(); ++i) {
      std::vector<const Contribution*> inside;
      for (const Contribution& contribution : entity.contributions)
        if (counts_in(windows_[i], contribution)) inside.push_back(&contribution);
      drop_withdrawn(inside);
      for (const Contribution* contribution : inside) {
        add(explanations_[i], *contribution);
        if (is_full(explanations_[i])) continue;
        SLIPSTREAM_ASSIGN(std::vector<ExplainedEvent> events, events_of(entity.history));
        list(explanations_[i], *contribution, entity_name(entity.key, plan_.zone), std::move(events));
      }
    }
    return {};
  }

  // A figure carried forward and withdrawn within the same window adds nothing to it.
  static void drop_withdrawn(std::vector<const Contribution*>& inside) {
    if (inside.size() != 2) return;
    const Contribution& a = *inside[0];
    const Contribution& b = *inside[1];
    if (a.sign == -b.sign && a.node == b.node && a.order_at == b.order_at && a.inputs == b.inputs)
      inside.clear();
  }

  Result<std::vector<ExplainedEvent>> events_of(const std::string& history) const {
    SLIPSTREAM_ASSIGN(const std::vector<StoredEvent> all, read_history(history, true));
    SLIPSTREAM_ASSIGN(const std::vector<StoredEvent> counting, read_history(history));
    std::vector<ExplainedEvent> events;
    for (const StoredEvent& event : all) {
      const bool counts = std::any_of(counting.begin(), counting.end(), [&](const StoredEvent& other) {
        return other.id == event.id && other.source == event.source;
      });
      SLIPSTREAM_ASSIGN(std::string title, title_in(event));
      events.push_back({event.type,
                        std::string(event.id),
                        std::string(event.source),
                        {source_.topics.events, event.partition, event.offset},
                        event.effective_at,
                        !counts,
                        std::move(title)});
    }
    return events;
  }

  Result<> read_observations(const CommitNote& note) {
    const TopicPartition at{source_.topics.events, note.shard};
    const auto next = note.next.find(at);
    if (next == note.next.end()) return {};
    const auto partitions = static_cast<std::int32_t>(state_.shards.size());
    EntityContributions contributions(plan_);
    RepeatedObservations repeated(plan_);
    SLIPSTREAM_ASSIGN(Expulsions expulsions, Expulsions::read(source_, note.shard, note.decisions_next));
    std::map<Offset, RepeatedObservations::Mark> expelled;
    std::vector<Contribution> observed;
    return scan_events(source_, at, next->second,
                       [&](const Event& event, const RecordView& record) -> Result<> {
                         for (const Offset passed : expulsions.pass(record.offset))
                           repeated.forget(expelled[passed]);
                         if (event.type != EventType::observation || !contributions.check(event) ||
                             place_of(event, partitions) != EventPlace{false, at.partition})
                           return {};
                         const std::vector<std::uint32_t> views = repeated.views_for(event, record.timestamp);
                         if (expulsions.contains(record.offset)) {
                           expelled[record.offset] = repeated.latest_mark();
                           return {};
                         }
                         observed.clear();
                         contributions.add_observation(event, views, note.clock, observed);
                         for (const Contribution& contribution : observed)
                           take_observation(contribution, event, {at.topic, at.partition, record.offset});
                         contributions.clear_arena();
                         return {};
                       });
  }

  void take_observation(const Contribution& contribution, const Event& event, const EventPosition& position) {
    for (std::size_t i = 0; i < windows_.size(); ++i) {
      if (!counts_in(windows_[i], contribution)) continue;
      add(explanations_[i], contribution);
      if (is_full(explanations_[i])) continue;
      list(explanations_[i], contribution, std::string(event.id),
           {{event.type, std::string(event.id), std::string(event.source), position, event.effective_at,
             false, ""}});
    }
  }

  void add(Explanation& explanation, const Contribution& contribution) const {
    ++explanation.contributed;
    std::byte* row = explanation.sum.bytes();
    view_.layout.count_row(row, contribution.sign);
    for (const MeasureValues& values : contribution.inputs)
      view_.layout.accumulate(
          row, values.measure,
          {&values.argument, &values.denominator, contribution.order_at, contribution.order_tie},
          contribution.sign);
  }

  void list(Explanation& explanation, const Contribution& contribution, std::string entity,
            std::vector<ExplainedEvent> events) const {
    ExplainedContribution& listed = explanation.contributions.emplace_back();
    listed.entity = std::move(entity);
    listed.node = contribution.node;
    listed.at = contribution.order_at;
    listed.sign = contribution.sign;
    listed.adds.resize(view_.measures.size());
    for (const MeasureValues& values : contribution.inputs)
      listed.adds[values.measure] = added_text(view_.measures[values.measure].expression, values, plan_.zone);
    listed.events = std::move(events);
  }

  Result<> read_stored() {
    const std::string prefix = node_prefix(view_.id, query_.node);
    for (const auto& shard : state_.shards) {
      Result<> read;
      SLIPSTREAM_TRY(shard->scan(state_.totals_family(), prefix, prefix_end(prefix),
                                 [&](std::string_view key, std::string_view value) {
                                   const auto parsed = parse_row_key(key);
                                   if (parsed) read = add_stored(parsed->slice, value);
                                   return read.has_value();
                                 }));
      SLIPSTREAM_TRY(read);
    }
    return {};
  }

  Result<> add_stored(Timestamp at, std::string_view value) {
    AccumulatorRow slice(view_.layout);
    SLIPSTREAM_TRY(view_.layout.deserialize(slice.bytes(), state_in_total(state_, value)));
    for (std::size_t i = 0; i < windows_.size(); ++i)
      if (is_in(windows_[i], at)) view_.layout.merge(explanations_[i].stored.bytes(), slice.bytes(), +1);
    return {};
  }

  const Plan& plan_;
  const ViewPlan& view_;
  const CommittedState& state_;
  const EventSource& source_;
  const ExplainQuery& query_;
  const std::span<const Window> windows_;
  const Organisation& organisation_;
  Timestamp clock_;
  std::vector<Explanation> explanations_;  // of each window
};

}  // namespace

Result<std::vector<Explanation>> explain_windows(const CommittedState& state, const EventSource& source,
                                                 const ExplainQuery& query, std::span<const Window> windows) {
  SLIPSTREAM_ASSIGN(const auto organisation, read_organisation(state));
  return Explainer(state, source, query, windows, *organisation).run();
}

Result<Explanation> explain(const CommittedState& state, const EventSource& source,
                            const ExplainQuery& query) {
  SLIPSTREAM_ASSIGN(std::vector<Explanation> explanations,
                    explain_windows(state, source, query, {&query.window, 1}));
  return std::move(explanations.front());
}

}  // namespace slipstream
