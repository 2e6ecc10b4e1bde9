#include "engine/shard/judging.h"

#include <algorithm>

#include "engine/base/encoding.h"
#include "engine/definition/version.h"
#include "engine/judge/alert_text.h"
#include "engine/judge/condition.h"
#include "engine/judge/figure.h"

namespace slipstream {
namespace {

std::string current_key(std::string_view rule, std::string_view node) {
  std::string key = "c";
  append_key_string(key, rule);
  key += node;
  return key;
}

// Who acted: the person named, else who sent the event.
std::string who_acted(const Event& event) {
  const std::string_view person = text_of(event, Field::person);
  return std::string(person.empty() ? event.actor : person);
}

// The reason and the remark, as far as they are given.
std::string why_acted(const Event& event) {
  std::string text(text_of(event, Field::reason));
  const std::string_view note = text_of(event, Field::note);
  if (!text.empty() && !note.empty()) text += "; ";
  return text.append(note);
}

std::optional<Timestamp> time_of(const Event& event, Field field) {
  const Value* value = event.find(field);
  if (value == nullptr || value->is_null()) return std::nullopt;
  return value->as_timestamp();
}

}  // namespace

Judging::Judging(const Plan& plan, RollUp& roll_up, const Reference& reference, const StateReader& store)
    : plan_(plan),
      roll_up_(roll_up),
      reference_(reference),
      store_(&store),
      alerts_(Family::alerts, store),
      subjects_(plan) {
  for (const AlertPlan& alert : plan.alerts) {
    const std::uint32_t view = view_of(alert);
    roll_up_.watch(view);
    std::vector<const NodePattern*>& patterns = covered_[view];
    const bool is_known = std::any_of(patterns.begin(), patterns.end(), [&](const NodePattern* known) {
      return known->texts() == alert.nodes.texts();
    });
    if (!is_known) patterns.push_back(&alert.nodes);
  }
}

Result<> Judging::open(bool knows_rows) {
  knows_rows_ = knows_rows;
  SLIPSTREAM_TRY(subjects_.open(*store_));
  std::string rule, last_rule;
  const AlertPlan* alert = nullptr;
  return store_->scan(Family::alerts, "c", "d", [&](std::string_view key, std::string_view) {
    ByteReader in(key.substr(1));
    if (!in.read_key_string(rule)) return true;
    if (rule != last_rule) alert = find_alert(rule);
    last_rule = rule;
    const bool is_subject = alert != nullptr && subjects_.find(view_of(*alert), in.rest()) != nullptr;
    if (!is_subject) nodes_with_alerts_.emplace(in.rest());
    return true;
  });
}

// Does any alert look at the node? Only those are kept in memory: of ten million sensors mostly none.
bool Judging::is_covered(std::uint32_t view, std::string_view node) const {
  const auto patterns = covered_.find(view);
  return patterns != covered_.end() &&
         std::any_of(patterns->second.begin(), patterns->second.end(),
                     [&](const NodePattern* pattern) { return pattern->matches(node); });
}

// Of a subject that is new nothing is stored: its first row has just come.
Subject& Judging::subject_of(std::uint32_t view, std::string_view node) {
  if (Subject* known = subjects_.find(view, node)) return *known;
  Subject& added = subjects_.add(view, node);
  added.slices_loaded = knows_rows_;
  added.may_have_alerts = nodes_with_alerts_.contains(node);
  return added;
}

void Judging::take_changes() {
  for (const auto& [view, patterns] : covered_) {
    RollUp::Changes changes = roll_up_.take_changes(view);
    for (const SliceRow* row : changes.rows) {
      if (!is_covered(view, row->node())) continue;
      Subject& subject = subject_of(view, row->node());
      subjects_.mark_changed(subject);
      subject.add_slice(row->slice);  // it may be in memory alone
    }
    for (auto& [node, cause] : changes.causes)
      if (Subject* subject = subjects_.find(view, node); subject != nullptr && subject->changed)
        subject->cause = std::make_unique<Cause>(std::move(cause));
  }
  if (reference_changes_seen_ == reference_.changes()) return;
  reference_changes_seen_ = reference_.changes();
  subjects_.for_each([&](Subject& subject) { subjects_.mark_changed(subject); });
}

void Judging::forget_changes() {
  take_changes();
  subjects_.settle_changes();
  roll_up_.told_until_now();
}

bool Judging::seal(StateBatch& batch) {
  take_changes();
  alerts_.seal(batch);
  subjects_.seal(batch);
  return subjects_.any_changed();
}

Result<> Judging::load_slices(Subject& subject) {
  if (subject.slices_loaded) return {};
  subject.slices_loaded = true;
  const std::string prefix = node_prefix(plan_.views[subject.view].id, subject.node);
  return store_->scan(roll_up_.totals_family(), prefix, prefix_end(prefix),
                      [&](std::string_view key, std::string_view) {
                        if (const auto parsed = parse_row_key(key)) subject.add_slice(parsed->slice);
                        return true;
                      });
}

Result<AccumulatorRow> Judging::merged(const Subject& subject, const Period& window, Timestamp now) {
  const ViewPlan& view = plan_.views[subject.view];
  AccumulatorRow sum(view.layout);
  for (auto slice = std::lower_bound(subject.slices.begin(), subject.slices.end(), window.start);
       slice != subject.slices.end() && *slice < window.end; ++slice) {
    if (RollUp::is_expired(view, *slice, now)) continue;  // wherever the sweep is
    SLIPSTREAM_ASSIGN(const SliceRow* row, roll_up_.total(subject.view, subject.node, *slice));
    if (row != nullptr) view.layout.merge(sum.bytes(), row->state(), +1);
  }
  return sum;
}

// Is there anything to judge: a row that is not empty and that retention has not let go, or an alert there
// once was? That a node has been touched is not enough: a figure that went elsewhere, or is gone, says
// nothing to a shard that is rebuilt.
Result<bool> Judging::has_figures(const Subject& subject, Timestamp now) {
  const ViewPlan& plan = plan_.views[subject.view];
  for (auto slice = subject.slices.rbegin();
       slice != subject.slices.rend() && !RollUp::is_expired(plan, *slice, now); ++slice) {
    SLIPSTREAM_ASSIGN(const SliceRow* row, roll_up_.total(subject.view, subject.node, *slice));
    if (row != nullptr && !plan.layout.is_empty(row->state())) return true;
  }
  if (!subject.may_have_alerts) return false;
  for (const AlertPlan& alert : plan_.alerts) {
    if (view_of(alert) != subject.view) continue;
    SLIPSTREAM_ASSIGN(const HotValues::Entry* current, alerts_.load(current_key(alert.name, subject.node)));
    if (!current->value.empty()) return true;
  }
  return false;
}

std::optional<Judging::Span> Judging::span_at(const AlertPlan& alert, const std::string& node,
                                              Timestamp now) const {
  const std::size_t spec = alert.window_spec.value_or(0);
  const std::optional<Window> window =
      plan_.views[plan_.kpis[alert.kpi].view].windows.window_in_force(spec, now);
  if (!window) return std::nullopt;
  const TargetPlan* target = find_target(plan_, alert.kpi, node, spec);
  Span span{*window, {window->start, window->end}, target};
  if (target != nullptr)
    span.period = target_period(*target, plan_.views[plan_.kpis[alert.kpi].view].windows, *window);
  if (now <= span.period.start || now > span.period.end) return std::nullopt;
  return span;
}

Result<std::optional<Judging::Reading>> Judging::read(const AlertPlan& alert, Subject& subject,
                                                      Timestamp now) {
  const KpiPlan& kpi = plan_.kpis[alert.kpi];
  const ViewPlan& view = plan_.views[subject.view];
  const std::string& node = subject.node;
  const std::optional<Span> span = span_at(alert, node, now);
  if (!span) return std::optional<Reading>();
  const auto& [window, period, target] = *span;
  const Period in_force{window.start, window.end};

  SLIPSTREAM_TRY(load_slices(subject));
  SLIPSTREAM_ASSIGN(AccumulatorRow row, merged(subject, in_force, now));
  Reading reading{*span, {}, in_force, {}, {}, {}, std::move(row)};
  reading.label = target != nullptr && !target->window_spec
                      ? format_date(plan_.zone.date_of(period.start)) + "/" +
                            format_date(plan_.zone.date_of(period.end - microseconds(1)))
                      : view.windows.label(window);
  reading.measures = measure_values(view, reading.row.bytes());
  const KpiValue value = kpi_value(plan_, kpi, reading.measures, reading.window, node, now, arena_);
  std::optional<ResolvedTarget> resolved;
  if (target != nullptr) {
    resolved = resolve(*target, revisions_for(alert, *target, node), period, plan_.zone, now);
  }
  if (resolved) reading.target_revision = resolved->revision;
  reading.judgement =
      slipstream::judge(kpi, resolved ? &*resolved : nullptr, plan_.zone, number_of(value), now);
  return std::optional(std::move(reading));
}

std::vector<TargetRevision> Judging::revisions_for(const AlertPlan& alert, const TargetPlan& target,
                                                   std::string_view node) const {
  if (!target.from_events) return {};
  return reference_.revisions(plan_.kpis[alert.kpi].name, node);
}

const std::string& Judging::basis_for(const AlertPlan& alert, const TargetPlan* target) {
  std::string& basis = bases_[{&alert, target}];
  if (basis.empty()) basis = basis_of(plan_, alert, target);
  return basis;
}

Result<std::optional<AlertState>> Judging::load_state(const std::string& id) {
  SLIPSTREAM_ASSIGN(const HotValues::Entry* entry, alerts_.load(alert_key(id)));
  if (entry->value.empty()) return std::optional<AlertState>();
  SLIPSTREAM_ASSIGN(AlertRecord record, read_alert_record(entry->value));
  return std::optional(std::move(record.state));
}

// A rule or KPI that is declared no longer is told by its name.
void Judging::put_in_words(AlertTransition& transition, const AlertState& state) const {
  AlertPlan rule_before;
  KpiPlan kpi_before;
  rule_before.name = state.subject.rule;
  kpi_before.name = state.subject.kpi;
  const AlertPlan* rule = find_alert(state.subject.rule);
  const KpiPlan* kpi = plan_.find_kpi(state.subject.kpi);
  describe(transition, state,
           {rule == nullptr ? rule_before : *rule, kpi == nullptr ? kpi_before : *kpi, plan_.zone});
}

// Journals the transitions and makes the state what it is after the last of them.
Result<> Judging::keep(AlertState& state, std::vector<AlertTransition> transitions, const Subject* subject,
                       std::vector<AlertRecord>& out) {
  for (AlertTransition& transition : transitions) {
    put_in_words(transition, state);
    AlertOrigin origin;
    if (subject != nullptr && subject->cause) {
      transition.evidence.push_back({subject->cause->event_id, subject->cause->position});
      origin.traceparent = subject->cause->traceparent;
    }
    out.push_back({std::move(transition), state, std::move(origin)});
  }
  if (transitions.empty()) return {};
  SLIPSTREAM_ASSIGN(HotValues::Entry * stored, alerts_.load(alert_key(state.id)));
  alerts_.mark_dirty(*stored);
  stored->value = write_alert_record(out.back());
  // People may act on an alert of a period that is over: the current one stays the current one.
  if (out.back().transition.kind != TransitionKind::phase) return {};
  SLIPSTREAM_ASSIGN(HotValues::Entry * current,
                    alerts_.load(current_key(state.subject.rule, state.subject.node)));
  if (current->value != state.id) {
    alerts_.mark_dirty(*current);
    current->value = state.id;
  }
  return {};
}

// The alert of the node's previous period, if it is still going on, is over; the one of a period that the
// definitions have changed before its end gives way to the new one.
Result<> Judging::close_previous(const AlertPlan& alert, Subject& subject, const std::string& current_id,
                                 Timestamp now, std::vector<AlertRecord>& out) {
  if (!subject.may_have_alerts) return {};
  SLIPSTREAM_ASSIGN(const HotValues::Entry* current, alerts_.load(current_key(alert.name, subject.node)));
  if (current->value.empty() || current->value == current_id) return {};
  const std::string previous_id = current->value;
  SLIPSTREAM_ASSIGN(std::optional<AlertState> previous, load_state(previous_id));
  if (!previous || !is_active(previous->phase)) return {};
  const Period& period = previous->subject.period;
  if (period.end > now)
    return keep(*previous,
                supersede(*previous, previous->judgement, plan_.version, previous->target_revision, now),
                nullptr, out);
  // The state has the figures of the last transition; what a period ended with may be long after it.
  SLIPSTREAM_ASSIGN(const std::optional<Reading> last, read(alert, subject, period.end));
  const bool is_its_own = last && last->span.period == period;
  if (is_its_own) previous->definition_version = plan_.version;
  return keep(*previous, expire(*previous, is_its_own ? last->judgement : previous->judgement, now), nullptr,
              out);
}

Result<std::optional<AlertState>> Judging::current_state(const AlertPlan& alert, const std::string& node) {
  SLIPSTREAM_ASSIGN(const HotValues::Entry* current, alerts_.load(current_key(alert.name, node)));
  if (current->value.empty()) return std::optional<AlertState>();
  return load_state(std::string(current->value));
}

Result<> Judging::judge_subject(std::size_t index, Subject& subject, Timestamp now,
                                std::vector<AlertRecord>& out) {
  const AlertPlan& alert = plan_.alerts[index];
  const KpiPlan& kpi = plan_.kpis[alert.kpi];
  const std::string& node = subject.node;
  SLIPSTREAM_ASSIGN(const std::optional<Reading> reading, read(alert, subject, now));
  if (!reading) {
    SLIPSTREAM_TRY(close_previous(alert, subject, {}, now, out));
    subject.set_due(index, due_without_period(alert, node, now));
    return {};
  }
  AlertSubject about{alert.name, kpi.name, node, reading->span.period, reading->label};
  const std::string id = alert_id(about);
  SLIPSTREAM_TRY(close_previous(alert, subject, id, now, out));
  std::optional<AlertState> known;
  if (subject.may_have_alerts) {
    SLIPSTREAM_ASSIGN(known, load_state(id));
  }
  AlertState state =
      known ? std::move(*known) : new_alert(alert, std::move(about), plan_.version, reading->target_revision);
  if (!is_active(state.phase)) {
    SLIPSTREAM_ASSIGN(const bool has_some, has_figures(subject, now));
    // As due_after() says, which knows of no figures.
    subject.set_due(index, next_look(alert, state, reading->span, now));
    if (!has_some) return {};
  }
  // A record of an earlier version has no basis: then any other definitions are others for its alert.
  const std::string& basis = basis_for(alert, reading->span.target);
  const bool rests_on_the_same =
      !known || (state.basis.empty() ? state.definition_version == plan_.version : state.basis == basis);
  state.basis = basis;
  if (state.target_revision != reading->target_revision || !rests_on_the_same)
    SLIPSTREAM_TRY(keep(state,
                        supersede(state, reading->judgement, plan_.version, reading->target_revision, now),
                        &subject, out));
  state.definition_version = plan_.version;
  EvaluationContext context{now, &plan_.zone, &arena_};
  const Condition condition = evaluate_condition(alert, plan_.views[kpi.view], reading->judgement,
                                                 reading->measures, reading->window, node, context);
  SLIPSTREAM_TRY(keep(state, advance(alert, state, condition, reading->judgement, now), &subject, out));
  subject.set_due(index, next_look(alert, state, reading->span, now));
  return {};
}

Result<std::vector<AlertRecord>> Judging::judge(Timestamp now) {
  std::vector<AlertRecord> records;
  take_changes();
  SLIPSTREAM_TRY(schedule());
  const std::vector<Subject*> looked_at = subjects_.take_due(now);
  for (std::size_t i = 0; i < plan_.alerts.size(); ++i) {
    const std::uint32_t view = view_of(plan_.alerts[i]);
    for (Subject* subject : std::ranges::equal_range(looked_at, view, {}, &Subject::view)) {
      if (!is_due(*subject, i, now)) continue;
      SLIPSTREAM_TRY(look_at(i, *subject, now, records));
      arena_.clear();
    }
  }
  for (Subject* subject : looked_at)
    subjects_.enqueue(*subject);
  subjects_.settle_changes();
  roll_up_.told_until_now();
  return records;
}

Result<> Judging::look_at(std::size_t index, Subject& subject, Timestamp now, std::vector<AlertRecord>& out) {
  const AlertPlan& alert = plan_.alerts[index];
  const std::string& node = subject.node;
  if (!alert.nodes.matches(node)) {
    subject.set_due(index, Timestamp::max());
    return {};
  }
  if (roll_up_.organisation().is_known(node, now)) {
    ++judgements_;
    const std::size_t before = out.size();
    SLIPSTREAM_TRY(judge_subject(index, subject, now, out));
    subject.may_have_alerts |= out.size() > before;
    return {};
  }
  SLIPSTREAM_ASSIGN(const std::optional<AlertState> state, current_state(alert, node));
  if (state && is_active(state->phase) && state->subject.period.end < now) {
    ++judgements_;
    SLIPSTREAM_TRY(close_previous(alert, subject, {}, now, out));
  }
  SLIPSTREAM_ASSIGN(const Timestamp due, due_of_unknown(alert, node, now));
  subject.set_due(index, due);
  return {};
}

Result<> Judging::add_stored_subjects(std::uint32_t view) {
  const std::string prefix = view_prefix(plan_.views[view].id);
  return store_->scan(roll_up_.totals_family(), prefix, prefix_end(prefix),
                      [&](std::string_view key, std::string_view) {
                        if (const auto row = parse_row_key(key); row && is_covered(view, row->node))
                          subjects_.find_or_add(view, row->node);
                        return true;
                      });
}

Result<std::vector<AlertRecord>> Judging::review(Timestamp now) {
  if (!knows_rows_) {
    for (const auto& [view, patterns] : covered_)
      SLIPSTREAM_TRY(add_stored_subjects(view));
    knows_rows_ = true;
  }
  subjects_.for_each([&](Subject& subject) {
    if (roll_up_.is_watched(subject.view)) subjects_.mark_changed(subject);
  });
  std::vector<std::string> current;  // ids of alerts
  SLIPSTREAM_TRY(store_->scan(Family::alerts, "c", "d", [&](std::string_view, std::string_view id) {
    current.emplace_back(id);
    return true;
  }));
  std::vector<AlertRecord> records;
  for (const std::string& id : current) {
    SLIPSTREAM_ASSIGN(std::optional<AlertState> state, load_state(id));
    if (!state || !is_active(state->phase)) continue;
    const AlertPlan* alert = find_alert(state->subject.rule);
    if (alert != nullptr && alert->nodes.matches(state->subject.node)) continue;
    SLIPSTREAM_TRY(keep(*state,
                        supersede(*state, state->judgement, plan_.version, state->target_revision, now),
                        nullptr, records));
  }
  return records;
}

Result<std::vector<AlertRecord>> Judging::act(const Event& event, Timestamp now) {
  std::vector<AlertRecord> records;
  const std::string id(text_of(event, Field::alert));
  SLIPSTREAM_ASSIGN(std::optional<AlertState> state, load_state(id));
  if (!state) return records;
  SLIPSTREAM_ASSIGN(const bool is_newest, reference_.is_newest_act(event));
  if (!is_newest) return records;  // what is in force was effective later
  std::vector<AlertTransition> transitions;
  if (event.type == EventType::alert_acknowledged) {
    transitions =
        acknowledge(*state, {now, who_acted(event), why_acted(event), time_of(event, Field::follow_up_at)});
  } else {
    transitions = silence(
        *state, {now, time_of(event, Field::until).value_or(now), who_acted(event), why_acted(event)});
  }
  SLIPSTREAM_TRY(keep(*state, std::move(transitions), nullptr, records));
  for (AlertRecord& record : records)
    record.origin.traceparent = event.traceparent;
  return records;
}

const AlertPlan* Judging::find_alert(const std::string& rule) const {
  const auto found = std::find_if(plan_.alerts.begin(), plan_.alerts.end(),
                                  [&](const AlertPlan& a) { return a.name == rule; });
  return found == plan_.alerts.end() ? nullptr : &*found;
}

Result<> Judging::restore(std::string_view bytes) {
  SLIPSTREAM_ASSIGN(const AlertRecord record, read_alert_record(bytes));
  SLIPSTREAM_ASSIGN(HotValues::Entry * stored, alerts_.load(alert_key(record.state.id)));
  alerts_.mark_dirty(*stored);
  stored->value = bytes;
  if (record.transition.kind != TransitionKind::phase) return {};
  SLIPSTREAM_ASSIGN(HotValues::Entry * current,
                    alerts_.load(current_key(record.state.subject.rule, record.state.subject.node)));
  alerts_.mark_dirty(*current);
  current->value = record.state.id;
  know_subject_of(record.state);
  return {};
}

// The rows that made the subject known may be gone before they were folded again, while its alert goes on.
void Judging::know_subject_of(const AlertState& state) {
  const AlertPlan* alert = find_alert(state.subject.rule);
  if (alert == nullptr || !alert->nodes.matches(state.subject.node)) {
    nodes_with_alerts_.insert(state.subject.node);
    return;
  }
  Subject& subject = subjects_.find_or_add(view_of(*alert), state.subject.node);
  subject.may_have_alerts = true;
  subjects_.mark(subject);
}

void append_alert_outputs(const AlertRecord& record, const AlertMessageOptions& options,
                          const TopicNames& topics, std::int32_t partitions, std::vector<OutputRecord>& out) {
  const std::string& id = record.state.id;
  const Partition public_partition = partition_of(id, partitions);
  out.push_back({topics.decisions,
                 Partition(record.origin.shard),
                 id,
                 write_alert_record(record),
                 {},
                 record.transition.at});
  AlertMessage event = transition_message(record, options);
  out.push_back({topics.alert_events, public_partition, std::move(event.key), std::move(event.value),
                 std::move(event.headers), event.timestamp});
  AlertMessage state = state_message(record, options);
  out.push_back({topics.alert_state, public_partition, std::move(state.key), std::move(state.value),
                 std::move(state.headers), state.timestamp});
}

}  // namespace slipstream
