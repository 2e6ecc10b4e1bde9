// One partition of the in-memory log. Not thread-safe: MemoryLog's mutex guards it. Only the records of a
// slice may be read without the mutex, since a record never changes and never moves once its slice was handed
// out.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/log/event_log.h"
#include "engine/log/poll_turns.h"

namespace slipstream {

struct StoredRecord {
  Offset offset;
  Timestamp timestamp;
  std::string key;
  std::string value;
  std::vector<Header> headers;
  bool tombstone = false;
  std::size_t bytes() const { return key.size() + value.size(); }
};

class MemoryPartition {
 public:
  // `count` records that stand one after the other in `chunk`.
  struct Slice {
    std::shared_ptr<const void> chunk;
    const StoredRecord* first = nullptr;
    std::size_t count = 0;
  };

  Offset append(const OutputRecord& record);
  OffsetRange range() const { return {earliest_, end_}; }
  // The records from the first one at or after `from`, within `limits`, which are reduced by what was taken.
  std::vector<Slice> slices(Offset from, PollLimits& limits) const;
  // What retention and compaction allow to go as of `now`; the number of records removed.
  std::uint64_t clean(const TopicOptions& options, Timestamp now);

 private:
  struct Chunk;

  void push(StoredRecord&& record);
  std::uint64_t retain(const TopicOptions& options, Timestamp now);
  std::uint64_t compact(Timestamp now);
  template <class Keep>
  std::uint64_t rebuild(const Keep& keep);

  std::vector<std::shared_ptr<Chunk>> chunks_;
  Offset earliest_{0};
  Offset end_{0};
};

}  // namespace slipstream
