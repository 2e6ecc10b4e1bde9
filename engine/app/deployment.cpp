#include "engine/app/deployment.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "connectors/definition/load_file.h"
#include "connectors/log/embedded_log.h"
#include "connectors/log/kafka_log.h"
#include "engine/app/instance_clock.h"
#include "engine/app/members.h"
#include "engine/shard/runner.h"
#include "engine/state/rocksdb_store.h"

namespace slipstream {
namespace {

// Shares of the one memory budget: RocksDB (block cache and memtables), the shards' hot rows and entities,
// and those that a commit's work adds to them. A commit's batches are about as large again; the rest is for
// reading.
constexpr std::uint64_t kRocksdbPercent = 32;
constexpr std::uint64_t kHotPercent = 40;
constexpr std::uint64_t kUnsealedPercent = 5;

// What readers fetch ahead, of the whole budget; within these bounds for each of a shard's three partitions, or for
// the one that a command reads at a time.
constexpr std::uint64_t kFetchPercent = 10;
constexpr std::uint64_t kFetchBytesMin = std::uint64_t{256} << 10;
constexpr std::uint64_t kFetchBytesMax = std::uint64_t{16} << 20;

// For brokers to answer; who can do without them waits less.
constexpr Duration kPatience = seconds(15);
constexpr Duration kPatienceForState = seconds(3);

TopicNames topic_names(const std::string& prefix) {
  TopicNames names;
  for (std::string* name : {&names.events, &names.reference, &names.partials, &names.decisions,
                            &names.alert_events, &names.alert_state, &names.views, &names.dead_letters,
                            &names.imports, &names.replays, &names.members, &names.group})
    name->insert(0, prefix);
  return names;
}

// Deployments on the same brokers differ by their prefix alone, and the ids of their alerts need not differ.
std::string alert_source(std::string_view prefix) {
  std::string source = AlertMessageOptions().source;
  while (prefix.ends_with('.'))
    prefix.remove_suffix(1);
  if (!prefix.empty()) source += fmt::format("/{}", prefix);
  return source;
}

// `read`: partitions that are read at the same time.
KafkaLogOptions kafka_options(const Configuration& configuration, std::int32_t read,
                              const std::shared_ptr<Patience>& patience) {
  KafkaLogOptions options;
  options.patience = patience;
  options.settings = configuration.kafka;
  options.prefix = configuration.topic_prefix;
  options.positions_topic.insert(0, configuration.topic_prefix);
  options.replication = configuration.replication;
  options.fetch_bytes_max =
      std::clamp(configuration.memory_bytes * kFetchPercent / 100 / static_cast<std::uint64_t>(read),
                 kFetchBytesMin, kFetchBytesMax);
  return options;
}

// Everything that a deployment on Kafka uses, of `partitions` shards.
std::vector<TopicOptions> all_topics_of(const TopicNames& names, const KafkaLogOptions& options,
                                        std::int32_t partitions) {
  std::vector<TopicOptions> all = topics_of(names, partitions);
  all.push_back({options.positions_topic, partitions, Cleanup::compact, {}, {}});
  all.push_back({names.imports, 1, Cleanup::compact, {}, {}});
  all.push_back({names.replays, 1, Cleanup::compact, {}, {}});
  all.push_back({names.members, 1, Cleanup::compact, {}, {}});
  return all;
}

// Is all there, with as many partitions, compacted or not as it must be? Says all that is wrong, and how to
// repair it. `may_lack`: the topic that not every deployment uses.
Result<> check_topics(const std::vector<TopicOptions>& wanted, const std::vector<TopicOptions>& there,
                      const std::string& may_lack) {
  std::vector<std::string> missing, wrong;
  for (const TopicOptions& topic : wanted) {
    const auto found = std::find_if(there.begin(), there.end(),
                                    [&](const TopicOptions& other) { return other.name == topic.name; });
    if (found == there.end()) {
      if (topic.name == may_lack) continue;
      missing.push_back(topic.name);
    } else if (found->partitions != topic.partitions) {
      wrong.push_back(
          fmt::format("{} has {} partitions and needs {}", topic.name, found->partitions, topic.partitions));
    } else if (found->cleanup != topic.cleanup) {
      wrong.push_back(fmt::format("{} is {}compacted and must {}be", topic.name,
                                  found->cleanup == Cleanup::compact ? "" : "not ",
                                  topic.cleanup == Cleanup::compact ? "" : "not "));
    }
  }
  if (!wrong.empty())
    return fail(
        ErrorCode::invalid_value,
        fmt::format("topics do not go together: {}; create them anew as `{}` needs them, or choose another "
                    "topic_prefix",
                    fmt::join(wrong, "; "), wanted.front().name));
  if (!missing.empty())
    return fail(ErrorCode::not_found,
                fmt::format("topics are missing: {}; create them with `slipstream topics create`",
                            fmt::join(missing, ", ")));
  return {};
}

std::optional<std::int32_t> partitions_of_topic(const std::vector<TopicOptions>& topics,
                                                const std::string& name) {
  for (const TopicOptions& topic : topics)
    if (topic.name == name) return topic.partitions;
  return std::nullopt;
}

// What may be written to each of the topics whose records are as large as others make them.
std::size_t output_bytes_max(const TopicNames& names, const std::vector<TopicOptions>& there) {
  std::size_t least = kRecordBytesMax;
  for (const TopicOptions& topic : there)
    if (topic.name == names.events || topic.name == names.reference || topic.name == names.dead_letters)
      least = std::min<std::size_t>(least, topic.record_bytes_max.value_or(least));
  return least;
}

struct KafkaCluster {
  std::unique_ptr<EventLog> log;
  std::vector<TopicOptions> there;
  std::vector<TopicOptions> wanted;
  std::int32_t partitions = 1;  // of an existing topic of events; else as configured
};

Result<KafkaCluster> open_cluster(const Configuration& configuration,
                                  const std::shared_ptr<Patience>& patience, Deployment::Access access) {
  const TopicNames names = topic_names(configuration.topic_prefix);
  const bool runs = access == Deployment::Access::write;
  KafkaLogOptions options = kafka_options(configuration, runs ? 3 * configuration.partitions : 1, patience);
  options.appends_in_transactions = access != Deployment::Access::fill;
  KafkaCluster cluster;
  SLIPSTREAM_ASSIGN(cluster.log, open_kafka_log(options));
  SLIPSTREAM_ASSIGN(cluster.there, cluster.log->topics());
  cluster.partitions = partitions_of_topic(cluster.there, names.events).value_or(configuration.partitions);
  cluster.wanted = all_topics_of(names, options, cluster.partitions);
  if (!runs || cluster.partitions == configuration.partitions) return cluster;
  // Memory is shared by as many readers.
  options.fetch_bytes_max = kafka_options(configuration, 3 * cluster.partitions, patience).fetch_bytes_max;
  SLIPSTREAM_ASSIGN(cluster.log, open_kafka_log(options));
  return cluster;
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

std::shared_ptr<Patience> Deployment::patience_for(Access access) {
  return std::make_shared<Patience>(access == Access::state ? kPatienceForState : kPatience);
}

Result<std::unique_ptr<Deployment>> Deployment::open(const Configuration& configuration, Access access,
                                                     std::shared_ptr<Patience> patience) {
  std::unique_ptr<Deployment> deployment(new Deployment());
  deployment->configuration_ = configuration;
  deployment->topics_ = topic_names(configuration.topic_prefix);
  deployment->patience_ = std::move(patience);
  deployment->memory_ = std::make_shared<SharedMemory>(configuration.memory_bytes * kRocksdbPercent / 100);
  SLIPSTREAM_TRY(configuration.log == LogChoice::kafka ? deployment->open_kafka(access)
                                                       : deployment->open_embedded(access));
  return deployment;
}

Result<> Deployment::open_embedded(Access access) {
  EmbeddedLogOptions options;
  options.memory = memory_;
  options.read_only = access == Access::read || access == Access::state;
  options.sync = access != Access::write_unsynced;
  SLIPSTREAM_ASSIGN(log_, open_embedded_log(configuration_.data / "log", options));
  SLIPSTREAM_ASSIGN(const std::vector<TopicOptions> topics, log_->topics());
  partitions_ = partitions_of_topic(topics, topics_.events).value_or(configuration_.partitions);
  const bool writes = access == Access::write || access == Access::write_unsynced;
  return writes ? create_topics(*log_, topics_, partitions_) : Result<>();
}

// On a cluster that others use too, nothing is created unasked.
Result<> Deployment::open_kafka(Access access) {
  auto opened = open_cluster(configuration_, patience_, access);
  const bool is_away = !opened && opened.error().code == ErrorCode::log_unavailable;
  if (is_away && access == Access::state) return {};
  SLIPSTREAM_ASSIGN(KafkaCluster cluster, std::move(opened));
  SLIPSTREAM_TRY(check_topics(cluster.wanted, cluster.there, topics_.views));
  log_ = std::move(cluster.log);
  partitions_ = cluster.partitions;
  output_bytes_max_ = output_bytes_max(topics_, cluster.there);
  return {};
}

Result<std::vector<TopicOptions>> create_kafka_topics(const Configuration& configuration) {
  SLIPSTREAM_ASSIGN(
      const KafkaCluster cluster,
      open_cluster(configuration, std::make_shared<Patience>(kPatience), Deployment::Access::read));
  const auto checked = check_topics(cluster.wanted, cluster.there, "");
  if (!checked && checked.error().code != ErrorCode::not_found) return tl::unexpected(checked.error());
  std::vector<TopicOptions> created;
  for (const TopicOptions& topic : cluster.wanted) {
    if (partitions_of_topic(cluster.there, topic.name)) continue;
    SLIPSTREAM_TRY(cluster.log->create_topic(topic));
    created.push_back(topic);
  }
  return created;
}

Result<std::unique_ptr<Membership>> Deployment::join() {
  if (configuration_.log == LogChoice::embedded) return std::make_unique<SoleMember>(partitions_);
  SLIPSTREAM_ASSIGN(InstanceName name, InstanceName::hold(configuration_.data));
  name_.emplace(std::move(name));
  if (address_.empty()) address_ = configuration_.address.empty() ? machine_name() : configuration_.address;
  return join_kafka_group(kafka_options(configuration_, 3 * partitions_, patience_), topics_.events,
                          topics_.group, name_->text());
}

void Deployment::reached_at(std::string address, std::string peer_address) {
  address_ = std::move(address);
  peer_address_ = std::move(peer_address);
}

Result<> Deployment::announce(const std::set<Partition>& shards) {
  if (!name_) return {};
  const OutputRecord record =
      announcement_of({name_->text(), address_, peer_address_, shards, system_now()}, topics_.members);
  SLIPSTREAM_TRY(log_->append({&record, 1}));
  return {};
}

Result<> Deployment::take_leave() {
  if (!name_) return {};
  const OutputRecord record = farewell_of(name_->text(), topics_.members, system_now());
  SLIPSTREAM_TRY(log_->append({&record, 1}));
  return {};
}

Result<CommittedPositions> Deployment::committed(Partition shard) const {
  return log_->committed(topics_.group, member_of(shard));
}

std::filesystem::path Deployment::state_directory(const Plan& plan, Partition shard) const {
  return configuration_.data / "state" / plan.state_version / fmt::format("shard-{}", shard.value);
}

Result<std::unique_ptr<RocksdbStore>> Deployment::open_store(const Plan& plan, Partition shard) {
  return open_rocksdb_store(state_directory(plan, shard), {memory_});
}

std::optional<ShardCheckpoints> Deployment::checkpoints(const Plan& plan, Partition shard) const {
  if (configuration_.backup.empty()) return std::nullopt;
  return ShardCheckpoints(configuration_.backup, plan.state_version, shard);
}

ShardOptions Deployment::shard_options(Partition shard) const {
  ShardOptions options;
  options.shard = shard;
  options.partitions = partitions_;
  options.topics = topics_;
  options.output_bytes_max = output_bytes_max_;
  options.decode.record_bytes_max = configuration_.record_bytes_max;
  options.decode.future_skew_max = configuration_.future_skew_max;
  const std::uint64_t shard_bytes = configuration_.memory_bytes / static_cast<std::uint64_t>(partitions_);
  options.hot_bytes_max = shard_bytes * kHotPercent / 100;
  options.unsealed_bytes_max = shard_bytes * kUnsealedPercent / 100;
  options.alerts.encoding = configuration_.alert_encoding;
  options.alerts.source = alert_source(configuration_.topic_prefix);
  return options;
}

EventSource Deployment::event_source(const Plan& plan) {
  DecodeOptions decode = shard_options(Partition(0)).decode;
  decode.zone = plan.zone;
  return {*log_, topics_, decode};
}

// As its commits have it: without a log nobody else says how many shards there are.
std::int32_t Deployment::partitions_of_state(const Plan& plan) const {
  std::error_code missing;
  const auto shards = state_directory(plan, Partition(0)).parent_path();
  for (const auto& directory : std::filesystem::directory_iterator(shards, missing))
    if (const auto store = open_rocksdb_store_read_only(directory.path(), {memory_}))
      if (const auto note = read_note(**store); note && *note && (*note)->partitions > 0)
        return (*note)->partitions;
  return partitions_;
}

Result<CommittedState> Deployment::committed_state(std::shared_ptr<const Plan> plan) const {
  CommittedState state;
  const std::int32_t partitions = has_log() ? partitions_ : partitions_of_state(*plan);
  for (std::int32_t i = 0; i < partitions; ++i) {
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
