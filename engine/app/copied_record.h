// What records say of places in their log, said of the copy: dead letters and expulsions name the record they
// are of, alerts the event that led to them, and what was replayed is known by its letter's place.
#pragma once

#include "engine/app/copied_places.h"
#include "engine/log/event_log.h"
#include "engine/shard/input.h"

namespace slipstream {

// `record` as read, with its topic's name in the original; `names`: of the original. What it names must have
// been copied before it. A record that names no place stays as it is, to the byte, and so does somebody
// else's. Errors: malformed_record for a decision that cannot be read.
Result<> move_to_copy(OutputRecord& record, const TopicNames& names, const CopiedPlaces& places);

}  // namespace slipstream
