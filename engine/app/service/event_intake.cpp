#include "engine/app/service/event_intake.h"

#include <algorithm>
#include <iterator>
#include <span>
#include <utility>

#include "engine/app/instance_clock.h"
#include "engine/base/thread_role.h"
#include "engine/log/topic_rules.h"
#include "engine/shard/event_place.h"

namespace slipstream {

EventIntake::EventIntake(EventLog& log, EventIntakeOptions options)
    : log_(log), options_(std::move(options)), thread_([this] { run(); }) {}

EventIntake::~EventIntake() {
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

std::vector<OutputRecord> EventIntake::check(std::vector<PostedEvent> events,
                                             std::vector<RefusedEvent>& refused) const {
  Decoder decoder(options_.decode);
  const Timestamp now = system_now();
  std::vector<OutputRecord> records;
  records.reserve(events.size());
  for (std::size_t i = 0; i < events.size(); ++i) {
    RecordView record;
    record.timestamp = now;
    record.value = events[i].value;
    record.headers = events[i].headers;
    Event event;
    if (const auto decoded = decoder.decode(record, now, event); !decoded) {
      refused.push_back({i, decoded.error()});
      continue;
    }
    const EventPlace place = place_of(event, options_.partitions);
    std::string key(event.subject);
    records.push_back({place.on_reference ? options_.topics.reference : options_.topics.events,
                       place.partition, std::move(key), std::move(events[i].value),
                       std::move(events[i].headers), now});
  }
  return records;
}

bool EventIntake::accept(std::vector<OutputRecord> records, Done done) {
  Accepted accepted{std::move(records), 0, std::move(done)};
  for (const OutputRecord& record : accepted.records)
    accepted.bytes += bytes_of(record);
  {
    const std::scoped_lock lock(mutex_);
    const bool fits =
        counts_.waiting_bytes == 0 || counts_.waiting_bytes + accepted.bytes <= options_.waiting_bytes_max;
    if (stopping_ || !fits) return false;
    counts_.waiting_bytes += accepted.bytes;
    waiting_.push_back(std::move(accepted));
  }
  changed_.notify_one();
  return true;
}

EventIntake::Counts EventIntake::counts() const {
  const std::scoped_lock lock(mutex_);
  return counts_;
}

// Waits for work; empty: there will be none.
std::vector<EventIntake::Accepted> EventIntake::take() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return stopping_ || !waiting_.empty(); });
  std::vector<Accepted> group;
  for (std::uint64_t bytes = 0; !waiting_.empty(); waiting_.pop_front()) {
    bytes += waiting_.front().bytes;
    if (!group.empty() && bytes > options_.append_bytes_max) break;
    group.push_back(std::move(waiting_.front()));
  }
  return group;
}

void EventIntake::run() {
  begin_thread("intake");
  for (std::vector<Accepted> group = take(); !group.empty(); group = take()) {
    append(group);
    const std::scoped_lock lock(mutex_);
    for (const Accepted& accepted : group)
      counts_.waiting_bytes -= accepted.bytes;
  }
}

// All in one append; if that is refused each request in one of its own, so that none fails for another's events.
void EventIntake::append(std::vector<Accepted>& group) {
  std::vector<OutputRecord> all;
  for (Accepted& accepted : group)
    std::move(accepted.records.begin(), accepted.records.end(), std::back_inserter(all));
  const auto together = log_.append(all);
  const bool may_be_ones_fault = !together && together.error().code != ErrorCode::log_unavailable;
  std::span<const OutputRecord> rest = all;
  for (Accepted& accepted : group) {
    const auto own = rest.first(accepted.records.size());
    rest = rest.subspan(own.size());
    Result<> outcome;
    if (!together) outcome = tl::unexpected(together.error());
    if (may_be_ones_fault && group.size() > 1) {
      const auto alone = log_.append(own);
      outcome = alone ? Result<>() : Result<>(tl::unexpected(alone.error()));
    }
    if (outcome) {
      const std::scoped_lock lock(mutex_);
      ++counts_.requests;
      counts_.events += own.size();
    }
    accepted.done(outcome);
  }
}

}  // namespace slipstream
