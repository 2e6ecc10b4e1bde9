#include "engine/shard/folding.h"

#include <algorithm>

#include "engine/base/encoding.h"
#include "engine/decode/catalogue.h"
#include "engine/fold/entity.h"
#include "engine/fold/measurement.h"

namespace slipstream {
namespace {

bool is_task_key(std::string_view key) { return key.front() == 't'; }

}  // namespace

Folding::Folding(const Plan& plan, RollUp& roll_up, const StateReader& store)
    : plan_(plan),
      roll_up_(roll_up),
      contributions_(plan),
      entities_(Family::entities, store),
      timers_(store) {}

std::string Folding::entity_key(const Event& event) {
  if (kind_of(event.type) == EventKind::task) return task_key(text_of(event, Field::task));
  return measurement_key(text_of(event, Field::indicator), text_of(event, Field::node), period_of(event));
}

Result<> Folding::evaluate(const HotValues::Entry& entity, const HotValues::Entry* next, Timestamp at,
                           Evaluation& out) {
  if (is_task_key(entity.key)) return contributions_.add_task(entity.key, entity.value, at, out);
  return contributions_.add_measurement(entity.key, entity.value,
                                        next == nullptr ? std::string_view() : next->value, at, out);
}

Result<> Folding::replace(const std::vector<Contribution>& before, const std::vector<Contribution>& after,
                          Timestamp now, FoldOutcome& outcome) {
  // What stands on both sides at the ends of the lists has not changed.
  std::size_t first = 0;
  while (first < before.size() && first < after.size() && before[first] == after[first])
    ++first;
  std::size_t last = 0;
  while (last < before.size() - first && last < after.size() - first &&
         before[before.size() - 1 - last] == after[after.size() - 1 - last])
    ++last;
  bool any_live = false, any_expired = false;
  const auto apply_changed = [&](const std::vector<Contribution>& list, int sign) -> Result<> {
    for (std::size_t i = first; i < list.size() - last; ++i) {
      const ViewPlan& view = plan_.views[list[i].view];
      if (roll_up_.is_let_go(view, list[i].slice, now)) {
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

void Folding::set_timer(HotValues::Entry& entity, Timestamp now, Timestamp valid_until) {
  const EntityHeader header = read_header(entity.value);
  if (header.timer_at != valid_until) {
    timers_.cancel(header.timer_at, entity.key);
    timers_.set(valid_until, entity.key);
  }
  write_header(entity.value, {now, valid_until});
}

// The entity of an event, and, where series are carried forward, the figure before it, whose end it may be.
// Brings the series' list of periods up to date with `history`, the entity's to be.
Result<std::vector<Folding::Affected>> Folding::affected_by(const Event& event, HotValues::Entry& entity,
                                                            const std::string& history) {
  if (is_task_key(entity.key) || !contributions_.carries_series()) return std::vector<Affected>{{&entity}};
  const std::string_view indicator = text_of(event, Field::indicator), node = text_of(event, Field::node);
  const FigurePeriod period = period_of(event);
  SLIPSTREAM_ASSIGN(HotValues::Entry * list, entities_.load(series_key(indicator, node)));
  SLIPSTREAM_ASSIGN(const bool stands, contributions_.has_measurement(history));
  SeriesPeriods periods(list->value);
  const bool stood = periods.contains(period);
  const auto before = periods.before(period), after = periods.after(period);
  if (stands != stood) {
    entities_.mark_dirty(*list);
    stands ? periods.insert(period) : periods.erase(period);
  }
  HotValues::Entry* next = nullptr;
  if (after) {
    SLIPSTREAM_ASSIGN(next, entities_.load(measurement_key(indicator, node, *after)));
  }
  std::vector<Affected> affected{{&entity, next, next}};
  if (before) {
    SLIPSTREAM_ASSIGN(HotValues::Entry * previous, entities_.load(measurement_key(indicator, node, *before)));
    affected.push_back({previous, stood ? &entity : next, stands ? &entity : next});
  }
  return affected;
}

Result<FoldOutcome> Folding::change(HotValues::Entry& entity, std::string history,
                                    std::vector<Affected> affected, Timestamp now) {
  FoldOutcome outcome;
  before_.contributions.clear();
  after_.contributions.clear();
  for (const Affected& each : affected)
    SLIPSTREAM_TRY(
        evaluate(*each.entity, each.next_before, read_header(each.entity->value).evaluated_at, before_));
  // The contributions' texts point into the old history: it lives until they have been taken back.
  entities_.mark_dirty(entity);
  const std::string old = std::exchange(entity.value, std::move(history));
  std::vector<Timestamp> valid_until;
  contributions_.take_numeric_error();  // of what was
  for (const Affected& each : affected) {
    after_.valid_until = Timestamp::max();
    SLIPSTREAM_TRY(evaluate(*each.entity, each.next_after, now, after_));
    valid_until.push_back(after_.valid_until);
  }
  outcome.numeric_error = contributions_.take_numeric_error();
  SLIPSTREAM_TRY(replace(before_.contributions, after_.contributions, now, outcome));
  for (std::size_t i = 0; i < affected.size(); ++i) {
    entities_.mark_dirty(*affected[i].entity);
    set_timer(*affected[i].entity, now, valid_until[i]);
  }
  contributions_.clear_arena();
  return outcome;
}

Result<FoldOutcome> Folding::fold(const Event& event, Partition partition, Offset offset, Timestamp now) {
  SLIPSTREAM_ASSIGN(HotValues::Entry * entity, entities_.load(entity_key(event)));
  std::string history;
  SLIPSTREAM_ASSIGN(const Insertion insertion,
                    insert_event(entity->value, event, partition, offset, history));
  if (insertion == Insertion::duplicate)
    return FoldOutcome{FoldOutcome::Kind::duplicate, false, false, false, {}};
  if (insertion == Insertion::conflicting)
    return FoldOutcome{
        FoldOutcome::Kind::refused,
        false,
        false,
        false,
        {ErrorCode::conflicting_duplicate,
         "an accepted event of this id and source has other content; send the change as a new event"}};
  SLIPSTREAM_ASSIGN(std::vector<Affected> affected, affected_by(event, *entity, history));
  return change(*entity, std::move(history), std::move(affected), now);
}

// The figure that ends a carried one.
Result<HotValues::Entry*> Folding::next_of(const HotValues::Entry& entity) {
  if (is_task_key(entity.key) || !contributions_.carries_series()) return nullptr;
  const auto figure = parse_measurement_key(entity.key);
  if (!figure) return nullptr;
  SLIPSTREAM_ASSIGN(HotValues::Entry * list, entities_.load(series_key(figure->indicator, figure->node)));
  const auto after = SeriesPeriods(list->value).after(figure->period);
  if (!after) return nullptr;
  return entities_.load(measurement_key(figure->indicator, figure->node, *after));
}

Result<bool> Folding::expel(const Event& event, Timestamp now) {
  SLIPSTREAM_ASSIGN(HotValues::Entry * entity, entities_.load(entity_key(event)));
  std::string history = entity->value;
  SLIPSTREAM_ASSIGN(const bool removed, remove_event(history, event.id, event.source));
  if (!removed) return false;
  SLIPSTREAM_ASSIGN(std::vector<Affected> affected, affected_by(event, *entity, history));
  SLIPSTREAM_TRY(change(*entity, std::move(history), std::move(affected), now));
  if (is_without_events(entity->value))
    entity->value.clear();  // nothing contributes: there is no timer either
  return true;
}

Result<> Folding::admit(std::string_view indicator, Timestamp now) {
  SLIPSTREAM_ASSIGN(const std::vector<std::string> figures, entities_.keys_with(indicator_prefix(indicator)));
  for (const std::string& figure : figures) {
    SLIPSTREAM_ASSIGN(HotValues::Entry * entity, entities_.load(figure));
    SLIPSTREAM_TRY(contributions_of(figure, now));
    FoldOutcome outcome;
    SLIPSTREAM_TRY(replace({}, after_.contributions, now, outcome));
    entities_.mark_dirty(*entity);
    set_timer(*entity, now, after_.valid_until);
    contributions_.clear_arena();
  }
  return {};
}

Result<const std::vector<Contribution>*> Folding::contributions_of(const std::string& key, Timestamp now) {
  after_ = Evaluation{};
  SLIPSTREAM_ASSIGN(const HotValues::Entry* entity, entities_.load(key));
  if (entity->value.empty()) return &after_.contributions;
  SLIPSTREAM_ASSIGN(const HotValues::Entry* next, next_of(*entity));
  SLIPSTREAM_TRY(evaluate(*entity, next, now, after_));
  return &after_.contributions;
}

Result<std::uint64_t> Folding::fire_timers(Timestamp now) {
  std::uint64_t fired = 0;
  while (true) {
    SLIPSTREAM_ASSIGN(const auto due, timers_.pop_due(now));
    if (!due) return fired;
    SLIPSTREAM_ASSIGN(HotValues::Entry * entity, entities_.load(due->second));
    if (entity->value.empty() || read_header(entity->value).timer_at != due->first) continue;
    ++fired;
    SLIPSTREAM_ASSIGN(HotValues::Entry * next, next_of(*entity));
    SLIPSTREAM_TRY(change(*entity, entity->value, {{entity, next, next}}, now));
  }
}

void Folding::seal(StateBatch& batch) {
  entities_.seal(batch);
  timers_.seal(batch);
}

}  // namespace slipstream
