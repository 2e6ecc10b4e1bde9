// When a subject is to be judged again by time alone.
#include <algorithm>

#include "engine/judge/figure.h"
#include "engine/shard/judging.h"

namespace slipstream {
namespace {

Timestamp next_midnight(const Zone& zone, Timestamp now) {
  const CivilDate today = zone.date_of(now);
  return zone.start_of_day(civil_from_days(days_since_epoch(today) + 1));
}

}  // namespace

Timestamp Judging::next_look(const AlertPlan& alert, const AlertState& state, const Span& span,
                             Timestamp now) const {
  const ViewPlan& view = plan_.views[plan_.kpis[alert.kpi].view];
  Timestamp next =
      std::min(next_midnight(plan_.zone, now), view.windows.slice_end(view.windows.slice_of(now)));
  if (const auto deadline = next_deadline(alert, state, now)) next = std::min(next, *deadline);
  if (alert.evaluate_every) {
    const std::int64_t every = alert.evaluate_every->us;
    next = std::min(next, Timestamp{(now.us / every + 1) * every});
  }
  if (span.target != nullptr) {
    const auto revisions = revisions_for(alert, *span.target, state.subject.node);
    if (const auto change = next_change(*span.target, revisions, span.period, now))
      next = std::min(next, *change);
  }
  // At its end a period is judged for the last time; right after it, its alert expires.
  next = std::min(next, std::max(span.period.end, now + microseconds(1)));
  return std::min(next, roll_up_.organisation().next_move(state.subject.node, now));
}

// Where nothing is judged until another day or the target's period begins, or the node is elsewhere.
Timestamp Judging::due_without_period(const AlertPlan& alert, const std::string& node, Timestamp now) const {
  Timestamp due = std::min(next_midnight(plan_.zone, now), roll_up_.organisation().next_move(node, now));
  const TargetPlan* target = find_target(plan_, alert.kpi, node, alert.window_spec.value_or(0));
  if (target != nullptr && !target->window_spec && target->period_start >= now)
    due = std::min(due, target->period_start + microseconds(1));
  return due;
}

// A node that the organisation does not know is not judged until it does: by an event, which counts as a
// change, or by the date of a move that is known already. What goes on at it since before, as when it has
// moved below an unknown one, is over with its period.
Result<Timestamp> Judging::due_of_unknown(const AlertPlan& alert, const std::string& node, Timestamp now) {
  const Timestamp moved = roll_up_.organisation().next_move(node, now);
  SLIPSTREAM_ASSIGN(const std::optional<AlertState> state, current_state(alert, node));
  if (!state || !is_active(state->phase)) return moved;
  return std::min(moved, std::max(state->subject.period.end, now) + microseconds(1));
}

// When judging again is due to what was judged at `judged_at`, by time alone: what judge() would have noted
// then.
Result<Timestamp> Judging::due_after(std::size_t index, const std::string& node, Timestamp judged_at) {
  const AlertPlan& alert = plan_.alerts[index];
  if (!alert.nodes.matches(node)) return Timestamp::max();
  if (!roll_up_.organisation().is_known(node, judged_at)) return due_of_unknown(alert, node, judged_at);
  const std::optional<Span> span = span_at(alert, node, judged_at);
  if (!span) return due_without_period(alert, node, judged_at);
  AlertSubject about{alert.name, plan_.kpis[alert.kpi].name, node, span->period, {}};
  SLIPSTREAM_ASSIGN(std::optional<AlertState> state, load_state(alert_id(about)));
  if (!state) state = new_alert(alert, std::move(about), {}, {});
  return next_look(alert, *state, *span, judged_at);
}

bool Judging::is_due(const Subject& subject, std::size_t alert, Timestamp now) {
  const std::optional<Timestamp> due = subject.due_of(alert);
  return subject.changed || !due || *due <= now;
}

Result<> Judging::schedule() {
  if (!resumed_at_) return {};
  std::vector<Subject*> unscheduled;
  subjects_.for_each([&](Subject& subject) {
    if (!subject.changed) unscheduled.push_back(&subject);
  });
  for (Subject* subject : unscheduled) {
    for (std::size_t i = 0; i < plan_.alerts.size(); ++i) {
      if (view_of(plan_.alerts[i]) != subject->view || subject->due_of(i)) continue;
      SLIPSTREAM_ASSIGN(const Timestamp due, due_after(i, subject->node, *resumed_at_));
      subject->set_due(i, due);
    }
    subjects_.enqueue(*subject);
  }
  resumed_at_.reset();
  return {};
}

Result<Timestamp> Judging::next_wakeup() {
  SLIPSTREAM_TRY(schedule());
  return subjects_.next_due();
}

}  // namespace slipstream
