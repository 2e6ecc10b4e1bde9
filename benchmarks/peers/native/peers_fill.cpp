// Fills a topic with the events of a job, and writes down what counts of each for the recompute, in the order sent.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <cstdlib>

#include "benchmarks/peers/native/filling.h"
#include "benchmarks/peers/native/topic_writer.h"

namespace slipstream::bench {
namespace {

constexpr int kLingerMs = 50;

bool fill(TopicWriter& writer, Filling& filling, std::uint64_t events, std::FILE* record) {
  Event event;
  for (std::uint64_t index = 0; index < events; ++index) {
    const std::string_view counts = filling.write(index, event);
    writer.send(event);
    if (std::fwrite(counts.data(), 1, counts.size(), record) != counts.size()) return false;
  }
  writer.finish();
  return true;
}

}  // namespace
}  // namespace slipstream::bench

int main(int argc, char** argv) {
  using namespace slipstream::bench;
  CLI::App app("Fills a topic with the events of a job");
  std::string bootstrap_servers, topic, record_path, job;
  ReadingShape shape;
  app.add_option("--bootstrap-servers", bootstrap_servers)->required();
  app.add_option("--topic", topic, "it is there already")->required();
  app.add_option("--record", record_path, "where what counts is written down")->required();
  app.add_option("--events", shape.events)->required();
  app.add_option("--job", job, "readings, late or tasks")
      ->required()
      ->check(CLI::IsMember({"readings", "late", "tasks"}));
  app.add_option("--sensors", shape.sensors, "not of tasks");
  app.add_flag("--skewed", shape.skewed, "a third of the events of a hundredth of the sensors");
  CLI11_PARSE(app, argc, argv);
  shape.late = job == "late";
  TopicWriter writer(bootstrap_servers, topic, kLingerMs);
  const auto filling = job == "tasks" ? tasks_of(shape.events) : readings_of(shape);
  std::FILE* record = std::fopen(record_path.c_str(), "wb");
  const bool written = record != nullptr && fill(writer, *filling, shape.events, record);
  if (record == nullptr || std::fclose(record) != 0 || !written) {
    fmt::print(stderr, "peers_fill: cannot write {}\n", record_path);
    return EXIT_FAILURE;
  }
  return EXIT_SUCCESS;
}
