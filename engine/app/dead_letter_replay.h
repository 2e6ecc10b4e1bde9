// Gives dead letters another chance: appends their original records again, once.
//
// What was replayed is remembered in a compacted topic, keyed by the letter's place in the dead-letter topic
// and written in one transaction with the record, so that a replay that stops anywhere repeats nothing.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <utility>

#include "engine/app/log_scan.h"
#include "engine/decode/dead_letter.h"
#include "engine/shard/input.h"

namespace slipstream {

struct DeadLetterChoice {
  std::optional<ErrorCode> code;
  ScanRange range;  // of offsets in the dead-letter topic
};

// A dead letter and where it stands in its own topic.
struct PlacedLetter {
  TopicPartition at;
  Offset offset;
  DeadLetter letter;
};

// Visits the chosen letters in order until the visitor returns false.
Result<> scan_dead_letters(EventLog& log, const TopicNames& names, const DeadLetterChoice& choice,
                           const std::function<bool(const PlacedLetter&)>& visit);

// Places of letters that were replayed.
Result<std::set<std::string>> replayed_letters(EventLog& log, const TopicNames& names);
std::string replay_key(const PlacedLetter& letter);
// The key of a letter by its place in the dead-letter topic, and that place from the key; nullopt: no such key.
std::string replay_key(Partition partition, Offset offset);
std::optional<std::pair<Partition, Offset>> parse_replay_key(std::string_view key);

struct ReplayCounts {
  std::uint64_t replayed = 0;
  std::uint64_t replayed_before = 0;  // and not again
};
// `again`: also those replayed before.
Result<ReplayCounts> replay_dead_letters(EventLog& log, const TopicNames& names,
                                         const DeadLetterChoice& choice, bool again, Timestamp now);

// The error code of that name, as docs/errors.md writes it.
std::optional<ErrorCode> find_data_code(std::string_view name);

}  // namespace slipstream
