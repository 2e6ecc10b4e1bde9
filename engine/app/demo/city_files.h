// A made-up city as files: what `generate` writes and the demo imports.
#pragma once

#include <filesystem>

#include "engine/app/demo/city.h"
#include "engine/base/error.h"

namespace slipstream {

struct CityFiles {
  City city;
  std::filesystem::path definitions;          // city.yaml
  std::vector<std::filesystem::path> events;  // JSON Lines, in order of time
  std::uint64_t written = 0;                  // events
};

enum class CitySplit : std::uint8_t { one_file, file_a_day };

// Writes them into `directory`, which is made if need be. Errors io and disk_full.
Result<CityFiles> write_city(const std::filesystem::path& directory, std::uint64_t seed, CitySize size,
                             CitySplit split);

}  // namespace slipstream
