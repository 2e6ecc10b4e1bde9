// Replays the events of real files through the engine in every disorder: partitions, order, duplicates, batch
// sizes, crashes. What comes out must be the same bytes each time (guarantee G1).
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "connectors/file/row_mapper.h"
#include "engine/log/memory_log.h"
#include "engine/shard/local_engine.h"
#include "engine/view/event_scan.h"
#include "engine/view/view_reader.h"

namespace slipstream::testing {

// Where the data is that does not belong to the repository; nullopt when this machine has none.
std::optional<std::filesystem::path> real_data(const std::string& folder);
// A file of the sources' tests/ folder.
std::filesystem::path test_file(const std::string& name);

// The events a file becomes by a mapping. Throws std::runtime_error on a bad row: real data has none.
std::vector<ImportedEvent> read_events(const std::filesystem::path& file,
                                       const std::filesystem::path& mapping);

enum class Crashes {
  none,
  every_commit,           // restart after each commit
  between_log_and_store,  // every commit is lost to the store once, and recovered from the log
  random,                 // either of the two, at random commits
};

struct Disorder {
  std::int32_t partitions = 1;
  std::size_t batch = 10'000;
  std::optional<std::uint64_t> shuffle_seed;
  int duplicates_percent = 0;
  Crashes crashes = Crashes::none;
  std::uint64_t seed = 1;
};

class LossyStore;

// The committed state after every event has been folded with the clock at `clock`.
class Replay {
 public:
  Replay(std::shared_ptr<const Plan> plan, const std::vector<ImportedEvent>& events, Timestamp clock,
         Disorder disorder);

  ~Replay();

  CommittedState state() const;
  EventSource source() const;
  Counters counters() const;
  std::uint64_t restarts() const { return restarts_; }
  // Every row of every view as text: the bytes that must not depend on the disorder.
  std::string dump() const;

 private:
  void run(Timestamp clock);
  bool work(std::size_t shard, Timestamp clock);
  void open(std::size_t shard);
  bool decide(int one_in);

  std::shared_ptr<const Plan> plan_;
  Disorder disorder_;
  std::shared_ptr<MemoryLog> log_ = std::make_shared<MemoryLog>();
  std::vector<std::unique_ptr<LossyStore>> stores_;
  std::vector<std::unique_ptr<ShardRunner>> runners_;
  std::uint64_t random_ = 0;
  std::uint64_t restarts_ = 0;
};

std::string dump_views(const CommittedState& state);

}  // namespace slipstream::testing
