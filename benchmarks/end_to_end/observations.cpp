#include <fmt/format.h>

#include <array>

#include "benchmarks/end_to_end/workload.h"

namespace slipstream::bench {
namespace {

constexpr std::uint64_t kWards = 500;
// The levels of a city from a ward upwards: the first letter of a place, and how many wards are in one. 20 districts are 4
// regions.
struct Level {
  char letter;
  std::uint64_t wards;
};
constexpr std::array<Level, ObservationShape::kDepthMax - 1> kLevels{
    {{'w', 1}, {'d', 25}, {'r', 125}, {'b', 250}, {'c', 500}}};
constexpr Timestamp kStart{1'772'323'200'000'000};  // 2026-03-01T00:00:00Z
constexpr std::int64_t kMinuteUs = 60'000'000;

constexpr std::string_view kCity = R"yaml(name: Sensors of a city
time_zone: UTC
organisation: { root: city }
views:
)yaml";
constexpr std::string_view kView = R"yaml(:
    from: observations
    where: metric = 'pm2_5'
    window: { every: day }
    measures:
      readings: count(*)
      total: sum(value)
)yaml";
constexpr std::string_view kExtremes = R"yaml(      lowest: min(value)
      highest: max(value)
)yaml";
constexpr std::string_view kKpi = R"yaml(kpis:
  level: { view: air, value: "total / nullif(readings, 0)", better: lower }
alerts:
)yaml";

// Readings are tenths of a microgram.
struct DayTotals {
  std::uint64_t readings = 0;
  std::uint64_t tenths = 0;
  std::uint64_t lowest = UINT64_MAX;
  std::uint64_t highest = 0;
};

class Observations final : public Workload {
 public:
  explicit Observations(const ObservationShape& shape) : shape_(shape) {}

  std::string definitions() const override {
    std::string text(kCity);
    for (int i = 1; i <= shape_.views; ++i) {
      text += i == 1 ? "  air" : fmt::format("  air_{}", i);
      text += kView;
      if (shape_.extremes) text += kExtremes;
    }
    if (shape_.rules > 0) text += kKpi;
    for (int i = 1; i <= shape_.rules; ++i)
      text += fmt::format("  dusty_{0}: {{ kpi: level, nodes: \"*\", when: value > {0}, for: 1 hour }}\n", i);
    return text;
  }
  std::string_view view() const override { return "air"; }
  std::string_view root() const override { return "city"; }
  Encoding encoding() const override { return shape_.encoding; }
  std::uint64_t preload() const override { return shape_.preload; }

  void write(std::uint64_t index, Event& event) override {
    const std::uint64_t round = index / shape_.keys;
    const std::uint64_t sensor = sensor_of(index);
    const std::uint64_t ward = sensor % kWards;
    const std::uint64_t tenths = scatter(index) % 1000;
    node_ = fmt::format("s{:07}", sensor);
    for (int above = 1; above < shape_.depth; ++above) {
      const Level& level = kLevels[static_cast<std::size_t>(above - 1)];
      node_.insert(0, fmt::format("{}{:03}/", level.letter, ward / level.wards));
    }
    id_ = fmt::format("s{:07}:{}", sensor, round);
    source_ = fmt::format("/gateways/{:03}", ward);
    const std::uint64_t within = index % shape_.keys;
    const Timestamp at{kStart.us + static_cast<std::int64_t>(round) * kMinuteUs +
                       static_cast<std::int64_t>(within * kMinuteUs / shape_.keys)};
    event.type = EventType::observation;
    event.id = id_;
    event.source = source_;
    event.subject = node_;
    event.time = event.effective_at = event.recorded_at = at;
    event.fields.clear();
    event.fields.push_back({Field::node, Value::text(node_)});
    event.fields.push_back(
        {Field::value, Value::decimal(Decimal::from_units(static_cast<Int128>(tenths), 1))});
    event.fields.push_back({Field::metric, Value::text("pm2_5")});
    event.fields.push_back({Field::sequence, Value::integer(static_cast<std::int64_t>(round))});
    count(at, tenths);
  }

  Totals totals(Timestamp) const override {
    Totals totals;
    for (const auto& [day, sums] : days_) {
      auto& row = totals[format_date(civil_from_days(day))];
      row["readings"] = sums.readings;
      row["total"] = Rational(sums.tenths, 10);
      if (!shape_.extremes) continue;
      row["lowest"] = Rational(sums.lowest, 10);
      row["highest"] = Rational(sums.highest, 10);
    }
    return totals;
  }

 private:
  // Each sensor once per round where the preload wants every key to exist; else any sensor at any time.
  std::uint64_t sensor_of(std::uint64_t index) const {
    if (index >= shape_.preload) return scatter(~index) % shape_.keys;
    constexpr std::uint64_t kStride = 6'700'417;  // a prime: visits every sensor, neighbours far apart
    return index % shape_.keys * kStride % shape_.keys;
  }

  void count(Timestamp at, std::uint64_t tenths) {
    DayTotals& day = days_[at.us / (1440 * kMinuteUs)];
    ++day.readings;
    day.tenths += tenths;
    day.lowest = std::min(day.lowest, tenths);
    day.highest = std::max(day.highest, tenths);
  }

  const ObservationShape shape_;
  std::string node_, id_, source_;
  std::map<std::int64_t, DayTotals> days_;
};

}  // namespace

std::unique_ptr<Workload> make_observations(const ObservationShape& shape) {
  return std::make_unique<Observations>(shape);
}

}  // namespace slipstream::bench
