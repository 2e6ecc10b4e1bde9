// The shard: step(input) -> effects. It owns the partitions of one number and everything folded from them.
//
// Pure: no thread, socket, clock, random number or file inside; log, clock and store are given to it.
// Production, golden tests, back-tests and the fault simulator run this same class.
//
// Within a commit the shard only gathers; SealInput hands over everything at once: the outputs and positions
// for one log transaction, and the state for one store batch to be applied after it. Whoever drives the shard
// must apply the state before the next step, or drop the shard and open it anew from the store. An error from
// step() means that the store or an invariant failed: drop the shard too. Bad records are no errors; they
// become dead letters. Belongs to one thread.
#pragma once

#include <deque>
#include <memory>

#include "engine/decode/decoder.h"
#include "engine/definition/plan.h"
#include "engine/log/topic_rules.h"
#include "engine/shard/event_place.h"
#include "engine/shard/folding.h"
#include "engine/shard/input.h"
#include "engine/shard/judging.h"
#include "engine/shard/observing.h"
#include "engine/shard/publishing.h"
#include "engine/shard/reference.h"
#include "engine/shard/refusals.h"
#include "engine/shard/waiting.h"

namespace slipstream {

struct ShardOptions {
  Partition shard;
  std::int32_t partitions = 1;
  TopicNames topics;
  DecodeOptions decode;
  std::size_t hot_bytes_max = std::size_t{256} << 20;  // rows, entities and the like kept in memory
  // A clock that has moved this far is committed though nothing happened: figures are read as of the
  // committed clock.
  Duration clock_commit_every = seconds(10);
  std::size_t unsealed_bytes_max = std::size_t{64}
                                   << 20;          // of rows, entities and outputs since the last seal, about
  std::size_t output_bytes_max = kRecordBytesMax;  // the largest record that all topics take
  AlertMessageOptions alerts = {};
  std::size_t republished_at_once = 20'000;  // records of rows that are published anew with one commit, about
};

class Shard {
 public:
  Shard(const Plan& plan, ShardOptions options, const StateReader& store);

  // Reads what the store holds. Call once, before the first step.
  Result<> open();
  Result<Effects> step(const Input& input);

  // While replaying, inputs are folded again up to what the log has committed, at the clock of that commit:
  // nothing is sent and nothing is decided. Of what was refused before, nothing counts. Under definitions
  // that no commit was made with yet, everything is counted anew, and what these refuse and the earlier ones
  // accepted becomes dead letters: the only outputs. Ends, after a seal, with the shard at the committed
  // note.
  Result<> begin_replay(const CommitNote& committed, Refusals refusals);
  void end_replay(const CommitNote& committed);
  void begin_at(const TopicPartition& at, Offset first) { note_.first[at] = first; }

  const CommitNote& note() const { return note_; }
  const Plan& plan() const { return plan_; }
  // The latest effective_at of any accepted event since the shard was opened; Timestamp::min() before the
  // first.
  Timestamp newest_event_at() const { return newest_event_at_; }
  // The next instant at which time alone makes work: a timer or a judgement.
  Result<Timestamp> next_wakeup();
  // Has something waited long enough for its node or indicator?
  Result<bool> must_expel() { return waiting_.is_due(note_.clock); }
  std::size_t memory_bytes() const;
  // Has so much changed since the last seal that a commit should not wait?
  bool must_seal() const;
  // Records to be sent with the next seal.
  std::size_t pending_outputs() const { return pending_.outputs.size(); }
  std::size_t pending_output_bytes() const { return pending_output_bytes_; }

 private:
  std::span<const RecordView> unseen(const ReadBatch& batch) const;
  Result<> take(const RecordsInput& input);
  Result<> take_events(const ReadBatch& batch, bool reference_topic);
  Result<> fold_records(std::span<const RecordView> records, const TopicPartition& at);
  Result<> take_partials(const ReadBatch& batch);
  Result<> admit(const Value& indicator);
  Result<> restore(const RecordView& decision);
  Result<> expel(Timestamp until);
  Result<> repeat_expulsions(Offset until);
  Result<> take_event(const Event& event, const RecordView& record, const TopicPartition& at);
  Result<> take_back(const Event& event, const RecordView& record);
  Result<FoldOutcome> fold(const Event& event, const RecordView& record, const TopicPartition& at);
  Result<> advance_clock(Timestamp now);
  Result<> judge();
  Result<> withdraw(const PublishedKeysInput& input);
  Result<> let_go_of_old(Timestamp now);
  void forget_judgements_of_others();
  Result<Effects> seal();
  bool clock_is_due() const;

  OutputRecord record_for(const EventPlace& place, const RecordView& record) const;
  void bury(const Error& error, std::string_view stage, const RecordView& record, const TopicPartition& at);
  void publish(const std::vector<AlertRecord>& records);
  bool is_taken(const OutputRecord& record) const;
  void send(OutputRecord record);
  // Reference records reach every shard; shard 0 speaks and counts for them.
  bool counts(bool reference_topic) const { return !reference_topic || options_.shard.value == 0; }
  Result<> send_owed_partials(std::vector<OutgoingPartial>& partials);
  Result<> publish_rows();
  void shrink();

  const Plan plan_;  // a copy: zones and windows cache their last answer
  ShardOptions options_;
  const StateReader* store_;
  CommitNote note_;
  Decoder decoder_;
  RollUp roll_up_;
  Folding folding_;
  Observing observing_;
  Reference reference_;
  Judging judging_;
  Publishing publishing_;
  Waiting waiting_;
  std::deque<Expulsion> expulsions_;  // read back, to be repeated; in the order of their places
  std::vector<Event> events_;         // one chunk of decoded records
  Effects pending_;
  std::size_t pending_output_bytes_ = 0;
  std::vector<PublishedRow> published_;  // with the next seal
  Timestamp newest_event_at_ = Timestamp::min();
  Timestamp expire_at_ = Timestamp::min();
  Timestamp sealed_clock_ = Timestamp::min();
  RollUp::RowCursor owed_from_;  // of the partials that a changed definition made this shard owe
  bool replay_was_judged_ = false;
  bool replaying_ = false;
  bool counts_anew_ = false;  // while replaying
  Refusals refusals_;         // while replaying
  bool sealed_ = false;       // since the last seal nothing was done: memory may shrink
};

}  // namespace slipstream
