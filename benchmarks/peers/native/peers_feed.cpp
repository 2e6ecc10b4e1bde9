// A steady feed of readings, and between them probes: readings of sensors that nobody has heard of, each of which raises an
// alert. Prints a line for each probe: its node, and the instant at which the broker had acknowledged it, in microseconds since
// 1970.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdlib>
#include <thread>

#include "benchmarks/peers/native/filling.h"
#include "benchmarks/peers/native/topic_writer.h"

namespace slipstream::bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kLingerMs = 5;
constexpr std::uint64_t kSlower =
    100;  // than a filled topic: no month ends, and no alert with it, during a feed
constexpr std::int64_t kRedTenths = 900;
constexpr std::uint64_t kFirstProbe = 9'000'000;  // sensors have lower numbers

void make_probe(std::uint64_t number, std::string& node, Event& event) {
  node = fmt::format("d00/w{:03}/{:07}", number % 25, kFirstProbe + number);
  event.subject = node;
  event.fields.clear();
  event.fields.push_back({Field::node, Value::text(node)});
  event.fields.push_back({Field::value, Value::decimal(Decimal::from_units(kRedTenths, 1))});
  event.fields.push_back({Field::metric, Value::text("pm2_5")});
}

void feed(TopicWriter& writer, Filling& readings, std::uint64_t events, std::uint64_t rate,
          std::uint64_t probe_every) {
  Event event;
  std::string node;
  const auto began = Clock::now();
  for (std::uint64_t index = 0; index < events; ++index) {
    const auto due = began + std::chrono::microseconds(index * 1'000'000 / rate);
    while (Clock::now() < due) {
      writer.poll();
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    readings.write(index, event);
    const bool probe = index % probe_every == probe_every / 2;
    if (probe) make_probe(index / probe_every, node, event);
    writer.send(event, probe);
  }
  writer.finish();
}

}  // namespace
}  // namespace slipstream::bench

int main(int argc, char** argv) {
  using namespace slipstream::bench;
  CLI::App app("Feeds a topic with readings at a steady rate, and with probes");
  std::string bootstrap_servers, topic;
  ReadingShape shape;
  std::uint64_t rate = 0;
  std::uint64_t probe_every = 0;
  app.add_option("--bootstrap-servers", bootstrap_servers)->required();
  app.add_option("--topic", topic, "it is there already")->required();
  app.add_option("--events", shape.events)->required();
  app.add_option("--sensors", shape.sensors)->required();
  app.add_option("--rate", rate, "events a second")->required();
  app.add_option("--probe-every", probe_every, "events")->required();
  CLI11_PARSE(app, argc, argv);
  TopicWriter writer(bootstrap_servers, topic, kLingerMs);
  writer.on_probe_acknowledged = [](std::string_view node) {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    fmt::print("{} {}\n", node, std::chrono::duration_cast<std::chrono::microseconds>(now).count());
  };
  const std::uint64_t events = shape.events;
  shape.events *= kSlower;
  const auto readings = readings_of(shape);
  feed(writer, *readings, events, rate, probe_every);
  return EXIT_SUCCESS;
}
