#include "engine/app/log_copy.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "engine/app/log_scan.h"
#include "engine/decode/dead_letter.h"
#include "engine/shard/expulsion_record.h"

namespace slipstream {
namespace {

constexpr std::size_t kBatchBytes = std::size_t{4} << 20;

OutputRecord copy_of(const RecordView& record, const TopicPartition& at) {
  OutputRecord out{at.topic, at.partition, std::string(record.key), std::nullopt, {}, record.timestamp};
  if (!record.tombstone) out.value = std::string(record.value);
  out.headers.assign(record.headers.begin(), record.headers.end());
  return out;
}

class Copy {
 public:
  Copy(EventLog& from, EventLog& to, const TopicNames& names,
       const std::function<void(const CopiedTopic&)>& progress)
      : from_(from), to_(to), names_(names), progress_(progress) {}

  Result<CopiedTopic> topic(const TopicOptions& options) {
    SLIPSTREAM_TRY(to_.create_topic(options));
    CopiedTopic copied{options, 0};
    for (std::int32_t i = 0; i < options.partitions; ++i)
      SLIPSTREAM_TRY(partition({options.name, Partition(i)}, copied));
    return copied;
  }

  // The offset in the copy at which reading goes on that would go on at `next` in the original.
  Offset translated(const TopicPartition& at, Offset next) const {
    const auto copied = offsets_.find(at);
    if (copied == offsets_.end()) return Offset(0);
    const auto& originals = copied->second;
    return Offset(std::lower_bound(originals.begin(), originals.end(), next) - originals.begin());
  }

 private:
  // A decision about an event says where it stands, and so does a dead letter.
  Result<> translate(OutputRecord& record) const {
    if (record.topic == names_.dead_letters) return translate_letter(record);
    if (record.topic != names_.decisions || !record.value || !is_expulsion(*record.value)) return {};
    SLIPSTREAM_ASSIGN(Expulsion expulsion, read_expulsion(*record.value));
    const TopicPartition events{expulsion.record.topic, expulsion.record.partition};
    expulsion.record.offset = translated(events, expulsion.record.offset);
    expulsion.before = translated(events, expulsion.before);
    record.value = write_expulsion(expulsion);
    return {};
  }

  Result<> translate_letter(OutputRecord& record) const {
    RecordView view;
    view.key = record.key;
    view.value = record.value.value_or("");
    view.tombstone = !record.value;
    view.headers = record.headers;
    view.timestamp = record.timestamp;
    auto letter = from_record(view);
    if (!letter) return {};  // somebody else's: as it is
    letter->at.offset = translated({letter->at.topic, letter->at.partition}, letter->at.offset);
    record = to_record(*letter, record.topic, record.partition);
    return {};
  }

  Result<> partition(const TopicPartition& at, CopiedTopic& copied) {
    SLIPSTREAM_ASSIGN(const OffsetRange there, to_.offsets(at));
    if (there.end.value > 0)
      return fail(ErrorCode::already_exists,
                  fmt::format("the destination already has records in topic {}; copy into an empty directory",
                              at.topic));
    std::vector<OutputRecord> batch;
    std::size_t bytes = 0;
    Result<> appended;
    const auto flush = [&] {
      if (batch.empty()) return true;
      if (const auto offsets = to_.append(batch); !offsets) appended = tl::unexpected(offsets.error());
      copied.records += batch.size();
      batch.clear();
      bytes = 0;
      if (progress_) progress_(copied);
      return appended.has_value();
    };
    SLIPSTREAM_TRY(scan_partition(from_, at, {}, [&](const RecordView& record) {
      offsets_[at].push_back(record.offset);
      bytes += record.key.size() + record.value.size();
      batch.push_back(copy_of(record, at));
      if (const auto moved = translate(batch.back()); !moved) appended = tl::unexpected(moved.error());
      return appended && (bytes < kBatchBytes || flush());
    }));
    if (appended) flush();
    return appended;
  }

  EventLog& from_;
  EventLog& to_;
  const TopicNames& names_;
  const std::function<void(const CopiedTopic&)>& progress_;
  std::map<TopicPartition, std::vector<Offset>> offsets_;  // of the originals, in order
};

// A shard's committed position and note, as they are in the copy.
Result<> copy_position(EventLog& from, EventLog& to, const TopicNames& names, Partition shard,
                       const Copy& copy) {
  const std::string member = fmt::format("shard-{}", shard.value);
  SLIPSTREAM_ASSIGN(const CommittedPositions positions, from.committed(names.group, member));
  if (positions.metadata.empty()) return {};
  SLIPSTREAM_ASSIGN(CommitNote note, decode_note(positions.metadata));
  for (auto& [at, next] : note.next)
    next = copy.translated(at, next);
  note.decisions_next = copy.translated({names.decisions, shard}, note.decisions_next);
  SLIPSTREAM_ASSIGN(const std::unique_ptr<Producer> producer, to.open_producer(names.group + "/" + member));
  SLIPSTREAM_TRY(producer->commit({{}, names.group, member, note.next, encode_note(note)}));
  return {};
}

}  // namespace

Result<std::vector<CopiedTopic>> copy_log(EventLog& from, EventLog& to, const TopicNames& names,
                                          const std::function<void(const CopiedTopic&)>& progress) {
  SLIPSTREAM_ASSIGN(std::vector<TopicOptions> topics, from.topics());
  // Decisions and dead letters tell positions of events: those must have been copied.
  std::stable_partition(topics.begin(), topics.end(), [&](const TopicOptions& topic) {
    return topic.name != names.decisions && topic.name != names.dead_letters;
  });
  Copy copy(from, to, names, progress);
  std::vector<CopiedTopic> copied;
  std::int32_t shards = 0;
  for (const TopicOptions& topic : topics) {
    SLIPSTREAM_ASSIGN(CopiedTopic done, copy.topic(topic));
    copied.push_back(std::move(done));
    if (topic.name == names.events) shards = topic.partitions;
  }
  for (std::int32_t i = 0; i < shards; ++i)
    SLIPSTREAM_TRY(copy_position(from, to, names, Partition(i), copy));
  return copied;
}

}  // namespace slipstream
