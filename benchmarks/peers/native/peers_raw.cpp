// The physical limit of the comparison: reads a topic and counts its bytes.
#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "benchmarks/peers/native/topic_reader.h"

int main(int argc, char** argv) {
  CLI::App app("Reads a topic to its end and counts its bytes");
  std::string bootstrap_servers, topic;
  app.add_option("--bootstrap-servers", bootstrap_servers)->required();
  app.add_option("--topic", topic)->required();
  CLI11_PARSE(app, argc, argv);
  std::uint64_t bytes = 0;
  const std::uint64_t records = slipstream::bench::read_topic(
      bootstrap_servers, topic, [&bytes](std::string_view value) { bytes += value.size(); });
  fmt::print("{{\"records\": {}, \"bytes\": {}}}\n", records, bytes);
  return 0;
}
