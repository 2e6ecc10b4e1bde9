#include "engine/view/recompute.h"

#include <fmt/format.h>

#include <map>
#include <tuple>

#include "engine/aggregate/row_key.h"
#include "engine/decode/catalogue.h"
#include "engine/fold/entity.h"
#include "engine/fold/measurement.h"
#include "engine/view/entity_walk.h"

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

std::string_view text_of(const Event& event, Field field) {
  const Value* value = event.find(field);
  return value == nullptr || value->is_null() ? std::string_view() : value->as_text();
}

std::string key_of(const Event& event) {
  if (kind_of(event.type) == EventKind::task) return task_key(text_of(event, Field::task));
  return measurement_key(text_of(event, Field::indicator), text_of(event, Field::node), period_of(event));
}

bool is_of_organisation(EventType type) {
  return type >= EventType::unit_created && type <= EventType::person_absent;
}

bool is_expired(const ViewPlan& view, Timestamp slice, Timestamp clock) {
  return view.retention && view.windows.slice_end(slice) + *view.retention <= clock;
}

// The organisation by the events of the reference topic, in their order: an event that would close a circle
// is refused.
Result<Organisation> organisation_of(const Plan& plan, const EventSource& source, Offset end) {
  Organisation organisation(plan.organisation);
  Histories histories;
  const auto take = [&](const Event& event, const RecordView& record) -> Result<> {
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
  return organisation;
}

class Recomputation {
 public:
  // Slices that are let go by `now`, the latest of the shards' clocks, are left out.
  Recomputation(const Plan& plan, const EventSource& source, const Organisation& organisation,
                std::optional<std::size_t> view, Timestamp now)
      : plan_(plan), source_(source), organisation_(organisation), view_(view), now_(now) {}

  // Adds all that one shard has read up to `end`, as it stands at the shard's clock.
  Result<> add_shard(Partition shard, Offset end, Timestamp clock) {
    Histories entities;
    EntityContributions contributions(plan_);
    RepeatedObservations repeated(plan_);
    std::vector<Contribution> observed;
    const auto take = [&](const Event& event, const RecordView& record) -> Result<> {
      const EventKind kind = kind_of(event.type);
      if (kind == EventKind::reference || kind == EventKind::action || !contributions.check(event)) return {};
      ++events_;
      if (kind != EventKind::observation) {
        SLIPSTREAM_TRY(insert_event(entities[key_of(event)], event, shard, record.offset));
        return {};
      }
      observed.clear();
      contributions.add_observation(event, repeated.views_for(event, record.timestamp), clock, observed);
      for (const Contribution& contribution : observed)
        add(contribution);
      contributions.clear_arena();
      return {};
    };
    SLIPSTREAM_TRY(scan_events(source_, {source_.topics.events, shard}, end, take));
    EntityWalk walk(plan_, clock, [&](const WalkedEntity& entity) -> Result<> {
      for (const Contribution& contribution : entity.contributions)
        add(contribution);
      return {};
    });
    for (const auto& [key, history] : entities)
      SLIPSTREAM_TRY(walk.take(key, history));
    return walk.finish();
  }

  Rows& rows() { return rows_; }
  std::uint64_t events() const { return events_; }

 private:
  void add(const Contribution& contribution) {
    const ViewPlan& view = plan_.views[contribution.view];
    if ((view_ && *view_ != contribution.view) || is_expired(view, contribution.slice, now_)) return;
    add_to(contribution.node, contribution);
    for (const std::string& above : organisation_.ancestors_of(contribution.node, contribution.slice))
      add_to(above, contribution);
  }

  void add_to(const std::string& node, const Contribution& contribution) {
    const AccumulatorLayout& layout = plan_.views[contribution.view].layout;
    std::byte* row =
        rows_.try_emplace({contribution.view, node, contribution.slice}, layout).first->second.bytes();
    layout.count_row(row, contribution.sign);
    for (const MeasureValues& values : contribution.inputs)
      layout.accumulate(
          row, values.measure,
          {&values.argument, &values.denominator, contribution.order_at, contribution.order_tie},
          contribution.sign);
  }

  const Plan& plan_;
  const EventSource& source_;
  const Organisation& organisation_;
  std::optional<std::size_t> view_;
  Timestamp now_;
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
  SLIPSTREAM_ASSIGN(const std::vector<CommitNote> notes, read_notes(state));
  SLIPSTREAM_ASSIGN(report.settled, is_settled(source, notes));
  if (!report.settled) return report;

  SLIPSTREAM_ASSIGN(
      const Organisation organisation,
      organisation_of(plan, source, position(notes[0], {source.topics.reference, Partition(0)})));
  Timestamp now = Timestamp::min();
  for (const CommitNote& note : notes)
    now = std::max(now, note.clock);
  Recomputation recomputation(plan, source, organisation, view, now);
  for (std::size_t i = 0; i < notes.size(); ++i) {
    const Partition shard(static_cast<std::int32_t>(i));
    SLIPSTREAM_TRY(
        recomputation.add_shard(shard, position(notes[i], {source.topics.events, shard}), notes[i].clock));
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
