// The alert state machine: one per rule, node and period.
//
//   inactive -> pending -> firing -> recovering -> resolved,
//   and from any of the middle three: superseded, expired.
//
// - pending lasts `for`, recovering `keep_firing_for`; a length of 0 skips the phase.
// - An unknown condition (NULL, or grey) changes nothing: it neither starts nor resolves an alert.
// - resolved and superseded alerts may start again within their period, as the next episode; expired ones
//   never.
// - Beside the phase an alert may be acknowledged (until its next episode) and silenced (until an instant):
//   both are for people and sinks, the machine goes on.
//
// Pure: the caller brings condition, figures and clock, and publishes the transitions. An AlertState changes
// by transitions alone, so that the last transition's record restores it (alert_record.h). The one exception,
// the versions and the basis noted in an alert that makes no transition, needs no record: the caller compares
// them again.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/ids.h"
#include "engine/definition/plan.h"
#include "engine/judge/judgement.h"

namespace slipstream {

// Stable numbers: they are stored.
enum class AlertPhase : std::uint8_t {
  inactive = 0,
  pending = 1,
  firing = 2,
  recovering = 3,
  resolved = 4,
  superseded = 5,
  expired = 6,
};
std::string_view name_of(AlertPhase phase);
// pending, firing or recovering: something is going on.
bool is_active(AlertPhase phase);

// What a rule's condition says now.
enum class Condition : std::uint8_t { holds, clear, unknown };
std::string_view name_of(Condition condition);

struct Acknowledgement {
  Timestamp at;
  std::string actor;
  std::string note;
  std::optional<Timestamp> follow_up_at;
  friend bool operator==(const Acknowledgement&, const Acknowledgement&) = default;
};

struct Silence {
  Timestamp at;
  Timestamp until;  // at or before `at`: the silence is lifted
  std::string actor;
  std::string note;
  friend bool operator==(const Silence&, const Silence&) = default;
};

// What an alert is about. The id is a hash of rule, KPI, node and period; the label only names the period.
struct AlertSubject {
  std::string rule;
  std::string kpi;
  std::string node;  // path; "" is the root
  Period period;
  std::string period_label;  // "2011-06"; may be empty
  friend bool operator==(const AlertSubject&, const AlertSubject&) = default;
};

// 32 hex digits, the same on every machine and in every replay.
std::string alert_id(const AlertSubject& subject);

struct AlertState {
  std::string id;
  AlertSubject subject;
  std::string severity;  // severity and labels: the rule's at the last transition
  std::map<std::string, std::string> labels;
  AlertPhase phase = AlertPhase::inactive;
  std::optional<Timestamp> since;  // the present phase's beginning; none: never left inactive
  std::uint32_t episode = 0;       // counts starts: inactive, resolved or superseded -> pending or firing
  std::optional<Timestamp> pending_since, firing_since, recovering_since, ended_at;  // of the present episode
  std::optional<Acknowledgement> acknowledged;
  std::optional<Silence> silenced;  // the newest one; over when its `until` has come
  Judgement judgement;              // at the last transition
  std::string definition_version;
  std::string basis;              // basis_of (definition/version.h); empty in records of earlier versions
  std::string target_revision;    // ResolvedTarget::revision
  std::uint64_t transitions = 0;  // number of the last transition
  friend bool operator==(const AlertState&, const AlertState&) = default;

  bool is_silenced(Timestamp now) const { return silenced && now < silenced->until; }
};

// An inactive alert that has made no transition.
AlertState new_alert(const AlertPlan& plan, AlertSubject subject, std::string definition_version,
                     std::string target_revision);

// The event that an alert's figures rest on, and where it stands in the log.
struct Evidence {
  std::string event_id;
  EventPosition position;
  friend bool operator==(const Evidence&, const Evidence&) = default;
};

// Stable numbers: they are stored. acknowledged and silenced leave the phase as it is.
enum class TransitionKind : std::uint8_t { phase = 0, acknowledged = 1, silenced = 2 };
std::string_view name_of(TransitionKind kind);

// One decision, to be journaled and published once.
struct AlertTransition {
  std::string id;  // alert id + "/" + number
  std::string alert_id;
  std::uint64_t number = 0;  // from 1, without gaps per alert
  TransitionKind kind = TransitionKind::phase;
  AlertPhase from = AlertPhase::inactive;
  AlertPhase to = AlertPhase::inactive;
  Timestamp at;
  std::uint32_t episode = 0;
  Judgement judgement;  // acknowledged, silenced: the figures of the transition before
  std::string severity;
  std::map<std::string, std::string> labels;
  std::string definition_version;
  std::string target_revision;
  bool silenced = false;                  // recorded, but people are not to be notified
  std::string actor, note;                // acknowledged, silenced
  std::optional<Timestamp> follow_up_at;  // of the acknowledgement
  // Given by the caller: describe() (alert_text.h) writes the sentences.
  std::string sentence_en, sentence_vi;
  std::string owner;  // who answers for the node
  std::vector<Evidence> evidence;
  friend bool operator==(const AlertTransition&, const AlertTransition&) = default;
};

// The functions below change `state` and return what happened, in order; empty: nothing did.

// Judges the condition at `now`. A pending (recovering) alert whose time is up fires (resolves) if the
// condition still holds (is still clear) and not otherwise; the transition's time is `now`, however late the
// evaluation comes.
std::vector<AlertTransition> advance(const AlertPlan& plan, AlertState& state, Condition condition,
                                     const Judgement& judgement, Timestamp now);

// When advance() has to be called although no figure changed: the end of `for` or of `keep_firing_for`, if it
// is later than `after`. Give the present as `after`: an end that passed while the condition was unknown
// waits for the condition, and no timer helps.
std::optional<Timestamp> next_deadline(const AlertPlan& plan, const AlertState& state,
                                       Timestamp after = Timestamp::min());

// The alert's period is over: ends an active alert. Nothing starts it again.
std::vector<AlertTransition> expire(AlertState& state, const Judgement& judgement, Timestamp now);

// The target changed, or what the definitions say of the alert: ends an active alert and puts the new
// versions in its state. The next advance() starts afresh under them.
std::vector<AlertTransition> supersede(AlertState& state, const Judgement& judgement,
                                       std::string definition_version, std::string target_revision,
                                       Timestamp now);

// Ignored for an alert that never started. A newer acknowledgement replaces the one before.
std::vector<AlertTransition> acknowledge(AlertState& state, Acknowledgement acknowledgement);

// Ignored for an alert that never started: its rule cannot tell for whom it would be.
std::vector<AlertTransition> silence(AlertState& state, Silence silence);

}  // namespace slipstream
