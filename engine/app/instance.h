// A running instance: the shards that its membership assigns, each on a thread of its own that reads, folds,
// judges and commits.
//
// A shard that loses the log, or is fenced, is closed and, while it is assigned, opened again after a pause;
// any other failure ends the instance. What was not committed is in the log. stop() may be called from any
// thread and from a signal's handler thread.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "engine/app/deployment.h"
#include "engine/app/output/message.h"
#include "engine/app/shard_worker.h"
#include "engine/log/membership.h"

namespace slipstream {

// What progress reports show, of this instance's shards.
struct InstanceStatus {
  Counters counters;
  std::uint64_t commits = 0;
  // Input records not folded and committed yet, about; nullopt: the log does not say, or a shard is being opened.
  std::optional<std::uint64_t> backlog = 0;
  std::optional<Error> trouble = {};  // why the log does not say
  Timestamp clock;
  std::size_t shards = 0;  // that work
};

class Instance {
 public:
  struct Options {
    bool until_idle = false;  // stop by itself once every input has been folded and judged
    ShardRunner::Limits limits = {};
    std::function<void(const InstanceStatus&)> progress;  // about once a second; may be empty
    Remark remark;                     // what happens to shards; may be empty
    std::function<Timestamp()> clock;  // asked instead of the configured one, by any thread; may be empty
    StateShelf* shelf = nullptr;       // where readers find what is committed; outlives the instance
  };

  Instance(const Configuration& configuration, Deployment& deployment, std::shared_ptr<const Plan> plan,
           Options options);

  // Works until stop() or, if asked, until idle. Returns the error that ended it.
  Result<> run();
  void stop() { stopping_.store(true); }
  InstanceStatus status() const;
  // After run(): the state of the shards' last commits; nullopt unless this instance ran all of the
  // deployment's.
  std::optional<CommittedState> committed() const;

 private:
  using Instant = std::chrono::steady_clock::time_point;

  // A shard that is assigned to this instance, or was and is still being closed.
  struct Place {
    bool is_assigned = true;
    std::shared_ptr<ShardWorker> worker;  // null while it is closed
    Instant open_at = {};
    std::chrono::milliseconds pause{0};  // before it was opened last
    std::optional<ErrorCode> said;       // of the failures since it worked last
  };

  void follow_assignments();
  Result<> check_partitions(const Assignment& assignment) const;
  void take(const Assignment& assignment);
  void settle(Partition shard, Place& place);
  void open_due();
  void close_all();

  void observe();
  void announce();
  void look_at_catch_ups(const std::vector<std::shared_ptr<ShardWorker>>& workers);
  bool is_idle();
  Result<ShardPositions> positions();
  Result<std::uint64_t> backlog_of(const ShardPositions& positions) const;
  void tell_away(const std::string& why);
  void tell_back();
  void end_if_gone(const InstanceStatus& status);
  std::vector<std::shared_ptr<ShardWorker>> workers() const;

  void remark(Severity severity, const std::string& text) const;
  void fail_with(Error error);

  const Configuration configuration_;
  Deployment& deployment_;
  const Options options_;
  Surroundings surroundings_;
  std::unique_ptr<Membership> membership_;
  std::atomic<bool> stopping_{false};

  // Of the thread that calls run(); others see the places' workers, under the lock.
  std::uint64_t generation_ = 0;
  std::map<Partition, Place> places_;

  // Of the thread that observes: which assignment the others have been told of, and where their shards are, asked
  // for now and then.
  std::uint64_t announced_ = 0;
  std::uint64_t unannounced_ = 0;  // the last that they could not be told of
  Instant announce_at_ = {};
  ShardPositions elsewhere_;
  Instant ask_elsewhere_at_ = {};
  std::optional<Instant> log_away_since_;
  std::optional<Instant> gone_since_;  // a topic, or what was folded of it

  mutable std::mutex mutex_;  // guards places_ against the observer, and what follows
  Result<> outcome_;
};

}  // namespace slipstream
