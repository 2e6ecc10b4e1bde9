#include "engine/shard/runner.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/base/crash_point.h"
#include "engine/base/encoding.h"
#include "engine/judge/alert_record.h"
#include "engine/log/read_range.h"

namespace slipstream {
namespace {

constexpr std::string_view kLettersKey = "letters";
constexpr std::string_view kClearingKey = "clearing";  // there while the store is being cleared
constexpr std::size_t kReplayedRecordsMax = 500'000;   // folded again before the store takes them
constexpr std::size_t kReplayedLettersMax = 10'000;    // and of them refused, that were not before
constexpr std::size_t kReplayedLetterBytesMax = std::size_t{8} << 20;
constexpr std::size_t kClearedKeys = 100'000;  // in one batch

}  // namespace

std::string member_of(Partition shard) { return fmt::format("shard-{}", shard.value); }

std::vector<TopicOptions> topics_of(const TopicNames& topics, std::int32_t partitions) {
  return {
      {topics.events, partitions, Cleanup::retain, {}, {}},
      {topics.reference, 1, Cleanup::retain, {}, {}},
      {topics.partials, partitions, Cleanup::compact, {}, {}},
      {topics.decisions, partitions, Cleanup::retain, {}, {}},
      {topics.alert_events, partitions, Cleanup::retain, {}, {}},
      {topics.alert_state, partitions, Cleanup::compact, {}, {}},
      {topics.views, partitions, Cleanup::compact, {}, {}},
      {topics.dead_letters, 1, Cleanup::retain, {}, {}},
  };
}

Result<> create_topics(EventLog& log, const TopicNames& topics, std::int32_t partitions) {
  for (const TopicOptions& topic : topics_of(topics, partitions))
    SLIPSTREAM_TRY(log.create_topic(topic));
  return {};
}

std::vector<TopicPartition> inputs_of(Partition shard, const TopicNames& topics, std::int32_t partitions) {
  std::vector<TopicPartition> inputs{{topics.reference, Partition(0)}, {topics.events, shard}};
  if (partitions > 1) inputs.push_back({topics.partials, shard});
  return inputs;
}

Result<> check_end(const TopicPartition& at, const OffsetRange& there, Offset next) {
  if (there.end >= next) return {};
  return fail(
      ErrorCode::offset_out_of_range,
      fmt::format("topic '{}' partition {} ends at offset {}, though records before offset {} have been "
                  "folded: it was cut off or created anew; bring it back, or begin anew under another "
                  "topic_prefix",
                  at.topic, at.partition.value, there.end.value, next.value));
}

ShardRunner::ShardRunner(const Plan& plan, ShardOptions options, EventLog& log, Store& store, Limits limits)
    : options_(options),
      log_(&log),
      store_(&store),
      limits_(limits),
      member_(member_of(options.shard)),
      shard_(plan, std::move(options), store) {}

Result<std::unique_ptr<ShardRunner>> ShardRunner::open(const Plan& plan, ShardOptions options, EventLog& log,
                                                       Store& store, Limits limits,
                                                       std::unique_ptr<Producer> producer) {
  std::unique_ptr<ShardRunner> runner(new ShardRunner(plan, std::move(options), log, store, limits));
  runner->producer_ = std::move(producer);
  SLIPSTREAM_TRY(runner->recover());
  return runner;
}

Result<> ShardRunner::seek_inputs() {
  for (const TopicPartition& at : inputs()) {
    const auto next = shard_.note().next.find(at);
    if (next != shard_.note().next.end()) {
      SLIPSTREAM_TRY(reader_->seek(at, next->second));
    } else {
      SLIPSTREAM_ASSIGN(const OffsetRange range, log_->offsets(at));
      if (range.earliest > Offset(0)) shard_.begin_at(at, range.earliest);
      SLIPSTREAM_TRY(reader_->seek(at, range.earliest));
    }
  }
  return {};
}

Result<std::unique_ptr<Producer>> ShardRunner::open_producer(EventLog& log, const TopicNames& topics,
                                                             Partition shard) {
  return log.open_producer(topics.group + "/" + member_of(shard));
}

Result<> ShardRunner::recover() {
  // Nobody else commits from here on, so that what is read below is final.
  if (producer_ == nullptr) {
    SLIPSTREAM_ASSIGN(producer_, open_producer(*log_, options_.topics, options_.shard));
  }
  reader_ = log_->open_reader();
  SLIPSTREAM_ASSIGN(const CommittedPositions positions, log_->committed(options_.topics.group, member_));
  CommitNote committed;
  if (!positions.metadata.empty()) {
    SLIPSTREAM_ASSIGN(committed, decode_note(positions.metadata));
    SLIPSTREAM_TRY(check_partitions(committed));
    SLIPSTREAM_TRY(clear_if_outdated(committed));
  }
  SLIPSTREAM_TRY(shard_.open());
  decisions_next_ = shard_.note().decisions_next;
  const CommitNote& stored = shard_.note();
  const bool is_same_commit = committed.sequence == stored.sequence;
  if (committed.sequence < stored.sequence || (is_same_commit && committed.next != stored.next))
    return fail(
        ErrorCode::store_corrupt,
        fmt::format(
            "{}: the state is of commit {}, of which the log knows {}: they are not of one deployment; "
            "delete the state directory to rebuild it from the log",
            member_, stored.sequence.value,
            is_same_commit ? "another one"
                           : fmt::format("nothing, its last is {}", committed.sequence.value)));
  SLIPSTREAM_TRY(check_log(committed));
  SLIPSTREAM_TRY(is_same_commit ? seek_inputs() : replay(committed));
  return withdraw_rows_of_others();
}

// What earlier definitions published and these do not: the log alone knows it.
Result<> ShardRunner::withdraw_rows_of_others() {
  const TopicPartition at{options_.topics.views, options_.shard};
  const std::string& wanted = shard_.plan().views_version;
  const std::string& published = shard_.note().views_version;
  if (wanted.empty() && published.empty()) return {};
  const auto range = log_->offsets(at);
  const bool is_missing = !range && range.error().code == ErrorCode::not_found;
  if (is_missing && !wanted.empty())
    return fail(ErrorCode::not_found,
                fmt::format("{}: the definitions publish views, and topic '{}' is missing; create it with "
                            "`slipstream topics create`",
                            member_, at.topic));
  if (!range && !is_missing) return tl::unexpected(range.error());
  if (published.empty() || published == wanted) return {};
  const auto withdraw = [&](const ReadBatch& batch) -> Result<bool> {
    std::vector<std::string> keys;
    for (const RecordView& record : batch.records)
      if (!record.tombstone) keys.emplace_back(record.key);
    SLIPSTREAM_TRY(shard_.step(PublishedKeysInput{keys}));
    SLIPSTREAM_TRY(commit(false));
    return true;
  };
  if (range) SLIPSTREAM_TRY(read_range(*log_, at, range->earliest, range->end, withdraw));
  SLIPSTREAM_TRY(shard_.step(PublishedKeysInput{{}, true}));
  SLIPSTREAM_TRY(commit(false));
  return {};
}

// Does the log still have what this shard has to read, and what it has read?
Result<> ShardRunner::check_log(const CommitNote& committed) const {
  if (committed.sequence == CommitSequence()) return {};  // it begins with what there is
  const auto where = [](const std::map<TopicPartition, Offset>& offsets, const TopicPartition& at) {
    const auto found = offsets.find(at);
    return found == offsets.end() ? Offset(0) : found->second;
  };
  const auto gone = [this](const TopicPartition& at, Offset from, const OffsetRange& range) {
    return fail(
        ErrorCode::offset_out_of_range,
        fmt::format("{}: topic '{}' partition {} begins at offset {}, and what it held from offset {} on is "
                    "needed and gone; bring back the state directory, or restore it from a backup, and see "
                    "that the topic has no time limit",
                    member_, at.topic, at.partition.value, range.earliest.value, from.value));
  };
  for (const TopicPartition& at : inputs()) {
    const auto to = committed.next.find(at);
    if (to == committed.next.end()) continue;
    SLIPSTREAM_ASSIGN(const OffsetRange range, log_->offsets(at));
    SLIPSTREAM_TRY(check_end(at, range, to->second));
    if (at.topic == options_.topics.partials) continue;  // what compaction removes is outdated
    const auto& stored = shard_.note().next;
    const Offset from = stored.contains(at) ? stored.at(at) : where(committed.first, at);
    if (from < range.earliest) return gone(at, from, range);
  }
  SLIPSTREAM_ASSIGN(const OffsetRange journal, log_->offsets(decisions()));
  if (decisions_next_ < journal.earliest) return gone(decisions(), decisions_next_, journal);
  SLIPSTREAM_TRY(check_newest(committed, "the last commit"));
  return check_newest(shard_.note(), "the state");
}

// Is the newest record that was read still where it was read?
Result<> ShardRunner::check_newest(const CommitNote& note, std::string_view whose) const {
  for (const auto& [at, newest] : note.newest) {
    SLIPSTREAM_ASSIGN(const OffsetRange range, log_->offsets(at));
    if (newest.offset < range.earliest || newest.offset >= range.end) continue;
    std::optional<ReadRecord> found;
    SLIPSTREAM_TRY(read_records(*log_, at, newest.offset, newest.offset.next(),
                                [&](const RecordView& record) -> Result<bool> {
                                  found = read_record(record);
                                  return false;
                                }));
    if (found == newest) continue;
    return fail(
        ErrorCode::offset_out_of_range,
        fmt::format(
            "{}: topic '{}' partition {} holds another record at offset {} than {} has read there: the "
            "topic was created anew, or the state is another log's; bring the topic back, delete a "
            "state of another log, or begin anew under another topic_prefix",
            member_, at.topic, at.partition.value, newest.offset.value, whose));
  }
  return {};
}

// Events of an entity that were written after partitions have been added are in another one than those before.
Result<> ShardRunner::check_partitions(const CommitNote& committed) const {
  if (committed.partitions == 0 || committed.partitions == options_.partitions) return {};
  return fail(
      ErrorCode::invalid_value,
      fmt::format("{}: topic '{}' had {} partitions when it was folded and has {} now, so that the events of "
                  "one entity are spread over two shards; create topics anew under another topic_prefix, "
                  "with as many partitions as are needed, and write the events there from their source",
                  member_, options_.topics.events, committed.partitions, options_.partitions));
}

// A store of definitions that were left and come back may have taken in what others have refused meanwhile.
// It is built again, for a refused record counts nowhere until it is replayed.
Result<> ShardRunner::clear_if_outdated(const CommitNote& committed) {
  SLIPSTREAM_ASSIGN(const std::optional<std::string> clearing, store_->get(Family::meta, kClearingKey));
  if (clearing) return clear_store();  // it was interrupted: what is left tells nothing
  SLIPSTREAM_ASSIGN(const std::optional<std::string> letters, store_->get(Family::meta, kLettersKey));
  if (letters) {
    ByteReader reader(*letters);
    std::uint64_t from = 0, next = 0;
    if (!reader.read_u64(from) || !reader.read_u64(next))
      return fail(ErrorCode::store_corrupt,
                  fmt::format("{}: the state cannot be read; delete it to rebuild it from the log", member_));
    letters_from_ = Offset(static_cast<std::int64_t>(from));
    letters_next_ = Offset(static_cast<std::int64_t>(next));
  }
  SLIPSTREAM_ASSIGN(const std::optional<CommitNote> note, read_note(*store_));
  if (!note || note->sequence >= committed.sequence) return {};
  const TopicPartition events{options_.topics.events, options_.shard};
  const auto taken_in = note->next.find(events);
  SLIPSTREAM_ASSIGN(const Refusals refusals, Refusals::read(*log_, options_.topics, letters_next_));
  if (taken_in == note->next.end() || !refusals.any_before(events, taken_in->second)) return {};
  return clear_store();
}

Result<> ShardRunner::clear_store() {
  SLIPSTREAM_TRY(store_->apply({{Family::meta, kClearingKey, ""}}, true));
  for (std::size_t family = kFamilyCount;
       family-- > 0;) {  // meta last, and with it that the store is being cleared
    std::string from;
    for (bool more = true; more;) {
      more = false;
      StateBatch batch;
      SLIPSTREAM_TRY(
          store_->scan(static_cast<Family>(family), from, "", [&](std::string_view key, std::string_view) {
            if ((more = batch.size() >= kClearedKeys)) {
              from = key;
              return false;
            }
            batch.push_back({static_cast<Family>(family), key, std::nullopt});
            return true;
          }));
      SLIPSTREAM_TRY(store_->apply(batch, true));
    }
  }
  letters_from_ = letters_next_ = Offset(0);
  return {};
}

// Folds again what the log has committed and the store has not: up to exactly the committed positions. The
// store keeps up in steps, so that rebuilding from the whole log takes no more memory than folding it did.
Result<> ShardRunner::replay(CommitNote committed) {
  SLIPSTREAM_ASSIGN(Refusals refusals, Refusals::read(*log_, options_.topics, letters_from_));
  letters_next_ = refusals.end();
  SLIPSTREAM_TRY(shard_.begin_replay(committed, std::move(refusals)));
  const Offset decisions_from = decisions_next_;
  SLIPSTREAM_TRY(read_decisions());
  for (const TopicPartition& at : inputs())
    if (committed.next.contains(at)) SLIPSTREAM_TRY(replay_input(at, committed, decisions_from));
  SLIPSTREAM_ASSIGN(Effects effects, shard_.step(SealInput{}));
  SLIPSTREAM_TRY(publish_letters(std::move(effects.outputs), committed));
  shard_.end_replay(committed);
  append_note(effects.state, shard_.note(), decisions_next_, letters_next_);
  SLIPSTREAM_TRY(store_->apply(effects.state, true));
  return seek_inputs();
}

// In a commit of their own, which the store is behind until it has taken in their records.
Result<> ShardRunner::publish_letters(std::vector<OutputRecord> letters, CommitNote& committed) {
  if (letters.empty()) return {};
  committed.sequence = committed.sequence.next();
  const Transaction transaction{std::move(letters), options_.topics.group, member_, committed.next,
                                encode_note(committed)};
  SLIPSTREAM_ASSIGN(const std::vector<Offset> offsets, producer_->commit(transaction));
  letters_next_ = std::max(letters_next_, offsets.back().next());
  return {};
}

// `decisions_from`: where the decisions begin that a store which stops on the way has not been given whole.
Result<> ShardRunner::replay_input(const TopicPartition& at, CommitNote& committed, Offset decisions_from) {
  const Offset to = committed.next.at(at);
  const auto known = shard_.note().next.find(at);
  SLIPSTREAM_ASSIGN(const OffsetRange range, log_->offsets(at));
  const Offset from = std::max(known == shard_.note().next.end() ? Offset(0) : known->second, range.earliest);
  std::size_t unstored = 0;
  return read_range(*log_, at, from, to, [&](const ReadBatch& batch) -> Result<bool> {
    unstored += batch.records.size();
    SLIPSTREAM_TRY(shard_.step(RecordsInput{&batch}));
    if (unstored < kReplayedRecordsMax && shard_.pending_outputs() < kReplayedLettersMax &&
        shard_.pending_output_bytes() < kReplayedLetterBytesMax)
      return true;
    unstored = 0;
    SLIPSTREAM_ASSIGN(Effects effects, shard_.step(SealInput{}));
    SLIPSTREAM_TRY(publish_letters(std::move(effects.outputs), committed));
    append_note(effects.state, shard_.note(), decisions_from,
                letters_from_);  // of the commit that the replay began at
    SLIPSTREAM_TRY(store_->apply(effects.state, false));
    return true;
  });
}

Result<> ShardRunner::read_decisions() {
  SLIPSTREAM_ASSIGN(const OffsetRange range, log_->offsets(decisions()));
  const Offset from = std::max(decisions_next_, range.earliest);
  return read_range(*log_, decisions(), from, range.end, [&](const ReadBatch& batch) -> Result<bool> {
    for (const RecordView& record : batch.records)
      SLIPSTREAM_TRY(shard_.step(DecisionInput{record}));
    decisions_next_ = batch.next;
    return true;
  });
}

Result<std::size_t> ShardRunner::poll(Duration wait) {
  SLIPSTREAM_ASSIGN(const std::vector<ReadBatch> batches,
                    reader_->poll(limits_.records_max, limits_.bytes_max, wait));
  std::size_t records = 0;
  for (const ReadBatch& batch : batches) {
    SLIPSTREAM_TRY(shard_.step(RecordsInput{&batch}));
    records += batch.records.size();
  }
  SLIPSTREAM_TRY(expel_due());
  return records;
}

// What has waited long enough is expelled once everything is read that was in the log when that was seen:
// what it waits for may be among it.
Result<> ShardRunner::expel_due() {
  if (!due_) {
    SLIPSTREAM_ASSIGN(const bool must, shard_.must_expel());
    if (!must) return {};
    due_ = Due{shard_.note().clock, {}};
    for (const TopicPartition& at : {TopicPartition{options_.topics.reference, Partition(0)},
                                     {options_.topics.events, options_.shard}}) {
      SLIPSTREAM_ASSIGN(const OffsetRange range, log_->offsets(at));
      if (range.earliest < range.end) due_->ends[at] = range.end;
    }
  }
  const auto& next = shard_.note().next;
  for (const auto& [at, end] : due_->ends)
    if (const auto read = next.find(at); read == next.end() || read->second < end) return {};
  SLIPSTREAM_TRY(shard_.step(ExpelInput{due_->at}));
  due_.reset();
  return {};
}

Result<> ShardRunner::tick(Timestamp now) {
  SLIPSTREAM_TRY(shard_.step(TickInput{now}));
  return {};
}

Result<> ShardRunner::judge() {
  SLIPSTREAM_TRY(shard_.step(JudgeInput{}));
  return {};
}

void ShardRunner::append_note(StateBatch& batch, const CommitNote& note, Offset decisions_next,
                              Offset letters_from) const {
  CommitNote stored = note;
  stored.decisions_next = decisions_next;
  batch.push_back({Family::meta, kNoteKey, encode_note(stored)});
  std::string letters;
  append_u64(letters, static_cast<std::uint64_t>(letters_from.value));
  append_u64(letters, static_cast<std::uint64_t>(letters_next_.value));
  batch.push_back({Family::meta, kLettersKey, letters});
}

Result<ShardRunner::Commit> ShardRunner::commit(bool sync) {
  SLIPSTREAM_ASSIGN(Effects effects, shard_.step(SealInput{}));
  Commit commit{effects.changed, effects.note, effects.outputs.size()};
  if (!effects.changed) return commit;
  const Transaction transaction{std::move(effects.outputs), options_.topics.group, member_, effects.note.next,
                                encode_note(effects.note)};
  crash_point("commit.sealed");
  SLIPSTREAM_ASSIGN(const std::vector<Offset> offsets, producer_->commit(transaction));
  crash_point("commit.logged");
  for (std::size_t i = 0; i < offsets.size(); ++i) {
    if (transaction.outputs[i].topic == options_.topics.decisions)
      decisions_next_ = std::max(decisions_next_, offsets[i].next());
    if (transaction.outputs[i].topic == options_.topics.dead_letters)
      letters_next_ = std::max(letters_next_, offsets[i].next());
  }
  append_note(effects.state, effects.note, decisions_next_, letters_next_);
  SLIPSTREAM_TRY(store_->apply(effects.state, sync));
  crash_point("commit.stored");
  return commit;
}

}  // namespace slipstream
