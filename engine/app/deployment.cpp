#include "engine/app/deployment.h"

#include <fmt/format.h>

#include "connectors/definition/load_file.h"
#include "connectors/log/embedded_log.h"
#include "engine/shard/runner.h"
#include "engine/state/rocksdb_store.h"

namespace slipstream {
namespace {

// Shares of the one memory budget: RocksDB (block cache and memtables), the shards' hot rows and entities, and those
// that a commit's work adds to them. A commit's batches are about as large again; the rest is for reading.
constexpr std::uint64_t kRocksdbPercent = 32;
constexpr std::uint64_t kHotPercent = 40;
constexpr std::uint64_t kUnsealedPercent = 5;

std::optional<std::int32_t> partitions_of_topic(const std::vector<TopicOptions>& topics,
                                                const std::string& name) {
  for (const TopicOptions& topic : topics)
    if (topic.name == name) return topic.partitions;
  return std::nullopt;
}

}  // namespace

std::shared_ptr<const Plan> load_plan(const Configuration& configuration, Diagnostics& diagnostics) {
  if (configuration.definitions.empty()) {
    diagnostics.push_back(
        {ErrorCode::usage, "", {}, "definitions", "no definitions given", "--definitions city.yaml"});
    return nullptr;
  }
  return load_definition_file(configuration.definitions, diagnostics);
}

Result<std::unique_ptr<Deployment>> Deployment::open(const Configuration& configuration, Access access) {
  std::unique_ptr<Deployment> deployment(new Deployment());
  deployment->configuration_ = configuration;
  deployment->memory_ = std::make_shared<SharedMemory>(configuration.memory_bytes * kRocksdbPercent / 100);
  EmbeddedLogOptions options;
  options.memory = deployment->memory_;
  options.read_only = access == Access::read;
  options.sync = access != Access::write_unsynced;
  SLIPSTREAM_ASSIGN(deployment->log_, open_embedded_log(configuration.data / "log", options));
  SLIPSTREAM_ASSIGN(const std::vector<TopicOptions> topics, deployment->log_->topics());
  deployment->partitions_ =
      partitions_of_topic(topics, deployment->topics_.events).value_or(configuration.partitions);
  if (access == Access::write)
    SLIPSTREAM_TRY(create_topics(*deployment->log_, deployment->topics_, deployment->partitions_));
  return deployment;
}

std::filesystem::path Deployment::state_directory(const Plan& plan, Partition shard) const {
  return configuration_.data / "state" / plan.state_version / fmt::format("shard-{}", shard.value);
}

Result<std::unique_ptr<Store>> Deployment::open_store(const Plan& plan, Partition shard) {
  SLIPSTREAM_ASSIGN(auto store, open_rocksdb_store(state_directory(plan, shard), {memory_}));
  return std::unique_ptr<Store>(std::move(store));
}

ShardOptions Deployment::shard_options(Partition shard) const {
  ShardOptions options;
  options.shard = shard;
  options.partitions = partitions_;
  options.topics = topics_;
  options.decode.record_bytes_max = configuration_.record_bytes_max;
  options.decode.future_skew_max = configuration_.future_skew_max;
  const std::uint64_t shard_bytes = configuration_.memory_bytes / static_cast<std::uint64_t>(partitions_);
  options.hot_bytes_max = shard_bytes * kHotPercent / 100;
  options.unsealed_bytes_max = shard_bytes * kUnsealedPercent / 100;
  return options;
}

EventSource Deployment::event_source(const Plan& plan) {
  DecodeOptions decode = shard_options(Partition(0)).decode;
  decode.zone = plan.zone;
  return {*log_, topics_, decode};
}

Result<CommittedState> Deployment::committed_state(std::shared_ptr<const Plan> plan) const {
  CommittedState state;
  for (std::int32_t i = 0; i < partitions_; ++i) {
    auto store = open_rocksdb_store_read_only(state_directory(*plan, Partition(i)), {memory_});
    if (!store && store.error().code == ErrorCode::not_found)
      return fail(
          ErrorCode::not_found,
          fmt::format("{}: no state for these definitions (version {}); start `slipstream run` with them, or "
                      "`slipstream run --until-idle` to catch up once",
                      (configuration_.data / "state").string(), plan->version));
    SLIPSTREAM_TRY(store);
    state.shards.push_back(std::move(*store));
  }
  state.plan = std::move(plan);
  return state;
}

}  // namespace slipstream
