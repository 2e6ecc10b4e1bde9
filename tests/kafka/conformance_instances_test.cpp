// The promises of the log, kept by real brokers.
#include "connectors/log/kafka_log.h"
#include "tests/kafka/kafka_under_test.h"
#include "tests/log/event_log_conformance.h"

namespace slipstream {
namespace {

constexpr std::int32_t kPositionsPartitions = 4;

class KafkaLogUnderTest final : public LogUnderTest {
 public:
  explicit KafkaLogUnderTest(KafkaLogOptions options) : options_(std::move(options)) {
    open();
    const auto created = create_positions_topic(*log_, options_, kPositionsPartitions);
    if (!created) throw std::runtime_error(created.error().message);
  }
  EventLog& log() override { return *log_; }
  void reopen() override {
    log_.reset();
    open();
  }

 private:
  void open() {
    auto opened = open_kafka_log(options_);
    if (!opened) throw std::runtime_error(opened.error().message);
    log_ = std::move(*opened);
  }

  const KafkaLogOptions options_;
  std::unique_ptr<EventLog> log_;
};

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
    return std::make_unique<KafkaLogUnderTest>(std::move(options));
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
