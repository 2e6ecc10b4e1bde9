// `slipstream backup` shows what the backup directory holds, and finds what is damaged.
#include "engine/state/shard_backup.h"
#include "tests/app/command_fixture.h"

namespace slipstream {
namespace {

namespace fs = std::filesystem;

class BackupCommandTest : public CommandTest {
 protected:
  void make_checkpoints(std::uint64_t last) const {
    fs::create_directories(path("backup"));
    const auto store = open_rocksdb_store(path("state"));
    ASSERT_TRUE(store);
    ShardBackup writer({path("backup"), "0123456789abcdef", Partition(3), path("checkpoint"), 2});
    for (std::uint64_t sequence = 1; sequence <= last; ++sequence) {
      ASSERT_TRUE((*store)->apply({{Family::meta, "last", std::to_string(sequence)}}, false));
      ASSERT_TRUE(writer.begin(**store, CommitSequence(sequence)));
      ASSERT_TRUE(writer.copy());
    }
  }
  ShardCheckpoints checkpoints() const { return {path("backup"), "0123456789abcdef", Partition(3)}; }
  fs::path file_of_newest(const std::string& begin) const {
    const auto contents = checkpoints().read();
    for (const InventoryFile& file : contents->checkpoints.at(0).inventory.files)
      if (file.name.starts_with(begin)) return checkpoints().files_directory() / file.stored_name();
    return {};
  }
};

TEST_F(BackupCommandTest, ListShowsEveryCheckpointAndWhatItLacks) {
  make_checkpoints(3);
  auto rows = json("backup list --set backup=backup").at("checkpoints").as_array();
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[0].at("version"), "0123456789abcdef");
  EXPECT_EQ(rows[0].at("shard"), 3);
  EXPECT_EQ(rows[0].at("commit"), 3);
  EXPECT_EQ(rows[1].at("commit"), 2);
  EXPECT_GT(rows[0].at("files").as_int64(), 3);
  EXPECT_GT(rows[0].at("bytes").as_int64(), 100);
  EXPECT_TRUE(rows[0].at("problem").is_null());
  fs::remove(file_of_newest("MANIFEST"));
  fs::resize_file(checkpoints().directory() / checkpoints().read()->checkpoints.at(1).inventory_name, 5);
  rows = json("backup list --set backup=backup").at("checkpoints").as_array();
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_NE(text(rows[0].at("problem")).find("MANIFEST"), std::string::npos);
  EXPECT_EQ(rows[1].at("commit"), 2);
  EXPECT_NE(text(rows[1].at("problem")).find("damaged"), std::string::npos);
  EXPECT_TRUE(rows[1].at("bytes").is_null());
}

TEST_F(BackupCommandTest, VerifyEndsWithOneWhenSomethingIsDamagedAndNamesIt) {
  make_checkpoints(2);
  const auto sound = json("backup verify --set backup=backup");
  EXPECT_EQ(sound.at("shards"), 1);
  EXPECT_EQ(sound.at("checkpoints"), 2);
  EXPECT_EQ(sound.at("sound"), true);
  EXPECT_TRUE(sound.at("findings").as_array().empty());
  const fs::path file = file_of_newest("CURRENT");
  write(fs::relative(file, directory()).string(), "MANIFEST-999999\n");
  const auto damaged = json("backup verify --set backup=backup", 1);
  EXPECT_EQ(damaged.at("sound"), false);
  const auto& findings = damaged.at("findings").as_array();
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].at("finding"), "damaged");
  EXPECT_NE(text(findings[0].at("file")).find(file.filename().string()), std::string::npos);
}

TEST_F(BackupCommandTest, WithoutADirectoryItSaysWhatToDo) {
  for (const char* command : {"backup list", "backup verify"}) {
    const Ran unset = run(command);
    EXPECT_EQ(unset.code, 2) << command;
    EXPECT_NE(unset.err.find("--set backup="), std::string::npos) << unset.err;
    const Ran away = run(std::string(command) + " --set backup=nowhere");
    EXPECT_EQ(away.code, 69) << command;
    EXPECT_NE(away.err.find("nowhere"), std::string::npos) << away.err;
  }
}

}  // namespace
}  // namespace slipstream
