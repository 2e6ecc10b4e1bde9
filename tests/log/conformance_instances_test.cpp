// The logs that need no broker.
#include "connectors/log/embedded_log.h"
#include "engine/log/faulty_log.h"
#include "engine/log/memory_log.h"
#include "tests/log/event_log_conformance.h"
#include "tests/log/temporary_directory.h"

namespace slipstream {
namespace {

// Memory is as durable as its process: reopening finds the same log.
class MemoryUnderTest final : public LogUnderTest {
 public:
  EventLog& log() override { return log_; }
  void reopen() override {}

 private:
  MemoryLog log_;
};

std::unique_ptr<LogUnderTest> embedded() {
  const auto directory = std::make_shared<TemporaryDirectory>();
  return std::make_unique<ReopenedLog>(
      [directory] { return open_embedded_log(directory->path() / "log", {.memory_bytes = 16 << 20}); });
}

std::string name_of_kind(const testing::TestParamInfo<LogKind>& kind) { return kind.param.name; }

INSTANTIATE_TEST_SUITE_P(Logs, EventLogConformance,
                         testing::Values(LogKind{.name = "memory", .open = std::make_unique<MemoryUnderTest>},
                                         LogKind{.name = "embedded", .open = embedded}),
                         name_of_kind);

}  // namespace
}  // namespace slipstream
