// Reads again, from the log, what the shards had read when they last committed: for readers who check or
// explain.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "engine/decode/decoder.h"
#include "engine/log/event_log.h"
#include "engine/view/committed_state.h"

namespace slipstream {

// Where the events of a deployment are, and how its shards decode them.
struct EventSource {
  EventLog& log;
  TopicNames topics;
  DecodeOptions decode;
  // Told how many records were read since it was told last; may be empty.
  std::function<void(std::uint64_t records)> progress = {};
};

// Calls visit for each record that decodes, from the first one of the partition up to `end`; records that do
// not, and those that were refused when they were read, are dead letters and left out. Error
// offset_out_of_range when the partition's beginning is no longer in the log.
Result<> scan_events(const EventSource& source, const TopicPartition& at, Offset end,
                     const std::function<Result<>(const Event&, const RecordView&)>& visit);

// Which views count an observation that may be a repeated one: the rules of shard/observing.h, kept as plain
// sets. For the observations of one partition in order.
class RepeatedObservations {
 public:
  explicit RepeatedObservations(const Plan& plan);
  // Indexes of the views for which it is new.
  std::vector<std::uint32_t> views_for(const Event& event, Timestamp log_time);

  // What an observation was the first to mark as seen.
  struct Mark {
    std::string source, id;
    std::optional<std::uint64_t> sequence;
    bool new_id = false;
  };
  // Of the observation that views_for() was called for last.
  Mark latest_mark() const { return mark_; }
  // It was taken out again: a copy that comes later is new.
  void forget(const Mark& mark);

 private:
  bool is_repeated_sequence(const Event& event);
  bool is_repeated_id(const Event& event, Timestamp log_time);

  std::vector<std::uint32_t> counting_all_, by_sequence_, by_id_;
  Duration id_period_;
  struct Seen {
    std::uint64_t highest = 0;
    std::set<std::uint64_t> numbers;
  };
  std::map<std::string, Seen, std::less<>> sequences_;  // by source
  std::map<std::pair<std::string, std::string>, std::int64_t>
      ids_;  // (source, id) to the period it was noted in
  Mark mark_;
};

}  // namespace slipstream
