#include "engine/view/event_scan.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/log/read_range.h"
#include "engine/shard/observing.h"
#include "engine/shard/refusals.h"

namespace slipstream {
Result<> scan_events(const EventSource& source, const TopicPartition& at, Offset end,
                     const std::function<Result<>(const Event&, const RecordView&)>& visit) {
  SLIPSTREAM_ASSIGN(const OffsetRange there, source.log.offsets(at));
  if (there.earliest.value > 0 && end.value > 0)
    return fail(ErrorCode::offset_out_of_range,
                fmt::format("topic {} partition {} begins at offset {}: its older records are gone, and "
                            "figures that rest on them "
                            "cannot be computed again",
                            at.topic, at.partition.value, there.earliest.value));
  SLIPSTREAM_ASSIGN(const Refusals refusals, Refusals::read(source.log, source.topics));
  Decoder decoder(source.decode);
  Event event;
  const auto take = [&](const ReadBatch& batch) -> Result<bool> {
    for (const RecordView& record : batch.records) {
      if (refusals.contain(at, record.offset)) continue;
      if (decoder.decode(record, record.timestamp, event)) SLIPSTREAM_TRY(visit(event, record));
    }
    decoder.release();
    if (source.progress) source.progress(batch.records.size());
    return true;
  };
  return read_range(source.log, at, Offset(0), std::min(end, there.end), take);
}

RepeatedObservations::RepeatedObservations(const Plan& plan) {
  for (std::uint32_t i = 0; i < plan.views.size(); ++i) {
    const ViewPlan& view = plan.views[i];
    if (view.from != Relation::observations) continue;
    if (view.deduplicate == Deduplicate::none) counting_all_.push_back(i);
    if (view.deduplicate == Deduplicate::sequence) by_sequence_.push_back(i);
    if (view.deduplicate == Deduplicate::id) {
      by_id_.push_back(i);
      id_period_ = std::max(id_period_, view.deduplicate_window);
    }
  }
}

bool RepeatedObservations::is_repeated_sequence(const Event& event) {
  const Value* sequence = event.find(Field::sequence);
  if (by_sequence_.empty() || sequence == nullptr || sequence->is_null()) return false;
  const auto number = static_cast<std::uint64_t>(sequence->as_integer());
  Seen& seen = sequences_[std::string(event.source)];
  if (number + Observing::kSequenceWindow <= seen.highest) return false;
  seen.highest = std::max(seen.highest, number);
  if (!seen.numbers.insert(number).second) return true;
  mark_.sequence = number;
  return false;
}

bool RepeatedObservations::is_repeated_id(const Event& event, Timestamp log_time) {
  if (by_id_.empty()) return false;
  const std::int64_t period = std::max<std::int64_t>(log_time.us, 0) / id_period_.us;
  const auto [noted, is_new] = ids_.try_emplace({std::string(event.source), std::string(event.id)}, period);
  if (!is_new && (noted->second == period || noted->second == period - 1)) return true;
  noted->second = period;
  mark_.new_id = true;
  return false;
}

std::vector<std::uint32_t> RepeatedObservations::views_for(const Event& event, Timestamp log_time) {
  mark_ = {std::string(event.source), std::string(event.id), std::nullopt, false};
  std::vector<std::uint32_t> views = counting_all_;
  if (!is_repeated_sequence(event)) views.insert(views.end(), by_sequence_.begin(), by_sequence_.end());
  if (!is_repeated_id(event, log_time)) views.insert(views.end(), by_id_.begin(), by_id_.end());
  std::sort(views.begin(), views.end());
  return views;
}

void RepeatedObservations::forget(const Mark& mark) {
  if (mark.sequence) sequences_[mark.source].numbers.erase(*mark.sequence);
  if (mark.new_id) ids_.erase({mark.source, mark.id});
}

}  // namespace slipstream
