#include "benchmarks/peers/native/readings.h"

#include <fmt/format.h>

#include <cmath>

#include "benchmarks/end_to_end/workload.h"

namespace slipstream::bench {
namespace {

constexpr std::int64_t kDayUs = 86'400'000'000;
constexpr std::int64_t kStartUs = 1'772'236'800'000'000;  // 2026-02-28T00:00:00Z
constexpr std::int64_t kSpanUs = 3 * kDayUs;
constexpr std::uint64_t kWards = 500;
constexpr std::uint64_t kWardsPerDistrict = 25;
constexpr std::uint64_t kHotWardEvery = 97;
constexpr std::uint64_t kCopyReach = 1000;  // how far behind its original a copy comes at most
constexpr std::uint64_t kLateDays = 40;

// Another number for each use of one event's.
constexpr std::uint64_t chance_of(std::uint64_t index, std::uint64_t use) { return scatter(index * 8 + use); }

bool hot(std::uint64_t sensor) {
  return sensor % kWards % kHotWardEvery == 5 || chance_of(sensor, 7) % 50 == 0;
}

}  // namespace

std::uint64_t Readings::sensor_of(std::uint64_t index) const {
  const std::uint64_t chance = chance_of(index, 0);
  if (!shape_.skewed) return chance % shape_.sensors;
  const double u = static_cast<double>(chance >> 11) * 0x1.0p-53;
  const auto rank = static_cast<std::uint64_t>(u * u * u * u * static_cast<double>(shape_.sensors));
  return rank * 6'700'417 % shape_.sensors;  // a prime: ranks next to each other are in wards far apart
}

Readings::Written Readings::write(std::uint64_t index, Event& event) {
  Written written;
  if (shape_.late && index > kCopyReach && chance_of(index, 1) % 100 == 0) {
    const std::uint64_t original = index - 1 - chance_of(index, 2) % kCopyReach;
    if (original > kCopyReach && chance_of(original, 1) % 100 != 0) {
      index = original;
      written.copy = true;
    }
  }
  const std::uint64_t sensor = sensor_of(index);
  const std::uint64_t ward = sensor % kWards;
  const auto tenths = static_cast<std::int32_t>((hot(sensor) ? 600 : 200) + chance_of(index, 3) % 200);
  node_ = fmt::format("d{:02}/w{:03}/{:07}", ward / kWardsPerDistrict, ward, sensor);
  id_ = fmt::format("{}", index);
  source_ = fmt::format("/gateways/{:03}", ward);
  const Timestamp at{kStartUs +
                     static_cast<std::int64_t>(static_cast<Int128>(kSpanUs) * index / shape_.events)};
  const bool late = shape_.late && chance_of(index, 4) % 20 == 0;
  event.type = EventType::observation;
  event.id = id_;
  event.source = source_;
  event.subject = node_;
  event.time = event.recorded_at = at;
  event.effective_at =
      late ? Timestamp{at.us - static_cast<std::int64_t>(chance_of(index, 5) % kLateDays) * kDayUs} : at;
  event.fields.clear();
  event.fields.push_back({Field::node, Value::text(node_)});
  event.fields.push_back({Field::value, Value::decimal(Decimal::from_units(tenths, 1))});
  event.fields.push_back({Field::metric, Value::text("pm2_5")});
  written.counts = {static_cast<std::uint32_t>(sensor), tenths, event.effective_at.us};
  return written;
}

}  // namespace slipstream::bench
