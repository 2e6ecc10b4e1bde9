// What has been imported, file by file: a compacted topic, one record per (source, content of the file,
// mapping). It is written in the same transaction as the events it counts, so that an import which stops
// anywhere goes on exactly there and a file that was imported adds nothing again.
//
// Value: version u8 = 1, done u8, rows, events, bad, skipped as varint, place: offset and line as varint,
// length of the report of bad rows as varint, time i64, name of the file as string (engine/base/encoding.h).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "connectors/file/row_source.h"
#include "engine/base/hash.h"
#include "engine/base/time.h"
#include "engine/log/event_log.h"

namespace slipstream {

struct LedgerEntry {
  bool done = false;
  std::uint64_t rows = 0;          // read, of which
  std::uint64_t bad = 0;           // were in error and
  std::uint64_t skipped = 0;       // were wanted by no event of the mapping
  std::uint64_t events = 0;        // appended
  RowPlace next;                   // the first row not yet counted
  std::uint64_t report_bytes = 0;  // of the report of bad rows, header included; 0: none
  Timestamp at;                    // of the newest batch
  std::string file;                // as it was named
  friend bool operator==(const LedgerEntry&, const LedgerEntry&) = default;
};

// 32 hexadecimal digits.
std::string ledger_key(std::string_view source, Hash128 file, Hash128 mapping, Hash128 lookups);
std::string encode_ledger_entry(const LedgerEntry& entry);
Result<LedgerEntry> decode_ledger_entry(std::string_view bytes);  // store_corrupt

// The newest entry of the key; nullopt: never imported.
Result<std::optional<LedgerEntry>> find_ledger_entry(EventLog& log, const std::string& topic,
                                                     std::string_view key);

}  // namespace slipstream
