// Where a deployment keeps what it has: one data directory with the embedded log and, per version of the
// definitions, the state of every shard.
//
//   <data>/log/                       the embedded log
//   <data>/state/<version>/shard-<n>  one RocksDB per shard, by what shapes the state (Plan::state_version)
// Changed titles, KPIs, targets and alerts go on with the same state. State of other views stays beside it:
// going back is a change of one file.
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <vector>

#include "connectors/log/patience.h"
#include "engine/app/configuration.h"
#include "engine/app/instance_name.h"
#include "engine/log/event_log.h"
#include "engine/log/membership.h"
#include "engine/shard/shard.h"
#include "engine/state/backup.h"
#include "engine/state/rocksdb_store.h"
#include "engine/state/shared_memory.h"
#include "engine/view/event_scan.h"

namespace slipstream {

// Reads the definitions file; null after printing nothing and filling `diagnostics`.
std::shared_ptr<const Plan> load_plan(const Configuration& configuration, Diagnostics& diagnostics);

// Creates the topics that a deployment on Kafka lacks, and returns them. The others stay as they are;
// invalid_value when they do not go together.
Result<std::vector<TopicOptions>> create_kafka_topics(const Configuration& configuration);

class Deployment {
 public:
  // `write_unsynced`: a power cut may take what was committed last (a kill does not); for what is made up.
  // `fill`: to copy another log into; makes no topics of an embedded one. `state`: for committed_state() alone,
  // which is on this machine: brokers that do not answer do not matter, and there may be no log().
  enum class Access : std::uint8_t { write, write_unsynced, read, fill, state };

  // Opens the log. The embedded one is created with its topics when writing; an existing log keeps its number
  // of partitions. On Kafka the topics must be there.
  static Result<std::unique_ptr<Deployment>> open(const Configuration& configuration, Access access) {
    return open(configuration, access, patience_for(access));
  }
  // `patience`: for somebody who may want to end it while it opens.
  static Result<std::unique_ptr<Deployment>> open(const Configuration& configuration, Access access,
                                                  std::shared_ptr<Patience> patience);
  static std::shared_ptr<Patience> patience_for(Access access);

  EventLog& log() { return *log_; }
  bool has_log() const { return log_ != nullptr; }
  // Whoever waits for brokers now or later gives up after `rest`, with log_unavailable; for one who ends.
  void stop_waiting_within(Duration rest) { patience_->end_within(rest); }
  std::int32_t partitions() const { return partitions_; }
  const TopicNames& topics() const { return topics_; }

  // This process's place among the instances of the deployment. The deployment outlives it. Errors: as
  // InstanceName::hold(); log_unavailable.
  Result<std::unique_ptr<Membership>> join();
  // Where others are told that this instance is reached, and where they read its shards (empty: nowhere); before it
  // joins. By default as configured, or at the machine's name.
  void reached_at(std::string address, std::string peer_address);
  // Tells the others, by the members' topic, which shards this instance runs; take_leave(): that it has gone. On
  // the embedded log nobody is told.
  Result<> announce(const std::set<Partition>& shards);
  Result<> take_leave();
  // Where a shard would go on, whoever runs it.
  Result<CommittedPositions> committed(Partition shard) const;

  Result<std::unique_ptr<RocksdbStore>> open_store(const Plan& plan, Partition shard);
  // Of the backup directory; nullopt when none is configured.
  std::optional<ShardCheckpoints> checkpoints(const Plan& plan, Partition shard) const;
  ShardOptions shard_options(Partition shard) const;
  // The committed state beside a running instance or without one; error not_found when these definitions have
  // none.
  Result<CommittedState> committed_state(std::shared_ptr<const Plan> plan) const;
  // The events as the shards read and decode them, for those who compute figures again.
  EventSource event_source(const Plan& plan);
  std::filesystem::path state_directory(const Plan& plan, Partition shard) const;

 private:
  Deployment() = default;
  Result<> open_embedded(Access access);
  Result<> open_kafka(Access access);
  std::int32_t partitions_of_state(const Plan& plan) const;

  Configuration configuration_;
  TopicNames topics_;
  std::shared_ptr<SharedMemory> memory_;
  std::shared_ptr<Patience> patience_;
  std::unique_ptr<EventLog> log_;
  std::int32_t partitions_ = 1;
  std::size_t output_bytes_max_ = kRecordBytesMax;
  std::optional<InstanceName> name_;  // on Kafka, once it has joined
  std::string address_, peer_address_;
};

}  // namespace slipstream
