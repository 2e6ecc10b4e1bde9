#include "benchmarks/end_to_end/deployment_directory.h"

#include <vector>

#include "connectors/log/embedded_log.h"
#include "engine/decode/encoder.h"
#include "engine/shard/runner.h"

namespace slipstream::bench {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kRecordsPerAppend = 20'000;

}  // namespace

Result<> fill(const fs::path& data, Workload& workload, std::uint64_t from, std::uint64_t to,
              std::int32_t partitions) {
  const TopicNames topics;
  EmbeddedLogOptions options;
  options.sync = false;
  SLIPSTREAM_ASSIGN(const auto log, open_embedded_log(data / "log", options));
  SLIPSTREAM_TRY(create_topics(*log, topics, partitions));
  std::vector<OutputRecord> records;
  Event event;
  for (std::uint64_t index = from; index < to; ++index) {
    workload.write(index, event);
    SLIPSTREAM_ASSIGN(std::string bytes,
                      workload.encoding() == Encoding::json ? encode_json(event) : encode_flatbuffers(event));
    records.push_back({topics.events,
                       partition_of(event.subject, partitions),
                       std::string(event.subject),
                       std::move(bytes),
                       {},
                       event.time});
    if (records.size() < kRecordsPerAppend && index + 1 < to) continue;
    SLIPSTREAM_TRY(log->append(records));
    records.clear();
  }
  return {};
}

void copy_deployment(const fs::path& from, const fs::path& to) {
  fs::create_directories(to);
  for (const auto& entry : fs::recursive_directory_iterator(from)) {
    const fs::path target = to / fs::relative(entry.path(), from);
    const auto extension = entry.path().extension();
    if (entry.is_directory()) {
      fs::create_directories(target);
    } else if (extension == ".sst" || extension == ".blob") {
      fs::create_hard_link(entry.path(), target);
    } else {
      fs::copy_file(entry.path(), target);
    }
  }
}

}  // namespace slipstream::bench
