// What goes into a shard and what comes out. Everything a shard knows of the world passes through here.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "engine/base/ids.h"
#include "engine/base/time.h"
#include "engine/log/event_log.h"
#include "engine/state/store.h"

namespace slipstream {

// The topics of one deployment. Inputs: events (keyed by task or node), reference (one partition that every
// shard reads whole), partials (co-partitioned with events, written by the shards themselves).
struct TopicNames {
  std::string events = "events";
  std::string reference = "reference";
  std::string partials = "partials";
  std::string decisions = "decisions";         // journal: alert transitions, expulsions; partition = shard
  std::string alert_events = "alerts.events";  // public: every transition
  std::string alert_state = "alerts.state";    // public, compacted: the latest of each alert
  std::string views = "views";                 // public, compacted: the rows of published views
  std::string dead_letters = "dead_letters";
  std::string imports = "imports";                // which files were imported, and how far
  std::string replays = "dead_letters.replayed";  // which dead letters were
  std::string members = "slipstream.members";     // which instance runs which shards
  std::string group = "slipstream";
};

// Records of one input partition, consecutive and in order.
struct RecordsInput {
  const ReadBatch* batch = nullptr;
};
// The clock has reached `now`: deadlines pass. Never goes back; an earlier instant is ignored.
struct TickInput {
  Timestamp now;
};
// Judge every alert whose figures or time have changed, as of the clock.
struct JudgeInput {};
// Expel what should have become known by `until`: given once everything has been read that the log held when
// the clock got there, so that a definition among it comes in time.
struct ExpelInput {
  Timestamp until;
};
// End of a commit's work: hand over the effects.
struct SealInput {};
// A decision as the decision topic has it: only while recovering, and then before the inputs.
struct DecisionInput {
  RecordView record;
};

// Keys of the topic of views as earlier definitions left it: rows that there are no more are withdrawn. Only
// right after recovering, until all have been given.
struct PublishedKeysInput {
  std::span<const std::string> keys;
  bool last = false;
};

using Input = std::variant<RecordsInput, TickInput, JudgeInput, ExpelInput, SealInput, DecisionInput,
                           PublishedKeysInput>;

// Counted end to end (G3): received = folded + duplicates + dead_lettered + forwarded. What waits is folded,
// until it is expelled: then it is dead-lettered instead.
struct Counters {
  std::uint64_t received = 0;  // records of events and reference topics
  std::uint64_t folded = 0;
  std::uint64_t duplicates = 0;
  std::uint64_t dead_lettered = 0;
  std::uint64_t forwarded = 0;  // came on the topic of the other kind of events, sent on to theirs
  std::uint64_t late = 0;       // folded into a slice that had ended: a restatement
  std::uint64_t timers_fired = 0;
  std::uint64_t transitions = 0;
  // Folded, and an expression over its task, figure or reading made a NULL of a value.
  std::uint64_t numeric_errors = 0;
  Counters& operator+=(const Counters& other);
  friend bool operator==(const Counters&, const Counters&) = default;
};

// A record that a shard has read, as it was: another one in its place is another topic's.
struct ReadRecord {
  Offset offset;
  std::uint64_t hash = 0;  // of key and value
  friend bool operator==(const ReadRecord&, const ReadRecord&) = default;
};
ReadRecord read_record(const RecordView& record);

// Written with the offsets in the log and with the rows in the store: says which state this is.
struct CommitNote {
  Partition shard;
  std::int32_t partitions = 0;  // of the deployment: as many shards; 0: not known
  CommitSequence sequence;
  Timestamp clock = Timestamp::min();
  Timestamp judged_at = Timestamp::min();  // the clock when alerts were last judged
  bool unjudged = false;                   // some figures have changed since
  std::map<TopicPartition, Offset> next;   // of every input partition
  std::map<TopicPartition, Offset> first;  // where folding it began, if not at 0
  // The newest record read of each input partition of events; notes of the time before have none.
  std::map<TopicPartition, ReadRecord> newest;
  Offset decisions_next;  // store only: where reading decisions back would go on
  Counters counters;
  std::string plan_version;
  std::string judged_version;    // the plan version under which alerts were last judged
  std::string partials_version;  // the state version whose views' partials have all been sent
  // The definitions' views_version whose rows have all been published; empty: those of none have. Another one
  // than the plan's: the topic has rows of earlier definitions.
  std::string views_version;
  // The clock when retention was last looked after: what it had let go by then has been withdrawn from the
  // topic of views.
  Timestamp expired_at = Timestamp::min();
};
// In place of a shard's note while `slipstream log copy` fills its log: nobody may go on there.
inline constexpr std::string_view kUnfinishedCopy = "slipstream: unfinished copy";
std::string encode_note(const CommitNote& note);
// Errors: store_corrupt, also for a log that is half a copy.
Result<CommitNote> decode_note(std::string_view bytes);

inline constexpr std::string_view kNoteKey = "note";  // in the store's meta family
// Of the store's last commit; nullopt: it has none.
Result<std::optional<CommitNote>> read_note(const StateReader& state);

// A commit's work: first one log transaction {outputs, note.next}, then one store batch {state}.
struct Effects {
  std::vector<OutputRecord> outputs;
  StateBatch state;
  CommitNote note;
  bool changed = false;  // false: nothing worth a commit happened
};

}  // namespace slipstream
