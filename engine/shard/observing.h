// Observations: high-rate readings without an entity. Views that ask for it ignore repeated ones, within a
// bounded window by (source, sequence) or by (source, id); the others count what is sent.
//
// A source's sequence window: the highest number seen and which of the kSequenceWindow before it were; a
// number below the window is taken as new. Ids are remembered per period of `deduplicate_window` of the
// record's log time, for one to two periods. Owned by the shard's thread.
#pragma once

#include <span>
#include <vector>

#include "engine/shard/folding.h"
#include "engine/state/hot_values.h"

namespace slipstream {

class Observing {
 public:
  static constexpr std::uint64_t kSequenceWindow = 1024;

  Observing(const Plan& plan, EntityContributions& contributions, RollUp& roll_up, const StateReader& store);

  // Takes in one observation; its contributions reach the rows with the next flush().
  Result<FoldOutcome> observe(const Event& event, Timestamp log_time, Timestamp now);
  Result<> flush();

  // In which views an observation does not count, since it is a repeated one there: bits.
  static constexpr std::uint8_t kSameSequence = 1, kSameId = 2;
  // Of the last observation: where it was a repeated one, and, until flush(), what it contributes.
  std::uint8_t latest_repeated() const { return latest_repeated_; }
  std::span<const Contribution> latest_contributions() const {
    return std::span(staged_).subspan(latest_begin_);
  }
  // Appends what an accepted observation contributes where it is no repeated one.
  void add_contributions(const Event& event, std::uint8_t repeated, Timestamp now,
                         std::vector<Contribution>& out);
  // Takes an accepted observation out again: subtracts what it contributed, and forgets that it was seen.
  Result<> expel(const Event& event, Timestamp log_time, std::uint8_t repeated, Timestamp now);
  // What this observation was the first to mark as seen is so no more: one that was refused.
  Result<> forget(const Event& event, Timestamp log_time, std::uint8_t repeated);

  void seal(StateBatch& batch) { seen_.seal(batch); }
  void shrink(std::size_t bytes) { seen_.shrink(bytes); }
  std::size_t memory_bytes() const { return seen_.memory_bytes(); }
  std::size_t unsealed_bytes() const { return seen_.dirty_bytes(); }
  // Forgets ids that no record at or after the newest one's log time looks for any more. The clock does not
  // say which those are: a shard that is behind reads records that are hours old.
  Result<> expire(StateBatch& batch, const StateReader& store);

 private:
  Result<bool> is_repeated_sequence(const Event& event);
  Result<bool> is_repeated_id(const Event& event, Timestamp log_time);
  std::uint64_t id_period_of(Timestamp log_time) const;

  const Plan& plan_;
  EntityContributions& contributions_;
  RollUp& roll_up_;
  HotValues seen_;
  std::vector<std::uint32_t> all_, by_sequence_, by_id_;  // views of observations, by their deduplication
  std::vector<std::uint32_t> without_;                    // views that count everything
  Duration id_period_;
  Timestamp newest_log_time_ = Timestamp::min();  // of the observations since the shard was opened
  std::vector<Contribution> staged_;
  std::size_t latest_begin_ = 0;  // in staged_
  std::uint8_t latest_repeated_ = 0;
};

}  // namespace slipstream
