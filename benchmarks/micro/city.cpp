#include "benchmarks/micro/city.h"

#include <fmt/format.h>

#include <cstdlib>

#include "connectors/definition/load_file.h"

namespace slipstream::bench {

const std::string_view kAir = R"yaml(
time_zone: UTC
organisation: { root: city }
views:
  air:
    from: observations
    where: metric = 'pm2_5'
    window: { every: day }
    measures: { readings: count(*), total: sum(value) }
)yaml";

void must(const Result<>& result) {
  if (result) return;
  fmt::print(stderr, "{}\n", result.error().message);
  std::exit(1);
}

Plan plan_of(std::string_view definitions) {
  Diagnostics diagnostics;
  const auto plan = load_definition_text(definitions, "benchmark.yaml", diagnostics);
  if (!plan) must(fail(diagnostics.front().code, format_diagnostic(diagnostics.front())));
  return *plan;
}

Readings::Readings(int sensors, int depth) {
  for (int sensor = 0; sensor < sensors; ++sensor) {
    std::string& node = nodes_.emplace_back(std::to_string(sensor));
    for (int level = 1, place = sensor / 10; level < depth; ++level, place /= 10)
      node.insert(0, fmt::format("{}/", place));
    ids_.push_back(fmt::format("s{}:1", sensor));
  }
  for (int sensor = 0; sensor < sensors; ++sensor) {
    Event& event = events_.emplace_back();
    event.type = EventType::observation;
    event.id = ids_[static_cast<std::size_t>(sensor)];
    event.source = "/gateways/1";
    event.subject = nodes_[static_cast<std::size_t>(sensor)];
    event.time = event.effective_at = event.recorded_at = kNow;
    event.fields = {{Field::node, Value::text(event.subject)},
                    {Field::value, Value::decimal(Decimal::from_units(sensor % 1000, 1))},
                    {Field::metric, Value::text("pm2_5")}};
  }
}

std::vector<Contribution> contributions_of(const Readings& readings, EntityContributions& contributions) {
  std::vector<Contribution> made;
  for (const Event& event : readings.events())
    contributions.add_observation(event, std::vector<std::uint32_t>{0}, kNow, made);
  return made;
}

}  // namespace slipstream::bench
