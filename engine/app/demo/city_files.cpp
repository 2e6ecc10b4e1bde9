#include "engine/app/demo/city_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <map>
#include <memory>

namespace slipstream {
namespace {

Result<> write_file(const std::filesystem::path& path, std::string_view text) {
  const auto failed = [&] {
    return fail(errno == ENOSPC ? ErrorCode::disk_full : ErrorCode::io,
                fmt::format("{}: cannot be written: {}", path.string(), std::strerror(errno)));
  };
  std::FILE* file = std::fopen(path.c_str(), "wb");
  if (file == nullptr) return failed();
  const bool written = std::fwrite(text.data(), 1, text.size(), file) == text.size();
  const bool closed = std::fclose(file) == 0;
  return written && closed ? Result<>() : failed();
}

}  // namespace

Result<CityFiles> write_city(const std::filesystem::path& directory, std::uint64_t seed, CitySize size,
                             CitySplit split) {
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  if (error)
    return fail(ErrorCode::io, fmt::format("{}: cannot be made: {}", directory.string(), error.message()));

  std::vector<CityEvent> events;
  CityFiles files;
  files.city = generate_city(seed, size, [&](CityEvent&& event) { events.push_back(std::move(event)); });
  std::stable_sort(events.begin(), events.end(),
                   [](const CityEvent& a, const CityEvent& b) { return a.effective_at < b.effective_at; });

  std::map<std::string, std::string> texts;  // by file name
  const Zone zone = Zone::find("Asia/Ho_Chi_Minh").value_or(Zone());
  for (const CityEvent& event : events) {
    std::string name = "city.jsonl";
    if (split == CitySplit::file_a_day)
      name = "events/" + format_date(zone.date_of(event.effective_at)) + ".jsonl";
    texts[name] += event.json + '\n';
  }
  if (split == CitySplit::file_a_day) std::filesystem::create_directories(directory / "events", error);
  for (const auto& [name, text] : texts) {
    SLIPSTREAM_TRY(write_file(directory / name, text));
    files.events.push_back(directory / name);
  }
  files.definitions = directory / "city.yaml";
  SLIPSTREAM_TRY(write_file(files.definitions, files.city.definitions));
  files.written = events.size();
  return files;
}

}  // namespace slipstream
