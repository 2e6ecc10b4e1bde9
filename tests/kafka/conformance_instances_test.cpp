// The promises of the log, kept by real brokers.
#include "connectors/log/kafka_log.h"
#include "tests/kafka/kafka_under_test.h"
#include "tests/log/event_log_conformance.h"

namespace slipstream {
namespace {

constexpr std::int32_t kPositionsPartitions = 4;

LogKind kafka(const std::string& version) {
  const auto directory = std::filesystem::path(SLIPSTREAM_BINARY_DIR) / ("kafka-" + version);
  LogKind kind;
  kind.name = "kafka_" + version.substr(0, 1) + "_" + version.substr(2);
  kind.why_not = [directory] {
    std::string why_not;
    KafkaUnderTest::find(directory, why_not);
    return why_not;
  };
  kind.open = [directory]() -> std::unique_ptr<LogUnderTest> {
    std::string why_not;
    const auto broker = KafkaUnderTest::find(directory, why_not);
    if (!broker) return nullptr;
    KafkaLogOptions options;
    options.settings = {{"bootstrap.servers", broker->bootstrap_servers}};
    options.record_bytes_max = std::size_t{10} << 20;
    options.replication = 1;
    auto opened = std::make_unique<ReopenedLog>([options] { return open_kafka_log(options); });
    const auto created =
        opened->log().create_topic({options.positions_topic, kPositionsPartitions, Cleanup::compact, {}, {}});
    if (!created) throw std::runtime_error(created.error().message);
    return opened;
  };
  kind.cleans_at_once = false;
  kind.markers_take_offsets = true;
  return kind;
}

std::string name_of_kind(const testing::TestParamInfo<LogKind>& kind) { return kind.param.name; }

INSTANTIATE_TEST_SUITE_P(Brokers, EventLogConformance, testing::Values(kafka("3.9"), kafka("4.1")),
                         name_of_kind);

}  // namespace
}  // namespace slipstream
