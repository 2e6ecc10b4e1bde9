// What is to happen in the made-up city, in order of time. Days are taken from it one by one, so that no more
// is held than has been set going.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/time.h"

namespace slipstream {

struct CityEvent {
  Timestamp effective_at;
  std::string json;  // a CloudEvent, one line without its end
};

class EventSchedule {
 public:
  EventSchedule(Zone zone, Timestamp ends) : zone_(std::move(zone)), ends_(ends) {}

  const Zone& zone() const { return zone_; }
  // The first instant that is no more of the city's time.
  Timestamp ends() const { return ends_; }
  Timestamp at(CivilDate date, std::int64_t hour, std::int64_t minute) const {
    return zone_.to_timestamp({date, hour * kHourUs + minute * kMinuteUs});
  }

  // `data`: the members of the event's data. What would happen after the end does not.
  void add(std::string_view type, Timestamp time, std::string data);
  // Takes what happens before `until` and appends it to `events`; of one instant in the order it was added.
  // Events are numbered as they are taken: an event's id is its place in the city's time.
  void take(Timestamp until, std::vector<CityEvent>& events);

 private:
  struct Planned {
    std::string_view type;
    std::string data;
  };

  const Zone zone_;
  const Timestamp ends_;
  std::multimap<Timestamp, Planned> planned_;
  std::int64_t taken_ = 0;
};

}  // namespace slipstream
