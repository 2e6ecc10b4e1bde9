// A shard's store, a backup directory, and what the tests do with them.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "engine/state/backup.h"
#include "engine/state/backup_verification.h"
#include "engine/state/shard_backup.h"
#include "tests/log/temporary_directory.h"

namespace slipstream {

class BackupFixture : public testing::Test {
 protected:
  using Contents = std::map<std::string, std::string>;

  BackupFixture() { std::filesystem::create_directory(backup()); }

  std::filesystem::path path(const std::string& name) const { return temporary_.path() / name; }
  std::filesystem::path backup() const { return path("backup"); }
  ShardCheckpoints checkpoints() const { return {backup(), kVersion, kShard}; }

  std::unique_ptr<RocksdbStore> open(const std::string& name = "state") const {
    auto opened = open_rocksdb_store(path(name));
    EXPECT_TRUE(opened) << opened.error().message;
    return opened ? std::move(*opened) : nullptr;
  }

  ShardBackupOptions options(const std::string& store = "state", int keep = 2) const {
    return {backup(), kVersion, kShard, path(store + ".checkpoint"), keep};
  }

  // Each commit writes 200 rows of its own, 20 kB that do not compress, and its number.
  static void commit(Store& store, std::uint64_t sequence) {
    StateBatch batch;
    std::uint64_t state = sequence * 2 + 1;
    for (int row = 0; row < 200; ++row) {
      std::string value;
      for (int i = 0; i < 12; ++i) {
        state = state * 6364136223846793005 + 1442695040888963407;
        value.append(reinterpret_cast<const char*>(&state), sizeof state);
      }
      const std::string key = std::to_string(sequence) + "-" + std::to_string(row);
      batch.push_back({Family::rows, key, value});
    }
    const std::string last = std::to_string(sequence);
    batch.push_back({Family::meta, "last", last});
    ASSERT_TRUE(store.apply(batch, false));
  }

  static Contents contents_of(const StateReader& store) {
    Contents contents;
    for (const Family family : {Family::rows, Family::meta})
      EXPECT_TRUE(store.scan(family, "", "", [&](auto key, auto value) {
        contents[std::string(name_of(family)) + "/" + std::string(key)] = value;
        return true;
      }));
    return contents;
  }

  static BackupOutcome back_up(ShardBackup& writer, const RocksdbStore& store, std::uint64_t sequence) {
    const auto begun = writer.begin(store, CommitSequence(sequence));
    EXPECT_TRUE(begun) << begun.error().message;
    const auto outcome = writer.copy();
    EXPECT_TRUE(outcome) << outcome.error().message;
    return outcome ? *outcome : BackupOutcome{};
  }

  // One commit and a checkpoint after it, for each number.
  void commit_and_back_up(ShardBackup& writer, RocksdbStore& store, std::uint64_t from,
                          std::uint64_t to) const {
    for (auto sequence = from; sequence <= to; ++sequence) {
      commit(store, sequence);
      EXPECT_EQ(back_up(writer, store, sequence).end, BackupOutcome::End::kept);
    }
  }

  Result<FoundCheckpoint> restore(const std::string& to) const {
    return checkpoints().restore_newest(path(to));
  }

  // The store that a restore gives, of this commit.
  void expect_restores(const std::string& to, std::uint64_t sequence) const {
    const auto restored = restore(to);
    ASSERT_TRUE(restored) << restored.error().message;
    EXPECT_EQ(restored->sequence, CommitSequence(sequence));
    EXPECT_EQ(contents_of(*open(to)).at("meta/last"), std::to_string(sequence));
    EXPECT_FALSE(std::filesystem::exists(path(to + ".partial")));
  }

  // Newest first.
  std::vector<BackedUpCheckpoint> kept() const {
    const auto read = checkpoints().read();
    EXPECT_TRUE(read) << read.error().message;
    return read ? read->checkpoints : std::vector<BackedUpCheckpoint>();
  }

  static std::set<std::string> names_in(const std::filesystem::path& directory) {
    std::set<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(directory))
      names.insert(entry.path().filename().string());
    return names;
  }
  std::set<std::string> stored_names() const { return names_in(checkpoints().files_directory()); }

  std::set<std::string> listed_names() const {
    std::set<std::string> names;
    for (const auto& checkpoint : kept())
      for (const auto& file : checkpoint.inventory.files)
        names.insert(file.stored_name());
    return names;
  }

  BackupVerification verify() const {
    const auto verified = verify_backup(backup(), [](const BackupVerification&) {});
    EXPECT_TRUE(verified) << verified.error().message;
    return verified ? *verified : BackupVerification{};
  }

  static inline const std::string kVersion = "0123456789abcdef";
  static constexpr Partition kShard{3};

 private:
  TemporaryDirectory temporary_;
};

}  // namespace slipstream
