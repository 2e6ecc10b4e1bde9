// Transactions that tell afterwards whether they are whole: number n writes n to three partitions of two
// topics, with n as its metadata and position.
#pragma once

#include <string>

#include "engine/log/event_log.h"

namespace slipstream {

inline const std::string kEvents = "events";
inline const std::string kStates = "states";
inline const std::string kGroup = "engine";
inline const std::string kMember = "shard-0";
inline constexpr int kRecordsOfATransaction = 5;

inline Result<> create_numbered_topics(EventLog& log) {
  SLIPSTREAM_TRY(log.create_topic({.name = kEvents, .partitions = 2}));
  return log.create_topic({.name = kStates, .partitions = 1});
}

inline Transaction numbered_transaction(std::uint64_t number) {
  const auto text = std::to_string(number);
  Transaction transaction{{}, kGroup, kMember, {}, text};
  for (int record = 0; record < kRecordsOfATransaction; ++record) {
    const auto& topic = record < 4 ? kEvents : kStates;
    const Partition partition(record < 4 ? record % 2 : 0);
    // Of a size that now and then leaves the write-ahead log for a blob file.
    transaction.outputs.push_back({topic,
                                   partition,
                                   text,
                                   std::string(number % 50 == 0 ? 90'000 : 100, 'v'),
                                   {},
                                   Timestamp{static_cast<std::int64_t>(number)}});
  }
  transaction.next[{kEvents, Partition(0)}] = Offset(static_cast<std::int64_t>(number));
  return transaction;
}

}  // namespace slipstream
