// Damage to a backup is found by verification, and passed over by a restore, which says so.
#include <fstream>
#include <functional>

#include "tests/state/backup_fixture.h"

namespace slipstream {
namespace {

namespace fs = std::filesystem;
using Kind = BackupFinding::Kind;

void flip_bit(const fs::path& file) {
  std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
  const auto middle = static_cast<std::streamoff>(fs::file_size(file) / 2);
  stream.seekg(middle);
  const int byte = stream.get();
  stream.seekp(middle);
  stream.put(static_cast<char>(byte ^ 4));
}
void cut_off(const fs::path& file) { fs::resize_file(file, fs::file_size(file) - 1); }
void take_away(const fs::path& file) { fs::remove(file); }
void replace_by_directory(const fs::path& file) {
  fs::remove(file);
  fs::create_directory(file);
}

struct Damage {
  std::string name;
  std::function<void(const fs::path&)> inflict;
  std::string file;  // begins the name of the file of the store; "": the inventory
  std::optional<Kind> kind;
  bool newest_sees = true;  // without reading files
};

class DamagedBackupTest : public BackupFixture {
 protected:
  DamagedBackupTest() {
    const auto store = open();
    ShardBackup writer(options());
    commit_and_back_up(writer, *store, 1, 2);
  }

  // A file that only the newest checkpoint has; for "" its inventory.
  fs::path file_of_newest(const std::string& begin) const {
    const auto read = kept();
    if (begin.empty()) return checkpoints().directory() / read.at(0).inventory_name;
    const auto& older = read.at(1).inventory.files;
    for (const InventoryFile& file : read.at(0).inventory.files)
      if (file.name.find(begin) != std::string::npos &&
          std::find(older.begin(), older.end(), file) == older.end())
        return checkpoints().files_directory() / file.stored_name();
    ADD_FAILURE() << begin;
    return {};
  }
};

class DamageTest : public DamagedBackupTest, public testing::WithParamInterface<Damage> {};

TEST_P(DamageTest, IsFoundAndTheCheckpointBeforeIsTaken) {
  const Damage& damage = GetParam();
  const fs::path file = file_of_newest(damage.file);
  damage.inflict(file);
  const BackupVerification verification = verify();
  std::vector<BackupFinding> grave;
  for (const BackupFinding& finding : verification.findings)
    if (finding.kind != Kind::unlisted) grave.push_back(finding);
  EXPECT_EQ(verification.sound(), !damage.kind);
  if (damage.kind) {
    ASSERT_EQ(grave.size(), 1U);
    EXPECT_EQ(grave[0].kind, *damage.kind);
    EXPECT_EQ(grave[0].path, file);
  }
  const auto newest = checkpoints().newest();
  ASSERT_TRUE(newest && *newest);
  EXPECT_EQ((*newest)->sequence, CommitSequence(damage.newest_sees ? 1 : 2));
  const auto restored = restore("restored");
  ASSERT_TRUE(restored) << restored.error().message;
  EXPECT_EQ(restored->sequence, CommitSequence(1));
  ASSERT_EQ(restored->passed_over.size(), damage.kind ? 1U : 0U);
  if (damage.kind) {
    EXPECT_THAT(restored->passed_over[0], testing::HasSubstr(file.filename().string()));
  }
  EXPECT_EQ(contents_of(*open("restored")).at("meta/last"), "1");
}

INSTANTIATE_TEST_SUITE_P(
    Kinds, DamageTest,
    testing::Values(Damage{"FlippedTable", flip_bit, ".sst", Kind::damaged, false},
                    Damage{"CutTable", cut_off, ".sst", Kind::damaged},
                    Damage{"MissingTable", take_away, ".sst", Kind::missing},
                    Damage{"UnreadableTable", replace_by_directory, ".sst", Kind::damaged},
                    Damage{"FlippedManifest", flip_bit, "MANIFEST", Kind::damaged, false},
                    Damage{"MissingManifest", take_away, "MANIFEST", Kind::missing},
                    Damage{"FlippedInventory", flip_bit, "", Kind::damaged},
                    Damage{"CutInventory", cut_off, "", Kind::damaged},
                    // then it is as if that checkpoint had never been
                    Damage{"MissingInventory", take_away, "", std::nullopt}),
    [](const auto& test) { return test.param.name; });

TEST_F(DamagedBackupTest, WhenAllAreDamagedEachIsNamed) {
  for (const auto& entry : fs::directory_iterator(checkpoints().files_directory()))
    if (entry.path().filename().string().starts_with("CURRENT")) flip_bit(entry.path());
  const auto restored = restore("restored");
  ASSERT_FALSE(restored);
  EXPECT_EQ(restored.error().code, ErrorCode::store_corrupt);
  for (const auto& checkpoint : kept())
    EXPECT_THAT(restored.error().message, testing::HasSubstr(checkpoint.inventory_name));
  EXPECT_FALSE(fs::exists(path("restored")));
  EXPECT_FALSE(fs::exists(path("restored.partial")));
}

TEST_F(DamagedBackupTest, AnInventoryOfAnotherShardIsNotTaken) {
  const ShardCheckpoints other(backup(), kVersion, Partition(4));
  fs::copy(checkpoints().directory(), other.directory(), fs::copy_options::recursive);
  const auto restored = other.restore_newest(path("restored"));
  ASSERT_FALSE(restored);
  EXPECT_EQ(restored.error().code, ErrorCode::store_corrupt);
  EXPECT_THAT(restored.error().message, testing::HasSubstr("shard 3"));
}

// While the newest is damaged, the one before it is worth as much as two.
TEST_F(DamagedBackupTest, DamagedCheckpointsDoNotPushOutWholeOnes) {
  fs::remove(file_of_newest("MANIFEST"));
  const auto store = open();
  ShardBackup writer(options());
  commit_and_back_up(writer, *store, 3, 3);
  EXPECT_EQ(kept().size(), 3U);
  for (const auto& [name, inventory] : kept())
    if (inventory.sequence == CommitSequence(3)) flip_bit(checkpoints().directory() / name);
  expect_restores("restored", 1);
  commit_and_back_up(writer, *store, 4, 6);
  EXPECT_EQ(kept().size(), 2U);
  EXPECT_TRUE(verify().sound());
}

TEST_F(DamagedBackupTest, WhatNothingListsIsReportedAndIsNoDamage) {
  const fs::path file = checkpoints().files_directory() / "000099.sst-abc.partial";
  std::ofstream(file) << "left by a crash";
  const BackupVerification verification = verify();
  EXPECT_TRUE(verification.sound());
  ASSERT_EQ(verification.findings.size(), 1U);
  EXPECT_EQ(verification.findings[0].kind, Kind::unlisted);
  EXPECT_EQ(verification.findings[0].path, file);
  EXPECT_EQ(verification.shards, 1U);
  EXPECT_EQ(verification.checkpoints, 2U);
  EXPECT_EQ(verification.files, listed_names().size());
}

TEST_F(DamagedBackupTest, NothingIsRestoredOverWhatIsThere) {
  fs::create_directory(path("target"));
  expect_restores("target", 2);
  const auto again = restore("target");
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, ErrorCode::already_exists);
  std::ofstream(path("file")) << "something";
  EXPECT_EQ(restore("file").error().code, ErrorCode::already_exists);
  EXPECT_TRUE(fs::is_regular_file(path("file")));
}

TEST_F(DamagedBackupTest, AVolumesOwnDirectoriesAreNoShards) {
  fs::create_directories(backup() / "lost+found");
  fs::create_directories(backup() / "other" / "shard-x");
  std::ofstream(backup() / "README") << "about this volume";
  const auto shards = shards_in(backup());
  ASSERT_TRUE(shards);
  ASSERT_EQ(shards->size(), 1U);
  EXPECT_EQ(shards->front().state_version(), kVersion);
  EXPECT_EQ(shards->front().shard(), kShard);
}

}  // namespace
}  // namespace slipstream
