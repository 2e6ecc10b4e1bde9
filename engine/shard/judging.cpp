#include "engine/shard/judging.h"

#include <algorithm>

#include "engine/base/encoding.h"
#include "engine/definition/version.h"
#include "engine/judge/alert_text.h"
#include "engine/judge/condition.h"
#include "engine/judge/figure.h"

namespace slipstream {
namespace {

std::string subject_key(ViewId view, std::string_view node) {
  std::string key = "s";
  append_u32(key, view.value);
  key += node;
  return key;
}

// Marks of a subject.
constexpr std::string_view kJudged = "1", kChanged = "2";

std::string current_key(std::string_view rule, std::string_view node) {
  std::string key = "c";
  append_key_string(key, rule);
  key += node;
  return key;
}

std::optional<std::uint32_t> index_of_view(const Plan& plan, std::uint32_t id) {
  for (std::uint32_t i = 0; i < plan.views.size(); ++i)
    if (plan.views[i].id.value == id) return i;
  return std::nullopt;
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
    : plan_(plan), roll_up_(roll_up), reference_(reference), store_(&store), alerts_(Family::alerts, store) {
  for (const AlertPlan& alert : plan.alerts) {
    const auto view = static_cast<std::uint32_t>(plan.kpis[alert.kpi].view);
    roll_up_.watch(view);
    std::vector<const NodePattern*>& patterns = covered_[view];
    const bool is_known = std::any_of(patterns.begin(), patterns.end(), [&](const NodePattern* known) {
      return known->texts() == alert.nodes.texts();
    });
    if (!is_known) patterns.push_back(&alert.nodes);
  }
}

Result<> Judging::open() {
  return store_->scan(Family::alerts, "s", "t", [&](std::string_view key, std::string_view value) {
    ByteReader in(key.substr(1));
    std::uint32_t id = 0;
    if (!in.read_u32(id)) return true;
    const auto view = index_of_view(plan_, id);
    if (!view) return true;
    Subject& subject = subjects_[*view][std::string(in.rest())];
    subject.changed = value == kChanged;
    unjudged_ += subject.changed;
    return true;
  });
}

void Judging::mark(std::uint32_t view, const std::string& node, Subject& subject, bool changed) {
  if (subject.changed == changed) return;
  subject.changed = changed;
  unjudged_ += changed ? 1 : -1;
  marks_.emplace(view, node);
}

Result<> Judging::store_marks() {
  for (const auto& [view, node] : marks_) {
    const std::string_view value = subjects_[view][node].changed ? kChanged : kJudged;
    SLIPSTREAM_ASSIGN(HotValues::Entry * entry, alerts_.load(subject_key(plan_.views[view].id, node)));
    if (entry->value == value) continue;
    alerts_.mark_dirty(*entry);
    entry->value = value;
  }
  marks_.clear();
  return {};
}

// Does any alert look at the node? Only those are kept in memory: of ten million sensors mostly none.
bool Judging::is_covered(std::uint32_t view, std::string_view node) const {
  const auto patterns = covered_.find(view);
  return patterns != covered_.end() &&
         std::any_of(patterns->second.begin(), patterns->second.end(),
                     [&](const NodePattern* pattern) { return pattern->matches(node); });
}

Result<> Judging::take_changes() {
  for (RollUp::Touched& touched : roll_up_.take_touched()) {
    if (!is_covered(touched.view, touched.node)) continue;
    Subject& subject = subjects_[touched.view][touched.node];
    mark(touched.view, touched.node, subject, true);
    if (touched.cause) subject.cause = std::move(touched.cause);
    subject.slices.insert(
        touched.slice);  // it may be in memory alone; the stored ones join it when they are loaded
  }
  if (reference_changes_seen_ != reference_.changes()) {
    reference_changes_seen_ = reference_.changes();
    for (auto& [view, subjects] : subjects_)
      for (auto& [node, subject] : subjects)
        mark(view, node, subject, true);
  }
  return {};
}

Result<> Judging::forget_changes() {
  SLIPSTREAM_TRY(take_changes());
  for (auto& [view, subjects] : subjects_)
    for (auto& [node, subject] : subjects) {
      mark(view, node, subject, false);
      subject.cause.reset();
    }
  return {};
}

Result<bool> Judging::seal(StateBatch& batch) {
  SLIPSTREAM_TRY(take_changes());
  SLIPSTREAM_TRY(store_marks());
  alerts_.seal(batch);
  return unjudged_ > 0;
}

Result<> Judging::load_slices(std::uint32_t view, const std::string& node, Subject& subject) {
  if (subject.slices_loaded) return {};
  subject.slices_loaded = true;
  const std::string prefix = node_prefix(plan_.views[view].id, node);
  return store_->scan(roll_up_.totals_family(), prefix, "", [&](std::string_view key, std::string_view) {
    if (!key.starts_with(prefix)) return false;
    if (const auto parsed = parse_row_key(key)) subject.slices.insert(parsed->slice);
    return true;
  });
}

Result<AccumulatorRow> Judging::merged(std::uint32_t view, const std::string& node, const Subject& subject,
                                       const Period& window, Timestamp now) {
  AccumulatorRow sum(plan_.views[view].layout);
  for (auto slice = subject.slices.lower_bound(window.start);
       slice != subject.slices.end() && *slice < window.end; ++slice) {
    if (RollUp::is_expired(plan_.views[view], *slice, now)) continue;  // wherever the sweep is
    SLIPSTREAM_ASSIGN(const SliceRow* row, roll_up_.total(view, node, *slice));
    if (row != nullptr) plan_.views[view].layout.merge(sum.bytes(), row->state(), +1);
  }
  return sum;
}

// Is there anything to judge: a row that is not empty and that retention has not let go, or an alert there
// once was? That a node has been touched is not enough: a figure that went elsewhere, or is gone, says
// nothing to a shard that is rebuilt.
Result<bool> Judging::has_figures(std::uint32_t view, const std::string& node, const Subject& subject,
                                  Timestamp now) {
  const ViewPlan& plan = plan_.views[view];
  for (auto slice = subject.slices.rbegin();
       slice != subject.slices.rend() && !RollUp::is_expired(plan, *slice, now); ++slice) {
    SLIPSTREAM_ASSIGN(const SliceRow* row, roll_up_.total(view, node, *slice));
    if (row != nullptr && !plan.layout.is_empty(row->state())) return true;
  }
  for (const AlertPlan& alert : plan_.alerts) {
    if (plan_.kpis[alert.kpi].view != view) continue;
    SLIPSTREAM_ASSIGN(const HotValues::Entry* current, alerts_.load(current_key(alert.name, node)));
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

Result<std::optional<Judging::Reading>> Judging::read(const AlertPlan& alert, const std::string& node,
                                                      Subject& subject, Timestamp now) {
  const KpiPlan& kpi = plan_.kpis[alert.kpi];
  const auto view_index = static_cast<std::uint32_t>(kpi.view);
  const ViewPlan& view = plan_.views[view_index];
  const std::optional<Span> span = span_at(alert, node, now);
  if (!span) return std::optional<Reading>();
  const auto& [window, period, target] = *span;
  const Period in_force{window.start, window.end};

  SLIPSTREAM_TRY(load_slices(view_index, node, subject));
  SLIPSTREAM_ASSIGN(AccumulatorRow row, merged(view_index, node, subject, in_force, now));
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
Result<> Judging::close_previous(const AlertPlan& alert, const std::string& node, Subject& subject,
                                 const std::string& current_id, Timestamp now,
                                 std::vector<AlertRecord>& out) {
  SLIPSTREAM_ASSIGN(const HotValues::Entry* current, alerts_.load(current_key(alert.name, node)));
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
  SLIPSTREAM_ASSIGN(const std::optional<Reading> last, read(alert, node, subject, period.end));
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

Result<> Judging::judge_subject(std::size_t index, const std::string& node, Subject& subject, Timestamp now,
                                std::vector<AlertRecord>& out) {
  const AlertPlan& alert = plan_.alerts[index];
  const KpiPlan& kpi = plan_.kpis[alert.kpi];
  SLIPSTREAM_ASSIGN(const std::optional<Reading> reading, read(alert, node, subject, now));
  if (!reading) {
    SLIPSTREAM_TRY(close_previous(alert, node, subject, {}, now, out));
    subject.due[index] = due_without_period(alert, node, now);
    return {};
  }
  AlertSubject about{alert.name, kpi.name, node, reading->span.period, reading->label};
  const std::string id = alert_id(about);
  SLIPSTREAM_TRY(close_previous(alert, node, subject, id, now, out));
  SLIPSTREAM_ASSIGN(std::optional<AlertState> known, load_state(id));
  AlertState state =
      known ? std::move(*known) : new_alert(alert, std::move(about), plan_.version, reading->target_revision);
  if (!is_active(state.phase)) {
    SLIPSTREAM_ASSIGN(const bool has_some,
                      has_figures(static_cast<std::uint32_t>(kpi.view), node, subject, now));
    subject.due[index] =
        next_look(alert, state, reading->span, now);  // as due_after() says, which knows of no figures
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
  subject.due[index] = next_look(alert, state, reading->span, now);
  return {};
}

Result<std::vector<AlertRecord>> Judging::judge(Timestamp now) {
  std::vector<AlertRecord> records;
  SLIPSTREAM_TRY(take_changes());
  SLIPSTREAM_TRY(schedule());
  for (std::size_t i = 0; i < plan_.alerts.size(); ++i) {
    const AlertPlan& alert = plan_.alerts[i];
    const auto subjects = subjects_.find(static_cast<std::uint32_t>(plan_.kpis[alert.kpi].view));
    if (subjects == subjects_.end()) continue;
    for (auto& [node, subject] : subjects->second) {
      const auto due = subject.due.find(i);
      if (!subject.changed && due != subject.due.end() && due->second > now) continue;
      if (!alert.nodes.matches(node)) {
        subject.due[i] = Timestamp::max();
        continue;
      }
      if (!roll_up_.organisation().is_known(node, now)) {
        SLIPSTREAM_ASSIGN(const std::optional<AlertState> state, current_state(alert, node));
        if (state && is_active(state->phase) && state->subject.period.end < now) {
          ++judgements_;
          SLIPSTREAM_TRY(close_previous(alert, node, subject, {}, now, records));
        }
        SLIPSTREAM_ASSIGN(subject.due[i], due_of_unknown(alert, node, now));
        continue;
      }
      ++judgements_;
      SLIPSTREAM_TRY(judge_subject(i, node, subject, now, records));
      arena_.clear();
    }
  }
  for (auto& [view, subjects] : subjects_)
    for (auto& [node, subject] : subjects) {
      mark(view, node, subject, false);
      subject.cause.reset();
    }
  return records;
}

Result<> Judging::add_stored_subjects(std::uint32_t view) {
  const std::string prefix = view_prefix(plan_.views[view].id);
  return store_->scan(roll_up_.totals_family(), prefix, "", [&](std::string_view key, std::string_view) {
    if (!key.starts_with(prefix)) return false;
    if (const auto row = parse_row_key(key); row && is_covered(view, row->node)) subjects_[view][row->node];
    return true;
  });
}

Result<std::vector<AlertRecord>> Judging::review(Timestamp now) {
  for (std::uint32_t view = 0; view < plan_.views.size(); ++view) {
    if (!roll_up_.is_watched(view)) continue;
    SLIPSTREAM_TRY(add_stored_subjects(view));
    for (auto& [node, subject] : subjects_[view])
      mark(view, node, subject, true);
  }
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
  if (alert == nullptr || !alert->nodes.matches(state.subject.node)) return;
  const auto view = static_cast<std::uint32_t>(plan_.kpis[alert->kpi].view);
  if (subjects_[view].try_emplace(state.subject.node).second) marks_.emplace(view, state.subject.node);
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
