#include "engine/shard/expulsion_record.h"

#include <slipstream_wire/expulsion_generated.h>

#include <cstring>
#include <vector>

namespace slipstream {
namespace {

constexpr std::size_t kIdentifierBegin = 4, kIdentifierBytes = 4;

std::string text_of(const flatbuffers::String* text) { return text == nullptr ? std::string() : text->str(); }

// A reason that a later version adds is still that something was not known.
ErrorCode code_of(std::string_view name) {
  return name == name_of(ErrorCode::unknown_indicator) ? ErrorCode::unknown_indicator
                                                       : ErrorCode::unknown_node;
}

Expulsion expulsion_of(const wire::Expulsion& wire) {
  Expulsion expulsion;
  const wire::Position& record = *wire.record();
  expulsion.record = {text_of(record.topic()), Partition(record.partition()), Offset(record.offset())};
  expulsion.event_id = text_of(record.event_id());
  expulsion.before = Offset(wire.before());
  if (wire.entity() != nullptr)
    expulsion.entity.assign(reinterpret_cast<const char*>(wire.entity()->data()), wire.entity()->size());
  expulsion.code = code_of(text_of(wire.code()));
  expulsion.reason = text_of(wire.reason());
  expulsion.at = Timestamp{wire.at()};
  expulsion.definition_version = text_of(wire.definition_version());
  expulsion.commit_sequence = wire.commit_sequence();
  expulsion.shard = Partition(wire.shard());
  return expulsion;
}

}  // namespace

std::string write_expulsion(const Expulsion& expulsion) {
  flatbuffers::FlatBufferBuilder builder;
  const auto topic = builder.CreateString(expulsion.record.topic);
  const auto event_id = builder.CreateString(expulsion.event_id);
  const auto record = wire::CreatePosition(builder, topic, expulsion.record.partition.value,
                                           expulsion.record.offset.value, event_id);
  flatbuffers::Offset<flatbuffers::Vector<std::uint8_t>> entity;
  if (!expulsion.entity.empty())
    entity = builder.CreateVector(reinterpret_cast<const std::uint8_t*>(expulsion.entity.data()),
                                  expulsion.entity.size());
  const std::string_view name = name_of(expulsion.code);
  const auto code = builder.CreateString(name.data(), name.size());
  const auto reason = builder.CreateString(expulsion.reason);
  const auto version = builder.CreateString(expulsion.definition_version);
  builder.Finish(
      wire::CreateExpulsion(builder, record, expulsion.before.value, entity, code, reason, expulsion.at.us,
                            version, expulsion.commit_sequence, expulsion.shard.value),
      wire::ExpulsionIdentifier());
  return {reinterpret_cast<const char*>(builder.GetBufferPointer()), builder.GetSize()};
}

Result<Expulsion> read_expulsion(std::string_view bytes) {
  // Copied, since a FlatBuffer's numbers are read at their alignment and a record's bytes may start anywhere.
  std::vector<std::uint64_t> aligned(bytes.size() / sizeof(std::uint64_t) + 1);
  std::memcpy(aligned.data(), bytes.data(), bytes.size());
  const auto* begin = reinterpret_cast<const std::uint8_t*>(aligned.data());
  flatbuffers::Verifier verifier(begin, bytes.size());
  if (!wire::VerifyExpulsionBuffer(verifier) || wire::GetExpulsion(begin)->record() == nullptr)
    return fail(
        ErrorCode::malformed_record,
        "a record of the decisions topic is not an expulsion, or is damaged; who else writes this topic?");
  return expulsion_of(*wire::GetExpulsion(begin));
}

bool is_expulsion(std::string_view bytes) {
  return bytes.size() >= kIdentifierBegin + kIdentifierBytes &&
         bytes.substr(kIdentifierBegin, kIdentifierBytes) == wire::ExpulsionIdentifier();
}

}  // namespace slipstream
