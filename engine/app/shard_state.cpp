#include "engine/app/shard_state.h"

#include <fmt/format.h>

#include "engine/shard/runner.h"
#include "engine/state/backup.h"
#include "engine/state/durable_file.h"

namespace slipstream {
namespace {

// By so many a state on the local disk may be behind: they are folded sooner than a checkpoint is copied, as a rule.
constexpr std::uint64_t kRecordsRatherThanRestored = 1'000'000;

// How many records the log has committed that the state lacks.
std::uint64_t behind(const CommitNote& stored, const CommittedPositions& committed) {
  std::uint64_t records = 0;
  for (const auto& [at, to] : committed.next) {
    const auto next = stored.next.find(at);
    const Offset from = next == stored.next.end() ? Offset(0) : next->second;
    if (from < to) records += static_cast<std::uint64_t>(to.value - from.value);
  }
  return records;
}

}  // namespace

Result<ShardState> open_shard_state(Deployment& deployment, const Plan& plan, Partition shard) {
  ShardState state;
  SLIPSTREAM_ASSIGN(state.store, deployment.open_store(plan, shard));
  const auto checkpoints = deployment.checkpoints(plan, shard);
  if (!checkpoints) return state;
  SLIPSTREAM_ASSIGN(const std::optional<CommitNote> noted, read_note(*state.store));
  const CommitNote stored = noted.value_or(CommitNote());
  SLIPSTREAM_ASSIGN(const CommittedPositions committed, deployment.committed(shard));
  const std::uint64_t lacking = behind(stored, committed);
  if (noted ? lacking <= kRecordsRatherThanRestored : lacking == 0) return state;
  const auto newest = checkpoints->newest();
  if (!newest) {
    state.remark = fmt::format("shard {} is folded from the log, since its backup cannot be read: {}",
                               shard.value, newest.error().message);
    return state;
  }
  if (!*newest || (*newest)->sequence <= stored.sequence) return state;
  CommitNote last;
  if (!committed.metadata.empty()) {
    SLIPSTREAM_ASSIGN(last, decode_note(committed.metadata));
  }
  if (last.sequence < (*newest)->sequence) {
    state.remark = fmt::format(
        "shard {} is folded from the log, since the backup is of commit {} and the log knows {}: it is of "
        "another "
        "deployment; give this one a backup directory of its own",
        shard.value, (*newest)->sequence.value, last.sequence.value);
    return state;
  }
  // A kill in between leaves no state, and the next start is here again.
  state.store.reset();
  const std::filesystem::path directory = deployment.state_directory(plan, shard);
  SLIPSTREAM_TRY(discard_directory(directory));
  const auto restored = checkpoints->restore_newest(directory);
  if (restored) {
    state.remark = fmt::format("shard {}: restored commit {} from the backup, {} bytes", shard.value,
                               restored->sequence.value, restored->bytes);
    if (restored->passed_over.empty()) state.severity = Severity::info;
    for (const std::string& damaged : restored->passed_over)
      state.remark += "; passed over: " + damaged;
  } else if (restored.error().code == ErrorCode::store_corrupt ||
             restored.error().code == ErrorCode::not_found) {
    state.remark = fmt::format("shard {} is folded from the log, since its backup cannot be restored: {}",
                               shard.value, restored.error().message);
  } else {
    return tl::unexpected(restored.error());
  }
  SLIPSTREAM_ASSIGN(state.store, deployment.open_store(plan, shard));
  return state;
}

}  // namespace slipstream
