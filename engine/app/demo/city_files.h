// A made-up city as JSON Lines in order of time, as fast as can be or at a steady rate, and the definitions that
// go with it.
#pragma once

#include <cstdio>
#include <filesystem>
#include <optional>

#include "engine/app/demo/city.h"
#include "engine/base/error.h"

namespace slipstream {

struct CityWriting {
  std::optional<std::int64_t> days;  // of the city's time; none: all of it
  std::optional<std::int64_t> rate;  // events a second; none: at once
};

// Returns how many were written. `name`: of the file, for messages. Errors io and disk_full.
Result<std::uint64_t> write_city_events(City& city, const CityWriting& writing, std::FILE* file,
                                        const std::string& name);

struct CityFiles {
  std::filesystem::path definitions;  // city.yaml
  std::filesystem::path events;       // city.jsonl
  std::uint64_t written = 0;          // events
};
// Makes `directory` if need be.
Result<CityFiles> write_city(const std::filesystem::path& directory, City& city, const CityWriting& writing);
// The definitions alone; an existing file is replaced.
Result<> write_city_definitions(const std::filesystem::path& file, const City& city);

}  // namespace slipstream
