#include "engine/app/log_copy.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>
#include <utility>

#include "engine/app/copied_places.h"
#include "engine/app/copied_record.h"
#include "engine/app/log_scan.h"
#include "engine/base/crash_point.h"
#include "engine/log/topic_rules.h"

namespace slipstream {
namespace {

constexpr std::size_t kBatchBytes = std::size_t{4} << 20;
constexpr std::size_t kRecordOverheadBytes = 64;

// A deployment's topics, those first that records of others name places in.
std::vector<std::string> names_of(const TopicNames& names) {
  return {names.events,    names.reference,    names.partials,    names.imports, names.dead_letters,
          names.decisions, names.alert_events, names.alert_state, names.views,   names.replays};
}

std::map<std::string, std::string> names_in_copy(const TopicNames& from, const TopicNames& to) {
  const std::vector<std::string> originals = names_of(from), copies = names_of(to);
  std::map<std::string, std::string> names;
  for (std::size_t i = 0; i < originals.size(); ++i)
    names[originals[i]] = copies[i];
  return names;
}

const TopicOptions* find_topic(const std::vector<TopicOptions>& topics, const std::string& name) {
  const auto found = std::find_if(topics.begin(), topics.end(),
                                  [&](const TopicOptions& topic) { return topic.name == name; });
  return found == topics.end() ? nullptr : &*found;
}

std::string member_of(std::size_t shard) { return fmt::format("shard-{}", shard); }

// What the original is when the copy begins; the copy is of this and of nothing that came later.
struct Original {
  std::vector<TopicOptions> topics;
  std::map<TopicPartition, OffsetRange> ranges;
  std::vector<CommittedPositions> positions;  // of each shard

  bool operator==(const Original& other) const {
    const auto is_same_end = [](const auto& a, const auto& b) { return a.second.end == b.second.end; };
    const auto is_same_commit = [](const CommittedPositions& a, const CommittedPositions& b) {
      return a.next == b.next && a.metadata == b.metadata;
    };
    return ranges.size() == other.ranges.size() &&
           std::equal(ranges.begin(), ranges.end(), other.ranges.begin(), is_same_end) &&
           std::equal(positions.begin(), positions.end(), other.positions.begin(), other.positions.end(),
                      is_same_commit);
  }
};

Result<Original> look_at(const NamedLog& from) {
  Original original;
  SLIPSTREAM_ASSIGN(const std::vector<TopicOptions> there, from.log.topics());
  for (const std::string& name : names_of(from.topics))
    if (const TopicOptions* topic = find_topic(there, name)) original.topics.push_back(*topic);
  const TopicOptions* events = find_topic(original.topics, from.topics.events);
  if (events == nullptr)
    return fail(ErrorCode::not_found,
                fmt::format("the log has no topic {}: there is nothing to copy", from.topics.events));
  // First: what was committed by then is before the ends.
  for (std::int32_t i = 0; i < events->partitions; ++i) {
    SLIPSTREAM_ASSIGN(original.positions.emplace_back(),
                      from.log.committed(from.topics.group, member_of(static_cast<std::size_t>(i))));
  }
  for (const TopicOptions& topic : original.topics)
    for (std::int32_t i = 0; i < topic.partitions; ++i) {
      const TopicPartition at{topic.name, Partition(i)};
      SLIPSTREAM_ASSIGN(original.ranges[at], from.log.offsets(at));
    }
  return original;
}

// Figures and decisions are rebuilt from all that ever was: without its beginning the copy would be another.
Result<> check_whole(const Original& original, const TopicNames& names) {
  for (const std::string* name : {&names.events, &names.reference, &names.decisions, &names.dead_letters})
    for (const auto& [at, range] : original.ranges)
      if (at.topic == *name && range.earliest > Offset(0))
        return fail(ErrorCode::offset_out_of_range,
                    fmt::format("topic {} partition {} begins at offset {}: what retention has let go can be "
                                "in no copy, and figures that rest on it would be lost there",
                                at.topic, at.partition.value, range.earliest.value));
  for (const CommittedPositions& positions : original.positions)
    if (!positions.metadata.empty()) SLIPSTREAM_TRY(decode_note(positions.metadata));
  return {};
}

class Copy {
 public:
  Copy(const NamedLog& from, const NamedLog& to, const Original& original,
       const std::function<void(const CopiedTopic&)>& progress)
      : from_(from),
        to_(to),
        original_(original),
        progress_(progress),
        places_(names_in_copy(from.topics, to.topics)) {}

