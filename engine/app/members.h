// What the instances of a deployment on Kafka tell of themselves in the members' topic: where each is reached, and
// which shards it runs. Compacted, by instance; one that leaves deletes its record.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "engine/log/event_log.h"

namespace slipstream {

struct Member {
  std::string name;
  std::string address;       // for people and their programs
  std::string peer_address;  // where other instances read its shards; empty: it has no HTTP service
  std::set<Partition> shards;
  Timestamp since;  // when these were assigned
  friend bool operator==(const Member&, const Member&) = default;
};

std::string list_of(const std::set<Partition>& shards);  // "0-3, 7", "none"

OutputRecord announcement_of(const Member& member, const std::string& topic);
OutputRecord farewell_of(const std::string& name, const std::string& topic, Timestamp at);

// Each shard is its latest announcer's: one that was killed has said nothing since. Errors: malformed_record for
// what is none of these records.
Result<std::vector<Member>> read_members(EventLog& log, const std::string& topic);

}  // namespace slipstream
