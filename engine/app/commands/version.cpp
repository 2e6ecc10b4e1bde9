// `slipstream version`
#include <rocksdb/version.h>

#include <fmt/format.h>

#include "connectors/log/kafka_log.h"
#include "engine/app/commands/command.h"

namespace slipstream {
namespace {

Result<ExitCode> print_version(Session& session) {
  if (session.options.output == OutputFormat::table) {
    fmt::print("slipstream {}\n", SLIPSTREAM_VERSION);
    return ExitCode::ok;
  }
  Answer answer = session.answer();
  answer.fact("version", text_cell(SLIPSTREAM_VERSION));
  answer.fact("compiler", text_cell(SLIPSTREAM_COMPILER));
  answer.fact("rocksdb", text_cell(fmt::format("{}.{}.{}", ROCKSDB_MAJOR, ROCKSDB_MINOR, ROCKSDB_PATCH)));
  answer.fact("librdkafka", text_cell(kafka_library_version()));
  return ExitCode::ok;
}

}  // namespace

void add_version_command(const CommandLine& line) {
  line.add("version", "Print the version", "  slipstream version\n  slipstream version --output json",
           [&session = line.session] { return print_version(session); });
}

}  // namespace slipstream