  // Is there room for the copy and nothing else? Creates topics that are missing.
  Result<> prepare() {
    SLIPSTREAM_ASSIGN(const std::vector<TopicOptions> there, to_.log.topics());
    for (std::size_t i = 0; i < original_.positions.size(); ++i) {
      SLIPSTREAM_ASSIGN(const CommittedPositions positions,
                        to_.log.committed(to_.topics.group, member_of(i)));
      if (positions.metadata == kUnfinishedCopy)
        return fail(
            ErrorCode::already_exists,
            "the destination has half of a copy that was interrupted; delete what there is of it (its "
            "directory, or its topics) and copy again");
      if (!positions.metadata.empty())
        return fail(ErrorCode::already_exists,
                    "the destination has been run already; copy into an empty directory, or into new topics");
    }
    for (const TopicOptions& topic : original_.topics)
      if (const TopicOptions* found = find_topic(there, name_in_copy(topic)))
        SLIPSTREAM_TRY(check_empty(topic, *found));
    for (const TopicOptions& topic : original_.topics)
      if (find_topic(there, name_in_copy(topic)) == nullptr)
        SLIPSTREAM_TRY(to_.log.create_topic(options_in_copy(topic)));
    return {};
  }

  Result<std::vector<CopiedTopic>> fill() {
    SLIPSTREAM_TRY(begin());
    std::vector<CopiedTopic> copied;
    for (const TopicOptions& options : original_.topics) {
      SLIPSTREAM_ASSIGN(copied.emplace_back(), topic(options));
    }
    SLIPSTREAM_ASSIGN(const Original afterwards, look_at(from_));
    if (!(afterwards == original_))
      return fail(ErrorCode::log_unavailable,
                  "the log was written to while it was copied: stop its engine and all who write events");
    SLIPSTREAM_TRY(finish());
    return copied;
  }

 private:
  // From here on it is half a copy.
  Result<> begin() {
    for (std::size_t i = 0; i < original_.positions.size(); ++i) {
      SLIPSTREAM_ASSIGN(producers_.emplace_back(),
                        to_.log.open_producer(to_.topics.group + "/" + member_of(i)));
      SLIPSTREAM_TRY(
          producers_.back()->commit({{}, to_.topics.group, member_of(i), {}, std::string(kUnfinishedCopy)}));
    }
    return {};
  }

  Result<CopiedTopic> topic(const TopicOptions& options) {
    CopiedTopic copied{options_in_copy(options)};
    for (const auto& [at, range] : original_.ranges)
      if (at.topic == options.name)
        copied.records_max += static_cast<std::uint64_t>(range.end.value - range.earliest.value);
    for (std::int32_t i = 0; i < options.partitions; ++i)
      SLIPSTREAM_TRY(partition({options.name, Partition(i)}, copied));
    copied.offsets_kept = places_.are_kept(options.name);
    return copied;
  }

  // Whole from here on. The shard that is opened first is told last: none may begin before all can.
  Result<> finish() {
    for (std::size_t i = original_.positions.size(); i-- > 0;) {
      Transaction transaction{{}, to_.topics.group, member_of(i), {}, ""};
      if (!original_.positions[i].metadata.empty()) {
        SLIPSTREAM_ASSIGN(CommitNote note, decode_note(original_.positions[i].metadata));
        note.decisions_next = places_.next({from_.topics.decisions, Partition(static_cast<std::int32_t>(i))},
                                           note.decisions_next);
        for (const auto& [at, next] : std::exchange(note.next, {}))
          note.next[places_.of(at)] = places_.next(at, next);
        for (const auto& [at, newest] : std::exchange(note.newest, {}))
          note.newest[places_.of(at)] = {places_.next(at, newest.offset), newest.hash};
        transaction.next = note.next;
        transaction.metadata = encode_note(note);
      }
      SLIPSTREAM_TRY(producers_[i]->commit(transaction));
    }
    return {};
  }

  std::string name_in_copy(const TopicOptions& topic) const {
    return places_.of(TopicPartition{topic.name, Partition(0)}).topic;
  }
  TopicOptions options_in_copy(TopicOptions topic) const {
    topic.name = name_in_copy(topic);
    return topic;
  }

