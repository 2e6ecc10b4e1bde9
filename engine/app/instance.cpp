#include "engine/app/instance.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <thread>
#include <utility>

#include "engine/app/members.h"
#include "engine/base/crash_point.h"

namespace slipstream {
namespace {

using std::chrono::steady_clock;

constexpr std::chrono::milliseconds kLookEvery(20);
constexpr std::chrono::milliseconds kAskElsewhereEvery(200);
constexpr std::chrono::milliseconds kAnnounceAgainAfter(5'000);
constexpr std::chrono::milliseconds kFirstPause(250);
constexpr std::chrono::milliseconds kPauseMax(8'000);
// Whoever has fenced a shard is its owner as a rule, and the next assignment says so.
constexpr std::chrono::milliseconds kPauseWhenFenced(15'000);
constexpr std::chrono::seconds kGoneAfter(10);
// What is under way when the instance is to stop may take so long, and no longer if the log does not answer.
constexpr Duration kStopWaiting = seconds(5);

// Does another try help, once brokers answer again or the group has made up its mind?
bool may_pass(const Error& error) {
  return error.code == ErrorCode::log_unavailable || error.code == ErrorCode::fenced;
}

}  // namespace

Instance::Instance(const Configuration& configuration, Deployment& deployment,
                   std::shared_ptr<const Plan> plan, Options options)
    : configuration_(configuration),
      deployment_(deployment),
      options_(std::move(options)),
      surroundings_{configuration_,
                    deployment_,
                    std::move(plan),
                    options_.limits,
                    options_.until_idle,
                    InstanceClock(configuration_, options_.clock),
                    [this](Severity severity, const std::string& text) { remark(severity, text); },
                    options_.shelf} {}

Result<> Instance::run() {
  SLIPSTREAM_ASSIGN(membership_, deployment_.join());
  std::thread observer([this] { observe(); });
  while (!stopping_.load()) {
    follow_assignments();
    std::this_thread::sleep_for(kLookEvery);
  }
  deployment_.stop_waiting_within(kStopWaiting);
  close_all();
  observer.join();
  membership_->leave();
  if (const auto told = deployment_.take_leave(); !told)
    remark(Severity::warning,
           fmt::format("the members' topic still names this instance: {}", told.error().message));
  const std::scoped_lock lock(mutex_);
  return outcome_;
}

void Instance::follow_assignments() {
  const Result<Assignment> assignment = membership_->assignment();
  if (!assignment) return fail_with(assignment.error());
  if (assignment->generation != generation_) {
    if (const auto fits = check_partitions(*assignment); !fits) return fail_with(fits.error());
    take(*assignment);
  }
  for (auto& [shard, place] : places_)
    if (place.worker && place.worker->has_ended()) settle(shard, place);
  {
    const std::scoped_lock lock(mutex_);
    std::erase_if(places_,
                  [](const auto& place) { return !place.second.is_assigned && !place.second.worker; });
  }
  open_due();
}

// The partitions of a running deployment must stay as many: an entity's events would no longer be together.
Result<> Instance::check_partitions(const Assignment& assignment) const {
  if (assignment.shards.empty() || assignment.shards.rbegin()->value < deployment_.partitions()) return {};
  return fail(
      ErrorCode::invalid_value,
      fmt::format("topic '{0}' has been given more partitions than the {1} it had: the events of one entity "
                  "would be spread over two shards; create topics anew under another topic_prefix, with as "
                  "many partitions as are needed, and write the events there from their source",
                  deployment_.topics().events, deployment_.partitions()));
}

// Shards that stay go on without a pause.
void Instance::take(const Assignment& assignment) {
  const std::scoped_lock lock(mutex_);
  crash_point("rebalance.assigned");
  generation_ = assignment.generation;
  if (options_.shelf != nullptr) options_.shelf->expect(assignment.shards);
  for (auto& [shard, place] : places_) {
    place.is_assigned = assignment.shards.contains(shard);
    if (!place.is_assigned && place.worker) {
      crash_point("rebalance.closing");
      place.worker->let_go();
    }
  }
  for (const Partition shard : assignment.shards)
    if (Place& place = places_[shard]; !place.worker) place = Place{};
  if (assignment.shards.size() < static_cast<std::size_t>(deployment_.partitions()) || generation_ > 1)
    remark(Severity::info, fmt::format("shards of this instance: {} (of {})", list_of(assignment.shards),
                                       deployment_.partitions()));
}

// Of a shard whose thread has ended.
void Instance::settle(Partition shard, Place& place) {
  const Result<> outcome = place.worker->outcome();
  const bool had_recovered = place.worker->note().has_value();
  place.worker->close();
  {
    const std::scoped_lock lock(mutex_);
    place.worker.reset();
  }
  place.open_at = steady_clock::now();
  if (outcome) {
    crash_point("rebalance.closed");
    return;  // it was let go; perhaps it is assigned again by now
  }
  if (!may_pass(outcome.error())) return fail_with(outcome.error());
  if (!place.is_assigned) return;  // its new owner was quicker
  place.pause = had_recovered ? kFirstPause : std::clamp(place.pause * 2, kFirstPause, kPauseMax);
  if (outcome.error().code == ErrorCode::fenced) place.pause = kPauseWhenFenced;
  place.open_at += place.pause;
  if (had_recovered) place.said.reset();
  if (place.said == outcome.error().code) return;  // while brokers are away it fails time and again
  place.said = outcome.error().code;
  remark(Severity::warning,
         fmt::format("shard {} is closed, and opened again in {} ms if it is this instance's then: {}",
                     shard.value, place.pause.count(), outcome.error().message));
}

void Instance::open_due() {
  std::vector<Partition> due;
  for (const auto& [shard, place] : places_)
    if (place.is_assigned && !place.worker && place.open_at <= steady_clock::now()) due.push_back(shard);
  if (due.empty()) return;
  const auto catch_up = std::make_shared<CatchUp>(due.size());
  const std::scoped_lock lock(mutex_);
  for (const Partition shard : due)
    places_[shard].worker = std::make_shared<ShardWorker>(surroundings_, shard, catch_up);
}

void Instance::close_all() {
  for (const auto& [shard, place] : places_)
    if (place.worker) place.worker->let_go();
  for (const auto& [shard, place] : places_) {
    if (!place.worker) continue;
    while (!place.worker->has_ended())
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    const Result<> outcome = place.worker->outcome();
    if (outcome) continue;
    if (may_pass(outcome.error())) {
      remark(Severity::warning,
             fmt::format("shard {} could not commit its last work, which is in the log still: {}",
                         shard.value, outcome.error().message));
    } else {
      fail_with(outcome.error());
    }
  }
}

void Instance::observe() {
  auto report_at = steady_clock::now() + std::chrono::seconds(1);
  while (!stopping_.load()) {
    std::this_thread::sleep_for(kLookEvery);
    announce();
    look_at_catch_ups(workers());
    if (options_.until_idle && is_idle()) stop();
    if (steady_clock::now() < report_at) continue;
    const InstanceStatus now = status();
    if (now.trouble) tell_away(now.trouble->message);
    end_if_gone(now);
    if (now.backlog) tell_back();
    if (options_.progress) options_.progress(now);
    report_at = steady_clock::now() + std::chrono::seconds(1);
  }
}

// Once, however long it lasts.
void Instance::tell_away(const std::string& why) {
  if (log_away_since_ || stopping_.load()) return;
  log_away_since_ = steady_clock::now();
  remark(Severity::warning,
         fmt::format("the log does not answer; figures stay as they were committed last, and work goes on by "
                     "itself once it does: {}",
                     why));
}

void Instance::tell_back() {
  if (!log_away_since_) return;
  const auto away = std::chrono::duration_cast<std::chrono::seconds>(steady_clock::now() - *log_away_since_);
  log_away_since_.reset();
  remark(Severity::info, fmt::format("the log answers again, {} s later", away.count()));
}

// What is gone from the log comes not back by itself. But brokers that have just started may not know all topics yet.
void Instance::end_if_gone(const InstanceStatus& status) {
  if (!status.trouble || may_pass(*status.trouble)) return gone_since_.reset();
  const auto now = steady_clock::now();
  if (!gone_since_) gone_since_ = now;
  if (now - *gone_since_ >= kGoneAfter) fail_with(*status.trouble);
}

void Instance::announce() {
  Assignment newest;
  {
    const std::scoped_lock lock(mutex_);
    newest.generation = generation_;
    for (const auto& [shard, place] : places_)
      if (place.is_assigned) newest.shards.insert(shard);
  }
  if (newest.generation == announced_ || steady_clock::now() < announce_at_) return;
  if (const auto told = deployment_.announce(newest.shards)) {
    announced_ = newest.generation;
  } else {
    announce_at_ = steady_clock::now() + kAnnounceAgainAfter;
    if (std::exchange(unannounced_, newest.generation) == newest.generation) return;  // said before
    remark(Severity::warning,
           fmt::format("the members' topic cannot be told of this instance: {}", told.error().message));
  }
}

void Instance::look_at_catch_ups(const std::vector<std::shared_ptr<ShardWorker>>& workers) {
  std::set<std::shared_ptr<CatchUp>> behind;
  for (const auto& worker : workers)
    if (!worker->catch_up()->is_done()) behind.insert(worker->catch_up());
  if (behind.empty()) return;
  Result<> looked;
  if (const auto now = positions()) {
    for (const auto& catch_up : behind)
      if (looked) looked = catch_up->look(deployment_, *now);
  } else {
    looked = tl::unexpected(now.error());
  }
  if (looked) return;
  if (!may_pass(looked.error())) return fail_with(looked.error());
  tell_away(looked.error().message);
}

// The order matters: what an idle shard has sent to others is in the log before it says that it is idle, so
// that the backlog, read after, includes it.
bool Instance::is_idle() {
  {
    const std::scoped_lock lock(mutex_);
    if (generation_ == 0) return false;
    for (const auto& [shard, place] : places_)
      if (!place.worker || !place.worker->is_idle()) return false;
  }
  const auto now = positions();
  if (!now || now->size() != static_cast<std::size_t>(deployment_.partitions())) return false;
  const auto backlog = backlog_of(*now);
  return backlog && *backlog == 0;
}

// A shard that is being opened or closed here is left out.
Result<ShardPositions> Instance::positions() {
  ShardPositions all;
  std::set<Partition> unsettled;
  {
    const std::scoped_lock lock(mutex_);
    for (const auto& [shard, place] : places_)
      if (const auto note = place.worker ? place.worker->note() : std::nullopt) {
        all[shard] = note->next;
      } else {
        unsettled.insert(shard);
      }
  }
  const bool ask = steady_clock::now() >= ask_elsewhere_at_;
  for (std::int32_t i = 0; i < deployment_.partitions(); ++i) {
    const Partition shard(i);
    if (all.contains(shard) || unsettled.contains(shard)) continue;
    if (ask || !elsewhere_.contains(shard)) {
      SLIPSTREAM_ASSIGN(CommittedPositions committed, deployment_.committed(shard));
      elsewhere_[shard] = std::move(committed.next);
      ask_elsewhere_at_ = steady_clock::now() + kAskElsewhereEvery;
    }
    all[shard] = elsewhere_[shard];
  }
  return all;
}

Result<std::uint64_t> Instance::backlog_of(const ShardPositions& positions) const {
  std::uint64_t backlog = 0;
  // Every shard reads the reference topic; it is asked for even when none is open, to know whether the log answers.
  const TopicPartition reference{deployment_.topics().reference, Partition(0)};
  std::map<TopicPartition, OffsetRange> known;
  SLIPSTREAM_ASSIGN(known[reference], deployment_.log().offsets(reference));
  for (const auto& [shard, next] : positions)
    for (const TopicPartition& at : inputs_of(shard, deployment_.topics(), deployment_.partitions())) {
      if (!known.contains(at)) {
        SLIPSTREAM_ASSIGN(known[at], deployment_.log().offsets(at));
      }
      const auto folded = next.find(at);
      const Offset from = folded == next.end() ? known[at].earliest : folded->second;
      SLIPSTREAM_TRY(check_end(at, known[at], from));
      backlog += static_cast<std::uint64_t>(known[at].end.value - from.value);
    }
  return backlog;
}

std::vector<std::shared_ptr<ShardWorker>> Instance::workers() const {
  const std::scoped_lock lock(mutex_);
  std::vector<std::shared_ptr<ShardWorker>> all;
  for (const auto& [shard, place] : places_)
    if (place.worker) all.push_back(place.worker);
  return all;
}

void Instance::remark(Severity severity, const std::string& text) const {
  if (options_.remark) options_.remark(severity, text);
}

void Instance::fail_with(Error error) {
  const std::scoped_lock lock(mutex_);
  if (outcome_) outcome_ = tl::unexpected(std::move(error));
  stop();
}

std::optional<CommittedState> Instance::committed() const {
  CommittedState state{surroundings_.plan, {}};
  for (const auto& worker : workers())
    if (auto snapshot = worker->snapshot()) state.shards.push_back(std::move(snapshot));
  if (state.shards.size() != static_cast<std::size_t>(deployment_.partitions())) return std::nullopt;
  return state;
}

// The log is asked without the lock: it may be slow to answer, or away.
InstanceStatus Instance::status() const {
  InstanceStatus status;
  status.clock = Timestamp::min();
  ShardPositions here;
  std::size_t assigned = 0;
  {
    const std::scoped_lock lock(mutex_);
    for (const auto& [shard, place] : places_)
      assigned += place.is_assigned;
  }
  for (const auto& worker : workers()) {
    const auto note = worker->note();
    if (!note) continue;
    ++status.shards;
    status.counters += note->counters;
    status.clock = std::max(status.clock, note->clock);
    status.commits += worker->commits();
    here[note->shard] = note->next;
  }
  status.backlog.reset();
  const auto backlog = backlog_of(here);
  if (!backlog) status.trouble = backlog.error();
  if (backlog && here.size() >= assigned) status.backlog = *backlog;
  return status;
}

}  // namespace slipstream
