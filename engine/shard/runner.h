// Drives one shard against a log and a store: read, step, commit, recover.
//
// A commit is one log transaction {outputs, positions, note}, then one store batch {state, note}. After a
// crash the store may be behind the log, never ahead: the inputs between the two are folded again with
// outputs suppressed, and the decisions between them are read back from the decision topic (rule 1 of
// docs/architecture.md). After any error the runner is dead: drop it and open a new one. Belongs to one
// thread.
#pragma once

#include <memory>
#include <optional>

#include "engine/log/event_log.h"
#include "engine/shard/shard.h"
#include "engine/state/store.h"

namespace slipstream {

// The topics of a deployment: those that shards share out have `partitions` each, the others one.
std::vector<TopicOptions> topics_of(const TopicNames& topics, std::int32_t partitions);
// Creates the topics of a deployment that do not exist yet. Error already_exists when one has other
// partitions.
Result<> create_topics(EventLog& log, const TopicNames& topics, std::int32_t partitions);

// What one shard reads: all of the reference topic, its own partition of events and, of several shards, of
// partials.
std::vector<TopicPartition> inputs_of(Partition shard, const TopicNames& topics, std::int32_t partitions);

// offset_out_of_range when a partition of events or partials ends before `next`, up to which it has been folded.
Result<> check_end(const TopicPartition& at, const OffsetRange& there, Offset next);

// What the log knows a shard by, as a member of the deployment's group.
std::string member_of(Partition shard);

class ShardRunner {
 public:
  struct Limits {
    std::size_t records_max = 16'384;              // of one poll
    std::size_t bytes_max = std::size_t{8} << 20;  // of one poll, about
  };
  // What is seen of a commit, for progress, metrics and tests.
  struct Commit {
    bool made = false;
    CommitNote note;
    std::size_t outputs = 0;
  };

  // Recovers: after it the shard is where the log's committed positions are. `log` and `store` outlive the
  // runner.
  // `producer`: the shard's, if it has been opened before.
  static Result<std::unique_ptr<ShardRunner>> open(const Plan& plan, ShardOptions options, EventLog& log,
                                                   Store& store, Limits limits,
                                                   std::unique_ptr<Producer> producer = nullptr);
  static Result<std::unique_ptr<ShardRunner>> open(const Plan& plan, ShardOptions options, EventLog& log,
                                                   Store& store) {
    return open(plan, std::move(options), log, store, Limits{});
  }

  // Fences whoever ran the shard before, and ends what was left open. Who opens many shards does it for all
  // of them first: a transaction that one has left open holds up the readers of the others.
  static Result<std::unique_ptr<Producer>> open_producer(EventLog& log, const TopicNames& topics,
                                                         Partition shard);

  // Reads what has come, waiting up to `wait` for a first record; returns the number of records.
  Result<std::size_t> poll(Duration wait);
  Result<> tick(Timestamp now);
  Result<> judge();
  // Commits what was done since the last one. `sync`: the state is on disk when this returns (the log always
  // is).
  Result<Commit> commit(bool sync);

  Result<Timestamp> next_wakeup() { return shard_.next_wakeup(); }
  const CommitNote& note() const { return shard_.note(); }
  const Shard& shard() const { return shard_; }

 private:
  ShardRunner(const Plan& plan, ShardOptions options, EventLog& log, Store& store, Limits limits);
  Result<> recover();
  Result<> check_partitions(const CommitNote& committed) const;
  Result<> check_log(const CommitNote& committed) const;
  Result<> check_newest(const CommitNote& note, std::string_view whose) const;
  Result<> clear_if_outdated(const CommitNote& committed);
  Result<> clear_store();
  Result<> replay(CommitNote committed);
  Result<> replay_input(const TopicPartition& at, CommitNote& committed, Offset decisions_from);
  Result<> publish_letters(std::vector<OutputRecord> letters, CommitNote& committed);
  Result<> read_decisions();
  Result<> expel_due();
  Result<> seek_inputs();
  Result<> withdraw_rows_of_others();
  std::vector<TopicPartition> inputs() const {
    return inputs_of(options_.shard, options_.topics, options_.partitions);
  }
  TopicPartition decisions() const { return {options_.topics.decisions, options_.shard}; }
  void append_note(StateBatch& batch, const CommitNote& note, Offset decisions_next,
                   Offset letters_from) const;

  ShardOptions options_;
  EventLog* log_;
  Store* store_;
  Limits limits_;
  std::string member_;
  Shard shard_;
  std::unique_ptr<Producer> producer_;
  std::unique_ptr<Reader> reader_;
  Offset decisions_next_;
  // Dead letters: those before the first stand for what the store had refused itself when it was written
  // last; between the two may be letters of records that it has not come to yet.
  Offset letters_next_;
  Offset letters_from_;
  // Something has waited long enough: the clock when that was seen, and how far the log reached then.
  struct Due {
    Timestamp at;
    std::map<TopicPartition, Offset> ends;
  };
  std::optional<Due> due_;
};

}  // namespace slipstream
