// A process that is killed at any step of a backup or of a restore leaves nothing that is half there.
#include <stdlib.h>

#include <chrono>
#include <thread>

#include "tests/log/child_process.h"
#include "tests/state/backup_fixture.h"

namespace slipstream {
namespace {

namespace fs = std::filesystem;

class KilledBackupTest : public BackupFixture {
 protected:
  std::vector<std::string> command(const std::string& what, const std::string& state) const {
    return {BACKUP_PROCESS,    what,     path(state).string(),
            backup().string(), kVersion, std::to_string(kShard.value)};
  }

  std::uint64_t last_of(const std::string& state) const {
    return std::stoull(contents_of(*open(state)).at("meta/last"));
  }

  // What is in place after `acknowledged` has been: it can be restored and is its commit's state.
  void expect_restorable(const std::string& to, std::uint64_t acknowledged) const {
    EXPECT_TRUE(verify().sound());
    const auto restored = restore(to);
    ASSERT_TRUE(restored) << restored.error().message;
    EXPECT_GE(restored->sequence.value, acknowledged);
    EXPECT_TRUE(restored->passed_over.empty());
    EXPECT_EQ(last_of(to), restored->sequence.value);
  }
};

TEST_F(KilledBackupTest, AtAnyInstant) {
  std::uint64_t acknowledged = 0;
  for (int round = 0; round < 12; ++round) {
    ChildProcess writer(command("back-up", "state"));
    for (int i = 0; i < 2; ++i)
      acknowledged = writer.next_number().value_or(0);
    ASSERT_GT(acknowledged, 0U);
    std::this_thread::sleep_for(std::chrono::milliseconds(7 * round));
    writer.kill();
    while (const auto number = writer.next_number())
      acknowledged = *number;
    expect_restorable("restored-" + std::to_string(round), acknowledged);
  }
}

#ifdef SLIPSTREAM_CRASH_POINTS

// Runs until it is killed at the point, and returns the last number it acknowledged.
std::uint64_t run_until_killed(const std::vector<std::string>& command, const char* crash_at) {
  ::setenv("SLIPSTREAM_CRASH_AT", crash_at, 1);
  ChildProcess process(command);
  ::unsetenv("SLIPSTREAM_CRASH_AT");
  std::uint64_t acknowledged = 0;
  while (const auto number = process.next_number())
    acknowledged = *number;
  EXPECT_EQ(process.wait(), -1) << crash_at << " was not passed";
  return acknowledged;
}

struct BackupCrash {
  const char* point;
  std::uint64_t restored;  // the third backup is the one that is killed
};

class KilledBackupStepTest : public KilledBackupTest, public testing::WithParamInterface<BackupCrash> {};

TEST_P(KilledBackupStepTest, LeavesWholeCheckpointsAndTheNextCleansUp) {
  const std::uint64_t acknowledged =
      run_until_killed(command("back-up", "state"), (std::string(GetParam().point) + ":3").c_str());
  EXPECT_EQ(acknowledged, 2U);
  EXPECT_EQ(checkpoints().newest().value()->sequence.value, GetParam().restored);
  expect_restorable("restored", acknowledged);
  const auto store = open();
  ShardBackup writer(options());
  commit_and_back_up(writer, *store, 4, 4);
  EXPECT_FALSE(fs::exists(path("state.checkpoint")));
  expect_restores("again", 4);
}

INSTANTIATE_TEST_SUITE_P(Points, KilledBackupStepTest,
                         testing::Values(BackupCrash{"checkpoint.begin", 2},
                                         BackupCrash{"checkpoint.made", 2},
                                         BackupCrash{"checkpoint.copied", 2},
                                         BackupCrash{"checkpoint.listed", 3}),
                         [](const auto& test) {
                           std::string name = test.param.point;
                           name[name.find('.')] = '_';
                           return name;
                         });

TEST_F(KilledBackupTest, ARestoreIsThereWholeOrNotAtAll) {
  run_until_killed(command("back-up", "state"), "checkpoint.begin:3");
  for (const char* point : {"restore.begin", "restore.copied"}) {
    run_until_killed(command("restore", "target"), point);
    EXPECT_FALSE(fs::exists(path("target"))) << point;
  }
  EXPECT_TRUE(fs::exists(path("target.partial")));
  run_until_killed(command("restore", "target"), "restore.done");
  EXPECT_EQ(last_of("target"), 2U);
  EXPECT_FALSE(fs::exists(path("target.partial")));
}

TEST_F(KilledBackupTest, AStateThatIsDiscardedIsWholeOrGone) {
  run_until_killed(command("back-up", "state"), "checkpoint.begin:3");
  run_until_killed(command("discard", "state"), "discard.renamed");
  EXPECT_FALSE(fs::exists(path("state")));
  EXPECT_TRUE(fs::exists(path("state.discarded")));
  run_until_killed(command("back-up", "state"), "checkpoint.begin:3");
  EXPECT_EQ(ChildProcess(command("discard", "state")).wait(), 0);
  EXPECT_FALSE(fs::exists(path("state")));
  EXPECT_FALSE(fs::exists(path("state.discarded")));
}

#endif

}  // namespace
}  // namespace slipstream
