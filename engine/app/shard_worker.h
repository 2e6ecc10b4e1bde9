// One shard of an instance on a thread of its own: opened, worked, and closed once it is let go or has failed.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

#include "engine/app/backup_schedule.h"
#include "engine/app/catch_up.h"
#include "engine/app/deployment.h"
#include "engine/app/instance_clock.h"
#include "engine/app/output/message.h"
#include "engine/app/state_shelf.h"
#include "engine/shard/runner.h"

namespace slipstream {

// What all shards of an instance work with; outlives them.
struct Surroundings {
  const Configuration& configuration;
  Deployment& deployment;
  std::shared_ptr<const Plan> plan;
  ShardRunner::Limits limits;
  bool until_idle;  // commits as soon as nothing comes, rather than when it is time
  InstanceClock clock;
  Remark remark;                // what happens to shards
  StateShelf* shelf = nullptr;  // where readers find what is committed; null: nobody reads
};

class ShardWorker {
 public:
  // `catch_up`: shared by those that are opened together.
  ShardWorker(Surroundings& surroundings, Partition shard, std::shared_ptr<CatchUp> catch_up);
  ~ShardWorker();  // lets go, and waits
  ShardWorker(const ShardWorker&) = delete;
  ShardWorker& operator=(const ShardWorker&) = delete;

  // Asks it to commit and to end; returns at once.
  void let_go() { letting_go_.store(true); }
  bool is_let_go() const { return letting_go_.load(); }
  // It works no more: outcome() tells why. What it had not committed is in the log for whoever opens the shard
  // next.
  bool has_ended() const { return ended_.load(); }
  Result<> outcome() const;

  // Its last round read nothing and had nothing to commit.
  bool is_idle() const { return idle_.load(); }
  std::uint64_t commits() const { return commits_.load(); }
  // Of the last commit; nullopt until it has recovered.
  std::optional<CommitNote> note() const;
  const std::shared_ptr<CatchUp>& catch_up() const { return catch_up_; }

  // Both once it has ended, and by one thread. The state of the last commit; null after a failure or close().
  std::shared_ptr<const StateReader> snapshot() const { return store_ ? store_->snapshot() : nullptr; }
  void close() { store_.reset(); }  // frees the state for whoever opens it next

 private:
  void run();
  Result<> open();
  Result<> work();
  void schedule_backups();
  void tell_of(const Result<>& backed_up) const;
  void report();
  void show_state();

  Surroundings& surroundings_;
  const Partition shard_;
  const std::shared_ptr<CatchUp> catch_up_;

  // Its thread's alone, until it has ended.
  std::unique_ptr<RocksdbStore> store_;
  std::unique_ptr<BackupSchedule> backup_;  // null: none is configured
  std::unique_ptr<ShardRunner> runner_;
  bool shown_caught_up_ = false;  // readers have been told so

  std::atomic<bool> letting_go_{false};
  std::atomic<bool> ended_{false};
  std::atomic<bool> idle_{false};
  std::atomic<std::uint64_t> commits_{0};
  mutable std::mutex mutex_;
  std::optional<CommitNote> note_;  // guarded by mutex_
  Result<> outcome_;                // guarded by mutex_

  std::thread thread_;  // last: it uses all of the above
};

}  // namespace slipstream
