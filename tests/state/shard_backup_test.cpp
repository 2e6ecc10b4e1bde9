// What a shard's backup holds after copies, stops, failures, and beside another writer.
#include "engine/state/shard_backup.h"

#include <signal.h>
#include <sys/resource.h>

#include <chrono>
#include <numeric>
#include <thread>

#include "tests/state/backup_fixture.h"

namespace slipstream {
namespace {

namespace fs = std::filesystem;
using End = BackupOutcome::End;

using ShardBackupTest = BackupFixture;

// A limit on the size of files, as a full volume has one on all of them.
class SmallVolume {
 public:
  explicit SmallVolume(rlim_t bytes) : handler_(::signal(SIGXFSZ, SIG_IGN)) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit small{bytes, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &small);
  }
  ~SmallVolume() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    ::signal(SIGXFSZ, handler_);
  }
  SmallVolume(const SmallVolume&) = delete;
  SmallVolume& operator=(const SmallVolume&) = delete;

 private:
  void (*handler_)(int);
  rlimit before_{};
};

TEST_F(ShardBackupTest, WhatIsRestoredIsTheMomentOfTheCheckpoint) {
  const auto store = open();
  for (std::uint64_t sequence = 1; sequence <= 5; ++sequence)
    commit(*store, sequence);
  const Contents then = contents_of(*store);
  ShardBackup writer(options());
  ASSERT_TRUE(writer.begin(*store, CommitSequence(5)));
  EXPECT_TRUE(writer.busy());
  commit(*store, 6);
  const auto outcome = writer.copy();
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_FALSE(writer.busy());
  EXPECT_FALSE(fs::exists(path("state.checkpoint")));
  const auto restored = restore("restored");
  ASSERT_TRUE(restored) << restored.error().message;
  EXPECT_EQ(restored->sequence, CommitSequence(5));
  EXPECT_EQ(restored->bytes, outcome->bytes);
  EXPECT_TRUE(restored->passed_over.empty());
  EXPECT_EQ(contents_of(*open("restored")), then);
  EXPECT_NE(contents_of(*store), then);
}

