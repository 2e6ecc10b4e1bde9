#include "engine/app/peers/shard_wire.h"

#include <algorithm>
#include <limits>

#include "engine/base/encoding.h"

namespace slipstream {
namespace {

tl::unexpected<Error> malformed() {
  return fail(ErrorCode::malformed_record, "this is no question of an instance of this version");
}

void append_place(std::string& out, const PlaceOfRead& place) {
  append_varint(out, static_cast<std::uint64_t>(place.shard.value));
  append_u64(out, place.commit.value);
  append_u8(out, static_cast<std::uint8_t>(place.family));
}

bool read_shard(ByteReader& reader, Partition& shard) {
  std::uint64_t number = 0;
  if (!reader.read_varint(number) || number > std::numeric_limits<std::int32_t>::max()) return false;
  shard = Partition(static_cast<std::int32_t>(number));
  return true;
}

bool read_place(ByteReader& reader, PlaceOfRead& place) {
  std::uint64_t commit = 0;
  std::uint8_t family = 0;
  if (!read_shard(reader, place.shard) || !reader.read_u64(commit) || !reader.read_u8(family)) return false;
  place.commit = CommitSequence(commit);
  place.family = static_cast<Family>(family);
  return family < kFamilyCount;
}

}  // namespace

std::string encode(const NewestQuestion& question) {
  std::string out;
  append_string(out, question.plan_version);
  append_string(out, question.state_version);
  append_varint(out, question.shards.size());
  for (const Partition shard : question.shards)
    append_varint(out, static_cast<std::uint64_t>(shard.value));
  return out;
}

std::string encode(const GetQuestion& question) {
  std::string out;
  append_place(out, question.place);
  append_varint(out, question.keys.size());
  for (const std::string& key : question.keys)
    append_string(out, key);
  return out;
}

std::string encode(const ScanQuestion& question) {
  std::string out;
  append_place(out, question.place);
  append_string(out, question.from);
  append_string(out, question.to);
  append_varint(out, question.bytes);
  return out;
}

Result<NewestQuestion> decode_newest(std::string_view bytes) {
  NewestQuestion question;
  ByteReader reader(bytes);
  std::uint64_t count = 0;
  if (!reader.read_string(question.plan_version) || !reader.read_string(question.state_version) ||
      !reader.read_varint(count) || count > kKeysMax)
    return malformed();
  question.shards.resize(count);
  for (Partition& shard : question.shards)
    if (!read_shard(reader, shard)) return malformed();
  if (!reader.at_end()) return malformed();
  return question;
}

Result<GetQuestion> decode_get(std::string_view bytes) {
  GetQuestion question;
  ByteReader reader(bytes);
  std::uint64_t count = 0;
  if (!read_place(reader, question.place) || !reader.read_varint(count) || count > kKeysMax)
    return malformed();
  question.keys.resize(count);
  for (std::string& key : question.keys)
    if (!reader.read_string(key)) return malformed();
  if (!reader.at_end()) return malformed();
  return question;
}

Result<ScanQuestion> decode_scan(std::string_view bytes) {
  ScanQuestion question;
  ByteReader reader(bytes);
  std::uint64_t wanted = 0;
  if (!read_place(reader, question.place) || !reader.read_string(question.from) ||
      !reader.read_string(question.to) || !reader.read_varint(wanted) || !reader.at_end())
    return malformed();
  question.bytes = std::min<std::size_t>(wanted, kScanBytesMax);
  return question;
}

}  // namespace slipstream
