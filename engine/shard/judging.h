// Judges alerts: which subjects (node, alert, period) to look at now, their figures, and the transitions that
// follow.
//
// A subject is judged when its figures changed, at every boundary of its windows' slices, at every local
// midnight, when `for` or `keep_firing_for` ends, when its target changes or it moves by date, and every
// `evaluate` if declared. A transition is a decision: it is journaled with the offsets that led to it and
// read back after a crash, never taken again. A restart is no reason to judge: which subjects have changed
// since they were judged is stored, and when the others are due follows from the instant of the last
// judgement. Owned by the shard's thread.
//
// Keys in the `alerts` family: 's': a known subject (subjects.h) | 'a' alert id: the last transition's record
// (alert_record.h) | 'c' rule, node: the id of the alert of the current period.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "engine/decode/event.h"
#include "engine/judge/alert.h"
#include "engine/judge/alert_message.h"
#include "engine/judge/alert_record.h"
#include "engine/rollup/roll_up.h"
#include "engine/shard/input.h"
#include "engine/shard/reference.h"
#include "engine/shard/subjects.h"
#include "engine/state/hot_values.h"

namespace slipstream {

class Judging {
 public:
  Judging(const Plan& plan, RollUp& roll_up, const Reference& reference, const StateReader& store);
  // `knows_rows`: every node that has rows and a rule is among the stored subjects. Not so after definitions have changed, until
  // review().
  Result<> open(bool knows_rows);
  // After open() and after a replay: every subject without a stored or new change was judged at `judged_at`.
  void resume(Timestamp judged_at) { resumed_at_ = judged_at; }

  // What is to be decided at `now`. Totals must be refreshed.
  Result<std::vector<AlertRecord>> judge(Timestamp now);
  // The definitions are not those of the last judgement: every subject is to be judged under them, and alerts
  // of rules that no longer cover their node are superseded. Before the next judge().
  Result<std::vector<AlertRecord>> review(Timestamp now);
  // An acknowledgement or silence; empty when no alert of this shard is meant.
  Result<std::vector<AlertRecord>> act(const Event& event, Timestamp now);
  // A decision read back from the log.
  Result<> restore(std::string_view alert_record);
  // The next instant at which time alone asks for a judgement; max: none.
  Result<Timestamp> next_wakeup();
  // Counts judged subjects: whoever commits compares it to know that there was something to judge.
  std::uint64_t judgements() const { return judgements_; }

  // Notes which subjects have changed: before rows are let go.
  void take_changes();
  // All that has changed so far was judged by the commits that are being replayed.
  void forget_changes();
  // Appends what changed. True: some subject has changed since it was judged.
  bool seal(StateBatch& batch);
  void shrink(std::size_t bytes) { alerts_.shrink(bytes); }
  std::size_t memory_bytes() const { return alerts_.memory_bytes(); }  // of alerts that have not changed

 private:
  // The period an alert judges at an instant, and the window in force.
  struct Span {
    Window window;
    Period period;
    const TargetPlan* target = nullptr;
  };

  // What a subject's figures say at an instant.
  struct Reading {
    Span span;
    std::string label;
    Period window;
    std::vector<KpiValue> measures;
    Judgement judgement;
    std::string target_revision;
    AccumulatorRow row;  // what the measures' texts point into
  };

  Result<> add_stored_subjects(std::uint32_t view);
  bool is_covered(std::uint32_t view, std::string_view node) const;
  Subject& subject_of(std::uint32_t view, std::string_view node);
  std::uint32_t view_of(const AlertPlan& alert) const {
    return static_cast<std::uint32_t>(plan_.kpis[alert.kpi].view);
  }
  Result<> schedule();
  Result<Timestamp> due_after(std::size_t alert, const std::string& node, Timestamp judged_at);
  Result<std::optional<AlertState>> current_state(const AlertPlan& alert, const std::string& node);
  Timestamp due_without_period(const AlertPlan& alert, const std::string& node, Timestamp now) const;
  Result<Timestamp> due_of_unknown(const AlertPlan& alert, const std::string& node, Timestamp now);
  // nullopt: the alert judges nothing then.
  std::optional<Span> span_at(const AlertPlan& alert, const std::string& node, Timestamp now) const;
  Result<bool> has_figures(const Subject& subject, Timestamp now);
  Result<> load_slices(Subject& subject);
  static bool is_due(const Subject& subject, std::size_t alert, Timestamp now);
  Result<> look_at(std::size_t alert, Subject& subject, Timestamp now, std::vector<AlertRecord>& out);
  Result<> judge_subject(std::size_t alert, Subject& subject, Timestamp now, std::vector<AlertRecord>& out);
  Result<std::optional<Reading>> read(const AlertPlan& alert, Subject& subject, Timestamp now);
  Result<AccumulatorRow> merged(const Subject& subject, const Period& window, Timestamp now);
  Result<> close_previous(const AlertPlan& alert, Subject& subject, const std::string& current_id,
                          Timestamp now, std::vector<AlertRecord>& out);
  Result<> keep(AlertState& state, std::vector<AlertTransition> transitions, const Subject* subject,
                std::vector<AlertRecord>& out);
  void put_in_words(AlertTransition& transition, const AlertState& state) const;
  Result<std::optional<AlertState>> load_state(const std::string& id);
  Timestamp next_look(const AlertPlan& alert, const AlertState& state, const Span& span, Timestamp now) const;
  std::vector<TargetRevision> revisions_for(const AlertPlan& alert, const TargetPlan& target,
                                            std::string_view node) const;
  const std::string& basis_for(const AlertPlan& alert, const TargetPlan* target);
  const AlertPlan* find_alert(const std::string& rule) const;
  void know_subject_of(const AlertState& state);

  const Plan& plan_;
  RollUp& roll_up_;
  const Reference& reference_;
  const StateReader* store_;
  HotValues alerts_;
  // By view: the nodes that its rules look at. Every changed node is held against them, and a thousand rules mostly share a
  // few patterns: each is here once.
  std::map<std::uint32_t, std::vector<const NodePattern*>> covered_;
  Subjects subjects_;
  bool knows_rows_ = false;                               // as open() says
  std::set<std::string, std::less<>> nodes_with_alerts_;  // of rules that do not look at them now
  std::uint64_t reference_changes_seen_ = 0;
  std::uint64_t judgements_ = 0;
  std::map<std::pair<const AlertPlan*, const TargetPlan*>, std::string> bases_;  // as far as asked for
  std::optional<Timestamp> resumed_at_;  // some subjects are not scheduled yet: they were judged then
  Arena arena_;
};

// The records a decision leaves as: the journal's, the public event, the public state.
void append_alert_outputs(const AlertRecord& record, const AlertMessageOptions& options,
                          const TopicNames& topics, std::int32_t partitions, std::vector<OutputRecord>& out);

}  // namespace slipstream
