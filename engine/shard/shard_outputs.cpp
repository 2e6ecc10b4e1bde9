// What a shard hands over: dead letters, alerts, partials and rows for the log, and with a seal all of it and the state.
#include <utility>

#include "engine/decode/dead_letter.h"
#include "engine/shard/partial_record.h"
#include "engine/shard/shard.h"

namespace slipstream {
namespace {

constexpr std::size_t kOwedPartials = 50'000;     // sent with one commit
constexpr std::size_t kHeaderOverheadBytes = 10;  // what a log adds to a header, at most: two lengths

}  // namespace

bool Shard::clock_is_due() const {
  if (replaying_ || note_.clock == sealed_clock_) return false;
  return sealed_clock_ == Timestamp::min() || note_.clock - sealed_clock_ >= options_.clock_commit_every;
}

// Views that these definitions brought were folded by replaying, without a word to other shards.
Result<> Shard::send_owed_partials(std::vector<OutgoingPartial>& partials) {
  if (replaying_ || note_.partials_version == plan_.state_version) return {};
  SLIPSTREAM_ASSIGN(const bool all_sent, roll_up_.read_partials(owed_from_, kOwedPartials, partials));
  if (all_sent) note_.partials_version = plan_.state_version;
  pending_.changed |= !all_sent;
  return {};
}

Result<> Shard::publish_rows() {
  if (replaying_ || !publishing_.is_on()) return {};
  SLIPSTREAM_TRY(roll_up_.refresh_totals());
  const std::string before = note_.views_version;
  SLIPSTREAM_TRY(publishing_.publish(note_, published_));
  const bool goes_on = note_.views_version != plan_.views_version && note_.clock != Timestamp::min();
  pending_.changed |= goes_on || note_.views_version != before;
  return {};
}

Result<Effects> Shard::seal() {
  std::vector<OutgoingPartial> partials;
  if (const auto next = note_.next.find({options_.topics.events, options_.shard}); next != note_.next.end())
    SLIPSTREAM_TRY(repeat_expulsions(next->second));
  SLIPSTREAM_TRY(send_owed_partials(partials));  // first: what has changed since follows and replaces it
  SLIPSTREAM_TRY(publish_rows());
  SLIPSTREAM_TRY(roll_up_.seal(pending_.state, partials));
  folding_.seal(pending_.state);
  observing_.seal(pending_.state);
  waiting_.seal(pending_.state);
  reference_.seal(pending_.state);
  if (replaying_ && replay_was_judged_) judging_.forget_changes();
  note_.unjudged = judging_.seal(pending_.state);
  Effects effects = std::move(pending_);
  pending_ = Effects{};
  pending_output_bytes_ = 0;
  sealed_ = true;
  effects.changed |= !effects.state.empty() || !effects.outputs.empty() || !partials.empty() ||
                     !published_.empty() || clock_is_due();
  if (effects.changed && !replaying_) {
    note_.sequence = note_.sequence.next();
    sealed_clock_ = note_.clock;
  }
  for (const OutgoingPartial& partial : partials)
    effects.outputs.push_back(partial_record(partial, note_, options_.topics.partials));
  for (PublishedRow& row : std::exchange(published_, {}))
    effects.outputs.push_back(
        published_record(std::move(row), note_, options_.alerts.source, options_.topics.views));
  if (replaying_)
    std::erase_if(effects.outputs,
                  [&](const OutputRecord& output) { return output.topic != options_.topics.dead_letters; });
  effects.note = note_;
  return effects;
}

OutputRecord Shard::record_for(const EventPlace& place, const RecordView& record) const {
  OutputRecord out{place.on_reference ? options_.topics.reference : options_.topics.events,
                   place.partition,
                   std::string(record.key),
                   std::string(record.value),
                   {},
                   record.timestamp};
  out.headers.assign(record.headers.begin(), record.headers.end());
  return out;
}

bool Shard::is_taken(const OutputRecord& record) const {
  return bytes_of(record) + record.headers.size() * kHeaderOverheadBytes <= options_.output_bytes_max;
}

void Shard::send(OutputRecord record) {
  pending_output_bytes_ += bytes_of(record);
  pending_.outputs.push_back(std::move(record));
}

void Shard::bury(const Error& error, std::string_view stage, const RecordView& record,
                 const TopicPartition& at) {
  ++note_.counters.dead_lettered;
  if (replaying_ && (!counts_anew_ || refusals_.have_letter(at, record.offset))) return;
  const DeadLetter letter =
      make_dead_letter(error, std::string(stage), at, record, note_.clock, plan_.version);
  OutputRecord out = to_record(letter, options_.topics.dead_letters, Partition(0));
  if (!is_taken(out)) out = to_record(leave_out_record(letter), options_.topics.dead_letters, Partition(0));
  send(std::move(out));
}

void Shard::publish(const std::vector<AlertRecord>& records) {
  note_.counters.transitions += records.size();
  for (AlertRecord record : records) {
    record.origin.shard = options_.shard.value;
    record.origin.commit_sequence = note_.sequence.next().value;
    append_alert_outputs(record, options_.alerts, options_.topics, options_.partitions, pending_.outputs);
  }
}

}  // namespace slipstream
