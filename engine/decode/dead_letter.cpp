#include "engine/decode/dead_letter.h"

#include <flatbuffers/flatbuffers.h>
#include <slipstream_wire/dead_letter_generated.h>

#include <cstring>

#include "engine/decode/wire_fields.h"

namespace slipstream {
namespace {

constexpr flatbuffers::uoffset_t kNoteDepthMax = 4;
// Each table of a note is one element of a vector of offsets, or the note itself: the bytes bound their
// number, and a record may come with as many headers as it has room for.
flatbuffers::uoffset_t tables_max(std::size_t bytes) {
  return static_cast<flatbuffers::uoffset_t>(bytes / sizeof(flatbuffers::uoffset_t));
}

using flatbuffers::FlatBufferBuilder;
using Bytes = flatbuffers::Vector<std::uint8_t>;

flatbuffers::Offset<Bytes> write_bytes(FlatBufferBuilder& builder, std::string_view bytes) {
  return builder.CreateVector(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
}

std::string text_from(const flatbuffers::String* text) {
  return text == nullptr ? std::string() : text->str();
}
std::string bytes_from(const Bytes* bytes) {
  if (bytes == nullptr) return {};
  return {reinterpret_cast<const char*>(bytes->data()), bytes->size()};
}

// Key and value are not repeated: they are the record's own.
std::string note_of(const DeadLetter& letter) {
  FlatBufferBuilder builder(512);
  std::vector<flatbuffers::Offset<wire::RecordHeader>> headers;
  for (const Header& header : letter.headers) {
    const auto name = write_text(builder, header.name);
    const auto value = write_bytes(builder, header.value);
    headers.push_back(wire::CreateRecordHeader(builder, name, value));
  }
  const auto header_vector = builder.CreateVector(headers);
  const auto code = write_text(builder, name_of(letter.code));
  const auto blame = write_text(builder, name_of(blame_of(letter.code)));
  const auto reason = write_text(builder, letter.reason);
  const auto stage = write_text(builder, letter.stage);
  const auto topic = write_text(builder, letter.at.topic);
  const auto version = write_text(builder, letter.definition_version);
  builder.Finish(wire::CreateDeadLetter(builder, code, blame, reason, stage, topic, letter.at.partition.value,
                                        letter.at.offset.value, letter.timestamp.us, letter.first_seen.us,
                                        version, {}, {}, header_vector, letter.left_out),
                 wire::DeadLetterIdentifier());
  return {reinterpret_cast<const char*>(builder.GetBufferPointer()), builder.GetSize()};
}

const Header* last_note(std::span<const Header> headers) {
  const Header* found = nullptr;
  for (const Header& header : headers)
    if (header.name == kDeadLetterHeader) found = &header;
  return found;
}

// A name that a newer version wrote and this one does not know becomes `internal`; the reason still tells.
ErrorCode code_from(std::string_view name) {
  for (int number = 100; number <= static_cast<int>(ErrorCode::internal); ++number)
    if (name_of(static_cast<ErrorCode>(number)) == name) return static_cast<ErrorCode>(number);
  return ErrorCode::internal;
}

std::vector<Header> headers_from(const wire::DeadLetter& note) {
  std::vector<Header> headers;
  if (note.headers() == nullptr) return headers;
  for (const wire::RecordHeader* header : *note.headers())
    headers.push_back({text_from(header->name()), bytes_from(header->value())});
  return headers;
}

}  // namespace

DeadLetter make_dead_letter(const Error& error, std::string stage, const TopicPartition& at,
                            const RecordView& record, Timestamp first_seen, std::string definition_version) {
  DeadLetter letter;
  letter.code = error.code;
  letter.reason = error.message;
  letter.stage = std::move(stage);
  letter.at = {at.topic, at.partition, record.offset};
  letter.key = record.key;
  if (!record.tombstone) letter.value = std::string(record.value);
  letter.headers.assign(record.headers.begin(), record.headers.end());
  letter.timestamp = record.timestamp;
  letter.first_seen = first_seen;
  letter.definition_version = std::move(definition_version);
  return letter;
}

DeadLetter leave_out_record(DeadLetter letter) {
  letter.key.clear();
  letter.value.reset();
  letter.headers.clear();
  letter.left_out = true;
  letter.reason += "; the record is too large for a dead letter too, and is to be read where it stands";
  return letter;
}

OutputRecord to_record(const DeadLetter& letter, std::string topic, Partition partition) {
  OutputRecord record{std::move(topic), partition,      letter.key,
                      letter.value,     letter.headers, letter.timestamp};
  const std::string blame(name_of(blame_of(letter.code)));
  const std::string code(name_of(letter.code));
  const auto add = [&](std::string_view name, std::string value) {
    record.headers.push_back({"__connect.errors." + std::string(name), std::move(value)});
  };
  add("topic", letter.at.topic);
  add("partition", std::to_string(letter.at.partition.value));
  add("offset", std::to_string(letter.at.offset.value));
  add("connector.name", "slipstream");
  add("task.id", std::to_string(letter.at.partition.value));
  add("stage", letter.stage);
  add("class.name", "slipstream." + letter.stage);
  add("exception.class.name", "slipstream." + blame + "." + code);
  add("exception.message", letter.reason);
  add("exception.stacktrace", "");
  record.headers.push_back({std::string(kDeadLetterHeader), note_of(letter)});
  return record;
}

Result<DeadLetter> from_record(const RecordView& record) {
  const Header* header = last_note(record.headers);
  if (header == nullptr)
    return fail(ErrorCode::malformed_record,
                "the record has no header slipstream.dead_letter; is this the topic?");
  // Copied, since a FlatBuffer's numbers are read at their alignment and a header's bytes may start anywhere.
  std::vector<std::uint64_t> aligned(header->value.size() / sizeof(std::uint64_t) + 1);
  std::memcpy(aligned.data(), header->value.data(), header->value.size());
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(aligned.data());
  flatbuffers::Verifier verifier(bytes, header->value.size(), kNoteDepthMax,
                                 tables_max(header->value.size()));
  if (!wire::VerifyDeadLetterBuffer(verifier))
    return fail(ErrorCode::malformed_record, "the header slipstream.dead_letter is damaged");
  const wire::DeadLetter& note = *wire::GetDeadLetter(bytes);
  DeadLetter letter;
  letter.code = code_from(text_from(note.code()));
  letter.reason = text_from(note.reason());
  letter.stage = text_from(note.stage());
  letter.at = {text_from(note.topic()), Partition(note.partition()), Offset(note.offset())};
  letter.key = record.key;
  if (!record.tombstone) letter.value = std::string(record.value);
  letter.headers = headers_from(note);
  letter.timestamp = {note.timestamp()};
  letter.first_seen = {note.first_seen()};
  letter.definition_version = text_from(note.definition_version());
  letter.left_out = note.left_out();
  return letter;
}

OutputRecord original_record(const DeadLetter& letter) {
  return {letter.at.topic, letter.at.partition, letter.key, letter.value, letter.headers, letter.timestamp};
}

}  // namespace slipstream
