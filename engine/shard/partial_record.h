// Partials as records of the partials topic: FlatBuffers (schemas/partial.fbs), one row each, keyed by what
// they replace, so that compaction keeps the newest.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/log/event_log.h"
#include "engine/rollup/roll_up.h"
#include "engine/shard/input.h"

namespace slipstream {

OutputRecord partial_record(const OutgoingPartial& partial, const CommitNote& note, const std::string& topic);
// The rows of one record; they point into `aligned`, which is overwritten. Error malformed_record.
Result<std::vector<IncomingPartial>> read_partials(const RecordView& record,
                                                   std::vector<std::uint64_t>& aligned);

}  // namespace slipstream
