#include "engine/state/backup.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "engine/base/crash_point.h"

namespace slipstream {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kShardPrefix = "shard-";
// How often the directory is read anew when all that it had is gone by the time it is tried.
constexpr int kAttempts = 10;

using Damage = Result<std::optional<std::string>>;

tl::unexpected<Error> unlisted(const fs::path& directory, const std::error_code& error) {
  return fail(ErrorCode::io, fmt::format("{} cannot be listed: {}; check its permissions and the volume",
                                         directory.string(), error.message()));
}

// Entries of a directory that others change meanwhile; none when it is not there.
template <class Visit>
Result<> visit_entries(const fs::path& directory, const Visit& visit) {
  std::error_code error;
  fs::directory_iterator entry(directory, error);
  for (; !error && entry != fs::directory_iterator(); entry.increment(error))
    visit(*entry);
  if (error && error != std::errc::no_such_file_or_directory) return unlisted(directory, error);
  return {};
}

Result<> check_mounted(const fs::path& backup) {
  std::error_code error;
  if (fs::is_directory(backup, error)) return {};
  return fail(ErrorCode::not_found,
              fmt::format("the backup directory {} is not there; create it, or mount the volume it is on",
                          backup.string()));
}

Result<> check_free(const fs::path& to) {
  std::error_code error;
  if (!fs::exists(to, error) && !error) return {};
  if (!error && fs::is_directory(to, error) && fs::is_empty(to, error)) return {};
  return fail(ErrorCode::already_exists,
              fmt::format("a checkpoint cannot be restored to {}: something is there; move it away first",
                          to.string()));
}

std::optional<Partition> shard_in_name(std::string_view name) {
  if (!name.starts_with(kShardPrefix)) return std::nullopt;
  name.remove_prefix(kShardPrefix.size());
  std::int32_t shard = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), shard);
  if (error != std::errc() || end != name.data() + name.size() || shard < 0) return std::nullopt;
  return Partition(shard);
}

// Copies all files of the checkpoint; says what is wrong with one that is damaged.
Damage copy_checkpoint(const Inventory& inventory, const fs::path& files, const fs::path& to) {
  SLIPSTREAM_TRY(remove_directory(to));
  SLIPSTREAM_TRY(create_directories_durably(to));
  for (const InventoryFile& file : inventory.files) {
    const fs::path stored = files / file.stored_name();
    const auto copied = copy_durably(stored, to / file.name);
    if (!copied && !copied.error().source) return tl::unexpected(copied.error().error);
    if (!copied) return copied.error().error.message;
    if (*copied != file.digest)
      return fmt::format("{} is damaged: it holds other bytes than were written", stored.string());
  }
  SLIPSTREAM_TRY(sync_directory(to));
  return std::nullopt;
}

}  // namespace

ShardCheckpoints::ShardCheckpoints(fs::path backup, std::string state_version, Partition shard)
    : backup_(std::move(backup)),
      state_version_(std::move(state_version)),
      shard_(shard),
      directory_(backup_ / state_version_ / fmt::format("{}{}", kShardPrefix, shard.value)) {}

Result<ShardCheckpoints::Contents> ShardCheckpoints::read() const {
  SLIPSTREAM_TRY(check_mounted(backup_));
  std::vector<std::string> names;
  SLIPSTREAM_TRY(visit_entries(directory_, [&](const fs::directory_entry& entry) {
    std::string name = entry.path().filename().string();
    if (sequence_in_name(name)) names.push_back(std::move(name));
  }));
  std::sort(names.rbegin(), names.rend());
  Contents contents;
  for (const std::string& name : names) {
    const fs::path path = directory_ / name;
    const auto text = read_file(path);
    if (!text && text.error().code == ErrorCode::not_found) continue;  // its writer has let it go
    SLIPSTREAM_TRY(text);
    auto inventory = decode_inventory({name, *text});
    std::string reason = inventory ? "" : inventory.error().message;
    if (inventory && (inventory->state_version != state_version_ || inventory->shard != shard_))
      reason = fmt::format("it is of shard {} in state version {}", inventory->shard.value,
                           inventory->state_version);
    if (reason.empty()) {
      contents.checkpoints.push_back({name, *std::move(inventory)});
    } else {
      contents.unreadable.push_back(
          {name, *sequence_in_name(name), fmt::format("{} is damaged: {}", path.string(), reason)});
    }
  }
  return contents;
}

Result<StoredFiles> ShardCheckpoints::stored_files() const {
  StoredFiles files;
  SLIPSTREAM_TRY(visit_entries(files_directory(), [&](const fs::directory_entry& entry) {
    std::error_code gone;
    const StoredFile file{entry.file_size(gone), entry.last_write_time(gone)};
    if (!gone) files.emplace(entry.path().filename().string(), file);
  }));
  return files;
}

