#include "engine/app/decisions.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "engine/app/log_scan.h"
#include "engine/shard/expulsion_record.h"

namespace slipstream {

Result<std::vector<AlertRecord>> DecisionReader::take() {
  std::vector<AlertRecord> records;
  Result<> read;
  const auto keep = [&](const RecordView& view) {
    if (is_expulsion(view.value)) return true;
    auto record = read_alert_record(view.value);
    if (!record) {
      read = tl::unexpected(record.error());
      return false;
    }
    records.push_back(std::move(*record));
    return true;
  };
  for (Partition partition(0); partition.value < partitions_; ++partition.value) {
    const TopicPartition at{topics_.decisions, partition};
    SLIPSTREAM_ASSIGN(const OffsetRange there, log_.offsets(at));
    const Offset from = std::max(next_[partition], there.earliest);
    SLIPSTREAM_TRY(scan_partition(log_, at, {from, there.end}, keep));
    SLIPSTREAM_TRY(read);
    next_[partition] = there.end;
  }
  sort_by_time(records);
  return records;
}

Result<> DecisionReader::skip() {
  for (Partition partition(0); partition.value < partitions_; ++partition.value) {
    SLIPSTREAM_ASSIGN(const OffsetRange there, log_.offsets({topics_.decisions, partition}));
    next_[partition] = there.end;
  }
  return {};
}

Result<std::vector<AlertRecord>> read_decisions(EventLog& log, const TopicNames& topics,
                                                std::int32_t partitions) {
  return DecisionReader(log, topics, partitions).take();
}

void sort_by_time(std::vector<AlertRecord>& records) {
  std::stable_sort(records.begin(), records.end(), [](const AlertRecord& a, const AlertRecord& b) {
    return std::tie(a.transition.at, a.transition.alert_id, a.transition.number) <
           std::tie(b.transition.at, b.transition.alert_id, b.transition.number);
  });
}

std::vector<AlertRecord> latest_of_each(const std::vector<AlertRecord>& records) {
  std::map<std::string, const AlertRecord*> latest;
  for (const AlertRecord& record : records)
    latest[record.transition.alert_id] = &record;
  std::vector<AlertRecord> out;
  for (auto record = records.rbegin(); record != records.rend(); ++record)
    if (latest[record->transition.alert_id] == &*record) out.push_back(*record);
  return out;
}

}  // namespace slipstream
