// Expulsions read back from the journal, for those who read the events again: what the shards took out, and
// at which place (docs/design/waiting.md). Belongs to one thread.
#pragma once

#include <map>
#include <vector>

#include "engine/view/event_scan.h"

namespace slipstream {

class Expulsions {
 public:
  // Those of one shard that its journal holds before `end`.
  static Result<Expulsions> read(const EventSource& source, Partition shard, Offset end);

  bool contains(Offset record) const { return places_.contains(record); }
  // Where the record was taken out: before reading went on at this offset. It is contained.
  Offset place_of(Offset record) const { return places_.at(record); }
  // The records that were taken out before reading went on at `next`; each is told once.
  std::vector<Offset> pass(Offset next);

 private:
  std::map<Offset, Offset> places_;           // of each record
  std::multimap<Offset, Offset> not_passed_;  // records by place
};

}  // namespace slipstream
