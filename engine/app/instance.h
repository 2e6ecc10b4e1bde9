// A running instance: one thread per shard, each reading, folding, judging and committing on its own.
//
// Nothing is judged before every shard has folded and committed what the log held at the start, and what they
// had to send one another of it: figures that lack what is known raise alerts about nothing.
//
// A shard that fails stops the instance: what it had not committed is in the log, and the next start recovers
// it. stop() may be called from any thread and from a signal's handler thread.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "engine/app/deployment.h"
#include "engine/shard/runner.h"

namespace slipstream {

// What progress reports show.
struct InstanceStatus {
  Counters counters;
  std::uint64_t commits = 0;
  // Input records not folded and committed yet, about; nullopt: the log does not say.
  std::optional<std::uint64_t> backlog = 0;
  Timestamp clock;
};

class Instance {
 public:
  struct Options {
    bool until_idle = false;  // stop by itself once every input has been folded and judged
    ShardRunner::Limits limits = {};
    std::function<void(const InstanceStatus&)> progress;  // about once a second; may be empty
  };

  Instance(const Configuration& configuration, Deployment& deployment, std::shared_ptr<const Plan> plan,
           Options options);
  ~Instance();

  // Recovers every shard, then works until stop() or, if asked, until idle. Returns the first error of any
  // shard.
  Result<> run();
  void stop() { stopping_.store(true); }
  InstanceStatus status() const;
  // The state of the shards' last commits, after run().
  CommittedState committed() const;

 private:
  struct Worker {
    std::unique_ptr<Store> store;
    std::unique_ptr<ShardRunner> runner;
    std::thread thread;
    std::atomic<std::uint64_t> commits{0};
    std::atomic<bool> idle{false};  // its last round read nothing and had nothing to commit
    std::uint64_t records_since_commit = 0;
  };

  using Ends = std::map<TopicPartition, Offset>;

  Result<> open();
  void work(Worker& worker);
  Result<> work_until_stopped(Worker& worker);
  Timestamp now() const;
  void show_event_time(Timestamp newest);
  void report(const Worker& worker);
  void wait_until_done();
  void look_whether_caught_up();
  bool all_idle() const;
  std::optional<std::uint64_t> backlog_of(const std::vector<CommitNote>& notes) const;
  Result<Ends> ends_of(const std::vector<std::string>& topics) const;
  void fail_with(Error error);

  const Configuration configuration_;
  Deployment& deployment_;
  std::shared_ptr<const Plan> plan_;
  Options options_;
  std::vector<std::unique_ptr<Worker>> workers_;
  std::atomic<bool> stopping_{false};
  std::atomic<std::int64_t> events_clock_us_;  // ClockMode::events: the newest instant seen

  // Touched by run()'s thread alone: what is to be folded and committed before judging. First what the shards
  // read from outside, then what they had sent one another by then.
  Ends to_fold_;
  bool partials_follow_ = true;
  std::atomic<bool> caught_up_{false};

  mutable std::mutex mutex_;
  std::vector<CommitNote> notes_;  // guarded: of the shards' last commits
  Result<> outcome_;               // guarded
};

}  // namespace slipstream
