#include "engine/view/committed_state.h"

#include <algorithm>

#include "engine/aggregate/row_key.h"

namespace slipstream {

std::string_view state_in_total(const CommittedState& state, std::string_view stored) {
  if (state.totals_family() == Family::rows) return stored;
  const auto total = parse_total(stored);
  return total ? total->state : std::string_view();
}

Result<std::shared_ptr<const std::vector<CommitNote>>> read_notes(const CommittedState& state) {
  if (state.notes) return state.notes;
  auto notes = std::make_shared<std::vector<CommitNote>>();
  for (const auto& shard : state.shards) {
    SLIPSTREAM_ASSIGN(std::optional<CommitNote> note, read_note(*shard));
    notes->push_back(std::move(note).value_or(CommitNote()));
  }
  return notes;
}

Result<Timestamp> read_clock(const CommittedState& state) {
  SLIPSTREAM_ASSIGN(const auto notes, read_notes(state));
  Timestamp clock = Timestamp::max();
  for (const CommitNote& note : *notes)
    if (note.sequence.value > 0) clock = std::min(clock, note.clock);
  return clock == Timestamp::max() ? Timestamp{} : clock;
}

Result<std::shared_ptr<const ReferenceData>> SharedReference::of(const CommittedState& state) {
  const std::scoped_lock lock(mutex_);
  if (data_) return data_;
  const StateReader& shard = *state.shards[state.at_hand];
  auto data = std::make_shared<ReferenceData>(ReferenceData{Organisation(state.plan->organisation), {}});
  Result<> updated;
  SLIPSTREAM_TRY(shard.scan(Family::reference, "u", "v", [&](std::string_view key, std::string_view value) {
    const auto change = data->organisation.update(std::string(key.substr(1)), value);
    if (!change) updated = tl::unexpected(change.error());
    return updated.has_value();
  }));
  SLIPSTREAM_TRY(updated);
  SLIPSTREAM_ASSIGN(data->targets, read_targets(shard));
  data_ = std::move(data);
  is_read_ = true;
  return data_;
}

Result<std::shared_ptr<const ReferenceData>> read_reference(const CommittedState& state) {
  return state.reference->of(state);
}

Result<std::shared_ptr<const Organisation>> read_organisation(const CommittedState& state) {
  SLIPSTREAM_ASSIGN(const std::shared_ptr<const ReferenceData> data, read_reference(state));
  return std::shared_ptr<const Organisation>(data, &data->organisation);
}

}  // namespace slipstream
