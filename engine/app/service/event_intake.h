// Takes events from requests into the log: checks them as the shards will, writes those of many requests in one
// append, and says when they are durable. What is given twice is no harm: the fold knows (source, id).
//
// accept() by any thread; one thread of its own appends.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "engine/app/service/posted_events.h"
#include "engine/decode/decoder.h"
#include "engine/log/event_log.h"
#include "engine/shard/input.h"

namespace slipstream {

struct EventIntakeOptions {
  DecodeOptions decode;
  TopicNames topics;
  std::int32_t partitions = 1;
  std::uint64_t waiting_bytes_max = std::uint64_t{64} << 20;  // accepted and not yet in the log
  std::uint64_t append_bytes_max = std::uint64_t{4} << 20;    // of one append, at least one request's
};

// What is wrong with one of the events.
struct RefusedEvent {
  std::size_t index = 0;  // in the request
  Error error;
};

class EventIntake {
 public:
  // `log` outlives the intake.
  EventIntake(EventLog& log, EventIntakeOptions options);
  ~EventIntake();  // appends what was accepted
  EventIntake(const EventIntake&) = delete;
  EventIntake& operator=(const EventIntake&) = delete;

  // The records of the events, each with its place; every event that is refused is in `refused`.
  std::vector<OutputRecord> check(std::vector<PostedEvent> events, std::vector<RefusedEvent>& refused) const;

  // `done` is called once by the appending thread, when all are durable or none is known to be. False, and `done` is
  // not called: too much waits already.
  using Done = std::function<void(const Result<>&)>;
  bool accept(std::vector<OutputRecord> records, Done done);

  struct Counts {
    std::uint64_t requests = 0, events = 0;  // durable so far
    std::uint64_t waiting_bytes = 0;
  };
  Counts counts() const;

 private:
  struct Accepted {
    std::vector<OutputRecord> records;
    std::uint64_t bytes = 0;
    Done done;
  };

  void run();
  std::vector<Accepted> take();
  void append(std::vector<Accepted>& group);

  EventLog& log_;
  const EventIntakeOptions options_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Accepted> waiting_;  // guarded by mutex_
  Counts counts_;                 // guarded by mutex_
  bool stopping_ = false;         // guarded by mutex_
  std::thread thread_;            // last: it uses all of the above
};

}  // namespace slipstream
