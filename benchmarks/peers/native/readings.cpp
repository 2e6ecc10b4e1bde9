#include <fmt/format.h>

#include <array>
#include <vector>

#include "benchmarks/end_to_end/workload.h"
#include "benchmarks/peers/native/filling.h"

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

struct ReadingRecord {
  std::uint32_t sensor = 0;
  std::int32_t tenths = 0;
  std::int64_t effective_us = 0;
};

// Another number for each use of one event's.
constexpr std::uint64_t chance_of(std::uint64_t index, std::uint64_t use) { return scatter(index * 8 + use); }

bool hot(std::uint64_t sensor) {
  return sensor % kWards % kHotWardEvery == 5 || chance_of(sensor, 7) % 50 == 0;
}

class Readings final : public Filling {
 public:
  explicit Readings(const ReadingShape& shape) : shape_(shape), sent_(shape.late ? shape.sensors : 0) {}

  std::string_view write(std::uint64_t index, Event& event) override {
    const std::uint64_t original = original_of(index);
    describe(original, event);
    if (shape_.late) number(original, original != index, event);
    return original != index ? std::string_view()
                             : std::string_view(reinterpret_cast<const char*>(&record_), sizeof record_);
  }

 private:
  // A copy is of an event that is none itself.
  std::uint64_t original_of(std::uint64_t index) const {
    if (!is_copy(index)) return index;
    const std::uint64_t original = index - 1 - chance_of(index, 2) % kCopyReach;
    return is_copy(original) ? index : original;
  }
  bool is_copy(std::uint64_t index) const {
    return shape_.late && index > kCopyReach && chance_of(index, 1) % 100 == 0;
  }

  std::uint64_t sensor_of(std::uint64_t index) const {
    const std::uint64_t chance = chance_of(index, 0);
    if (!shape_.skewed) return chance % shape_.sensors;
    const double u = static_cast<double>(chance >> 11) * 0x1.0p-53;
    const auto rank = static_cast<std::uint64_t>(u * u * u * u * static_cast<double>(shape_.sensors));
    return rank * 6'700'417 % shape_.sensors;  // a prime: ranks next to each other are in wards far apart
  }

  void describe(std::uint64_t index, Event& event) {
    const std::uint64_t sensor = sensor_of(index);
    const std::uint64_t ward = sensor % kWards;
    const auto tenths = static_cast<std::int32_t>((hot(sensor) ? 600 : 200) + chance_of(index, 3) % 200);
    const Timestamp at{kStartUs +
                       static_cast<std::int64_t>(static_cast<Int128>(kSpanUs) * index / shape_.events)};
    const bool late = shape_.late && chance_of(index, 4) % 20 == 0;
    node_ = fmt::format("d{:02}/w{:03}/{:07}", ward / kWardsPerDistrict, ward, sensor);
    id_ = fmt::format("{}", index);
    source_ = shape_.late ? fmt::format("/sensors/{:07}", sensor) : fmt::format("/gateways/{:03}", ward);
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
    record_ = {static_cast<std::uint32_t>(sensor), tenths, event.effective_at.us};
  }

  // A sensor counts its readings; a copy has the number of its original.
  void number(std::uint64_t original, bool copy, Event& event) {
    std::uint32_t& kept = numbers_[original % numbers_.size()];
    if (!copy) kept = sent_[record_.sensor]++;
    event.fields.push_back({Field::sequence, Value::integer(kept)});
  }

  const ReadingShape shape_;
  std::vector<std::uint32_t> sent_;            // by sensor
  std::array<std::uint32_t, 1024> numbers_{};  // of the latest events: more than kCopyReach
  ReadingRecord record_;
  std::string node_, id_, source_;
};

}  // namespace

std::unique_ptr<Filling> readings_of(const ReadingShape& shape) { return std::make_unique<Readings>(shape); }

}  // namespace slipstream::bench
