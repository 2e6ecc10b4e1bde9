#include "engine/app/backup_schedule.h"

#include <fmt/format.h>

namespace slipstream {

BackupSchedule::BackupSchedule(const RocksdbStore& store, ShardBackupOptions options, Duration every,
                               std::function<void(const std::string&)> remark)
    : store_(store),
      every_(every.us),
      remark_(std::move(remark)),
      backup_(std::move(options)),
      due_at_(std::chrono::steady_clock::now() + every_) {}

BackupSchedule::~BackupSchedule() {
  backup_.stop();
  if (beside_.joinable()) beside_.join();
}

void BackupSchedule::run_beside(std::function<void()> work) {
  if (beside_.joinable()) beside_.join();  // it has said that it is done
  beside_ = std::thread(std::move(work));
}

// Memtables are written beside the shard first, so that little is left to write when it makes the checkpoint.
Result<> BackupSchedule::after_commit(CommitSequence sequence) {
  const auto now = std::chrono::steady_clock::now();
  if (stage_.load() == Stage::waiting && now >= due_at_ && sequence != backed_up_) {
    stage_.store(Stage::flushing);
    run_beside([this] {
      if (const auto flushed = store_.flush(); !flushed) remark_(flushed.error().message);
      stage_.store(Stage::flushed);
    });
  }
  if (stage_.load() != Stage::flushed) return {};
  due_at_ = now + every_;
  backed_up_ = sequence;
  if (const auto begun = backup_.begin(store_, sequence); !begun) {
    stage_.store(Stage::waiting);
    return begun;
  }
  stage_.store(Stage::copying);
  run_beside([this] {
    if (const auto copied = backup_.copy(); !copied)
      remark_(fmt::format("no backup was made, the one before stands: {}", copied.error().message));
    stage_.store(Stage::waiting);
  });
  return {};
}

}  // namespace slipstream
