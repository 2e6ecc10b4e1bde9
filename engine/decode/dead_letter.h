// Dead letters: a refused record with its bytes and the reason (guarantee G3).
//
// The record written to the dead-letter topic is the original one (key, value, headers, timestamp) plus
// headers behind the original ones: Kafka Connect's __connect.errors.*, so that existing replay tools work,
// and slipstream.dead_letter, a FlatBuffer of schemas/dead_letter.fbs. Headers of an earlier refusal that an
// original record still carries stay where they are: the last slipstream.dead_letter counts. A record with
// which a letter would become larger than its topic takes is left where it stands. Pure functions; any thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/base/error.h"
#include "engine/base/ids.h"
#include "engine/base/time.h"
#include "engine/log/event_log.h"

namespace slipstream {

inline constexpr std::string_view kDeadLetterHeader = "slipstream.dead_letter";

struct DeadLetter {
  ErrorCode code = ErrorCode::internal;
  std::string reason;  // one line
  std::string stage;   // "decode", "fold", ...
  EventPosition at;    // where the original record stands
  std::string key;
  std::optional<std::string> value;  // nullopt: a tombstone
  std::vector<Header> headers;
  Timestamp timestamp;   // the original record's
  Timestamp first_seen;  // the shard's clock when the record was refused
  std::string definition_version;
  bool left_out = false;  // key, value and headers are those of the record at `at`, and not here
  friend bool operator==(const DeadLetter&, const DeadLetter&) = default;
};

// Copies what the log gave.
DeadLetter make_dead_letter(const Error& error, std::string stage, const TopicPartition& at,
                            const RecordView& record, Timestamp first_seen, std::string definition_version);

// Without key, value and headers; the reason says so.
DeadLetter leave_out_record(DeadLetter letter);

// The record for the dead-letter topic.
OutputRecord to_record(const DeadLetter& letter, std::string topic, Partition partition);

// Back from the dead-letter topic. Error malformed_record when the header is missing or damaged.
Result<DeadLetter> from_record(const RecordView& record);

// The record as it first came, for its own topic and partition: what replay appends. Of a letter that has it.
OutputRecord original_record(const DeadLetter& letter);

}  // namespace slipstream
