#include "engine/app/demo/city_time.h"

#include <algorithm>
#include <thread>

namespace slipstream {
namespace {

using std::chrono::steady_clock;

constexpr std::chrono::milliseconds kLookEvery(2);
constexpr double kStepsPerSecond = 8;
// Longer steps would hide what happens within a day; a shard commits a clock that moved by ten seconds or more.
constexpr Duration kStepMin = minutes(1), kStepMax = days(1);

}  // namespace

Result<> CityTime::run(const City& city, const Instance& instance) {
  // What was under way when the log was left is folded under the clock that the state has.
  if (!settle(instance, [this] { return options_.stops() || options_.has_failed(); })) return {};
  now_us_.store(feed_.fed_until().us);
  auto due = steady_clock::now();
  while (settle(instance, options_.has_failed)) {
    SLIPSTREAM_TRY(options_.stepped(now()));
    if (now() >= city.ends()) return {};
    const Timestamp end = step_end(city);
    const std::chrono::duration<double> pause(static_cast<double>((end - now()).us) /
                                              static_cast<double>(kDayUs) / options_.days_per_second);
    due = std::max(due + std::chrono::duration_cast<steady_clock::duration>(pause), steady_clock::now());
    if (!wait_until(due)) return {};
    SLIPSTREAM_TRY(feed_.feed(end, options_.has_failed));
    if (!settle(instance, options_.has_failed)) return {};
    now_us_.store(end.us);
  }
  return {};
}

Timestamp CityTime::step_end(const City& city) const {
  const auto wanted = Duration{
      static_cast<std::int64_t>(options_.days_per_second / kStepsPerSecond * static_cast<double>(kDayUs))};
  const Duration step = std::clamp(Duration{wanted.us / kMinuteUs * kMinuteUs}, kStepMin, kStepMax);
  const Zone& zone = city.zone();
  const CivilDate tomorrow = civil_from_days(days_since_epoch(zone.date_of(now())) + 1);
  return std::min(now() + step, zone.start_of_day(tomorrow));
}

// Until all that is in the log is folded and judged at the clock. False: it gave up.
bool CityTime::settle(const Instance& instance, const std::function<bool()>& gives_up) const {
  while (!gives_up()) {
    if (has_judged()) {
      const InstanceStatus status = instance.status();
      if (status.backlog && *status.backlog == 0) return true;
    }
    std::this_thread::sleep_for(kLookEvery);
  }
  return false;
}

bool CityTime::has_judged() const {
  const std::shared_ptr<const ShownState> shown = shelf_.newest();
  return shown != nullptr &&
         std::all_of(shown->state.notes->begin(), shown->state.notes->end(), [&](const CommitNote& note) {
           return note.clock >= now() && note.judged_at >= now();
         });
}

// False: it is to stop.
bool CityTime::wait_until(steady_clock::time_point due) const {
  const auto stops = [this] { return options_.stops() || options_.has_failed(); };
  while (!stops() && steady_clock::now() < due)
    std::this_thread::sleep_for(std::min<steady_clock::duration>(kLookEvery, due - steady_clock::now()));
  return !stops();
}

}  // namespace slipstream
