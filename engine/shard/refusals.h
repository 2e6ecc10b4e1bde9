// Refusals read back from the dead-letter topic, for those who read the events again: a refused record counts
// nowhere, under no definitions, until it is replayed (docs/design/definition-changes.md). Belongs to one
// thread.
#pragma once

#include <map>
#include <string_view>
#include <vector>

#include "engine/log/event_log.h"
#include "engine/shard/input.h"

namespace slipstream {

// The stage of a dead letter whose record was accepted at first.
inline constexpr std::string_view kStageOfExpelled = "wait";

class Refusals {
 public:
  // Those whose letters stand at `from` or later; none where there is no such topic. Error log_unavailable:
  // the log has letters and gives none.
  static Result<Refusals> read(EventLog& log, const TopicNames& topics, Offset from = Offset(0));
  // Where the letters end that were read.
  Offset end() const { return end_; }

  // Was the record refused when it was read? One that was accepted and expelled later was not: its expulsion
  // has a place.
  bool contain(const TopicPartition& at, Offset record) const { return holds(refused_, at, record); }
  // Is there a dead letter of the record, for whatever reason?
  bool have_letter(const TopicPartition& at, Offset record) const {
    return contain(at, record) || holds(expelled_, at, record);
  }
  // Was a record before `end` refused?
  bool any_before(const TopicPartition& at, Offset end) const;

 private:
  using Places = std::map<TopicPartition, std::vector<Offset>>;  // ascending
  static bool holds(const Places& places, const TopicPartition& at, Offset record);
  // A record that is no letter of ours tells nothing.
  void take(const RecordView& letter);
  Places refused_, expelled_;
  Offset end_;
};

}  // namespace slipstream
