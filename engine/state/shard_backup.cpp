#include "engine/state/shard_backup.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <random>
#include <utility>

#include "engine/base/crash_point.h"
#include "engine/state/backup_pruning.h"

namespace slipstream {
namespace {

namespace fs = std::filesystem;

std::string random_name() {
  std::random_device random;
  return fmt::format("{:08x}{:08x}", random(), random());
}

Timestamp system_now() {
  const auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
  return Timestamp{std::chrono::duration_cast<std::chrono::microseconds>(since_epoch).count()};
}

std::int64_t modified_ns(const struct ::stat& file) {
  return file.st_mtim.tv_sec * std::int64_t{1'000'000'000} + file.st_mtim.tv_nsec;
}

struct CheckpointFiles {
  std::vector<std::string> tables;  // written once by RocksDB, then only read
  std::vector<std::string> others;
};

Result<CheckpointFiles> files_in(const fs::path& checkpoint) {
  CheckpointFiles files;
  std::error_code error;
  fs::directory_iterator entry(checkpoint, error);
  for (; !error && entry != fs::directory_iterator(); entry.increment(error)) {
    const std::string extension = entry->path().extension().string();
    const bool is_table = extension == ".sst" || extension == ".blob";
    (is_table ? files.tables : files.others).push_back(entry->path().filename().string());
  }
  if (error)
    return fail(ErrorCode::io, fmt::format("the checkpoint in {} cannot be listed: {}; check the disk",
                                           checkpoint.string(), error.message()));
  std::sort(files.tables.begin(), files.tables.end());
  std::sort(files.others.begin(), files.others.end());
  return files;
}

// One copy() of one checkpoint.
class CheckpointCopy {
 public:
  CheckpointCopy(const ShardBackupOptions& options, const ShardCheckpoints& to, std::string writer,
                 const std::atomic<bool>& stopping, TableDigests& digests)
      : options_(options), to_(to), writer_(std::move(writer)), stopping_(stopping), digests_(digests) {}

  Result<BackupOutcome> run(CommitSequence sequence, Timestamp made_at);

 private:
  Result<bool> look_at_backup();
  Result<> copy_all(const std::vector<std::string>& names);
  Result<InventoryFile> bring(const std::string& name);
  Result<std::optional<FileDigest>> digest_to_compare(const std::string& name) const;
  Result<InventoryFile> copy(const std::string& name);
  Result<std::string> place();
  Result<bool> make_whole(const std::string& placed);
  fs::path files() const { return to_.files_directory(); }
  fs::path temporary(const std::string& name) const {
    return files() / fmt::format("{}-{}.partial", name, writer_);
  }

  const ShardBackupOptions& options_;
  const ShardCheckpoints& to_;
  const std::string writer_;
  const std::atomic<bool>& stopping_;
  TableDigests& digests_;
  Inventory inventory_;
  BackupOutcome outcome_;
  // As found at the beginning.
  std::map<std::string, FileDigest>
      newest_;  // what the newest inventory lists and is there, by name in the store
};

// False: newer checkpoints are there than may be kept beside this one.
Result<bool> CheckpointCopy::look_at_backup() {
  SLIPSTREAM_ASSIGN(const ShardCheckpoints::Contents contents, to_.read());
  SLIPSTREAM_ASSIGN(const StoredFiles stored, to_.stored_files());
  const auto newer =
      std::count_if(contents.checkpoints.begin(), contents.checkpoints.end(), [&](const auto& each) {
        return each.inventory.sequence > inventory_.sequence && !lack_of(each.inventory, stored);
      });
  if (newer >= options_.keep) return false;
  if (contents.checkpoints.empty()) return true;
  for (const InventoryFile& file : contents.checkpoints.front().inventory.files)
    if (is_stored(file, stored)) newest_.emplace(file.name, file.digest);
  return true;
}

// What tells whether the newest inventory lists this very file; nullopt: it lists nothing like it.
Result<std::optional<FileDigest>> CheckpointCopy::digest_to_compare(const std::string& name) const {
  const fs::path file = options_.checkpoint / name;
  const auto listed = newest_.find(name);
  std::error_code error;
  if (listed == newest_.end() || fs::file_size(file, error) != listed->second.bytes) return std::nullopt;
  if (const auto known = digests_.find(file)) return known;
  SLIPSTREAM_ASSIGN(const FileDigest digest, digest_of(file));
  return digest;
}

Result<InventoryFile> CheckpointCopy::bring(const std::string& name) {
  SLIPSTREAM_ASSIGN(const std::optional<FileDigest> digest, digest_to_compare(name));
  InventoryFile file{name, {}};
  if (digest && *digest == newest_.at(name)) {
    file.digest = *digest;
  } else {
    SLIPSTREAM_ASSIGN(file, copy(name));
  }
  return file;
}

Result<InventoryFile> CheckpointCopy::copy(const std::string& name) {
  const fs::path partial = temporary(name);
  const auto copied = copy_durably(options_.checkpoint / name, partial);
  if (!copied) {
    SLIPSTREAM_TRY(remove_file(partial));  // a full volume has use for its room
    return tl::unexpected(copied.error().error);
  }
  const InventoryFile file{name, *copied};
  SLIPSTREAM_TRY(rename_path(partial, files() / file.stored_name()));
  outcome_.bytes_copied += copied->bytes;
  ++outcome_.files_copied;
  return file;
}

Result<> CheckpointCopy::copy_all(const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    if (stopping_.load()) return {};
    SLIPSTREAM_ASSIGN(InventoryFile file, bring(name));
    inventory_.files.push_back(std::move(file));
  }
  return sync_directory(files());
}

Result<std::string> CheckpointCopy::place() {
  const InventoryText written = encode_inventory(inventory_);
  const fs::path partial = temporary(written.name);
  if (const auto put = write_durably(partial, written.text); !put) {
    SLIPSTREAM_TRY(remove_file(partial));
    return tl::unexpected(put.error());
  }
  SLIPSTREAM_TRY(rename_path(partial, to_.directory() / written.name));
  SLIPSTREAM_TRY(sync_directory(to_.directory()));
  return written.name;
}

// Copies again what another writer has removed before it could see our inventory. False: by now it has newer
// checkpoints and has removed the inventory as well.
Result<bool> CheckpointCopy::make_whole(const std::string& placed) {
  const fs::path path = to_.directory() / placed;
  // One who began to remove before the inventory was there may remove each file once, after another; whoever begins
  // later sees it.
  const std::size_t attempts_max = inventory_.files.size() + 2;
  for (std::size_t attempt = 0; attempt < attempts_max; ++attempt) {
    SLIPSTREAM_ASSIGN(const StoredFiles stored, to_.stored_files());
    if (!lack_of(inventory_, stored)) return true;
    std::error_code error;
    if (!fs::exists(path, error)) return false;
    for (const InventoryFile& file : inventory_.files)
      if (!is_stored(file, stored)) SLIPSTREAM_TRY(copy(file.name));
    SLIPSTREAM_TRY(sync_directory(files()));
  }
  return fail(ErrorCode::io,
              fmt::format("files of the checkpoint {} vanish as they are copied; see to it that nothing else "
                          "removes files there",
                          path.string()));
}

Result<BackupOutcome> CheckpointCopy::run(CommitSequence sequence, Timestamp made_at) {
  inventory_ = {options_.state_version, options_.shard, sequence, made_at, {}};
  outcome_.sequence = sequence;
  SLIPSTREAM_ASSIGN(const bool wanted, look_at_backup());
  if (!wanted) {
    outcome_.end = BackupOutcome::End::superseded;
    return outcome_;
  }
  SLIPSTREAM_TRY(create_directories_durably(files()));
  SLIPSTREAM_ASSIGN(const CheckpointFiles names, files_in(options_.checkpoint));
  SLIPSTREAM_TRY(copy_all(names.tables));
  digests_.replace(options_.checkpoint, inventory_.files);
  crash_point("checkpoint.copied");
  SLIPSTREAM_TRY(copy_all(names.others));
  if (inventory_.files.size() < names.tables.size() + names.others.size()) {
    outcome_.end = BackupOutcome::End::stopped;
    return outcome_;
  }
  outcome_.bytes = inventory_.bytes();
  SLIPSTREAM_ASSIGN(const std::string placed, place());
  crash_point("checkpoint.listed");
  SLIPSTREAM_ASSIGN(const bool still_listed, make_whole(placed));
  if (!still_listed) {
    outcome_.end = BackupOutcome::End::superseded;
    return outcome_;
  }
  SLIPSTREAM_TRY(prune(to_, options_.keep, placed));
  return outcome_;
}

}  // namespace

std::optional<FileDigest> TableDigests::find(const fs::path& table) const {
  const auto known = known_.find(table.filename().string());
  struct ::stat now{};
  if (known == known_.end() || ::stat(table.c_str(), &now) != 0) return std::nullopt;
  const auto& [inode, modified, digest] = known->second;
  const bool same = now.st_ino == inode && modified_ns(now) == modified &&
                    static_cast<std::uint64_t>(now.st_size) == digest.bytes;
  return same ? std::optional(digest) : std::nullopt;
}

void TableDigests::replace(const fs::path& checkpoint, const std::vector<InventoryFile>& tables) {
  known_.clear();
  for (const InventoryFile& table : tables) {
    struct ::stat now{};
    if (::stat((checkpoint / table.name).c_str(), &now) != 0) continue;
    known_[table.name] = {now.st_ino, modified_ns(now), table.digest};
  }
}

ShardBackup::ShardBackup(ShardBackupOptions options)
    : options_(std::move(options)),
      checkpoints_(options_.backup, options_.state_version, options_.shard),
      writer_(random_name()) {
  SLIPSTREAM_INVARIANT(options_.keep >= 1, fmt::format("keep {}", options_.keep));
}

ShardBackup::~ShardBackup() {
  // One that was never copied holds the disk space of all its tables.
  if (!busy()) return;
  std::error_code ignored;
  fs::remove_all(options_.checkpoint, ignored);
}

Result<> ShardBackup::begin(const RocksdbStore& store, CommitSequence sequence) {
  SLIPSTREAM_INVARIANT(!busy(), options_.checkpoint.string());
  crash_point("checkpoint.begin");
  SLIPSTREAM_TRY(remove_directory(options_.checkpoint));
  sequence_ = sequence;
  made_at_ = system_now();
  if (const auto made = store.checkpoint(options_.checkpoint); !made) {
    SLIPSTREAM_TRY(remove_directory(options_.checkpoint));
    return made;
  }
  crash_point("checkpoint.made");
  busy_.store(true);
  return {};
}

Result<BackupOutcome> ShardBackup::copy() {
  SLIPSTREAM_INVARIANT(busy(), options_.checkpoint.string());
  auto outcome =
      CheckpointCopy(options_, checkpoints_, writer_, stopping_, digests_).run(sequence_, made_at_);
  const auto removed = remove_directory(options_.checkpoint);
  busy_.store(false);
  SLIPSTREAM_TRY(outcome);
  SLIPSTREAM_TRY(removed);
  return outcome;
}

}  // namespace slipstream
