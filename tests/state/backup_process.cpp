// The other process of the backup's tests: `back-up STATE BACKUP VERSION SHARD` commits and backs up, n, n + 1,
// ... after the last commit found, each number to stdout once its checkpoint is in place, until it is killed;
// `restore STATE BACKUP VERSION SHARD` restores the newest; `discard STATE BACKUP VERSION SHARD` removes the state.
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <string>

#include "engine/state/durable_file.h"
#include "engine/state/shard_backup.h"

namespace {

using namespace slipstream;

Result<> acknowledge(std::uint64_t number) {
  if (::write(STDOUT_FILENO, &number, sizeof number) == sizeof number) return {};
  return fail(ErrorCode::io, "nobody listens");
}

Result<> back_up(const std::string& state, ShardBackupOptions options) {
  options.checkpoint = state + ".checkpoint";
  ShardBackup backup(std::move(options));
  SLIPSTREAM_ASSIGN(const auto store, open_rocksdb_store(state));
  SLIPSTREAM_ASSIGN(const auto last, store->get(Family::meta, "last"));
  for (auto number = last ? std::stoull(*last) + 1 : 1ULL;; ++number) {
    const auto text = std::to_string(number);
    SLIPSTREAM_TRY(
        store->apply({{Family::rows, text, std::string(2000, 'r')}, {Family::meta, "last", text}}, false));
    SLIPSTREAM_TRY(backup.begin(*store, CommitSequence(number)));
    SLIPSTREAM_TRY(backup.copy());
    SLIPSTREAM_TRY(acknowledge(number));
  }
}

Result<> run(const std::string& what, const std::string& state, const ShardBackupOptions& options) {
  if (what == "back-up") return back_up(state, options);
  if (what == "discard") return discard_directory(state);
  SLIPSTREAM_TRY(
      ShardCheckpoints(options.backup, options.state_version, options.shard).restore_newest(state));
  return {};
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 6) return 2;
  const slipstream::ShardBackupOptions options{
      arguments[3], arguments[4], slipstream::Partition(std::stoi(arguments[5])), {}, 2};
  const auto done = run(arguments[1], arguments[2], options);
  if (!done) std::fprintf(stderr, "%s\n", done.error().message.c_str());
  return done ? 0 : 1;
}