// Tries checkpoints from the newest on; `damage_of` an inventory is nullopt when it is the one.
template <class DamageOf>
Result<ShardCheckpoints::Search> ShardCheckpoints::search(const DamageOf& damage_of) const {
  Search search;
  for (int attempt = 1; attempt <= kAttempts; ++attempt) {
    SLIPSTREAM_ASSIGN(const Contents contents, read());
    search.passed_over.clear();
    bool changed = false;
    for (const auto& [name, inventory] : contents.checkpoints) {
      SLIPSTREAM_ASSIGN(const std::optional<std::string> damage, damage_of(inventory));
      const fs::path path = directory_ / name;
      std::error_code error;
      if (!damage) {
        search.found = {inventory.sequence, inventory.made_at, inventory.bytes(), {}};
        break;
      }
      if (fs::exists(path, error) || attempt == kAttempts) {
        search.passed_over.push_back(fmt::format("{}: {}", path.string(), *damage));
      } else {
        changed = true;  // its writer has newer ones by now, and has let it go
      }
    }
    for (const UnreadableInventory& unreadable : contents.unreadable)
      if (!search.found || unreadable.sequence >= search.found->sequence)
        search.passed_over.push_back(unreadable.reason);
    if (search.found || !changed) break;
  }
  if (search.found) search.found->passed_over = search.passed_over;
  return search;
}

Result<std::optional<FoundCheckpoint>> ShardCheckpoints::newest() const {
  SLIPSTREAM_ASSIGN(Search search, this->search([this](const Inventory& inventory) -> Damage {
    SLIPSTREAM_ASSIGN(const StoredFiles stored, stored_files());
    return lack_of(inventory, stored);
  }));
  return std::move(search.found);
}

Result<FoundCheckpoint> ShardCheckpoints::restore_newest(const fs::path& to) const {
  SLIPSTREAM_TRY(check_free(to));
  crash_point("restore.begin");
  const fs::path partial = to.string() + ".partial";
  auto searched = search(
      [&](const Inventory& inventory) { return copy_checkpoint(inventory, files_directory(), partial); });
  if (!searched || !searched->found) SLIPSTREAM_TRY(remove_directory(partial));
  SLIPSTREAM_ASSIGN(Search search, std::move(searched));
  if (search.found) {
    crash_point("restore.copied");
    SLIPSTREAM_TRY(rename_path(partial, to));
    SLIPSTREAM_TRY(sync_directory(fs::absolute(to).parent_path()));
    crash_point("restore.done");
    return *std::move(search.found);
  }
  if (search.passed_over.empty())
    return fail(ErrorCode::not_found, fmt::format("there is no checkpoint in {}", directory_.string()));
  return fail(ErrorCode::store_corrupt,
              fmt::format("every checkpoint in {} is damaged, the state is rebuilt from the log: {}",
                          directory_.string(), fmt::join(search.passed_over, "; ")));
}

Result<std::vector<ShardCheckpoints>> shards_in(const fs::path& backup) {
  SLIPSTREAM_TRY(check_mounted(backup));
  std::vector<fs::path> versions;
  SLIPSTREAM_TRY(visit_entries(backup, [&](const fs::directory_entry& entry) {
    std::error_code gone;
    if (entry.is_directory(gone)) versions.push_back(entry.path());
  }));
  std::sort(versions.begin(), versions.end());
  std::vector<ShardCheckpoints> all;
  for (const fs::path& version : versions) {
    std::vector<Partition> shards;
    // A volume has directories of its own, e.g. lost+found, which not everybody may read.
    const auto visited = visit_entries(version, [&](const fs::directory_entry& entry) {
      if (const auto shard = shard_in_name(entry.path().filename().string())) shards.push_back(*shard);
    });
    if (!visited && version.filename() != "lost+found") return tl::unexpected(visited.error());
    std::sort(shards.begin(), shards.end());
    for (const Partition shard : shards)
      all.emplace_back(backup, version.filename().string(), shard);
  }
  return all;
}

bool is_stored(const InventoryFile& file, const StoredFiles& stored) {
  const auto there = stored.find(file.stored_name());
  return there != stored.end() && there->second.bytes == file.digest.bytes;
}

std::optional<std::string> lack_of(const Inventory& inventory, const StoredFiles& stored) {
  for (const InventoryFile& file : inventory.files) {
    if (is_stored(file, stored)) continue;
    return fmt::format("{} is {}", file.stored_name(),
                       stored.contains(file.stored_name()) ? "cut off" : "missing");
  }
  return std::nullopt;
}

}  // namespace slipstream
