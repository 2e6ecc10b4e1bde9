#include "tests/simulator/deployment.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/base/hash.h"

namespace slipstream::simulator {
namespace {

constexpr std::size_t kStormRounds = 40;   // without rest: then faults pause until there is
constexpr std::size_t kRoundsMax = 1'000;  // without rest and faults: it will never come
constexpr int kSameInstantMax = 1'000;     // judgements of one instant
constexpr std::size_t kTraceMax = 4'000;

// Every injected error says so; what says nothing is the engine's.
bool is_simulated(const Error& error) { return error.message.starts_with("simulated"); }

template <class T>
Result<> outcome_of(const Result<T>& result) {
  if (result) return {};
  return tl::unexpected(result.error());
}

}  // namespace

struct Deployment::Process {
  std::unique_ptr<FaultyLog> connection;
  std::unique_ptr<EventLog> damaged;  // what its shards see under sabotage
  EventLog& log() { return damaged ? *damaged : *connection; }
};

struct Deployment::Shard {
  Partition number;
  std::unique_ptr<FaultyStore> disk;
  std::unique_ptr<Store> store;
  std::unique_ptr<ShardRunner> runner;  // none: the process is down
  std::uint64_t rounds_down = 0;
  bool is_committed = false;  // nothing was done since the last commit that sent nothing
};

Deployment::Deployment(const Definitions& definitions, const FaultPlan& faults, std::uint64_t seed,
                       Sabotage sabotage, Timestamp end)
    : definitions_(definitions),
      faults_(faults),
      sabotage_(sabotage),
      end_(end),
      dice_(seed),
      log_(std::make_shared<MemoryLog>()) {}
Deployment::~Deployment() = default;

Result<> Deployment::start() {
  SLIPSTREAM_TRY(create_topics(*log_, {}, faults_.partitions));
  for (std::int32_t i = 0; i < faults_.processes; ++i) {
    Process& process = *processes_.emplace_back(std::make_unique<Process>());
    process.connection = std::make_unique<FaultyLog>(log_, faults_.log, dice_.fork());
    if (sabotage_ == Sabotage::lost_output || sabotage_ == Sabotage::repeated_output)
      process.damaged = sabotaged(*process.connection, sabotage_, dice_.fork());
  }
  for (std::int32_t i = 0; i < faults_.partitions; ++i) {
    Shard& shard = *shards_.emplace_back(std::make_unique<Shard>());
    shard.number = Partition(i);
    shard.disk = std::make_unique<FaultyStore>(faults_.store, dice_.fork());
  }
  return {};
}

Deployment::Process& Deployment::process_of(const Shard& shard) {
  return *processes_[static_cast<std::size_t>(shard.number.value) % processes_.size()];
}

void Deployment::note(std::string_view what, const Shard& shard) {
  trace_hash_ = hash64(what, trace_hash_ + static_cast<std::uint64_t>(shard.number.value));
  if (trace_.size() < kTraceMax) trace_ += fmt::format("{}:{} ", what, shard.number.value);
}

// What becomes of a shard after an error: an injected one it, or its whole process, must survive.
Result<> Deployment::survive(Shard& shard, const Error& error) {
  if (!is_simulated(error)) return tl::unexpected(error);
  Process& process = process_of(shard);
  const bool in_log = process.connection->crashed();
  if (in_log || shard.disk->crashed()) {
    note(in_log ? "crash-in-log" : "crash-in-store", shard);
    crash(process, in_log ? Count::crashes_log : Count::crashes_store);
    return {};
  }
  note(error.code == ErrorCode::io ? "batch-refused" : "commit-failed", shard);
  if (error.code == ErrorCode::io) tally_.add(Count::refused_batches);
  shard.runner.reset();
  return {};
}

void Deployment::crash(Process& process, Count cause) {
  tally_.add(cause);
  const bool with_machine = dice_.one_in(faults_.machine);
  const bool loses_state = faults_.state_lost != 0 && !is_quiet_ && dice_.one_in(faults_.state_lost);
  if (!process.connection->crashed()) process.connection->crash();
  for (const auto& shard : shards_) {
    if (&process_of(*shard) != &process) continue;
    shard->runner.reset();
    shard->store.reset();
    shard->is_committed = false;
    shard->rounds_down = dice_.below(4);
    if (with_machine && !shard->disk->crashed()) shard->disk->crash();
    shard->disk->restart();
    if (loses_state) lose_state(*shard);
  }
  std::erase_if(old_shards_, [&](const auto& old) { return &process_of(*old) == &process; });
  process.connection->restart();
}

void Deployment::lose_state(Shard& shard) {
  note("state-lost", shard);
  tally_.add(Count::lost_states);
  tally_.add(Count::lost_batches, shard.disk->batches_lost());
  shard.store.reset();
  shard.disk = std::make_unique<FaultyStore>(is_quiet_ ? StoreFaults{} : faults_.store, dice_.fork());
}

// Another machine runs the shard from now on; the old one does not know.
Result<> Deployment::take_over(Shard& shard) {
  note("taken-over", shard);
  tally_.add(Count::zombies);
  auto old = std::make_unique<Shard>();
  old->number = shard.number;
  std::swap(old->runner, shard.runner);
  std::swap(old->store, shard.store);
  std::swap(old->disk, shard.disk);
  shard.is_committed = false;
  shard.disk = std::make_unique<FaultyStore>(faults_.store, dice_.fork());
  old_shards_.push_back(std::move(old));
  return open(shard);
}

// Shards that were taken over go on; none may commit anything.
Result<> Deployment::wake_old_shards() {
  auto waking = std::exchange(old_shards_, {});
  for (auto& old : waking) {
    const bool is_taken_over = shards_[static_cast<std::size_t>(old->number.value)]->runner != nullptr;
    if (!is_taken_over) {
      old_shards_.push_back(std::move(old));
      continue;
    }
    Result<> result = outcome_of(old->runner->poll(Duration{}));
    if (result) result = old->runner->tick(clock_ == Timestamp::min() ? end_ : clock_);
    if (result) result = old->runner->judge();
    if (result) {
      const auto committed = old->runner->commit(true);
      if (committed && committed->made)
        return fail(ErrorCode::internal,
                    fmt::format("shard {} committed after it was taken over", old->number.value));
      result = outcome_of(committed);
    }
    if (!result && result.error().code == ErrorCode::fenced) {
      tally_.add(Count::zombies_fenced);
    } else if (!result) {
      if (!is_simulated(result.error())) return result;
      Process& process = process_of(*old);
      if (process.connection->crashed()) crash(process, Count::crashes_log);
    }
  }
  return {};
}

Result<> Deployment::perhaps_something_happens() {
  if (is_quiet_) return {};
  if (!old_shards_.empty() && dice_.one_in(4)) SLIPSTREAM_TRY(wake_old_shards());
  if (faults_.clean != 0 && dice_.one_in(faults_.clean)) {
    tally_.add(Count::cleanings);
    SLIPSTREAM_TRY(outcome_of(log_->clean(clock_ == Timestamp::min() ? end_ : clock_)));
  }
  if (faults_.crash == 0 || !dice_.one_in(faults_.crash)) return {};
  Shard& shard = *dice_.of(shards_);
  if (faults_.takeover != 0 && shard.runner && dice_.one_in(faults_.takeover)) return take_over(shard);
  note("crash", shard);
  crash(process_of(shard), Count::crashes_between);
  return {};
}

Result<> Deployment::open(Shard& shard) {
  const auto sequence_of = [](const std::string& bytes) -> Result<CommitNote> {
    if (bytes.empty()) return CommitNote{};
    return decode_note(bytes);
  };
  SLIPSTREAM_ASSIGN(const auto stored_bytes, shard.disk->contents().get(Family::meta, "note"));
  SLIPSTREAM_ASSIGN(const CommitNote stored, sequence_of(stored_bytes.value_or("")));
  SLIPSTREAM_ASSIGN(const auto positions,
                    log_->committed(TopicNames{}.group, fmt::format("shard-{}", shard.number.value)));
  SLIPSTREAM_ASSIGN(const CommitNote committed, sequence_of(positions.metadata));
  SLIPSTREAM_ASSIGN(const OffsetRange decisions, log_->offsets({TopicNames{}.decisions, shard.number}));
  tally_.add(Count::opened);
  if (committed.sequence > stored.sequence) {
    tally_.add(stored_bytes ? Count::torn : Count::rebuilt);
    tally_.add(Count::decisions_read_back,
               static_cast<std::uint64_t>(decisions.end.value - stored.decisions_next.value));
  }
  note("open", shard);
  shard.store = shard.disk->open();
  if (sabotage_ == Sabotage::lost_change) shard.store = sabotaged(std::move(shard.store), dice_.fork());
  ShardOptions options;
  options.shard = shard.number;
  options.partitions = faults_.partitions;
  options.hot_bytes_max = faults_.hot_bytes_max;
  options.clock_commit_every = faults_.clock_commit_every;
  if (faults_.hot_bytes_max < 10'000) options.republished_at_once = 3;
  ShardRunner::Limits limits;
  limits.records_max = faults_.records_max;
  auto opened = ShardRunner::open(*definitions_.plan, options, process_of(shard).log(), *shard.store, limits);
  if (!opened) return survive(shard, opened.error());
  shard.runner = std::move(*opened);
  return {};
}

Result<bool> Deployment::is_open(Shard& shard) {
  if (shard.runner) return true;
  if (shard.rounds_down > 0) {
    --shard.rounds_down;
    return false;
  }
  SLIPSTREAM_TRY(open(shard));
  return shard.runner != nullptr;
}

// Has it read all there is, and committed it?
Result<bool> Deployment::is_at_rest(const Shard& shard) {
  if (!shard.runner || !shard.is_committed || shard.runner->note().clock < clock_) return false;
  const TopicNames topics;
  for (const TopicPartition& at : {TopicPartition{topics.reference, Partition(0)},
                                   {topics.events, shard.number},
                                   {topics.partials, shard.number}}) {
    if (at.topic == topics.partials && faults_.partitions == 1) continue;
    SLIPSTREAM_ASSIGN(const OffsetRange range, log_->offsets(at));
    const auto& next = shard.runner->note().next;
    const auto found = next.find(at);
    if (range.end > (found == next.end() ? Offset(0) : found->second)) return false;
  }
  return true;
}

Result<> Deployment::tick(Shard& shard, Timestamp reading) {
  if (reading < shard.runner->note().clock) tally_.add(Count::clock_steps_back);
  const auto result = shard.runner->tick(reading);
  if (!result) return survive(shard, result.error());
  shard.is_committed = false;
  return {};
}

// True: it went well.
Result<bool> Deployment::commit(Shard& shard) {
  const auto committed = shard.runner->commit(dice_.one_in(faults_.sync));
  if (!committed) {
    SLIPSTREAM_TRY(survive(shard, committed.error()));
    return false;
  }
  if (committed->made) {
    tally_.add(Count::commits);
    note("commit", shard);
  }
  // Rows that are published anew may take several commits, once there is a clock.
  shard.is_committed = committed->note.views_version == definitions_.plan->views_version ||
                       committed->note.clock == Timestamp::min();
  return true;
}

// One turn: the clock, a read, and perhaps a commit.
Result<> Deployment::attend(Shard& shard) {
  SLIPSTREAM_ASSIGN(const bool there, is_open(shard));
  if (!there) return {};
  if (faults_.clock_drifts && clock_ > Timestamp::min() && dice_.one_in(16))
    SLIPSTREAM_TRY(tick(shard, clock_ - dice_.between(seconds(1), days(2))));
  if (shard.runner && shard.runner->note().clock < clock_) SLIPSTREAM_TRY(tick(shard, clock_));
  if (!shard.runner) return {};
  const auto read = shard.runner->poll(Duration{});
  if (!read) return survive(shard, read.error());
  if (*read > 0) shard.is_committed = false;
  if (shard.is_committed || !(is_quiet_ || dice_.one_in(faults_.commit))) return {};
  return outcome_of(commit(shard));
}

Result<> Deployment::settle() {
  const bool was_quiet = is_quiet_;
  bool all_at_rest = false;
  for (std::size_t round = 0; !all_at_rest; ++round) {
    if (round == kStormRounds) be_quiet(true);
    if (round == kRoundsMax)
      return fail(ErrorCode::internal, "the shards do not come to rest: they go on sending, or stop reading");
    for (Shard* shard : in_any_order()) {
      SLIPSTREAM_TRY(perhaps_something_happens());
      SLIPSTREAM_ASSIGN(const bool at_rest, is_at_rest(*shard));
      if (!at_rest) SLIPSTREAM_TRY(attend(*shard));
    }
    all_at_rest = true;
    for (const auto& shard : shards_) {
      SLIPSTREAM_ASSIGN(const bool at_rest, is_at_rest(*shard));
      all_at_rest &= at_rest;
    }
  }
  if (!was_quiet) be_quiet(false);
  return {};
}

// Judges each once and commits; those that fail on the way stay in the list, and those that were opened anew:
// they stand at an earlier clock until they have settled.
Result<> Deployment::judge_shards(std::vector<Shard*>& unjudged) {
  const std::vector<Shard*> all = unjudged;
  for (Shard* shard : all) {
    SLIPSTREAM_ASSIGN(const bool at_rest, is_at_rest(*shard));
    if (!at_rest) continue;
    const auto judged = shard->runner->judge();
    if (!judged) {
      SLIPSTREAM_TRY(survive(*shard, judged.error()));
      continue;
    }
    shard->is_committed = false;
    SLIPSTREAM_ASSIGN(const bool went_well, commit(*shard));
    if (went_well) std::erase(unjudged, shard);
    SLIPSTREAM_TRY(perhaps_something_happens());
  }
  return {};
}

Result<> Deployment::judge() {
  const bool was_quiet = is_quiet_;
  std::vector<Shard*> unjudged = in_any_order();
  for (std::size_t round = 0; !unjudged.empty(); ++round) {
    if (round == kStormRounds) be_quiet(true);
    SLIPSTREAM_TRY(settle());
    SLIPSTREAM_TRY(judge_shards(unjudged));
  }
  if (!was_quiet) be_quiet(false);
  return settle();
}

Result<Timestamp> Deployment::next_wakeup() {
  while (true) {
    Timestamp next = Timestamp::max();
    bool all = true;
    for (const auto& shard : shards_) {
      const auto wakeup = shard->runner->next_wakeup();
      if (wakeup) {
        next = std::min(next, *wakeup);
        continue;
      }
      SLIPSTREAM_TRY(survive(*shard, wakeup.error()));
      all = false;
      break;
    }
    if (all) return next;
    SLIPSTREAM_TRY(settle());
  }
}

Result<> Deployment::advance_to(Timestamp to) {
  if (clock_ != Timestamp::min() && to - clock_ >= days(1)) tally_.add(Count::clock_jumps);
  SLIPSTREAM_TRY(clock_ == Timestamp::min() ? settle() : judge());
  // A shard that was opened anew may still have to judge at this instant; not time and again.
  for (int again = 0;;) {
    SLIPSTREAM_ASSIGN(const Timestamp next, next_wakeup());
    if (next == Timestamp::max() || next >= to) break;
    again = next > clock_ ? 0 : again + 1;
    if (again > kSameInstantMax)
      return fail(ErrorCode::internal, fmt::format("a shard judged at {} asks to judge at {} again and again",
                                                   format_timestamp(clock_), format_timestamp(next)));
    clock_ = std::max(clock_, next);
    SLIPSTREAM_TRY(judge());
  }
  clock_ = to;
  return judge();
}

Result<> Deployment::deliver(const Moment& moment) {
  std::vector<const Delivery*> order;
  std::vector<const Delivery*> free;
  const auto release = [&] {
    dice_.shuffle(free);
    order.insert(order.end(), free.begin(), free.end());
    free.clear();
  };
  for (const Delivery& delivery : moment.deliveries) {
    if (delivery.in_order) release();
    (delivery.in_order ? order : free).push_back(&delivery);
  }
  release();
  for (const Delivery* delivery : order) {
    const TopicNames topics;
    TopicPartition at = place_of(*delivery, topics, faults_.partitions);
    OutputRecord record{std::move(at.topic), at.partition, delivery->key, delivery->bytes, {}, moment.clock};
    EventLog& way = delivery->may_repeat ? static_cast<EventLog&>(*processes_.front()->connection) : *log_;
    SLIPSTREAM_TRY(outcome_of(way.append({&record, 1})));
    tally_.add(Count::deliveries);
  }
  return {};
}

Result<> Deployment::step_at_random(Shard& shard, Timestamp now) {
  SLIPSTREAM_ASSIGN(const bool there, is_open(shard));
  if (!there) return {};
  switch (dice_.below(8)) {
    case 0:
    case 1: {
      Timestamp reading = now;
      if (faults_.clock_drifts)
        reading = std::min(end_, now + dice_.between(hours(-3), hours(dice_.one_in(10) ? 40 : 2)));
      if (reading > now + hours(2)) tally_.add(Count::clock_jumps);
      return tick(shard, reading);
    }
    case 2: {
      const auto judged = shard.runner->judge();
      if (!judged) return survive(shard, judged.error());
      shard.is_committed = false;
      return {};
    }
    case 3:
    case 4:
      return outcome_of(commit(shard));
    default: {
      const auto read = shard.runner->poll(Duration{});
      if (!read) return survive(shard, read.error());
      shard.is_committed = false;
      return {};
    }
  }
}

Result<> Deployment::muddle_through(Timestamp now) {
  for (std::int64_t left = dice_.between(0, 12 * faults_.partitions); left > 0; --left) {
    SLIPSTREAM_TRY(perhaps_something_happens());
    SLIPSTREAM_TRY(step_at_random(*dice_.of(shards_), now));
  }
  return {};
}

Result<> Deployment::come_to_rest() {
  be_quiet(true);
  SLIPSTREAM_TRY(wake_old_shards());
  faults_.clock_commit_every = {};
  faults_.machine = 1;
  for (const auto& process : processes_)
    crash(*process, Count::crashes_between);
  clock_ = end_;
  SLIPSTREAM_TRY(judge());
  count_faults();
  return {};
}

std::vector<Deployment::Shard*> Deployment::in_any_order() {
  std::vector<Shard*> order;
  for (const auto& shard : shards_)
    order.push_back(shard.get());
  dice_.shuffle(order);
  return order;
}

void Deployment::be_quiet(bool quiet) {
  is_quiet_ = quiet;
  for (const auto& process : processes_)
    process->connection->set_faults(quiet ? LogFaults{} : faults_.log);
  for (const auto& shard : shards_)
    shard->disk->set_faults(quiet ? StoreFaults{} : faults_.store);
}

void Deployment::count_faults() {
  for (const auto& process : processes_) {
    const LogFaultCounts counts = process->connection->counts();
    tally_.add(Count::refused_commits, counts.refused);
    tally_.add(Count::unknown_outcomes, counts.unknown);
    tally_.add(Count::repeated_appends, counts.repeated);
    tally_.add(Count::redeliveries, counts.redelivered);
    tally_.add(Count::slow_partitions, counts.slowed);
  }
  for (const auto& shard : shards_)
    tally_.add(Count::lost_batches, shard->disk->batches_lost());
}

CommittedState Deployment::committed() const {
  CommittedState state{definitions_.plan, {}};
  for (const auto& shard : shards_)
    state.shards.push_back(shard->store->snapshot());
  return state;
}

Counters Deployment::counters() const {
  Counters sum;
  for (const auto& shard : shards_)
    sum += shard->runner->note().counters;
  return sum;
}

}  // namespace slipstream::simulator
