// Tests of the made-up city: its events as shards read them.
#pragma once

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "connectors/definition/load_file.h"
#include "engine/app/demo/city.h"
#include "engine/decode/decoder.h"

namespace slipstream {

inline constexpr std::uint64_t kCitySeed = 7;

inline std::vector<CityEvent> all_of(City& city) {
  std::vector<CityEvent> events;
  while (city.next_day(events)) {
  }
  return events;
}

inline std::shared_ptr<const Plan> plan_of(const City& city) {
  Diagnostics diagnostics;
  auto plan = load_definition_text(city.definitions(), "city.yaml", diagnostics);
  for (const Diagnostic& diagnostic : diagnostics)
    ADD_FAILURE() << format_diagnostic(diagnostic);
  return plan;
}

// Decodes as a shard does.
class CityReading {
 public:
  explicit CityReading(const City& city) : decoder_(options_of(city)) {}
  Event of(const CityEvent& event) {
    RecordView record;
    record.value = event.json;
    Event decoded;
    const auto read = decoder_.decode(record, event.effective_at, decoded);
    EXPECT_TRUE(read) << event.json << "\n" << (read ? "" : read.error().message);
    return decoded;
  }

 private:
  static DecodeOptions options_of(const City& city) {
    DecodeOptions options;
    options.zone = city.zone();
    return options;
  }
  Decoder decoder_;
};

// Every event is valid, in order of time, and has an id of its own.
inline void expect_valid_events(CitySize size) {
  City city(kCitySeed, size);
  CityReading reading(city);
  std::set<std::string> ids;
  std::size_t events = 0;
  Timestamp before = city.begins();
  for (std::vector<CityEvent> day; city.next_day(day); day.clear())
    for (const CityEvent& event : day) {
      ++events;
      const Event decoded = reading.of(event);
      EXPECT_EQ(decoded.effective_at, event.effective_at);
      ids.insert(std::string(decoded.id));
      EXPECT_GE(event.effective_at, before);
      EXPECT_LT(event.effective_at, city.ends());
      before = event.effective_at;
    }
  EXPECT_EQ(ids.size(), events);
}

}  // namespace slipstream
