// One poll's limits shared fairly among the partitions of a reader.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

#include "engine/log/event_log.h"

namespace slipstream {

// What a poll, or one partition's turn in it, may still take. A record is taken while both are above zero, so
// the last one may go beyond `bytes`.
struct PollLimits {
  std::size_t records = 0;
  std::size_t bytes = 0;

  bool used_up() const { return records == 0 || bytes == 0; }
  void take(std::size_t record_bytes) {
    --records;
    bytes -= std::min(bytes, record_bytes);
  }
};

// When a poll gives up waiting; a wait is at most a day, so that no clock overflows.
inline std::chrono::steady_clock::time_point deadline_after(Duration wait) {
  return std::chrono::steady_clock::now() + std::chrono::microseconds(std::min(wait, days(1)).us);
}

// Calls take(index, limits) -> Result<std::optional<ReadBatch>> for the partitions first, first + 1, ...
// (modulo partitions; nullopt: nothing new there): once with an equal share each, once more with whatever is
// left, so that a backlog neither starves the others nor waits for the idle ones. An error after records were
// taken shows on the poll where its partition comes first: records already taken must reach the caller.
template <class Take>
Result<std::vector<ReadBatch>> take_turns(std::size_t partitions, std::size_t first, PollLimits limits,
                                          const Take& take) {
  std::vector<ReadBatch> batches;
  for (int pass = 0; pass < 2; ++pass) {
    for (std::size_t turn = 0; turn < partitions && !limits.used_up(); ++turn) {
      const std::size_t sharers = pass == 0 ? partitions - turn : 1;
      const auto share_of = [&](std::size_t all) { return all / sharers + (all % sharers != 0 ? 1 : 0); };
      PollLimits share{share_of(limits.records), share_of(limits.bytes)};
      const PollLimits given = share;
      Result<std::optional<ReadBatch>> batch = take((first + turn) % partitions, share);
      if (!batch && batches.empty()) return tl::unexpected<Error>(std::move(batch).error());
      if (!batch) return batches;
      limits.records -= given.records - share.records;
      limits.bytes -= given.bytes - share.bytes;
      if (*batch) batches.push_back(*std::move(*batch));
    }
  }
  return batches;
}

}  // namespace slipstream
