// The commit's note as a FlatBuffer (schemas/checkpoint.fbs): the metadata of the committed positions, and
// the store's `note` in its meta family.
#include <slipstream_wire/checkpoint_generated.h>

#include "engine/base/hash.h"
#include "engine/shard/input.h"

namespace slipstream {
namespace {

constexpr std::int64_t kNone = -1;  // no record has this offset

constexpr std::uint64_t Counters::* kCounters[] = {
    &Counters::received,      &Counters::folded,      &Counters::duplicates,
    &Counters::dead_lettered, &Counters::forwarded,   &Counters::late,
    &Counters::timers_fired,  &Counters::transitions, &Counters::numeric_errors};

std::vector<std::uint64_t> list_of(const Counters& counters) {
  std::vector<std::uint64_t> list;
  for (const auto counter : kCounters)
    list.push_back(counters.*counter);
  return list;
}

Counters counters_of(const flatbuffers::Vector<std::uint64_t>* list) {
  Counters counters;
  for (std::uint32_t i = 0; list != nullptr && i < list->size() && i < std::size(kCounters); ++i)
    counters.*kCounters[i] = list->Get(i);
  return counters;
}

}  // namespace

Counters& Counters::operator+=(const Counters& other) {
  for (const auto counter : kCounters)
    this->*counter += other.*counter;
  return *this;
}

ReadRecord read_record(const RecordView& record) {
  return {record.offset, hash64(record.value, hash64(record.key))};
}

std::string encode_note(const CommitNote& note) {
  flatbuffers::FlatBufferBuilder builder;
  std::vector<flatbuffers::Offset<wire::NextPosition>> positions;
  for (const auto& [at, next] : note.next) {
    const auto first = note.first.find(at);
    const auto newest = note.newest.find(at);
    positions.push_back(
        wire::CreateNextPosition(builder, builder.CreateString(at.topic), at.partition.value, next.value,
                                 first == note.first.end() ? 0 : first->second.value,
                                 newest == note.newest.end() ? kNone : newest->second.offset.value,
                                 newest == note.newest.end() ? 0 : newest->second.hash));
  }
  const auto positions_offset = builder.CreateVector(positions);
  const auto version = builder.CreateString(note.plan_version);
  const auto judged_version = builder.CreateString(note.judged_version);
  const auto partials_version = builder.CreateString(note.partials_version);
  const auto views_version = builder.CreateString(note.views_version);
  const auto counters = builder.CreateVector(list_of(note.counters));
  builder.Finish(wire::CreateCheckpoint(builder, note.shard.value, note.sequence.value, note.clock.us,
                                        positions_offset, version, note.decisions_next.value, counters,
                                        note.judged_at.us, note.unjudged, judged_version, partials_version,
                                        note.partitions, views_version, note.expired_at.us),
                 wire::CheckpointIdentifier());
  return {reinterpret_cast<const char*>(builder.GetBufferPointer()), builder.GetSize()};
}

Result<CommitNote> decode_note(std::string_view bytes) {
  if (bytes == kUnfinishedCopy)
    return fail(
        ErrorCode::store_corrupt,
        "the log is half of a copy that was interrupted, or that is still being made; delete what there "
        "is of it (its directory, or its topics) and make it anew with `slipstream log copy`");
  flatbuffers::Verifier verifier(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
  if (!wire::VerifyCheckpointBuffer(verifier))
    return fail(
        ErrorCode::store_corrupt,
        "a commit's note cannot be read; restore the state from a checkpoint or delete it to rebuild");
  const wire::Checkpoint& wire = *wire::GetCheckpoint(bytes.data());
  CommitNote note;
  note.shard = Partition(wire.shard());
  note.partitions = wire.partitions();
  note.sequence = CommitSequence(wire.commit_sequence());
  note.clock = Timestamp{wire.clock()};
  note.judged_at = Timestamp{wire.judged_at()};
  note.unjudged = wire.unjudged();
  note.decisions_next = Offset(wire.decisions_next());
  note.counters = counters_of(wire.counters());
  if (wire.definition_version() != nullptr) note.plan_version = wire.definition_version()->str();
  if (wire.judged_version() != nullptr) note.judged_version = wire.judged_version()->str();
  if (wire.partials_version() != nullptr) note.partials_version = wire.partials_version()->str();
  if (wire.views_version() != nullptr) note.views_version = wire.views_version()->str();
  note.expired_at = Timestamp{wire.expired_at()};
  if (wire.positions() == nullptr) return note;
  for (const wire::NextPosition* position : *wire.positions()) {
    if (position->topic() == nullptr) continue;
    const TopicPartition at{position->topic()->str(), Partition(position->partition())};
    note.next[at] = Offset(position->next());
    if (position->first() > 0) note.first[at] = Offset(position->first());
    if (position->newest() != kNone) note.newest[at] = {Offset(position->newest()), position->newest_hash()};
  }
  return note;
}

Result<std::optional<CommitNote>> read_note(const StateReader& state) {
  SLIPSTREAM_ASSIGN(const std::optional<std::string> stored, state.get(Family::meta, kNoteKey));
  if (!stored) return std::nullopt;
  SLIPSTREAM_ASSIGN(CommitNote note, decode_note(*stored));
  return note;
}

}  // namespace slipstream
