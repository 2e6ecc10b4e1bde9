// The records that the shards have folded, or will: for those who play them again. Any thread.
#pragma once

#include <functional>
#include <string>

#include "engine/view/event_scan.h"

namespace slipstream {

// Calls `visit` for each record of the reference topic and then of the events topic, partition by partition in the
// log's order, that decodes and stands in the place it belongs to; `topic` is its own. Left out are those that the
// shards expelled, and their copies from before that. Ends with the first error of `visit`.
Result<> visit_standing_records(
    const EventSource& source, std::int32_t partitions,
    const std::function<Result<>(const Event&, const std::string& topic, const RecordView&)>& visit);

// The record as it was, for its own topic; in partition 0.
OutputRecord copy_of(const RecordView& record, const std::string& topic);

}  // namespace slipstream