TEST_F(ShardBackupTest, TablesThatAreThereAreNotCopiedAgain) {
  const auto store = open();
  ShardBackup writer(options());
  for (std::uint64_t sequence = 1; sequence <= 20; ++sequence)
    commit(*store, sequence);
  const BackupOutcome whole = back_up(writer, *store, 20);
  EXPECT_EQ(whole.bytes_copied, whole.bytes);
  EXPECT_GT(whole.bytes, 20U * 19'200);
  const auto expect_little = [&](ShardBackup& by, std::uint64_t sequence) {
    const auto before = stored_names();
    commit(*store, sequence);
    const BackupOutcome second = back_up(by, *store, sequence);
    EXPECT_GT(second.bytes, whole.bytes);
    std::uint64_t bytes = 0;
    const Inventory inventory = kept().at(0).inventory;
    for (const InventoryFile& file : inventory.files)
      if (!before.contains(file.stored_name())) bytes += file.digest.bytes;
    EXPECT_EQ(second.bytes_copied, bytes);
    EXPECT_LT(second.bytes_copied, 120'000U);
  };
  expect_little(writer, 21);
  ShardBackup after_restart(options());
  expect_little(after_restart, 22);
}

TEST_F(ShardBackupTest, ARestoredStoreGoesOnWithoutCopyingItsTablesAgain) {
  {
    const auto store = open();
    ShardBackup writer(options());
    for (std::uint64_t sequence = 1; sequence <= 20; ++sequence)
      commit(*store, sequence);
    back_up(writer, *store, 20);
  }
  ASSERT_TRUE(restore("moved"));
  const auto moved = open("moved");
  ShardBackup writer(options("moved"));
  commit(*moved, 21);
  const BackupOutcome outcome = back_up(writer, *moved, 21);
  EXPECT_LT(outcome.bytes_copied, 120'000U);
  EXPECT_GT(outcome.bytes, 20U * 19'200);
  expect_restores("again", 21);
}

TEST_F(ShardBackupTest, AsManyAreKeptAsAskedForAndNoFileBesideTheirs) {
  const auto store = open();
  ShardBackup writer(options("state", 3));
  commit_and_back_up(writer, *store, 1, 12);  // RocksDB merges tables meanwhile, so old ones go
  ASSERT_EQ(kept().size(), 3U);
  EXPECT_EQ(kept()[0].inventory.sequence, CommitSequence(12));
  EXPECT_EQ(kept()[2].inventory.sequence, CommitSequence(10));
  EXPECT_EQ(stored_names(), listed_names());
  ShardBackup fewer(options("state", 1));
  commit_and_back_up(fewer, *store, 13, 13);
  EXPECT_EQ(kept().size(), 1U);
  EXPECT_EQ(stored_names(), listed_names());
  expect_restores("restored", 13);
}

TEST_F(ShardBackupTest, StoppedItListsNothing) {
  const auto store = open();
  commit(*store, 1);
  ShardBackup writer(options());
  ASSERT_TRUE(writer.begin(*store, CommitSequence(1)));
  writer.stop();
  const auto outcome = writer.copy();
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_EQ(outcome->end, End::stopped);
  EXPECT_FALSE(fs::exists(path("state.checkpoint")));
  EXPECT_EQ(restore("restored").error().code, ErrorCode::not_found);
}

TEST_F(ShardBackupTest, OneThatIsNeverCopiedLeavesNothingBehind) {
  const auto store = open();
  commit(*store, 1);
  {
    ShardBackup writer(options());
    ASSERT_TRUE(writer.begin(*store, CommitSequence(1)));
    ASSERT_TRUE(fs::exists(path("state.checkpoint")));
  }
  EXPECT_FALSE(fs::exists(path("state.checkpoint")));
}

TEST_F(ShardBackupTest, AFullVolumeIsToldWithTheFileAndTheCheckpointBeforeStays) {
  auto store = open();
  ShardBackup writer(options());
  commit_and_back_up(writer, *store, 1, 1);
  for (std::uint64_t sequence = 2; sequence <= 10; ++sequence)
    commit(*store, sequence);
  ASSERT_TRUE(writer.begin(*store, CommitSequence(10)));
  store.reset();  // the limit is on the store's writes, too
  {
    const SmallVolume small(50'000);
    const auto copied = writer.copy();
    ASSERT_FALSE(copied);
    EXPECT_EQ(copied.error().code, ErrorCode::disk_full);
    EXPECT_THAT(copied.error().message, testing::HasSubstr((checkpoints().files_directory() / "").string()));
    const auto restored = restore("too-large");
    EXPECT_TRUE(restored) << "the first is smaller than the limit: " << restored.error().message;
  }
  for (const std::string& name : stored_names())
    EXPECT_FALSE(name.ends_with(".partial")) << "takes room that is needed: " << name;
  EXPECT_TRUE(verify().sound());
  EXPECT_FALSE(fs::exists(path("state.checkpoint")));
  expect_restores("restored", 1);
  store = open();
  EXPECT_EQ(back_up(writer, *store, 10).end, End::kept);
  {
    const SmallVolume small(50'000);
    const auto restored = restore("larger");
    ASSERT_FALSE(restored);
    EXPECT_EQ(restored.error().code, ErrorCode::disk_full);
    EXPECT_THAT(restored.error().message, testing::HasSubstr(path("larger.partial").string()));
    EXPECT_FALSE(fs::exists(path("larger")));
    EXPECT_FALSE(fs::exists(path("larger.partial")));
  }
}

TEST_F(ShardBackupTest, ADirectoryThatCannotBeWrittenIsNamed) {
  const auto store = open();
  commit(*store, 1);
  std::ofstream(backup() / kVersion) << "a file where the directory should be";
  ShardBackup writer(options());
  ASSERT_TRUE(writer.begin(*store, CommitSequence(1)));
  const auto copied = writer.copy();
  ASSERT_FALSE(copied);
  EXPECT_EQ(copied.error().code, ErrorCode::io);
  EXPECT_THAT(copied.error().message, testing::HasSubstr((backup() / kVersion).string()));
  EXPECT_FALSE(writer.busy());
}

TEST_F(ShardBackupTest, ABackupDirectoryThatIsNotMountedIsNotCreated) {
  const auto store = open();
  commit(*store, 1);
  fs::remove(backup());
  ShardBackup writer(options());
  ASSERT_TRUE(writer.begin(*store, CommitSequence(1)));
  const auto copied = writer.copy();
  ASSERT_FALSE(copied);
  EXPECT_EQ(copied.error().code, ErrorCode::not_found);
  EXPECT_THAT(copied.error().message, testing::HasSubstr(backup().string()));
  EXPECT_FALSE(fs::exists(backup()));
  EXPECT_EQ(checkpoints().newest().error().code, ErrorCode::not_found);
  EXPECT_EQ(restore("restored").error().code, ErrorCode::not_found);
}

// Tables of one number, and of different bytes.
TEST_F(ShardBackupTest, WritersOfDifferentHistoriesDoNotMixTheirFiles) {
  const auto one = open("one");
  const auto other = open("other");
  ShardBackup writer_of_one(options("one"));
  ShardBackup writer_of_other(options("other"));
  commit(*one, 1);
  commit(*other, 2);
  back_up(writer_of_one, *one, 1);
  back_up(writer_of_other, *other, 2);
  EXPECT_TRUE(verify().findings.empty());
  expect_restores("newer", 2);
  fs::remove(checkpoints().directory() / kept().at(0).inventory_name);
  expect_restores("older", 1);
}

TEST_F(ShardBackupTest, AWriterThatIsBehindCopiesNothingAndRemovesNothing) {
  const auto behind = open("behind");
  commit(*behind, 1);
  ShardBackup late(options("behind"));
  ASSERT_TRUE(late.begin(*behind, CommitSequence(1)));
  const auto store = open();
  ShardBackup writer(options());
  commit_and_back_up(writer, *store, 2, 3);
  const auto before = stored_names();
  const auto outcome = late.copy();
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->end, End::superseded);
  EXPECT_EQ(outcome->files_copied, 0U);
  EXPECT_EQ(stored_names(), before);
  EXPECT_EQ(checkpoints().newest().value()->sequence, CommitSequence(3));
}

TEST_F(ShardBackupTest, WhatAnotherHasCopiedAndNotYetListedStaysForADay) {
  const auto store = open();
  ShardBackup writer(options());
  commit_and_back_up(writer, *store, 1, 1);
  const auto fresh = checkpoints().files_directory() / "000099.sst-1-0123456789abcdef0123456789abcdef";
  const auto old = checkpoints().files_directory() / "000098.sst-0123.partial";
  for (const auto& file : {fresh, old})
    std::ofstream(file) << "x";
  fs::last_write_time(old, fs::last_write_time(fresh) - std::chrono::hours(25));
  commit_and_back_up(writer, *store, 2, 2);
  EXPECT_TRUE(fs::exists(fresh));
  EXPECT_FALSE(fs::exists(old));
}

TEST_F(ShardBackupTest, WhatAnotherHasRemovedIsCopiedAgain) {
  const auto store = open();
  ShardBackup writer(options());
  for (std::uint64_t sequence = 1; sequence <= 3; ++sequence) {
    commit(*store, sequence);
    ASSERT_TRUE(store->flush());
  }
  back_up(writer, *store, 3);
  const std::string table = kept().at(0).inventory.files.at(0).stored_name();
  ASSERT_THAT(table, testing::HasSubstr(".sst-"));
  fs::remove(checkpoints().files_directory() / table);
  commit_and_back_up(writer, *store, 4, 4);
  EXPECT_TRUE(stored_names().contains(table));
  EXPECT_TRUE(verify().findings.empty());
}

// Another writer that removes a file between its copying and the inventory.
TEST_F(ShardBackupTest, WhatVanishesDuringTheCopyIsCopiedAgain) {
  const auto store = open();
  for (std::uint64_t sequence = 1; sequence <= 10; ++sequence) {
    commit(*store, sequence);
    ASSERT_TRUE(store->flush());
  }
  ShardBackup writer(options());
  ASSERT_TRUE(writer.begin(*store, CommitSequence(10)));
  std::atomic<bool> removed = false;
  std::thread other([&] {
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!removed.load() && std::chrono::steady_clock::now() < until) {
      const auto stored = checkpoints().stored_files();
      for (const auto& [name, file] : *stored)
        if (!name.ends_with(".partial"))
          removed = removed || fs::remove(checkpoints().files_directory() / name);
    }
  });
  const auto outcome = writer.copy();
  other.join();
  ASSERT_TRUE(removed.load());
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_TRUE(verify().findings.empty());
  expect_restores("restored", 10);
}

// What was the newest when the restore began is gone before it has copied it.
TEST_F(ShardBackupTest, ARestoreBesideABusyWriterTakesWhatIsThereByThen) {
  const auto store = open();
  ShardBackup writer(options("state", 1));
  commit_and_back_up(writer, *store, 1, 1);
  std::atomic<bool> done = false;
  std::atomic<int> rounds = 0;
  std::thread busy([&] {
    for (std::uint64_t sequence = 2; sequence <= 16; ++sequence) {
      commit_and_back_up(writer, *store, sequence, sequence);
      for (const int before = rounds.load(); rounds.load() == before;)
        std::this_thread::yield();  // no restore is overtaken more often than it tries
    }
    done = true;
  });
  for (int round = 0; !done.load(); rounds = ++round) {
    const auto restored = restore("restored-" + std::to_string(round));
    EXPECT_TRUE(restored) << restored.error().message;
    if (restored) {
      EXPECT_THAT(restored->passed_over, testing::IsEmpty());
    }
  }
  busy.join();
}

TEST_F(ShardBackupTest, TwoThatBothBelieveTheyRunTheShardLeaveItRestorable) {
  const auto run = [this](const std::string& name) {
    const auto store = open(name);
    ShardBackup writer(options(name));
    for (std::uint64_t sequence = 1; sequence <= 25; ++sequence) {
      commit(*store, sequence);
      ASSERT_TRUE(writer.begin(*store, CommitSequence(sequence)));
      const auto outcome = writer.copy();
      ASSERT_TRUE(outcome) << outcome.error().message;
    }
  };
  {
    const auto store = open();
    ShardBackup writer(options());
    commit_and_back_up(writer, *store, 1, 1);
  }
  std::thread one(run, "one");
  std::thread other(run, "other");
  for (int round = 0; round < 5; ++round) {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    const auto restored = restore("during-" + std::to_string(round));
    EXPECT_TRUE(restored) << restored.error().message;
  }
  one.join();
  other.join();
  EXPECT_TRUE(verify().sound());
  EXPECT_EQ(kept().size(), 2U);
  expect_restores("restored", 25);
}

}  // namespace
}  // namespace slipstream
