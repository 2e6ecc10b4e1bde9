#include "engine/shard/folding.h"

#include <algorithm>

#include "engine/base/hash.h"
#include "engine/decode/catalogue.h"
#include "engine/fold/entity.h"
#include "engine/fold/relation.h"
#include "engine/fold/series.h"
#include "engine/fold/task.h"

namespace slipstream {
namespace {

constexpr std::size_t kTasks = 0, kMeasurements = 1, kObservations = 2;
constexpr std::uint16_t kBuiltIn[] = {task_column::count_, measurement_column::count_, observation_column::count_};

std::size_t number_of_relation(Relation relation) { return static_cast<std::size_t>(relation) - 1; }

bool is_task_key(std::string_view key) { return key.front() == 't'; }

std::string_view text_of(const Event& event, Field field) {
  const Value* value = event.find(field);
  return value == nullptr || value->is_null() ? std::string_view() : value->as_text();
}

}  // namespace

Folding::Folding(const Plan& plan, RollUp& roll_up, const StateReader& store)
    : plan_(plan), roll_up_(roll_up), entities_(Family::entities, store), timers_(store) {
  for (const Relation relation : {Relation::tasks, Relation::measurements, Relation::observations}) {
    const std::size_t n = number_of_relation(relation);
    const auto extra = plan.extra_columns.find(relation);
    const std::vector<Column> columns = extra == plan.extra_columns.end() ? std::vector<Column>() : extra->second;
    declared_[n] = DeclaredColumns(columns, kBuiltIn[n], plan.zone);
    declared_count_[n] = columns.size();
  }
  for (std::uint32_t i = 0; i < plan.views.size(); ++i) {
    views_of_[number_of_relation(plan.views[i].from)].push_back(i);
    series_use_clock_ |= plan.views[i].from == Relation::measurements && plan.views[i].uses_clock;
  }
}

std::string Folding::entity_key(const Event& event) {
  if (kind_of(event.type) == EventKind::task) return task_key(text_of(event, Field::task));
  return series_key(text_of(event, Field::indicator), text_of(event, Field::node));
}

Result<> Folding::check(const Event& event) const {
  switch (kind_of(event.type)) {
    case EventKind::task: return declared_[kTasks].check(event);
    case EventKind::measurement: return declared_[kMeasurements].check(event);
    case EventKind::observation: return declared_[kObservations].check(event);
    default: return {};
  }
}

Result<> Folding::evaluate_task(std::string_view history, std::uint64_t tie, EvaluationContext& context,
                                Evaluation& out) {
  row_.resize(task_column::count_ + declared_count_[kTasks]);
  SLIPSTREAM_ASSIGN(const bool exists, fold_task(history, declared_[kTasks], row_));
  if (!exists) return {};
  for (const std::uint32_t view : views_of_[kTasks]) append_contribution(plan_, view, row_, tie, context, out.contributions);
  return {};
}

Result<> Folding::evaluate_series(std::string_view history, std::uint64_t tie, std::optional<Timestamp> around,
                                  EvaluationContext& context, Evaluation& out) {
  if (series_use_clock_) around.reset();  // time may have changed any of them
  SLIPSTREAM_ASSIGN(const std::vector<SeriesRow> series,
                    fold_series(history, declared_[kMeasurements], declared_count_[kMeasurements], around));
  std::vector<std::span<const Value>> rows;
  rows.reserve(series.size());
  for (const SeriesRow& row : series) rows.emplace_back(row.row);
  for (const std::uint32_t view : views_of_[kMeasurements]) {
    if (plan_.views[view].latest_per_series) {
      append_carried(plan_, view, rows, tie, context, out.contributions);
    } else {
      for (const auto& row : rows) append_contribution(plan_, view, row, tie, context, out.contributions);
    }
  }
  return {};
}

Result<> Folding::evaluate(const std::string& key, std::string_view history, Timestamp at,
                           std::optional<Timestamp> around, Evaluation& out) {
  out.contributions.clear();
  EvaluationContext context{at, &plan_.zone, &arena_};
  const std::uint64_t tie = hash64(key);
  SLIPSTREAM_TRY(is_task_key(key) ? evaluate_task(history, tie, context, out)
                                  : evaluate_series(history, tie, around, context, out));
  out.valid_until = context.valid_until;
  return {};
}

Result<> Folding::replace(const std::vector<Contribution>& before, const std::vector<Contribution>& after,
                          Timestamp now, FoldOutcome& outcome) {
  // What stands on both sides at the ends of the lists has not changed.
  std::size_t first = 0;
  while (first < before.size() && first < after.size() && before[first] == after[first]) ++first;
  std::size_t last = 0;
  while (last < before.size() - first && last < after.size() - first &&
         before[before.size() - 1 - last] == after[after.size() - 1 - last])
    ++last;
  bool any_live = false, any_expired = false;
  const auto apply_changed = [&](const std::vector<Contribution>& list, int sign) -> Result<> {
    for (std::size_t i = first; i < list.size() - last; ++i) {
      const ViewPlan& view = plan_.views[list[i].view];
      if (roll_up_.is_expired(view, list[i].slice, now)) {
        any_expired = true;
        continue;
      }
      any_live = true;
      outcome.late |= view.windows.slice_end(list[i].slice) <= now;
      SLIPSTREAM_TRY(roll_up_.apply(list[i], sign));
    }
    return {};
  };
  SLIPSTREAM_TRY(apply_changed(before, -1));
  SLIPSTREAM_TRY(apply_changed(after, +1));
  outcome.beyond_retention = any_expired && !any_live;
  return {};
}

Result<> Folding::set_timer(HotValues::Entry& entity, Timestamp now, Timestamp valid_until) {
  EntityHeader header = read_header(entity.value);
  if (header.timer_at != valid_until) {
    timers_.cancel(header.timer_at, entity.key);
    timers_.set(valid_until, entity.key);
  }
  write_header(entity.value, {now, valid_until});
  return {};
}

Result<FoldOutcome> Folding::fold(const Event& event, Partition partition, Offset offset, Timestamp now) {
  FoldOutcome outcome;
  const bool is_task = kind_of(event.type) == EventKind::task;
  const Timestamp group = is_task ? Timestamp{} : period_of(event);
  SLIPSTREAM_ASSIGN(HotValues::Entry * entity, entities_.load(entity_key(event)));
  const std::string before = entity->value;
  std::string history = before;
  SLIPSTREAM_ASSIGN(const Insertion insertion, insert_event(history, event, group, partition, offset));
  if (insertion == Insertion::duplicate) {
    outcome.kind = FoldOutcome::Kind::duplicate;
    return outcome;
  }
  if (insertion == Insertion::conflicting) {
    outcome.kind = FoldOutcome::Kind::refused;
    outcome.refusal = {ErrorCode::conflicting_duplicate,
                       "an accepted event of this id and source has other content; send the change as a new event"};
    return outcome;
  }
  entities_.mark_dirty(*entity);
  entity->value = std::move(history);

  const std::optional<Timestamp> around = is_task ? std::nullopt : std::optional(group);
  SLIPSTREAM_TRY(evaluate(entity->key, before, read_header(before).evaluated_at, around, before_));
  SLIPSTREAM_TRY(evaluate(entity->key, entity->value, now, around, after_));
  SLIPSTREAM_TRY(replace(before_.contributions, after_.contributions, now, outcome));
  SLIPSTREAM_TRY(set_timer(*entity, now, after_.valid_until));
  arena_.clear();
  return outcome;
}

void Folding::observe(const Event& event, Timestamp now, std::span<const std::uint32_t> views,
                      std::vector<Contribution>& out) {
  namespace oc = observation_column;
  row_.assign(oc::count_ + declared_count_[kObservations], Value());
  for (const EventField& field : event.fields) {
    if (field.field == Field::metric) row_[oc::metric] = field.value;
    if (field.field == Field::node) row_[oc::node] = field.value;
    if (field.field == Field::value) row_[oc::value] = field.value;
    if (field.field == Field::sequence) row_[oc::sequence] = field.value;
  }
  row_[oc::effective_at] = Value::timestamp(event.effective_at);
  row_[oc::recorded_at] = Value::timestamp(event.recorded_at);
  row_[oc::source] = Value::text(event.source);
  for (const EventAttribute& attribute : event.attributes) declared_[kObservations].set(attribute.name, attribute.value, row_);
  EvaluationContext context{now, &plan_.zone, &arena_};
  const std::uint64_t tie = hash64(event.id);
  for (const std::uint32_t view : views) append_contribution(plan_, view, row_, tie, context, out);
}

Result<std::uint64_t> Folding::fire_timers(Timestamp now) {
  std::uint64_t fired = 0;
  while (true) {
    SLIPSTREAM_ASSIGN(const auto due, timers_.pop_due(now));
    if (!due) return fired;
    SLIPSTREAM_ASSIGN(HotValues::Entry * entity, entities_.load(due->second));
    if (entity->value.empty() || read_header(entity->value).timer_at != due->first) continue;
    ++fired;
    SLIPSTREAM_TRY(evaluate(entity->key, entity->value, read_header(entity->value).evaluated_at, std::nullopt, before_));
    SLIPSTREAM_TRY(evaluate(entity->key, entity->value, now, std::nullopt, after_));
    FoldOutcome ignored;
    SLIPSTREAM_TRY(replace(before_.contributions, after_.contributions, now, ignored));
    entities_.mark_dirty(*entity);
    SLIPSTREAM_TRY(set_timer(*entity, now, after_.valid_until));
    arena_.clear();
  }
}

void Folding::seal(StateBatch& batch) {
  entities_.seal(batch);
  timers_.seal(batch);
}

}  // namespace slipstream
