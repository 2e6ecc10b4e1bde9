#include "engine/shard/waiting_room.h"

#include "engine/base/encoding.h"

namespace slipstream {
namespace {

std::string key_of(std::string_view entity) { return std::string(kWaitingPrefix) += entity; }

Error corrupt() {
  return {ErrorCode::store_corrupt,
          "what is stored of a waiting record cannot be read; restore the state from a checkpoint or delete "
          "it to rebuild"};
}

void append_record(std::string& out, const WaitingRecord& record) {
  append_varint(out, static_cast<std::uint64_t>(record.offset.value));
  append_zigzag(out, record.timestamp.us);
  append_u8(out, record.repeated);
  append_string(out, record.key);
  append_string(out, record.value);
  append_varint(out, record.headers.size());
  for (const Header& header : record.headers) {
    append_string(out, header.name);
    append_string(out, header.value);
  }
}

bool read_record(ByteReader& in, WaitingRecord& record) {
  std::uint64_t offset = 0, headers = 0;
  if (!in.read_varint(offset) || !in.read_zigzag(record.timestamp.us) || !in.read_u8(record.repeated) ||
      !in.read_string(record.key) || !in.read_string(record.value) || !in.read_varint(headers))
    return false;
  record.offset = Offset(static_cast<std::int64_t>(offset));
  for (std::uint64_t i = 0; i < headers; ++i) {
    Header header;
    if (!in.read_string(header.name) || !in.read_string(header.value)) return false;
    record.headers.push_back(std::move(header));
  }
  return true;
}

bool read_missing(ByteReader& in, Missing& missing) {
  std::uint8_t kind = 0;
  std::uint64_t names = 0;
  if (!in.read_u8(kind) || !in.read_varint(names)) return false;
  missing.kind = static_cast<Missing::Kind>(kind);
  for (std::uint64_t i = 0; i < names; ++i) {
    Missing::Name name;
    if (!in.read_string(name.name) || !in.read_timestamp(name.at)) return false;
    missing.names.push_back(std::move(name));
  }
  return true;
}

}  // namespace

std::string encode_waiting(const WaitingEntity& waiting) {
  std::string out;
  append_timestamp(out, waiting.deadline);
  append_u8(out, static_cast<std::uint8_t>(waiting.missing.kind));
  append_varint(out, waiting.missing.names.size());
  for (const Missing::Name& name : waiting.missing.names) {
    append_string(out, name.name);
    append_timestamp(out, name.at);
  }
  for (const WaitingRecord& record : waiting.records)
    append_record(out, record);
  return out;
}

Result<WaitingEntity> decode_waiting(std::string_view bytes) {
  WaitingEntity waiting;
  ByteReader in(bytes);
  if (!in.read_timestamp(waiting.deadline) || !read_missing(in, waiting.missing))
    return tl::unexpected(corrupt());
  while (!in.at_end())
    if (!read_record(in, waiting.records.emplace_back())) return tl::unexpected(corrupt());
  return waiting;
}

std::string reading_entity(Offset offset) {
  std::string entity = "o";
  append_i64(entity, offset.value);
  return entity;
}

WaitingRoom::WaitingRoom(const StateReader& store)
    : entities_(Family::waiting, store), deadlines_(store, Family::waiting, "d") {}

Result<WaitingEntity> WaitingRoom::load(std::string_view entity) {
  SLIPSTREAM_ASSIGN(const HotValues::Entry* entry, entities_.load(key_of(entity)));
  if (entry->value.empty()) return WaitingEntity{};
  return decode_waiting(entry->value);
}

Result<> WaitingRoom::put(const std::string& entity, const WaitingEntity& waiting) {
  SLIPSTREAM_ASSIGN(HotValues::Entry * entry, entities_.load(key_of(entity)));
  if (!entry->value.empty()) {
    SLIPSTREAM_ASSIGN(const WaitingEntity before, decode_waiting(entry->value));
    deadlines_.cancel(before.deadline, entity);
  }
  entities_.mark_dirty(*entry);
  entry->value.clear();
  if (waiting.records.empty()) return {};
  entry->value = encode_waiting(waiting);
  deadlines_.set(waiting.deadline, entity);
  return {};
}

Result<std::optional<std::string>> WaitingRoom::pop_due(Timestamp now) {
  SLIPSTREAM_ASSIGN(auto due, deadlines_.pop_due(now));
  if (!due) return std::optional<std::string>();
  return std::optional(std::move(due->second));
}

Result<std::vector<std::string>> WaitingRoom::entities_with(std::string_view prefix) {
  SLIPSTREAM_ASSIGN(std::vector<std::string> keys, entities_.keys_with(key_of(prefix)));
  for (std::string& key : keys)
    key.erase(0, kWaitingPrefix.size());
  return keys;
}

void WaitingRoom::seal(StateBatch& batch) {
  entities_.seal(batch);
  deadlines_.seal(batch);
}

}  // namespace slipstream