  Result<> check_empty(const TopicOptions& original, const TopicOptions& there) {
    if (there.partitions != original.partitions)
      return fail(
          ErrorCode::invalid_value,
          fmt::format("topic {} of the destination has {} partitions, and {} has {}; delete the "
                      "destination's topics and create them with partitions={}",
                      there.name, there.partitions, original.name, original.partitions, original.partitions));
    if (there.cleanup != original.cleanup)
      return fail(ErrorCode::invalid_value,
                  fmt::format("of topic {} of the destination and {} one is compacted and the other is not",
                              there.name, original.name));
    for (std::int32_t i = 0; i < there.partitions; ++i) {
      SLIPSTREAM_ASSIGN(const OffsetRange range, to_.log.offsets({there.name, Partition(i)}));
      if (range.end > Offset(0))
        return fail(
            ErrorCode::already_exists,
            fmt::format("the destination has, or had, records in topic {}; copy into an empty directory, "
                        "or into new topics",
                        there.name));
    }
    return {};
  }

  Result<> partition(const TopicPartition& at, CopiedTopic& copied) {
    const OffsetRange range = original_.ranges.at(at);
    std::vector<OutputRecord> batch;
    std::vector<Offset> originals;
    std::size_t bytes = 0;
    Offset next(0);
    const auto flush = [&]() -> Result<> {
      if (batch.empty()) return {};
      SLIPSTREAM_TRY(append(batch, at, originals, next));
      crash_point("copy.appended");
      copied.records += batch.size();
      batch.clear();
      originals.clear();
      bytes = 0;
      if (progress_) progress_(copied);
      return {};
    };
    Result<> failed;
    const auto take = [&](const RecordView& record) {
      originals.push_back(record.offset);
      batch.push_back(copy_of(record, at));
      failed = move_to_copy(batch.back(), from_.topics, places_);
      bytes += bytes_of(batch.back()) + kRecordOverheadBytes;
      if (failed && bytes >= kBatchBytes) failed = flush();
      return failed.has_value();
    };
    SLIPSTREAM_TRY(scan_partition(from_.log, at, {range.earliest, range.end}, take));
    SLIPSTREAM_TRY(failed);
    return flush();
  }

  // `next`: where the partition ends now.
  Result<> append(const std::vector<OutputRecord>& batch, const TopicPartition& at,
                  const std::vector<Offset>& originals, Offset& next) {
    SLIPSTREAM_ASSIGN(const std::vector<Offset> offsets, to_.log.append(batch));
    for (std::size_t i = 0; i < offsets.size(); ++i) {
      if (offsets[i] != next)
        return fail(ErrorCode::log_unavailable,
                    fmt::format("a record of topic {} came to stand at offset {} instead of {}: somebody "
                                "else writes to the destination; stop that",
                                batch[i].topic, offsets[i].value, next.value));
      places_.add(at, originals[i], offsets[i]);
      next = next.next();
    }
    return {};
  }

  static OutputRecord copy_of(const RecordView& record, const TopicPartition& at) {
    OutputRecord out{at.topic, at.partition, std::string(record.key), std::nullopt, {}, record.timestamp};
    if (!record.tombstone) out.value = std::string(record.value);
    out.headers.assign(record.headers.begin(), record.headers.end());
    return out;
  }

  const NamedLog from_, to_;
  const Original& original_;
  const std::function<void(const CopiedTopic&)>& progress_;
  CopiedPlaces places_;
  std::vector<std::unique_ptr<Producer>> producers_;  // of each shard
};

}  // namespace

Result<std::vector<CopiedTopic>> copy_log(const NamedLog& from, const NamedLog& to,
                                          const std::function<void(const CopiedTopic&)>& progress) {
  SLIPSTREAM_ASSIGN(const Original original, look_at(from));
  SLIPSTREAM_TRY(check_whole(original, from.topics));
  Copy copy(from, to, original, progress);
  SLIPSTREAM_TRY(copy.prepare());
  auto copied = copy.fill();
  if (!copied)
    copied.error().message +=
        "; what there is of the copy is of no use: delete it (its directory, or its topics) and copy again";
  return copied;
}

}  // namespace slipstream
