#include "engine/app/demo/event_schedule.h"

#include <fmt/format.h>

namespace slipstream {

void EventSchedule::add(std::string_view type, Timestamp time, std::string data) {
  if (time < ends_) planned_.emplace(time, Planned{type, std::move(data)});
}

void EventSchedule::take(Timestamp until, std::vector<CityEvent>& events) {
  for (auto next = planned_.begin(); next != planned_.end() && next->first < until;) {
    events.push_back(
        {next->first,
         fmt::format(
             R"({{"specversion":"1.0","id":"e-{:07}","source":"/song-han","type":"{}","time":"{}","data":{{{}}}}})",
             ++taken_, next->second.type, format_timestamp(next->first, zone_), next->second.data)});
    next = planned_.erase(next);
  }
}

}  // namespace slipstream
