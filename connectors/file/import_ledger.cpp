#include "connectors/file/import_ledger.h"

#include "engine/base/encoding.h"
#include "engine/log/read_range.h"

namespace slipstream {
namespace {

constexpr std::uint8_t kVersion = 1;

bool read_entry(ByteReader& in, LedgerEntry& entry) {
  std::uint8_t version = 0, done = 0;
  std::uint64_t line = 0;
  if (!in.read_u8(version) || version != kVersion || !in.read_u8(done) || !in.read_varint(entry.rows) ||
      !in.read_varint(entry.events) || !in.read_varint(entry.bad) || !in.read_varint(entry.skipped) ||
      !in.read_varint(entry.next.offset) || !in.read_varint(line) || !in.read_varint(entry.report_bytes) ||
      !in.read_timestamp(entry.at) || !in.read_string(entry.file))
    return false;
  entry.done = done != 0;
  entry.next.line = static_cast<std::int64_t>(line);
  return in.at_end();
}

}  // namespace

std::string ledger_key(std::string_view source, Hash128 file, Hash128 mapping, Hash128 lookups) {
  std::string bytes;
  append_string(bytes, source);
  for (const Hash128& hash : {file, mapping, lookups}) {
    append_u64(bytes, hash.high);
    append_u64(bytes, hash.low);
  }
  return hash128(bytes).hex();
}

std::string encode_ledger_entry(const LedgerEntry& entry) {
  std::string bytes;
  append_u8(bytes, kVersion);
  append_u8(bytes, entry.done ? 1 : 0);
  append_varint(bytes, entry.rows);
  append_varint(bytes, entry.events);
  append_varint(bytes, entry.bad);
  append_varint(bytes, entry.skipped);
  append_varint(bytes, entry.next.offset);
  append_varint(bytes, static_cast<std::uint64_t>(entry.next.line));
  append_varint(bytes, entry.report_bytes);
  append_timestamp(bytes, entry.at);
  append_string(bytes, entry.file);
  return bytes;
}

Result<LedgerEntry> decode_ledger_entry(std::string_view bytes) {
  LedgerEntry entry;
  ByteReader in(bytes);
  if (!read_entry(in, entry))
    return fail(ErrorCode::store_corrupt, "the import ledger holds an entry that this version cannot read");
  return entry;
}

Result<std::optional<LedgerEntry>> find_ledger_entry(EventLog& log, const std::string& topic,
                                                     std::string_view key) {
  const TopicPartition at{topic, Partition{0}};
  SLIPSTREAM_ASSIGN(const OffsetRange range, log.offsets(at));
  std::optional<LedgerEntry> newest;
  const auto take = [&](const RecordView& record) -> Result<bool> {
    if (record.key != key) return true;
    newest.reset();
    if (record.tombstone) return true;
    SLIPSTREAM_ASSIGN(newest, decode_ledger_entry(record.value));
    return true;
  };
  SLIPSTREAM_TRY(read_records(log, at, range.earliest, range.end, take));
  return newest;
}

}  // namespace slipstream
