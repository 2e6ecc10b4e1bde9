// Definitions at work in memory: the shards of production over a log and stores that live as long as this,
// with the clock in the caller's hand. Golden tests and definitions' unit tests drive it.
//
// Events are appended to the topics and partitions where production would find them, stamped with the clock.
// Belongs to one thread.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "engine/decode/dead_letter.h"
#include "engine/judge/alert_record.h"
#include "engine/log/memory_log.h"
#include "engine/shard/local_engine.h"
#include "engine/state/memory_store.h"
#include "engine/view/event_scan.h"

namespace slipstream {

class Rehearsal {
 public:
  // What a crash leaves.
  enum class Crash : std::uint8_t {
    clean,  // log and stores
    torn,   // the log, and stores that lack their last batch: the instant between the two halves of a commit
    state_lost,  // the log alone
  };

  static Result<std::unique_ptr<Rehearsal>> open(std::shared_ptr<const Plan> plan,
                                                 LocalEngine::Options options);

  // Takes in one event: CloudEvents JSON, or bytes that are none. It is read with the next step below.
  Result<> append(const std::string& event);
  // Reads and folds what was appended.
  Result<> settle() { return engine_->settle(); }
  // Settles and judges at the present clock.
  Result<> judge() { return engine_->judge(); }
  // Judges at the present clock, then moves it, stopping at every instant at which time alone makes something
  // happen.
  Result<> advance_to(Timestamp to);
  // Drops the shards and opens new ones on what the crash left.
  Result<> crash(Crash how);

  Timestamp clock() const { return clock_; }
  const Plan& plan() const { return *plan_; }
  CommittedState committed() const;
  // The events, for those who compute figures again.
  EventSource source() const;
  Counters counters() const { return engine_->counters(); }
  // Every transition journaled so far, in order of instant, rule, node and number: the order between alerts
  // of one instant is no promise, since each is decided by the shard that owns its node.
  Result<std::vector<AlertRecord>> decisions() const { return decisions_from({}); }
  // Those journaled since the last call.
  Result<std::vector<AlertRecord>> take_new_decisions();
  // Appends the records of the dead letters of this code again, as `slipstream dlq replay` does, each letter
  // once. They are read with the next step.
  Result<> replay_dead_letters(std::string_view code);
  // Every dead letter so far, in the order of their topic.
  Result<std::vector<DeadLetter>> dead_letters() const;

 private:
  class RecordingStore;
  // A store and the batches it was made of, so that a torn commit can be made.
  struct Shelf {
    std::shared_ptr<MemoryStore> store;
    std::shared_ptr<std::vector<StateBatch>> batches;
  };

  Rehearsal(std::shared_ptr<const Plan> plan, LocalEngine::Options options);
  Result<> open_engine();
  TopicPartition place_of(const std::string& event, std::string& key);
  Result<std::vector<ReadBatch>> read_all(const std::string& topic, std::int32_t partitions) const;
  Result<std::vector<AlertRecord>> decisions_from(const std::map<Partition, Offset>& begin) const;

  std::shared_ptr<const Plan> plan_;
  LocalEngine::Options options_;
  mutable MemoryLog log_;
  std::map<Partition, Shelf> shelves_;
  Decoder decoder_;
  std::unique_ptr<LocalEngine> engine_;
  std::map<Partition, Offset> decisions_taken_;  // of each partition of the journal
  std::set<std::size_t> replayed_;               // dead letters, by number
  Timestamp clock_ = Timestamp::min();
};

}  // namespace slipstream
