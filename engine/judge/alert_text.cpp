#include "engine/judge/alert_text.h"

#include <fmt/format.h>

#include "engine/judge/alert_words.h"

namespace slipstream {
namespace {

struct Sentence {
  const AlertTransition& transition;
  const AlertState& state;
  const AlertWording& wording;
  const Words& words;
};

std::string period(const Sentence& s) {
  const AlertSubject& about = s.state.subject;
  // The label of a target's own dates joins them with a slash; people read a span.
  const bool is_window = about.period_label.find('/') == std::string::npos;
  if (!about.period_label.empty() && is_window) return s.words.labelled(about.period_label);
  const std::string last_day = s.words.last_day(about.period.end, s.wording.zone);
  // A cumulative window has no beginning.
  if (!is_representable(about.period.start)) return s.words.until(last_day);
  return s.words.span(s.words.date(about.period.start, s.wording.zone), last_day);
}

std::string subject(const Sentence& s) {
  const std::string& node = s.state.subject.node;
  return s.words.subject(s.words.title(s.wording.kpi.title, s.wording.kpi.name),
                         node.empty() ? s.words.root() : node, period(s));
}

std::string amount(const Sentence& s, const Rational& number) {
  return s.words.amount(number, s.wording.kpi.precision, s.wording.kpi.unit);
}

std::string by_the_end(const Sentence& s) {
  const std::optional<Rational>& target = s.transition.judgement.target;
  if (!target) return {};
  return s.words.target(amount(s, *target), s.words.last_day(s.state.subject.period.end, s.wording.zone));
}

// "is 50%, 5 percentage points below the expected 55% (target 80% by 2011-06-30)"
std::string figures(const Sentence& s) {
  const Judgement& j = s.transition.judgement;
  if (!j.value) return s.words.no_data() + by_the_end(s);
  const std::string text = s.words.is(amount(s, *j.value));
  if (!j.expected) return text;
  const int precision = s.wording.kpi.precision;
  const Rational difference = rounded(*j.value - *j.expected, precision);
  const std::string distance = s.words.difference(abs(difference), precision, s.wording.kpi.unit);
  // Under a constant trajectory the expected value is the target, and is called by its name.
  const bool at_target = j.expected == j.target;
  const std::string expected = amount(s, *j.expected);
  const std::string reference = at_target ? s.words.the_target(expected) : s.words.the_expected(expected);
  return text + s.words.compared(difference.sign(), distance, reference) +
         (at_target ? std::string() : by_the_end(s));
}

// Only where it says more than the figure itself.
std::string forecast(const Sentence& s) {
  const Judgement& j = s.transition.judgement;
  if (!j.forecast || j.forecast == j.value) return {};
  return s.words.forecast(amount(s, *j.forecast));
}

std::string moment(const Sentence& s, Timestamp at) { return s.words.moment(at, s.wording.zone); }

std::string outcome(const Sentence& s) {
  const AlertTransition& t = s.transition;
  switch (t.to) {
    case AlertPhase::pending:
      return s.words.pending(moment(s, t.at + s.wording.plan.for_duration));
    case AlertPhase::firing:
      return (t.from == AlertPhase::recovering ? s.words.again() : std::string()) + forecast(s);
    case AlertPhase::recovering:
      return s.words.recovering(moment(s, t.at + s.wording.plan.keep_firing_for));
    case AlertPhase::resolved:
      return s.words.resolved(moment(s, s.state.firing_since.value_or(t.at)));
    case AlertPhase::inactive:
      return s.words.not_raised();
    case AlertPhase::superseded:
      return s.words.superseded();
    case AlertPhase::expired:
      return s.words.expired();
  }
  return {};
}

// What a person did.
std::string act(const Sentence& s) {
  const AlertTransition& t = s.transition;
  const std::string actor = t.actor.empty() ? s.words.someone() : t.actor;
  const std::string note = t.note.empty() ? std::string() : ": " + t.note;
  if (t.kind == TransitionKind::acknowledged) {
    // A date as deadline is its midnight at the end: the day that was named is the last one before it.
    const std::string follow_up =
        t.follow_up_at ? s.words.follow_up(s.words.last_day(*t.follow_up_at, s.wording.zone)) : std::string();
    return s.words.acknowledged(actor, subject(s)) + follow_up + note;
  }
  if (!s.state.is_silenced(t.at)) return s.words.silence_lifted(actor, subject(s)) + note;
  return s.words.silenced(actor, subject(s), moment(s, s.state.silenced->until)) + note;
}

std::string sentence(const AlertTransition& transition, const AlertState& state, const AlertWording& wording,
                     const Words& words) {
  const Sentence s{transition, state, wording, words};
  const std::string rule = words.title(wording.plan.title, wording.plan.name);
  if (transition.kind != TransitionKind::phase) return fmt::format("{}: {}.", rule, act(s));
  return fmt::format("{}: {} {}.{}", rule, subject(s), figures(s), outcome(s));
}

}  // namespace

void describe(AlertTransition& transition, const AlertState& state, const AlertWording& wording) {
  transition.sentence_en = sentence(transition, state, wording, english());
  transition.sentence_vi = sentence(transition, state, wording, vietnamese());
}

}  // namespace slipstream
