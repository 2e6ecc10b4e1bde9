// The journal's form of an expulsion: one FlatBuffer (schemas/expulsion.fbs, identifier SLEX) on the
// decisions topic. Read back after a crash it is repeated at its place, never decided again
// (docs/design/waiting.md).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/base/error.h"
#include "engine/base/ids.h"
#include "engine/base/time.h"

namespace slipstream {

// A record taken out again: what it refers to did not become known in time.
struct Expulsion {
  EventPosition record;
  std::string event_id;
  Offset before;       // of the record's partition: expelled when reading goes on there
  std::string entity;  // key of its task or figure in the store; empty: a reading
  ErrorCode code = ErrorCode::unknown_node;
  std::string reason;  // one line
  Timestamp at;        // the shard's clock when it was decided
  std::string definition_version;
  std::uint64_t commit_sequence = 0;  // of the commit that publishes it, from 1
  Partition shard;
  friend bool operator==(const Expulsion&, const Expulsion&) = default;
};

std::string write_expulsion(const Expulsion& expulsion);
// Error malformed_record.
Result<Expulsion> read_expulsion(std::string_view bytes);
// Is this record of the decisions topic an expulsion? The others are alerts' transitions.
bool is_expulsion(std::string_view bytes);

}  // namespace slipstream
