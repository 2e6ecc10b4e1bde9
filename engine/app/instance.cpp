#include "engine/app/instance.h"

#include <algorithm>
#include <chrono>

namespace slipstream {
namespace {

constexpr std::chrono::milliseconds kLookEvery(20);
constexpr Duration kPollWait = milliseconds(20);
// A bound on the work between two commits, so that a commit's batch fits in memory whatever the interval.
constexpr std::uint64_t kRecordsPerCommitMax = 2'000'000;

Timestamp system_now() {
  const auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
  return Timestamp{std::chrono::duration_cast<std::chrono::microseconds>(since_epoch).count()};
}

}  // namespace

Instance::Instance(const Configuration& configuration, Deployment& deployment,
                   std::shared_ptr<const Plan> plan, Options options)
    : configuration_(configuration),
      deployment_(deployment),
      plan_(std::move(plan)),
      options_(std::move(options)),
      events_clock_us_(Timestamp::min().us),
      notes_(static_cast<std::size_t>(deployment.partitions())) {}

Instance::~Instance() {
  stop();
  for (const auto& worker : workers_)
    if (worker->thread.joinable()) worker->thread.join();
}

Timestamp Instance::now() const {
  switch (configuration_.clock) {
    case ClockMode::system:
      return system_now();
    case ClockMode::fixed:
      return configuration_.clock_at;
    case ClockMode::events:
      return Timestamp{events_clock_us_.load()};
  }
  return system_now();
}

Result<> Instance::open() {
  std::vector<std::unique_ptr<Producer>> producers(static_cast<std::size_t>(deployment_.partitions()));
  for (std::int32_t i = 0; i < deployment_.partitions(); ++i) {
    SLIPSTREAM_ASSIGN(producers[static_cast<std::size_t>(i)],
                      ShardRunner::open_producer(deployment_.log(), deployment_.topics(), Partition(i)));
  }
  for (std::int32_t i = 0; i < deployment_.partitions(); ++i) {
    auto worker = std::make_unique<Worker>();
    SLIPSTREAM_ASSIGN(worker->store, deployment_.open_store(*plan_, Partition(i)));
    SLIPSTREAM_ASSIGN(worker->runner, ShardRunner::open(*plan_, deployment_.shard_options(Partition(i)),
                                                        deployment_.log(), *worker->store, options_.limits,
                                                        std::move(producers[static_cast<std::size_t>(i)])));
    notes_[static_cast<std::size_t>(i)] = worker->runner->note();
    events_clock_us_.store(std::max(events_clock_us_.load(), worker->runner->note().clock.us));
    workers_.push_back(std::move(worker));
  }
  const TopicNames& topics = deployment_.topics();
  SLIPSTREAM_ASSIGN(to_fold_, ends_of({topics.reference, topics.events}));
  return {};
}

Result<Instance::Ends> Instance::ends_of(const std::vector<std::string>& topics) const {
  Ends ends;
  for (std::int32_t shard = 0; shard < deployment_.partitions(); ++shard)
    for (const TopicPartition& at :
         inputs_of(Partition(shard), deployment_.topics(), deployment_.partitions())) {
      if (std::find(topics.begin(), topics.end(), at.topic) == topics.end()) continue;
      SLIPSTREAM_ASSIGN(const OffsetRange range, deployment_.log().offsets(at));
      if (range.earliest < range.end) ends[at] = range.end;
    }
  return ends;
}

void Instance::look_whether_caught_up() {
  {
    const std::scoped_lock lock(mutex_);
    for (std::int32_t shard = 0; shard < deployment_.partitions(); ++shard)
      for (const TopicPartition& at :
           inputs_of(Partition(shard), deployment_.topics(), deployment_.partitions())) {
        const auto end = to_fold_.find(at);
        if (end == to_fold_.end()) continue;
        const auto& next = notes_[static_cast<std::size_t>(shard)].next;
        if (const auto folded = next.find(at); folded == next.end() || folded->second < end->second) return;
      }
  }
  if (!partials_follow_) {
    caught_up_.store(true);
    return;
  }
  partials_follow_ = false;
  if (auto ends = ends_of({deployment_.topics().partials})) {
    to_fold_ = std::move(*ends);
  } else {
    fail_with(ends.error());
  }
}

Result<> Instance::run() {
  SLIPSTREAM_TRY(open());
  for (const auto& worker : workers_)
    worker->thread = std::thread([this, &worker] { work(*worker); });
  wait_until_done();
  for (const auto& worker : workers_)
    worker->thread.join();
  const std::scoped_lock lock(mutex_);
  return outcome_;
}

void Instance::wait_until_done() {
  auto report_at = std::chrono::steady_clock::now() + std::chrono::seconds(1);
  while (!stopping_.load()) {
    std::this_thread::sleep_for(kLookEvery);
    if (!caught_up_.load()) look_whether_caught_up();
    if (options_.until_idle && all_idle()) stop();
    if (options_.progress && std::chrono::steady_clock::now() >= report_at) {
      options_.progress(status());
      report_at += std::chrono::seconds(1);
    }
  }
}

void Instance::work(Worker& worker) {
  if (const auto worked = work_until_stopped(worker); !worked) fail_with(worked.error());
}

Result<> Instance::work_until_stopped(Worker& worker) {
  ShardRunner& runner = *worker.runner;
  const auto interval = std::chrono::microseconds(configuration_.commit_interval.us);
  auto commit_at = std::chrono::steady_clock::now() + interval;
  SLIPSTREAM_TRY(runner.tick(now()));
  while (true) {
    const bool last = stopping_.load();
    SLIPSTREAM_ASSIGN(const std::size_t read, runner.poll(last ? Duration{} : kPollWait));
    worker.records_since_commit += read;
    show_event_time(runner.shard().newest_event_at());
    const bool full = worker.records_since_commit >= kRecordsPerCommitMax || runner.shard().must_seal();
    const bool go_on = !full && (read > 0 || !options_.until_idle);
    if (!last && go_on && std::chrono::steady_clock::now() < commit_at) continue;
    SLIPSTREAM_TRY(runner.tick(now()));
    const bool judges = caught_up_.load();
    if (judges) SLIPSTREAM_TRY(runner.judge());
    SLIPSTREAM_ASSIGN(const ShardRunner::Commit commit, runner.commit(configuration_.sync_state || last));
    if (commit.made) worker.commits.fetch_add(1);
    worker.records_since_commit = 0;
    report(worker);
    worker.idle.store(judges && !commit.made && read == 0);
    commit_at = std::chrono::steady_clock::now() + interval;
    if (last) return {};
  }
}

void Instance::show_event_time(Timestamp newest) {
  std::int64_t shown = events_clock_us_.load();
  while (shown < newest.us && !events_clock_us_.compare_exchange_weak(shown, newest.us)) {
  }
}

void Instance::report(const Worker& worker) {
  const CommitNote& note = worker.runner->note();
  const std::scoped_lock lock(mutex_);
  notes_[static_cast<std::size_t>(note.shard.value)] = note;
}

// The order matters: what an idle shard has sent to others is in the log before it says that it is idle, so
// that the backlog, read after, includes it.
bool Instance::all_idle() const {
  return std::all_of(workers_.begin(), workers_.end(),
                     [](const auto& worker) { return worker->idle.load(); }) &&
         status().backlog == std::uint64_t{0};
}

std::optional<std::uint64_t> Instance::backlog_of(const std::vector<CommitNote>& notes) const {
  std::uint64_t backlog = 0;
  std::map<TopicPartition, OffsetRange> known;  // every shard reads the reference topic
  for (std::size_t shard = 0; shard < notes.size(); ++shard)
    for (const TopicPartition& at : inputs_of(Partition(static_cast<std::int32_t>(shard)),
                                              deployment_.topics(), deployment_.partitions())) {
      if (!known.contains(at)) {
        const auto range = deployment_.log().offsets(at);
        if (!range) return std::nullopt;
        known[at] = *range;
      }
      const auto next = notes[shard].next.find(at);
      const Offset from = next == notes[shard].next.end() ? known[at].earliest : next->second;
      if (known[at].end > from) backlog += static_cast<std::uint64_t>(known[at].end.value - from.value);
    }
  return backlog;
}

void Instance::fail_with(Error error) {
  const std::scoped_lock lock(mutex_);
  if (outcome_) outcome_ = tl::unexpected(std::move(error));
  stop();
}

CommittedState Instance::committed() const {
  CommittedState state{plan_, {}};
  for (const auto& worker : workers_)
    state.shards.push_back(worker->store->snapshot());
  return state;
}

// The log is asked without the lock: it may be slow to answer, or away.
InstanceStatus Instance::status() const {
  std::vector<CommitNote> notes;
  {
    const std::scoped_lock lock(mutex_);
    notes = notes_;
  }
  InstanceStatus status;
  for (const CommitNote& note : notes) {
    status.counters += note.counters;
    status.clock = std::max(status.clock, note.clock);
  }
  for (const auto& worker : workers_)
    status.commits += worker->commits.load();
  status.backlog = backlog_of(notes);
  return status;
}

}  // namespace slipstream
