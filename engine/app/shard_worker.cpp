#include "engine/app/shard_worker.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "engine/app/shard_state.h"
#include "engine/base/crash_point.h"
#include "engine/base/thread_role.h"

namespace slipstream {
namespace {

constexpr Duration kPollWait = milliseconds(20);
// A bound on the work between two commits, so that a commit's batch fits in memory whatever the interval.
constexpr std::uint64_t kRecordsPerCommitMax = 2'000'000;
// While shards catch up each waits for what the others have committed, and readers wait for all of them.
constexpr auto kCatchUpIntervalMax = std::chrono::milliseconds(500);
// A state that is read for longer cannot be opened again at first.
constexpr Duration kReadersMax = seconds(5);

}  // namespace

ShardWorker::ShardWorker(Surroundings& surroundings, Partition shard, std::shared_ptr<CatchUp> catch_up)
    : surroundings_(surroundings),
      shard_(shard),
      catch_up_(std::move(catch_up)),
      thread_([this] { run(); }) {}

ShardWorker::~ShardWorker() {
  let_go();
  thread_.join();
}

void ShardWorker::run() {
  // Who reads over HTTP waits for microseconds of work, and a commit has many milliseconds of it.
  begin_thread(fmt::format("shard-{}", shard_.value),
               surroundings_.shelf == nullptr ? ThreadRole::usual : ThreadRole::steady);
  Result<> outcome = open();
  if (outcome) outcome = work();
  // Whoever is next must find neither the lock of the state nor a producer that could still write.
  runner_.reset();
  backup_.reset();
  if (surroundings_.shelf != nullptr) surroundings_.shelf->take_off(shard_, kReadersMax);
  if (!outcome) store_.reset();
  {
    const std::scoped_lock lock(mutex_);
    outcome_ = std::move(outcome);
  }
  ended_.store(true);
}

Result<> ShardWorker::open() {
  Deployment& deployment = surroundings_.deployment;
  auto producer = ShardRunner::open_producer(deployment.log(), deployment.topics(), shard_);
  catch_up_->producer_is_settled();
  SLIPSTREAM_TRY(producer);
  crash_point("open.fenced");
  catch_up_->wait_for_producers();
  SLIPSTREAM_ASSIGN(ShardState state, open_shard_state(deployment, *surroundings_.plan, shard_));
  if (!state.remark.empty()) surroundings_.remark(state.severity, state.remark);
  store_ = std::move(state.store);
  SLIPSTREAM_ASSIGN(runner_,
                    ShardRunner::open(*surroundings_.plan, deployment.shard_options(shard_), deployment.log(),
                                      *store_, surroundings_.limits, std::move(*producer)));
  crash_point("open.recovered");
  surroundings_.clock.show(runner_->note().clock);
  schedule_backups();
  report();
  show_state();
  return {};
}

void ShardWorker::schedule_backups() {
  const Configuration& configuration = surroundings_.configuration;
  if (configuration.backup.empty()) return;
  ShardBackupOptions options;
  options.backup = configuration.backup;
  options.state_version = surroundings_.plan->state_version;
  options.shard = shard_;
  options.checkpoint = surroundings_.deployment.state_directory(*surroundings_.plan, shard_);
  options.checkpoint += ".checkpoint";
  options.keep = configuration.backup_keep;
  backup_ = std::make_unique<BackupSchedule>(
      *store_, std::move(options), configuration.backup_every, [this](const std::string& text) {
        surroundings_.remark(Severity::warning, fmt::format("shard {}: {}", shard_.value, text));
      });
}

// A backup that cannot be made stops no shard.
void ShardWorker::tell_of(const Result<>& backed_up) const {
  if (!backed_up)
    surroundings_.remark(Severity::warning, fmt::format("shard {}: no backup was made: {}", shard_.value,
                                                        backed_up.error().message));
}

Result<> ShardWorker::work() {
  const Configuration& configuration = surroundings_.configuration;
  const std::chrono::microseconds interval(configuration.commit_interval.us);
  const auto catch_up_interval = std::min<std::chrono::microseconds>(interval, kCatchUpIntervalMax);
  auto commit_at =
      std::chrono::steady_clock::now();  // whoever waits for a shard that moved has waited enough
  std::uint64_t records_since_commit = 0;
  SLIPSTREAM_TRY(runner_->tick(surroundings_.clock.now()));
  while (true) {
    const bool last = letting_go_.load();
    SLIPSTREAM_ASSIGN(const std::size_t read, runner_->poll(last ? Duration{} : kPollWait));
    records_since_commit += read;
    surroundings_.clock.show(runner_->shard().newest_event_at());
    const bool full = records_since_commit >= kRecordsPerCommitMax || runner_->shard().must_seal();
    const bool go_on = !full && (read > 0 || !surroundings_.until_idle);
    if (!last && go_on && std::chrono::steady_clock::now() < commit_at) continue;
    SLIPSTREAM_TRY(runner_->tick(surroundings_.clock.now()));
    const bool judges = catch_up_->is_done();
    if (judges) SLIPSTREAM_TRY(runner_->judge());
    SLIPSTREAM_ASSIGN(const ShardRunner::Commit commit, runner_->commit(configuration.sync_state || last));
    if (commit.made) commits_.fetch_add(1);
    if (backup_) tell_of(backup_->after_commit(runner_->note().sequence));
    records_since_commit = 0;
    report();
    if (commit.made || catch_up_->is_done() != shown_caught_up_) show_state();
    idle_.store(judges && !commit.made && read == 0);
    commit_at = std::chrono::steady_clock::now() + (shown_caught_up_ ? interval : catch_up_interval);
    if (last) return {};
  }
}

void ShardWorker::report() {
  const std::scoped_lock lock(mutex_);
  note_ = runner_->note();
}

void ShardWorker::show_state() {
  shown_caught_up_ = catch_up_->is_done();
  if (surroundings_.shelf != nullptr)
    surroundings_.shelf->put(shard_, {store_->snapshot(), runner_->note(), shown_caught_up_});
}

std::optional<CommitNote> ShardWorker::note() const {
  const std::scoped_lock lock(mutex_);
  return note_;
}

Result<> ShardWorker::outcome() const {
  const std::scoped_lock lock(mutex_);
  return outcome_;
}

}  // namespace slipstream
