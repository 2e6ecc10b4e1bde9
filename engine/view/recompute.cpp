#include "engine/view/recompute.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "engine/aggregate/row_key.h"
#include "engine/decode/catalogue.h"
#include "engine/fold/entity.h"
#include "engine/fold/measurement.h"
#include "engine/shard/event_place.h"
#include "engine/view/entity_walk.h"
#include "engine/view/expulsions.h"

namespace slipstream {
namespace {

struct Place {
  std::size_t view = 0;
  std::string node;
  Timestamp slice;
  friend auto operator<=>(const Place&, const Place&) = default;
};
using Rows = std::map<Place, AccumulatorRow>;
using Histories = std::map<std::string, std::string, std::less<>>;

std::string key_of(const Event& event) {
  if (kind_of(event.type) == EventKind::task) return task_key(text_of(event, Field::task));
  return measurement_key(text_of(event, Field::indicator), text_of(event, Field::node), period_of(event));
}

bool is_of_organisation(EventType type) {
  return type >= EventType::unit_created && type <= EventType::person_absent;
}

// Has the last window that the slice is part of ended so long ago that the view has let it go?
bool is_expired(const ViewPlan& view, Timestamp slice, Timestamp clock) {
  if (!view.retention) return false;
  Timestamp end = view.windows.slice_end(slice);
  if (end + *view.retention > clock) return false;
  std::vector<Window> windows;
  view.windows.windows_of_slice(slice, slice, windows);
  for (const Window& window : windows)
    end = std::max(end, window.end);
  for (const WindowSpec& spec : view.windows.specs())
    if (spec.kind == WindowKind::session) end = std::max(end, slice + spec.size);
  return end + *view.retention <= clock;
}

// What the events of the reference topic define.
struct Ground {
  Organisation organisation;
  Indicators indicators;
};

// The organisation takes its events in their order: one that would close a circle is refused.
Result<Ground> ground_of(const Plan& plan, const EventSource& source, Offset end) {
  Ground ground{Organisation(plan.organisation), {}};
  Organisation& organisation = ground.organisation;
  Histories histories;
  const auto take = [&](const Event& event, const RecordView& record) -> Result<> {
    if (event.type == EventType::indicator_defined)
      ground.indicators.emplace(text_of(event, Field::indicator));
    if (!is_of_organisation(event.type)) return {};
    const bool is_unit = event.type < EventType::person_appointed;
    const std::string node(text_of(event, is_unit ? Field::unit : Field::person));
    std::string history = histories[node];
    SLIPSTREAM_ASSIGN(const Insertion insertion, insert_event(history, event, Partition(0), record.offset));
    if (insertion != Insertion::added) return {};
    SLIPSTREAM_ASSIGN(Organisation::Change change, organisation.update(node, history));
    if (plan.organisation.tree == TreeSource::events && organisation.has_cycle(node)) {
      organisation.restore(node, std::move(change.before));
    } else {
      histories[node] = std::move(history);
    }
    return {};
  };
  SLIPSTREAM_TRY(scan_events(source, {source.topics.reference, Partition(0)}, end, take));
  return ground;
}

class Recomputation {
 public:
  // Slices that are let go by `now`, the latest of the shards' clocks, are left out.
  Recomputation(const Plan& plan, const EventSource& source, const Ground& ground,
                std::optional<std::size_t> view, Timestamp now, std::int32_t partitions)
      : plan_(plan), source_(source), ground_(ground), view_(view), now_(now), partitions_(partitions) {}

  // Adds all that one shard has read up to `end` and not taken out again, as it stands at the shard's clock.
  Result<> add_shard(Partition shard, Offset end, Timestamp clock, Expulsions expulsions) {
    Histories entities;
    EntityContributions contributions(plan_);
    RepeatedObservations repeated(plan_);
    std::vector<Contribution> observed;
    std::map<Offset, std::function<Result<bool>()>> take_out;  // how to take out an accepted record
    const auto pass = [&](Offset next) -> Result<> {
      for (const Offset record : expulsions.pass(next))
        if (const auto accepted = take_out.find(record); accepted != take_out.end())
          SLIPSTREAM_TRY(accepted->second());
      return {};
    };
    const auto take = [&](const Event& event, const RecordView& record) -> Result<> {
      SLIPSTREAM_TRY(pass(record.offset));
      const EventKind kind = kind_of(event.type);
      if (place_of(event, partitions_) != EventPlace{false, shard} || !contributions.check(event)) return {};
      ++events_;
      const bool expelled = expulsions.contains(record.offset);
      if (kind != EventKind::observation) {
        std::string& history = entities[key_of(event)];
        SLIPSTREAM_ASSIGN(const Insertion insertion, insert_event(history, event, shard, record.offset));
        if (expelled && insertion == Insertion::added)
          take_out[record.offset] = [&history, id = std::string(event.id), from = std::string(event.source)] {
            return remove_event(history, id, from);
          };
        return {};
      }
      const std::vector<std::uint32_t> views = repeated.views_for(event, record.timestamp);
      if (expelled) {
        take_out[record.offset] = [&repeated, mark = repeated.latest_mark()]() -> Result<bool> {
          repeated.forget(mark);
          return true;
        };
        return {};
      }
      observed.clear();
      contributions.add_observation(event, views, clock, observed);
      for (const Contribution& contribution : observed)
        add(contribution);
      contributions.clear_arena();
      return {};
    };
    SLIPSTREAM_TRY(scan_events(source_, {source_.topics.events, shard}, end, take));
    SLIPSTREAM_TRY(pass(end));
    EntityWalk walk(plan_, clock, [&](const WalkedEntity& entity) -> Result<> {
      for (const Contribution& contribution : entity.contributions)
        add(contribution);
      return {};
    });
    if (plan_.indicators.from == IndicatorSource::events) walk.count_only(&ground_.indicators);
    for (const auto& [key, history] : entities)
      if (!is_without_events(history)) SLIPSTREAM_TRY(walk.take(key, history));
    return walk.finish();
  }

