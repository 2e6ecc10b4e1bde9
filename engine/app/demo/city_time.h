// Lets a made-up city's time pass through a running instance, many days in one second.
//
// Time goes in steps that never reach over a midnight: the step's events are appended, and when every shard has
// folded them the clock moves to the step's end; the next step waits until every shard has judged there. So a
// figure is always that of all events up to the clock, as in a plain run over the same log, and quiet nights pass
// too. run() belongs to one thread; now() is for any.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>

#include "engine/app/demo/city_feed.h"
#include "engine/app/instance.h"

namespace slipstream {

class CityTime {
 public:
  struct Options {
    double days_per_second = 2;
    std::function<bool()> stops;                 // asked between steps: one that has begun is finished
    std::function<bool()> has_failed;            // the instance has ended by itself
    std::function<Result<>(Timestamp)> stepped;  // after each step, with the instant reached
  };

  // All outlive it. `zone`: whose midnights.
  CityTime(CityFeed& feed, const StateShelf& shelf, Options options)
      : feed_(feed), shelf_(shelf), options_(std::move(options)) {}

  // The instance's clock.
  Timestamp now() const { return Timestamp{now_us_.load()}; }

  // Until options.stops() or the city's end. Stopped, all shards stand at the same step's end, unless they were
  // catching up still.
  Result<> run(const City& city, const Instance& instance);

 private:
  bool settle(const Instance& instance, const std::function<bool()>& gives_up) const;
  bool has_judged() const;
  Timestamp step_end(const City& city) const;
  bool wait_until(std::chrono::steady_clock::time_point due) const;

  CityFeed& feed_;
  const StateShelf& shelf_;
  const Options options_;
  std::atomic<std::int64_t> now_us_{Timestamp::min().us};
};

}  // namespace slipstream
