#include "engine/shard/partial_record.h"

#include <slipstream_wire/partial_generated.h>

#include <cstring>

namespace slipstream {

OutputRecord partial_record(const OutgoingPartial& partial, const CommitNote& note,
                            const std::string& topic) {
  flatbuffers::FlatBufferBuilder builder;
  const auto node = builder.CreateString(partial.node);
  const auto state =
      builder.CreateVector(reinterpret_cast<const std::uint8_t*>(partial.state.data()), partial.state.size());
  const auto row = wire::CreatePartialRow(builder, partial.view.value, node, partial.slice.us, state);
  const auto rows = builder.CreateVector(&row, 1);
  const auto version = builder.CreateString(note.plan_version);
  builder.Finish(
      wire::CreatePartialBatch(builder, note.shard.value, note.sequence.value, note.clock.us, version, rows),
      wire::PartialBatchIdentifier());
  OutputRecord record;
  record.topic = topic;
  record.partition = partial.owner;
  record.key = partial_key(partial.view, partial.node, partial.slice, note.shard);
  record.value.emplace(reinterpret_cast<const char*>(builder.GetBufferPointer()), builder.GetSize());
  record.timestamp = note.clock;
  return record;
}

Result<std::vector<IncomingPartial>> read_partials(const RecordView& record,
                                                   std::vector<std::uint64_t>& aligned) {
  // A log gives its records' bytes where they lie; FlatBuffers reads numbers at their alignment.
  aligned.resize(record.value.size() / sizeof(std::uint64_t) + 1);
  std::memcpy(aligned.data(), record.value.data(), record.value.size());
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(aligned.data());
  flatbuffers::Verifier verifier(bytes, record.value.size());
  if (!wire::VerifyPartialBatchBuffer(verifier))
    return fail(ErrorCode::malformed_record,
                "a record of the partials topic is not a partial; who else writes this topic?");
  const wire::PartialBatch& batch = *wire::GetPartialBatch(bytes);
  std::vector<IncomingPartial> partials;
  if (batch.rows() == nullptr) return partials;
  for (const wire::PartialRow* row : *batch.rows()) {
    IncomingPartial& partial = partials.emplace_back();
    partial.origin = Partition(batch.origin());
    partial.sequence = CommitSequence(batch.commit_sequence());
    partial.view = ViewId(row->view());
    if (row->node() != nullptr) partial.node = row->node()->string_view();
    partial.slice = Timestamp{row->slice_start()};
    if (row->state() != nullptr)
      partial.state = {reinterpret_cast<const char*>(row->state()->data()), row->state()->size()};
  }
  return partials;
}

}  // namespace slipstream