  Rows& rows() { return rows_; }
  std::uint64_t events() const { return events_; }

 private:
  void add(const Contribution& contribution) {
    const ViewPlan& view = plan_.views[contribution.view];
    if ((view_ && *view_ != contribution.view) || is_expired(view, contribution.slice, now_)) return;
    add_to(std::string(contribution.node), contribution.slice, contribution, contribution.sign);
    std::vector<std::string> above = ground_.organisation.ancestors_of(contribution.node, contribution.slice);
    for (const std::string& node : above)
      add_to(node, contribution.slice, contribution, contribution.sign);
    if (!view.latest_per_series) return;
    // A figure carried forward moves with its node: whoever is above it in a later slice and was not in the
    // one before gets it there, and whoever no longer is gives it back.
    for (const Timestamp slice : slices_with_moves(view)) {
      if (slice <= contribution.slice) continue;
      const std::vector<std::string> next = ground_.organisation.ancestors_of(contribution.node, slice);
      const auto holds = [](const std::vector<std::string>& list, const std::string& node) {
        return std::find(list.begin(), list.end(), node) != list.end();
      };
      for (const std::string& node : above)
        if (!holds(next, node)) add_to(node, slice, contribution, -contribution.sign);
      for (const std::string& node : next)
        if (!holds(above, node)) add_to(node, slice, contribution, contribution.sign);
      above = next;
    }
  }

  // The first slices that begin after each change of the tree.
  std::set<Timestamp> slices_with_moves(const ViewPlan& view) const {
    std::set<Timestamp> slices;
    for (const auto& [node, info] : ground_.organisation.nodes())
      for (const Placement& placement : info.placements) {
        if (placement.since == Timestamp::min()) continue;
        const Timestamp holding = view.windows.slice_of(placement.since);
        slices.insert(holding == placement.since ? holding : view.windows.slice_end(holding));
      }
    return slices;
  }

  void add_to(const std::string& node, Timestamp slice, const Contribution& contribution, int sign) {
    const AccumulatorLayout& layout = plan_.views[contribution.view].layout;
    std::byte* row = rows_.try_emplace({contribution.view, node, slice}, layout).first->second.bytes();
    layout.count_row(row, sign);
    for (const MeasureValues& values : contribution.inputs)
      layout.accumulate(
          row, values.measure,
          {&values.argument, &values.denominator, contribution.order_at, contribution.order_tie}, sign);
  }

