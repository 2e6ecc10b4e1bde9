// What schedules really did: faults injected, and situations reached. A simulator that finds nothing must
// show that it has been there.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace slipstream::simulator {

// Name, and what it counts.
#define SLIPSTREAM_SIMULATOR_COUNTS(X)                                     \
  X(schedules, "schedules")                                                \
  X(strict, "schedules whose alerts were compared")                        \
  X(totals, "schedules whose totals were compared")                        \
  X(deliveries, "records delivered")                                       \
  X(commits, "commits")                                                    \
  X(crashes_between, "fault: crash between steps")                         \
  X(crashes_log, "fault: crash before or after a log commit")              \
  X(crashes_store, "fault: crash before or after a store batch")           \
  X(refused_commits, "fault: commit refused")                              \
  X(unknown_outcomes, "fault: commit's outcome unknown")                   \
  X(refused_batches, "fault: store batch refused")                         \
  X(lost_batches, "fault: unsynced store batch lost")                      \
  X(lost_states, "fault: state lost whole")                                \
  X(zombies, "fault: shard taken over while the old one lives")            \
  X(repeated_appends, "fault: record sent twice")                          \
  X(redeliveries, "fault: records delivered again")                        \
  X(slow_partitions, "fault: partition slow")                              \
  X(clock_jumps, "fault: clock jumps ahead")                               \
  X(clock_steps_back, "fault: clock reading goes back")                    \
  X(cleanings, "fault: log compacted")                                     \
  X(opened, "shards opened")                                               \
  X(torn, "reached: opened with the log ahead of the store (torn commit)") \
  X(rebuilt, "reached: opened without any state")                          \
  X(decisions_read_back, "reached: decisions read back")                   \
  X(zombies_fenced, "reached: old shard fenced")                           \
  X(evictions, "reached: schedules with rows dropped from memory")         \
  X(duplicates, "reached: duplicates")                                     \
  X(dead_letters, "reached: dead letters")                                 \
  X(forwarded, "reached: records sent on to their topic or partition")     \
  X(late, "reached: late events")                                          \
  X(timers, "reached: timers fired")                                       \
  X(moves, "reached: units and persons placed or moved")                   \
  X(refused_moves, "reached: circles in the tree refused")                 \
  X(firing, "reached: alerts firing")                                      \
  X(pending, "reached: alerts pending")                                    \
  X(recovering, "reached: alerts recovering")                              \
  X(resolved, "reached: alerts resolved")                                  \
  X(superseded, "reached: alerts superseded")                              \
  X(expired, "reached: alerts expired")                                    \
  X(acts, "reached: acknowledgements and silences")                        \
  X(published, "rows of the views topic compared with readers'")           \
  X(withdrawn, "reached: rows of the views topic withdrawn")               \
  X(rows, "rows compared with both models")

enum class Count : std::uint8_t {
#define SLIPSTREAM_SIMULATOR_NAME(name, text) name,
  SLIPSTREAM_SIMULATOR_COUNTS(SLIPSTREAM_SIMULATOR_NAME)
#undef SLIPSTREAM_SIMULATOR_NAME
      count_
};

class Tally {
 public:
  void add(Count what, std::uint64_t many = 1) { counts_[static_cast<std::size_t>(what)] += many; }
  std::uint64_t operator[](Count what) const { return counts_[static_cast<std::size_t>(what)]; }
  Tally& operator+=(const Tally& other) {
    for (std::size_t i = 0; i < counts_.size(); ++i)
      counts_[i] += other.counts_[i];
    return *this;
  }

 private:
  std::array<std::uint64_t, static_cast<std::size_t>(Count::count_)> counts_{};
};

std::string_view text_of(Count what);

}  // namespace slipstream::simulator
