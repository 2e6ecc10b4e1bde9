#include "engine/app/decisions.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "engine/app/log_scan.h"
#include "engine/shard/expulsion_record.h"

namespace slipstream {

Result<std::vector<AlertRecord>> read_decisions(EventLog& log, const TopicNames& topics,
                                                std::int32_t partitions) {
  std::vector<AlertRecord> records;
  Result<> read;
  for (std::int32_t i = 0; i < partitions; ++i) {
    SLIPSTREAM_TRY(scan_partition(log, {topics.decisions, Partition(i)}, {}, [&](const RecordView& view) {
      if (is_expulsion(view.value)) return true;
      auto record = read_alert_record(view.value);
      if (!record) {
        read = tl::unexpected(record.error());
        return false;
      }
      records.push_back(std::move(*record));
      return true;
    }));
    SLIPSTREAM_TRY(read);
  }
  sort_by_time(records);
  return records;
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