  const Plan& plan_;
  const EventSource& source_;
  const Ground& ground_;
  std::optional<std::size_t> view_;
  Timestamp now_;
  std::int32_t partitions_;
  Rows rows_;
  std::uint64_t events_ = 0;
};

// What is stored of a view, all shards together.
Result<Rows> stored_rows(const CommittedState& state, std::size_t index, Timestamp now) {
  Rows rows;
  const ViewPlan& view = state.plan->views[index];
  const std::string prefix = view_prefix(view.id);
  for (const auto& shard : state.shards) {
    Result<> read;
    SLIPSTREAM_TRY(shard->scan(
        state.totals_family(), prefix, prefix_end(prefix), [&](std::string_view key, std::string_view value) {
          auto parsed = parse_row_key(key);
          if (!parsed || is_expired(view, parsed->slice, now)) return true;
          AccumulatorRow row(view.layout);
          read = view.layout.deserialize(row.bytes(), state_in_total(state, value));
          if (read) rows.emplace(Place{index, std::move(parsed->node), parsed->slice}, std::move(row));
          return read.has_value();
        }));
    SLIPSTREAM_TRY(read);
  }
  return rows;
}

bool is_equal(const AccumulatorLayout& layout, const AccumulatorRow& a, const AccumulatorRow& b) {
  std::string left, right;
  layout.serialize(a.bytes(), left);
  layout.serialize(b.bytes(), right);
  return left == right;
}

// The first of `rows` at or after `from` of that view that is not empty.
Rows::iterator next_row(Rows& rows, Rows::iterator from, const AccumulatorLayout& layout, std::size_t view) {
  while (from != rows.end() && from->first.view == view && layout.is_empty(from->second.bytes()))
    ++from;
  return from;
}

void compare(const ViewPlan& view, std::size_t index, Rows& stored, Rows& recomputed, CheckReport& report,
             const std::function<void(const Difference&)>& visit) {
  const auto differ = [&](const Place& place, std::optional<AccumulatorRow> a,
                          std::optional<AccumulatorRow> b) {
    ++report.differences;
    visit({index, place.node, place.slice, std::move(a), std::move(b)});
  };
  const auto end = recomputed.lower_bound({index + 1, "", Timestamp::min()});
  auto left = next_row(stored, stored.begin(), view.layout, index);
  auto right =
      next_row(recomputed, recomputed.lower_bound({index, "", Timestamp::min()}), view.layout, index);
  while (left != stored.end() || right != end) {
    ++report.rows;
    const bool take_left = left != stored.end() && (right == end || left->first <= right->first);
    const bool take_right = right != end && (left == stored.end() || right->first <= left->first);
    if (take_left && take_right) {
      if (!is_equal(view.layout, left->second, right->second))
        differ(left->first, left->second, right->second);
    } else if (take_left) {
      differ(left->first, left->second, std::nullopt);
    } else {
      differ(right->first, std::nullopt, right->second);
    }
    if (take_left) left = next_row(stored, std::next(left), view.layout, index);
    if (take_right) right = next_row(recomputed, std::next(right), view.layout, index);
  }
}

Offset position(const CommitNote& note, const TopicPartition& at) {
  const auto next = note.next.find(at);
  return next == note.next.end() ? Offset(0) : next->second;
}

// Is every shard's state the log's newest commit, every partial received, and the organisation one?
Result<bool> is_settled(const EventSource& source, const std::vector<CommitNote>& notes) {
  for (std::size_t i = 0; i < notes.size(); ++i) {
    const Partition shard(static_cast<std::int32_t>(i));
    SLIPSTREAM_ASSIGN(const CommittedPositions committed,
                      source.log.committed(source.topics.group, fmt::format("shard-{}", i)));
    if (!committed.metadata.empty()) {
      SLIPSTREAM_ASSIGN(const CommitNote newest, decode_note(committed.metadata));
      if (newest.sequence != notes[i].sequence) return false;
    }
    const TopicPartition reference{source.topics.reference, Partition(0)};
    if (position(notes[i], reference) != position(notes[0], reference)) return false;
    if (notes.size() == 1) continue;
    const TopicPartition partials{source.topics.partials, shard};
    SLIPSTREAM_ASSIGN(const OffsetRange range, source.log.offsets(partials));
    if (position(notes[i], partials) < range.end) return false;
  }
  return true;
}

}  // namespace

Result<CheckReport> check_views(const CommittedState& state, const EventSource& source,
                                std::optional<std::size_t> view,
                                const std::function<void(const Difference&)>& visit) {
  CheckReport report;
  const Plan& plan = *state.plan;
  SLIPSTREAM_ASSIGN(const auto shared, read_notes(state));
  const std::vector<CommitNote>& notes = *shared;
  SLIPSTREAM_ASSIGN(report.settled, is_settled(source, notes));
  if (!report.settled) return report;

  SLIPSTREAM_ASSIGN(const Ground ground,
                    ground_of(plan, source, position(notes[0], {source.topics.reference, Partition(0)})));
  Timestamp now = Timestamp::min();
  for (const CommitNote& note : notes)
    now = std::max(now, note.clock);
  Recomputation recomputation(plan, source, ground, view, now, static_cast<std::int32_t>(notes.size()));
  for (std::size_t i = 0; i < notes.size(); ++i) {
    const Partition shard(static_cast<std::int32_t>(i));
    SLIPSTREAM_ASSIGN(Expulsions expulsions, Expulsions::read(source, shard, notes[i].decisions_next));
    SLIPSTREAM_TRY(recomputation.add_shard(shard, position(notes[i], {source.topics.events, shard}),
                                           notes[i].clock, std::move(expulsions)));
  }
  report.events = recomputation.events();
  for (std::size_t i = 0; i < plan.views.size(); ++i) {
    if (view && *view != i) continue;
    SLIPSTREAM_ASSIGN(Rows stored, stored_rows(state, i, now));
    compare(plan.views[i], i, stored, recomputation.rows(), report, visit);
  }
  return report;
}

}  // namespace slipstream
