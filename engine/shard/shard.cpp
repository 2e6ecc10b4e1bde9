#include "engine/shard/shard.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/decode/catalogue.h"
#include "engine/shard/partial_record.h"

namespace slipstream {
namespace {

constexpr std::size_t kChunkRecords = 128;   // decoded at a time: bounded memory, prefetch in batches
constexpr Duration kExpireEvery = hours(1);  // how often retention is looked after

DecodeOptions in_zone(DecodeOptions options, const Zone& zone) {
  options.zone = zone;
  return options;
}

}  // namespace

Shard::Shard(const Plan& plan, ShardOptions options, const StateReader& store)
    : plan_(plan),
      options_(std::move(options)),
      store_(&store),
      decoder_(in_zone(options_.decode, plan_.zone)),
      roll_up_(plan_, options_.shard, options_.partitions, store),
      folding_(plan_, roll_up_, store),
      observing_(plan_, folding_.contributions(), roll_up_, store),
      reference_(plan_, roll_up_, store),
      judging_(plan_, roll_up_, reference_, store),
      publishing_(plan_, roll_up_, reference_, store, options_.republished_at_once),
      waiting_(plan_, roll_up_.organisation(), reference_, folding_, observing_, store,
               in_zone(options_.decode, plan_.zone)),
      events_(kChunkRecords) {
  if (plan_.indicators.from == IndicatorSource::events)
    folding_.contributions().count_only(&reference_.indicators());
  note_.shard = options_.shard;
  note_.partitions = options_.partitions;
  note_.plan_version = plan_.version;
}

Result<> Shard::open() {
  SLIPSTREAM_ASSIGN(std::optional<CommitNote> stored, read_note(*store_));
  const bool is_new = !stored;
  if (stored) note_ = *std::move(stored);
  forget_judgements_of_others();
  note_.plan_version = plan_.version;
  SLIPSTREAM_TRY(reference_.open());
  SLIPSTREAM_TRY(judging_.open(is_new || note_.judged_version == plan_.version));
  judging_.resume(note_.judged_at);
  publishing_.resume();
  sealed_clock_ = note_.clock;
  return {};
}

// Definitions that came and went since may have folded what these judge, without judging it.
void Shard::forget_judgements_of_others() {
  if (note_.plan_version != plan_.version) note_.judged_version.clear();
}

Result<> Shard::begin_replay(const CommitNote& committed, Refusals refusals) {
  replaying_ = true;
  counts_anew_ = committed.partials_version != plan_.state_version;
  refusals_ = std::move(refusals);
  replay_was_judged_ = !committed.unjudged && committed.judged_version == plan_.version &&
                       committed.plan_version == plan_.version;
  if (publishing_.is_on() && committed.expired_at != Timestamp::min())
    roll_up_.let_go_until(committed.expired_at);
  return advance_clock(committed.clock);
}

void Shard::end_replay(const CommitNote& committed) {
  replaying_ = false;
  refusals_ = Refusals();
  const Offset decisions_next = note_.decisions_next;
  const Counters counted = note_.counters;
  note_ = committed;
  note_.decisions_next = decisions_next;
  if (counts_anew_) {
    note_.counters.received = counted.received;
    note_.counters.folded = counted.folded;
    note_.counters.duplicates = counted.duplicates;
    note_.counters.dead_lettered = counted.dead_lettered;
    note_.counters.forwarded = counted.forwarded;
    note_.counters.numeric_errors = counted.numeric_errors;
  }
  forget_judgements_of_others();
  note_.plan_version = plan_.version;
  judging_.resume(note_.judged_at);
  publishing_.resume();
  if (publishing_.is_on()) {
    roll_up_.let_go_until(Timestamp::max());
    expire_at_ = Timestamp::min();
  }
  sealed_clock_ = note_.clock;
}

Result<Effects> Shard::step(const Input& input) {
  if (sealed_) shrink();
  sealed_ = false;
  if (const auto* records = std::get_if<RecordsInput>(&input)) {
    SLIPSTREAM_TRY(take(*records));
  } else if (const auto* tick = std::get_if<TickInput>(&input)) {
    SLIPSTREAM_TRY(advance_clock(tick->now));
  } else if (std::holds_alternative<JudgeInput>(input)) {
    SLIPSTREAM_TRY(judge());
  } else if (const auto* deadline = std::get_if<ExpelInput>(&input)) {
    SLIPSTREAM_TRY(expel(deadline->until));
  } else if (const auto* decision = std::get_if<DecisionInput>(&input)) {
    SLIPSTREAM_TRY(restore(decision->record));
  } else if (const auto* keys = std::get_if<PublishedKeysInput>(&input)) {
    SLIPSTREAM_TRY(withdraw(*keys));
  } else {
    return seal();
  }
  return Effects{};
}

// What was folded already is skipped: a reader may deliver records again.
std::span<const RecordView> Shard::unseen(const ReadBatch& batch) const {
  const auto next = note_.next.find(batch.at);
  std::span<const RecordView> records(batch.records);
  while (next != note_.next.end() && !records.empty() && records.front().offset < next->second)
    records = records.subspan(1);
  return records;
}

Result<> Shard::take(const RecordsInput& input) {
  const ReadBatch& batch = *input.batch;
  if (const auto next = note_.next.find(batch.at); next != note_.next.end() && batch.next <= next->second)
    return {};
  pending_.changed = true;
  if (batch.at.topic == options_.topics.partials) {
    SLIPSTREAM_TRY(take_partials(batch));
  } else {
    SLIPSTREAM_TRY(take_events(batch, batch.at.topic == options_.topics.reference));
    if (!batch.records.empty()) note_.newest[batch.at] = read_record(batch.records.back());
  }
  note_.next[batch.at] = batch.next;
  return {};
}

Result<> Shard::take_partials(const ReadBatch& batch) {
  std::vector<std::uint64_t> aligned;
  for (const RecordView& record : unseen(batch)) {
    const auto partials = read_partials(record, aligned);
    if (!partials) {
      bury(partials.error(), "partial", record, batch.at);
      continue;
    }
    for (const IncomingPartial& partial : *partials)
      SLIPSTREAM_TRY(roll_up_.receive(partial));
  }
  return {};
}

Result<> Shard::take_events(const ReadBatch& batch, bool reference_topic) {
  std::span<const RecordView> records = unseen(batch);
  while (!reference_topic && !expulsions_.empty() && !records.empty() &&
         expulsions_.front().before <= records.back().offset) {
    const Offset place = expulsions_.front().before;
    const auto after = std::partition_point(records.begin(), records.end(),
                                            [&](const RecordView& record) { return record.offset < place; });
    SLIPSTREAM_TRY(fold_records({records.begin(), after}, batch.at));
    SLIPSTREAM_TRY(repeat_expulsions(place));
    records = {after, records.end()};
  }
  return fold_records(records, batch.at);
}

Result<> Shard::fold_records(std::span<const RecordView> records, const TopicPartition& at) {
  const bool reference_topic = at.topic == options_.topics.reference;
  for (std::size_t begin = 0; begin < records.size(); begin += kChunkRecords) {
    const std::size_t end = std::min(begin + kChunkRecords, records.size());
    std::vector<const RecordView*> decoded;
    std::vector<std::string> entities;
    for (std::size_t i = begin; i < end; ++i) {
      const RecordView& record = records[i];
      if (counts(reference_topic)) ++note_.counters.received;
      if (replaying_ && refusals_.contain(at, record.offset)) {
        if (counts(reference_topic)) ++note_.counters.dead_lettered;
        continue;
      }
      Event& event = events_[decoded.size()];
      // Against the log's time, not the clock: a replay then decides alike.
      if (const auto result = decoder_.decode(record, record.timestamp, event); !result) {
        if (counts(reference_topic)) bury(result.error(), "decode", record, at);
        continue;
      }
      decoded.push_back(&record);
      const EventKind kind = kind_of(event.type);
      if (kind == EventKind::task || kind == EventKind::measurement)
        entities.push_back(Folding::entity_key(event));
    }
    SLIPSTREAM_TRY(folding_.prefetch(entities));
    for (std::size_t i = 0; i < decoded.size(); ++i)
      SLIPSTREAM_TRY(take_event(events_[i], *decoded[i], at));
    SLIPSTREAM_TRY(observing_.flush());
    decoder_.release();
  }
  return {};
}

Result<> Shard::take_event(const Event& event, const RecordView& record, const TopicPartition& at) {
  const bool on_reference = at.topic == options_.topics.reference;
  const EventPlace place = place_of(event, options_.partitions);
  if (place != EventPlace{on_reference, at.partition}) {
    if (!counts(on_reference)) return {};
    OutputRecord out = record_for(place, record);
    if (!is_taken(out)) {
      bury({ErrorCode::record_too_large,
            fmt::format("record has more than the {} bytes that '{}' takes, where it belongs",
                        options_.output_bytes_max, out.topic)},
           "forward", record, at);
      return {};
    }
    ++note_.counters.forwarded;
    send(std::move(out));
    return {};
  }
  const RollUp::CauseView cause{event.id, &at, record.offset, event.traceparent};
  roll_up_.set_cause(&cause);
  const Result<FoldOutcome> folded = fold(event, record, at);
  roll_up_.set_cause(nullptr);
  SLIPSTREAM_TRY(folded);
  const FoldOutcome& outcome = *folded;
  // What was accepted when it was first read stays so: its windows went since then.
  const bool is_gone = outcome.beyond_retention && !replaying_;
  if (is_gone) {
    SLIPSTREAM_TRY(take_back(event, record));
  } else if (!on_reference && outcome.kind == FoldOutcome::Kind::folded && waiting_.is_on()) {
    SLIPSTREAM_TRY(waiting_.take(event, record));
  }
  if (!counts(on_reference)) return {};
  if (outcome.kind == FoldOutcome::Kind::duplicate) {
    ++note_.counters.duplicates;
  } else if (outcome.kind == FoldOutcome::Kind::refused) {
    bury(outcome.refusal, "fold", record, at);
  } else if (is_gone) {
    bury({ErrorCode::beyond_retention,
          "it falls only in windows that every view has let go; extend the views' retention and replay"},
         "aggregate", record, at);
  } else {
    newest_event_at_ = std::max(newest_event_at_, event.effective_at);
    ++note_.counters.folded;
    note_.counters.late += outcome.late;
    note_.counters.numeric_errors += outcome.numeric_error;
  }
  return {};
}

// A refused record has no effect: neither on the figures, nor on what is kept of its task, figure or source.
Result<> Shard::take_back(const Event& event, const RecordView& record) {
  if (kind_of(event.type) == EventKind::observation)
    return observing_.forget(event, record.timestamp, observing_.latest_repeated());
  SLIPSTREAM_ASSIGN(const bool removed, folding_.expel(event, note_.clock));
  SLIPSTREAM_INVARIANT(removed, std::string(event.id));
  return {};
}

Result<FoldOutcome> Shard::fold(const Event& event, const RecordView& record, const TopicPartition& at) {
  if (const auto checked = folding_.contributions().check(event); !checked) {
    FoldOutcome refused;
    refused.kind = FoldOutcome::Kind::refused;
    refused.refusal = checked.error();
    return refused;
  }
  switch (kind_of(event.type)) {
    case EventKind::observation:
      return observing_.observe(event, record.timestamp, note_.clock);
    case EventKind::reference: {
      const std::size_t indicators = reference_.indicators().size();
      SLIPSTREAM_ASSIGN(FoldOutcome outcome, reference_.fold(event, at.partition, record.offset));
      if (reference_.indicators().size() > indicators) SLIPSTREAM_TRY(admit(*event.find(Field::indicator)));
      return outcome;
    }
    case EventKind::action: {
      SLIPSTREAM_ASSIGN(FoldOutcome outcome, reference_.fold(event, at.partition, record.offset));
      if (replaying_ || outcome.kind != FoldOutcome::Kind::folded) return outcome;
      SLIPSTREAM_ASSIGN(const std::vector<AlertRecord> records, judging_.act(event, note_.clock));
      publish(records);
      return outcome;
    }
    default:
      return folding_.fold(event, at.partition, record.offset, note_.clock);
  }
}

Result<> Shard::advance_clock(Timestamp now) {
  if (now <= note_.clock) return {};
  note_.clock = now;
  SLIPSTREAM_ASSIGN(const std::uint64_t fired, folding_.fire_timers(now));
  note_.counters.timers_fired += fired;
  pending_.changed |= fired > 0;
  if (now >= expire_at_) {
    SLIPSTREAM_TRY(let_go_of_old(now));
    expire_at_ = now + kExpireEvery;
  }
  return {};
}

Result<> Shard::let_go_of_old(Timestamp now) {
  const std::size_t before = pending_.state.size();
  SLIPSTREAM_TRY(roll_up_.refresh_totals());
  if (publishing_.is_on() && !replaying_) SLIPSTREAM_TRY(publishing_.expire(note_.expired_at, now));
  judging_.take_changes();
  SLIPSTREAM_TRY(roll_up_.expire(now, pending_.state));
  SLIPSTREAM_TRY(observing_.expire(pending_.state, *store_));
  pending_.changed |= pending_.state.size() > before;
  note_.expired_at = now;
  return {};
}

Result<> Shard::withdraw(const PublishedKeysInput& input) {
  SLIPSTREAM_TRY(publishing_.withdraw_others(input, note_, published_));
  if (input.last && !publishing_.is_on()) {
    note_.views_version.clear();
    pending_.changed = true;
  }
  return {};
}

// An indicator has been defined.
Result<> Shard::admit(const Value& indicator) {
  if (plan_.indicators.from != IndicatorSource::events) return {};
  SLIPSTREAM_TRY(folding_.admit(indicator.as_text(), note_.clock));
  return waiting_.admit(indicator.as_text(), note_.clock);
}

Result<> Shard::restore(const RecordView& decision) {
  note_.decisions_next = decision.offset.next();
  if (!is_expulsion(decision.value)) return judging_.restore(decision.value);
  SLIPSTREAM_ASSIGN(Expulsion expulsion, read_expulsion(decision.value));
  waiting_.expect(expulsion);
  expulsions_.push_back(std::move(expulsion));
  return {};
}

Result<> Shard::expel(Timestamp until) {
  if (replaying_) return {};
  SLIPSTREAM_ASSIGN(const std::vector<Expelled> expelled, waiting_.expel_due(until, note_.clock));
  const TopicPartition events{options_.topics.events, options_.shard};
  for (const Expelled& each : expelled) {
    --note_.counters.folded;
    bury(each.why, kStageOfExpelled, each.record.view(), events);
    const Expulsion expulsion{{events.topic, events.partition, each.record.offset},
                              each.event_id,
                              note_.next[events],
                              each.entity,
                              each.why.code,
                              each.why.message,
                              note_.clock,
                              plan_.version,
                              note_.sequence.next().value,
                              options_.shard};
    send({options_.topics.decisions,
          options_.shard,
          each.event_id,
          write_expulsion(expulsion),
          {},
          note_.clock});
  }
  return {};
}

// Those that came before reading went on at an offset up to `until`.
Result<> Shard::repeat_expulsions(Offset until) {
  std::vector<Expulsion> repeated;
  while (!expulsions_.empty() && expulsions_.front().before <= until) {
    repeated.push_back(std::move(expulsions_.front()));
    expulsions_.pop_front();
  }
  SLIPSTREAM_ASSIGN(const std::size_t taken_out, waiting_.repeat(repeated, note_.clock));
  note_.counters.folded -= taken_out;
  note_.counters.dead_lettered += taken_out;
  return {};
}

Result<> Shard::judge() {
  if (replaying_) return {};
  SLIPSTREAM_TRY(roll_up_.refresh_totals());
  const std::uint64_t judged_before = judging_.judgements();
  if (note_.judged_version != plan_.version) {
    SLIPSTREAM_ASSIGN(const std::vector<AlertRecord> superseded, judging_.review(note_.clock));
    publish(superseded);
    pending_.changed = true;
  }
  SLIPSTREAM_ASSIGN(const std::vector<AlertRecord> records, judging_.judge(note_.clock));
  publish(records);
  pending_.changed |= judging_.judgements() > judged_before;
  note_.judged_at = note_.clock;
  note_.judged_version = plan_.version;
  return {};
}

Result<Timestamp> Shard::next_wakeup() {
  SLIPSTREAM_ASSIGN(const Timestamp timer, folding_.next_timer());
  SLIPSTREAM_ASSIGN(const Timestamp judgement, judging_.next_wakeup());
  SLIPSTREAM_ASSIGN(const Timestamp deadline, waiting_.next_deadline());
  return std::min({timer, judgement, deadline});
}

std::size_t Shard::memory_bytes() const {
  return roll_up_.memory_bytes() + folding_.memory_bytes() + observing_.memory_bytes() +
         waiting_.memory_bytes() + judging_.memory_bytes();
}

bool Shard::must_seal() const {
  return roll_up_.unsealed_bytes() + folding_.unsealed_bytes() + observing_.unsealed_bytes() +
             waiting_.unsealed_bytes() + publishing_.unsealed_bytes() + pending_output_bytes_ >
         options_.unsealed_bytes_max;
}

void Shard::shrink() {
  const std::size_t used = memory_bytes();
  if (used <= options_.hot_bytes_max) return;
  // In proportion, and a little more than needed, so that the next sweep is not the next commit's.
  const double share = 0.9 * static_cast<double>(options_.hot_bytes_max) / static_cast<double>(used);
  const auto reduced = [&](std::size_t bytes) {
    return static_cast<std::size_t>(static_cast<double>(bytes) * share);
  };
  roll_up_.shrink(reduced(roll_up_.memory_bytes()));
  folding_.shrink(reduced(folding_.memory_bytes()));
  observing_.shrink(reduced(observing_.memory_bytes()));
  waiting_.shrink(reduced(waiting_.memory_bytes()));
  judging_.shrink(reduced(judging_.memory_bytes()));
}

}  // namespace slipstream
