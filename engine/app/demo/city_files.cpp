#include "engine/app/demo/city_files.h"

#include <fmt/format.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <memory>
#include <thread>

namespace slipstream {
namespace {

// Waits shorter than this are saved up: a burst each ten milliseconds is steady enough.
constexpr std::chrono::milliseconds kWaitMin(10);

tl::unexpected<Error> cannot_write(const std::string& name) {
  return fail(errno == ENOSPC ? ErrorCode::disk_full : ErrorCode::io,
              fmt::format("{}: cannot be written: {}", name, std::strerror(errno)));
}

struct Closing {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, Closing>;

// Lets the n-th event go n/rate seconds after the first.
class Pace {
 public:
  Pace(std::optional<std::int64_t> rate, std::FILE* file) : rate_(rate), file_(file) {}
  void wait_for(std::uint64_t event) const {
    if (!rate_) return;
    const std::chrono::duration<double> after(static_cast<double>(event) / static_cast<double>(*rate_));
    const auto due = began_ + std::chrono::duration_cast<std::chrono::nanoseconds>(after);
    if (due - std::chrono::steady_clock::now() < kWaitMin) return;
    std::fflush(file_);  // what was let go is to be seen
    std::this_thread::sleep_until(due);
  }

 private:
  const std::optional<std::int64_t> rate_;
  std::FILE* const file_;
  const std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
};

}  // namespace

Result<std::uint64_t> write_city_events(City& city, const CityWriting& writing, std::FILE* file,
                                        const std::string& name) {
  std::uint64_t written = 0;
  std::vector<CityEvent> events;
  const Pace pace(writing.rate, file);
  for (std::int64_t day = 0; !writing.days || day < *writing.days; ++day) {
    events.clear();
    if (!city.next_day(events)) break;
    for (const CityEvent& event : events) {
      pace.wait_for(written);
      if (std::fwrite(event.json.data(), 1, event.json.size(), file) != event.json.size() ||
          std::fputc('\n', file) == EOF)
        return cannot_write(name);
      ++written;
    }
  }
  if (std::fflush(file) != 0) return cannot_write(name);
  return written;
}

Result<> write_city_definitions(const std::filesystem::path& path, const City& city) {
  const std::string text = city.definitions();
  const File file(std::fopen(path.c_str(), "wb"));
  if (!file || std::fwrite(text.data(), 1, text.size(), file.get()) != text.size() ||
      std::fflush(file.get()) != 0)
    return cannot_write(path.string());
  return {};
}

Result<CityFiles> write_city(const std::filesystem::path& directory, City& city, const CityWriting& writing) {
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  if (error)
    return fail(ErrorCode::io, fmt::format("{}: cannot be made: {}", directory.string(), error.message()));
  CityFiles files{directory / "city.yaml", directory / "city.jsonl"};
  SLIPSTREAM_TRY(write_city_definitions(files.definitions, city));
  const File file(std::fopen(files.events.c_str(), "wb"));
  if (!file) return cannot_write(files.events.string());
  SLIPSTREAM_ASSIGN(files.written, write_city_events(city, writing, file.get(), files.events.string()));
  return files;
}

}  // namespace slipstream
