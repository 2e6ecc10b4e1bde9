// Where the records of a log stand in its copy.
//
// Kept as runs of records that follow one another in both: memory grows with the gaps of the original, not
// with its records. Belongs to one thread.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "engine/base/ids.h"

namespace slipstream {

class CopiedPlaces {
 public:
  // `topics`: the copy's name of each topic that is copied.
  explicit CopiedPlaces(std::map<std::string, std::string> topics) : topics_(std::move(topics)) {}

  // A record of the original and its offset in the copy; per partition in order.
  void add(const TopicPartition& at, Offset original, Offset copy);

  // The place in the copy of the record at a position of the original. A position of a topic that is not
  // copied stays as it is.
  EventPosition of(const EventPosition& position) const;
  TopicPartition of(const TopicPartition& at) const { return {name_of(at.topic), at.partition}; }
  // Where reading goes on in the copy that would go on at `next` in the original.
  Offset next(const TopicPartition& at, Offset next) const;
  // Has every copied record of the topic the offset of its original?
  bool are_kept(const std::string& topic) const;

 private:
  struct Run {
    Offset original, copy;  // of the first
    std::int64_t records = 0;
  };
  const std::string& name_of(const std::string& topic) const;

  std::map<std::string, std::string> topics_;
  std::map<TopicPartition, std::vector<Run>> runs_;  // of the original's partitions
};

}  // namespace slipstream
