#include "engine/shard/local_engine.h"

#include <algorithm>

namespace slipstream {
namespace {

Timestamp rounded_up(Timestamp at, Duration resolution) {
  const std::int64_t rest = at.us % resolution.us;
  if (rest == 0) return at;
  return Timestamp{at.us - rest + (rest > 0 ? resolution.us : 0)};
}

}  // namespace

Result<std::unique_ptr<LocalEngine>> LocalEngine::open(const Plan& plan, Options options, EventLog& log,
                                                       const OpenStore& open_store) {
  std::unique_ptr<LocalEngine> engine(new LocalEngine());
  engine->options_ = options;
  SLIPSTREAM_TRY(create_topics(log, options.topics, options.partitions));
  for (std::int32_t i = 0; i < options.partitions; ++i) {
    SLIPSTREAM_ASSIGN(auto store, open_store(Partition(i)));
    engine->stores_.push_back(std::move(store));
    ShardOptions shard{Partition(i),
                       options.partitions,
                       options.topics,
                       options.decode,
                       options.hot_bytes_max / static_cast<std::size_t>(options.partitions),
                       Duration{}};
    shard.republished_at_once = options.republished_at_once;
    SLIPSTREAM_ASSIGN(
        auto runner, ShardRunner::open(plan, std::move(shard), log, *engine->stores_.back(), options.limits));
    engine->clock_ = std::max(engine->clock_, runner->note().clock);
    engine->shards_.push_back(std::move(runner));
  }
  return engine;
}

Result<> LocalEngine::settle() {
  for (bool busy = true; busy;) {
    busy = false;
    for (const auto& shard : shards_) {
      SLIPSTREAM_ASSIGN(const std::size_t read, shard->poll(Duration{}));
      SLIPSTREAM_ASSIGN(const ShardRunner::Commit commit, shard->commit(false));
      busy |= read > 0 || commit.outputs > 0;
    }
  }
  return {};
}

Result<> LocalEngine::judge() {
  SLIPSTREAM_TRY(settle());
  for (const auto& shard : shards_)
    SLIPSTREAM_TRY(shard->judge());
  return settle();
}

Result<> LocalEngine::stand_at(Timestamp now) {
  clock_ = now;
  for (const auto& shard : shards_)
    SLIPSTREAM_TRY(shard->tick(now));
  return judge();
}

Result<> LocalEngine::advance_to(Timestamp to) {
  SLIPSTREAM_TRY(clock_ == Timestamp::min() ? settle() : judge());
  while (true) {
    Timestamp next = Timestamp::max();
    for (const auto& shard : shards_) {
      SLIPSTREAM_ASSIGN(const Timestamp wakeup, shard->next_wakeup());
      next = std::min(next, wakeup);
    }
    if (next == Timestamp::max()) break;
    SLIPSTREAM_INVARIANT(next > clock_, format_timestamp(clock_) + " " + format_timestamp(next));
    next = rounded_up(next, options_.resolution);
    if (next >= to) break;
    SLIPSTREAM_TRY(stand_at(next));
  }
  return stand_at(std::max(to, clock_));
}

Counters LocalEngine::counters() const {
  Counters sum;
  for (const auto& shard : shards_)
    sum += shard->note().counters;
  return sum;
}

}  // namespace slipstream
