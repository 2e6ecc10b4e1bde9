// What the embedded log promises beyond EventLog: one writer, readers beside it, crashes, full disks, damage,
// space.
#include "connectors/log/embedded_log.h"

#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <random>

#include "connectors/log/embedded_commit.h"
#include "connectors/log/embedded_storage.h"
#include "tests/log/child_process.h"
#include "tests/log/numbered_transaction.h"
#include "tests/log/temporary_directory.h"

namespace slipstream {
namespace {

namespace fs = std::filesystem;

const std::string kWriter = LOG_WRITER_PROCESS;

class EmbeddedLogTest : public testing::Test {
 protected:
  std::unique_ptr<EventLog> open(bool read_only = false, std::uint64_t memory_bytes = 16 << 20) {
    auto opened = open_embedded_log(directory(), {.memory_bytes = memory_bytes, .read_only = read_only});
    EXPECT_TRUE(opened) << opened.error().message;
    return opened ? std::move(*opened) : nullptr;
  }
  fs::path directory() const { return temporary_.path() / "log"; }

  static std::vector<std::pair<Offset, std::string>> read(EventLog& log, const TopicPartition& at) {
    std::vector<std::pair<Offset, std::string>> all;
    const auto reader = log.open_reader();
    EXPECT_TRUE(reader->seek(at, log.offsets(at)->earliest));
    while (true) {
      const auto batches = reader->poll(1000, 1 << 20, Duration());
      if (!batches) ADD_FAILURE() << batches.error().message;
      if (!batches || batches->empty()) return all;
      for (const auto& batch : *batches) {
        for (const auto& each : batch.records)
          all.emplace_back(each.offset, each.key);
      }
    }
  }

  static void append_one(EventLog& log, const std::string& topic, const std::string& key,
                         const std::string& value, Timestamp timestamp = Timestamp{0}) {
    const std::vector<OutputRecord> records = {{topic, Partition(0), key, value, {}, timestamp}};
    const auto written = log.append(records);
    ASSERT_TRUE(written) << written.error().message;
  }

  static std::string noise(std::size_t bytes, unsigned seed) {
    std::mt19937_64 random(seed);
    std::string value(bytes, '\0');
    for (auto& each : value)
      each = static_cast<char>(random());
    return value;
  }

  std::uintmax_t bytes_on_disk() const {
    std::uintmax_t bytes = 0;
    for (const auto& entry : fs::recursive_directory_iterator(directory())) {
      std::error_code gone;  // RocksDB removes files in the background
      const auto size = entry.is_regular_file(gone) ? entry.file_size(gone) : 0;
      if (!gone && entry.path().extension() != ".log") bytes += size;
    }
    return bytes;
  }

 private:
  TemporaryDirectory temporary_;
};

// Another process

TEST_F(EmbeddedLogTest, ASecondWriterIsToldWhoIsInTheWay) {
  ChildProcess holder({kWriter, "hold", directory().string()});
  ASSERT_TRUE(holder.next_number());
  const auto refused = open_embedded_log(directory());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::log_unavailable);
  EXPECT_NE(refused.error().message.find("in use by another process"), std::string::npos)
      << refused.error().message;
  EXPECT_NE(refused.error().message.find(directory().string()), std::string::npos);
  holder.kill();
  EXPECT_TRUE(open_embedded_log(directory()));
}

TEST_F(EmbeddedLogTest, AReadOnlyLogWorksBesideTheWriterAndWritesNothing) {
  const auto writer = open();
  ASSERT_TRUE(create_numbered_topics(*writer));
  for (int i = 0; i < 300; ++i)
    append_one(*writer, kEvents, std::to_string(i), noise(20'000, static_cast<unsigned>(i)));
  const auto reader = open(true);
  ASSERT_TRUE(reader);
  EXPECT_EQ(read(*reader, {kEvents, Partition(0)}).size(), 300);
  append_one(*writer, kEvents, "later", "");
  EXPECT_EQ(read(*reader, {kEvents, Partition(0)}).size(), 300);
  EXPECT_EQ(read(*open(true), {kEvents, Partition(0)}).size(), 301);
  const std::vector<OutputRecord> records = {{kEvents, Partition(0), "k", "v", {}, Timestamp{0}}};
  for (const auto code :
       {reader->append(records).error().code, reader->open_producer("p").error().code,
        reader->create_topic({.name = "new"}).error().code, reader->clean(Timestamp{0}).error().code}) {
    EXPECT_EQ(code, ErrorCode::not_supported);
  }
  EXPECT_TRUE(reader->create_topic({.name = kEvents, .partitions = 2}));
}

TEST_F(EmbeddedLogTest, ReadingALogThatIsNotThereSaysSo) {
  const auto refused = open_embedded_log(directory(), {.read_only = true});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::not_found);
  EXPECT_FALSE(fs::exists(directory()));
}

// Numbers of the transactions found in a partition, with how many records each has there.
std::map<std::string, int> transactions_in(const std::vector<std::pair<Offset, std::string>>& records) {
  std::map<std::string, int> found;
  for (const auto& [offset, key] : records)
    ++found[key];
  return found;
}

TEST_F(EmbeddedLogTest, KillingTheWriterLosesNothingAcknowledgedAndLeavesNoTransactionInPart) {
  std::uint64_t acknowledged = 0;
  for (int round = 0; round < 4; ++round) {
    ChildProcess writer({kWriter, "commit", directory().string()});
    for (int i = 0; i < 40 + 17 * round; ++i) {
      const auto number = writer.next_number();
      ASSERT_TRUE(number);
      acknowledged = *number;
    }
    writer.kill();
    while (const auto number = writer.next_number())
      acknowledged = *number;
    const auto log = open();
    const auto committed = log->committed(kGroup, kMember);
    ASSERT_TRUE(committed);
    const auto last = std::stoull(committed->metadata);
    EXPECT_GE(last, acknowledged);
    EXPECT_EQ(committed->next.at({kEvents, Partition(0)}).value, static_cast<std::int64_t>(last));
    const auto even = transactions_in(read(*log, {kEvents, Partition(0)}));
    const auto odd = transactions_in(read(*log, {kEvents, Partition(1)}));
    const auto states = transactions_in(read(*log, {kStates, Partition(0)}));
    EXPECT_EQ(even.size(), last);
    EXPECT_EQ(odd.size(), last);
    EXPECT_EQ(states.size(), last);
    for (std::uint64_t number = 1; number <= last; ++number) {
      const auto key = std::to_string(number);
      ASSERT_TRUE(even.contains(key) && odd.contains(key) && states.contains(key)) << key;
      ASSERT_EQ(even.at(key) + odd.at(key) + states.at(key), kRecordsOfATransaction) << key;
    }
  }
}

// Disks

TEST_F(EmbeddedLogTest, AfterAFailedWriteNothingOfItShowsAndNoFurtherOneIsTaken) {
  ChildProcess starved({kWriter, "starve", directory().string(), std::to_string(1 << 20)});
  const auto written = starved.next_number();
  ASSERT_EQ(starved.wait(), 0);  // log_writer_process.cpp tells what each status means
  ASSERT_TRUE(written);
  ASSERT_GT(*written, 0);
  const auto log = open();
  ASSERT_TRUE(log);
  const auto records = read(*log, {kEvents, Partition(0)});
  EXPECT_GE(records.size(), *written);
  EXPECT_LE(records.size(), *written + 1);  // the failed one may have reached the disk whole
  append_one(*log, kEvents, "after", "repair");
  EXPECT_EQ(read(*log, {kEvents, Partition(0)}).back().second, "after");
}

TEST_F(EmbeddedLogTest, ADirectoryThatCannotBeMadeIsAnIoError) {
  fs::create_directories(directory().parent_path());
  std::ofstream(directory()) << "a file where the directory should be";
  for (const auto& path : {directory(), directory() / "below"}) {
    const auto refused = open_embedded_log(path);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::io);
    EXPECT_NE(refused.error().message.find(path.string()), std::string::npos);
  }
}

TEST_F(EmbeddedLogTest, ADamagedDirectoryIsNotOpened) {
  {
    ASSERT_TRUE(create_numbered_topics(*open()));
  }
  std::ofstream(directory() / "CURRENT", std::ios::trunc) << "nonsense";
  const auto refused = open_embedded_log(directory());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::store_corrupt);
}

void flip_bytes_in_the_middle(const fs::path& file) {
  std::fstream bytes(file, std::ios::in | std::ios::out | std::ios::binary);
  bytes.seekp(static_cast<std::streamoff>(fs::file_size(file) / 2));
  bytes << "DAMAGE";
}

TEST_F(EmbeddedLogTest, DamagedRecordsAreReportedAndNeverPassedOver) {
  {
    const auto log = open(false, 8 << 20);
    ASSERT_TRUE(create_numbered_topics(*log));
    for (unsigned i = 0; i < 200; ++i)
      append_one(*log, kEvents, std::to_string(i), noise(50'000, i));
  }
  int damaged = 0;
  for (const auto& entry : fs::directory_iterator(directory())) {
    if (entry.path().extension() != ".blob") continue;
    flip_bytes_in_the_middle(entry.path());
    ++damaged;
  }
  ASSERT_GT(damaged, 0);
  const auto log = open();
  ASSERT_TRUE(log);
  const auto reader = log->open_reader();
  ASSERT_TRUE(reader->seek({kEvents, Partition(0)}, Offset(0)));
  Offset next(0);
  int errors = 0;
  for (int polls = 0; polls < 300 && errors < 3; ++polls) {
    const auto batches = reader->poll(10, 1 << 20, Duration());
    if (!batches) {
      EXPECT_EQ(batches.error().code, ErrorCode::store_corrupt) << batches.error().message;
      ++errors;
      continue;
    }
    ASSERT_FALSE(batches->empty());
    for (const auto& batch : *batches) {
      for (const auto& each : batch.records) {
        ASSERT_EQ(each.offset, next);
        next = each.offset.next();
      }
    }
  }
  EXPECT_EQ(errors, 3);  // it stays an error: the records behind it are not given as if nothing were missing
  EXPECT_LT(next, Offset(200));
}

// Space and speed

TEST_F(EmbeddedLogTest, RetentionGivesSpaceBackToTheFileSystem) {
  const auto log = open(false, 8 << 20);
  ASSERT_TRUE(log->create_topic({.name = kEvents, .retention = days(1)}));
  ASSERT_TRUE(log->create_topic({.name = "kept"}));
  for (unsigned i = 0; i < 100; ++i) {
    append_one(*log, kEvents, "k", noise(400'000, i));
    append_one(*log, "kept", "k", noise(4000, i));
  }
  const auto before = bytes_on_disk();
  EXPECT_GT(before, 30 << 20);
  ASSERT_EQ(log->clean(Timestamp{0} + days(2)), 100U);
  for (int i = 0; i < 100 && bytes_on_disk() > before / 2; ++i)
    ::usleep(50'000);
  EXPECT_LT(bytes_on_disk(), before / 2);
  EXPECT_EQ(read(*log, {"kept", Partition(0)}).size(), 100);
}

TEST_F(EmbeddedLogTest, CleaningMergesTheBlocksOfSmallCommits) {
  {
    const auto log = open();
    ASSERT_TRUE(log->create_topic({.name = kEvents}));
    for (int i = 0; i < 100; ++i)
      append_one(*log, kEvents, std::to_string(i), "small");
    ASSERT_EQ(log->clean(Timestamp{0}), 0U);
    const auto records = read(*log, {kEvents, Partition(0)});
    ASSERT_EQ(records.size(), 100);
    for (int i = 0; i < 100; ++i) {
      EXPECT_EQ(records[static_cast<std::size_t>(i)], (std::pair{Offset(i), std::to_string(i)}));
    }
  }
  const auto storage = EmbeddedStorage::open(directory(), {.read_only = true});
  ASSERT_TRUE(storage);
  std::size_t blocks = 0;
  std::uint64_t records = 0;
  ASSERT_TRUE((*storage)->summaries({1, 0}, Offset(0), [&](const BlockSummary& block) {
    records += block.records;
    return ++blocks > 0;
  }));
  EXPECT_EQ(blocks, 1);
  EXPECT_EQ(records, 100);
}

TEST_F(EmbeddedLogTest, CompactionIsCompleteWhenItsMemoryHoldsOnlySomeOfTheKeys) {
  const auto log = open(false, 8 << 20);  // remembers 43,690 keys at once
  ASSERT_TRUE(log->create_topic({.name = kStates, .cleanup = Cleanup::compact}));
  constexpr int kKeys = 100'000;
  for (int round = 0; round < 2; ++round) {
    std::vector<OutputRecord> records;
    for (int key = 0; key < kKeys; ++key) {
      records.push_back(
          {kStates, Partition(0), std::to_string(key), std::to_string(round), {}, Timestamp{0}});
    }
    ASSERT_TRUE(log->append(records));
  }
  ASSERT_EQ(log->clean(Timestamp{0}), static_cast<std::uint64_t>(kKeys));
  const auto left = read(*log, {kStates, Partition(0)});
  ASSERT_EQ(left.size(), kKeys);
  EXPECT_EQ(left.front(), (std::pair{Offset(kKeys), std::string("0")}));
}

TEST_F(EmbeddedLogTest, RecordsBeyondTheLimitAreRefusedWithTheLimit) {
  const auto log = open();
  ASSERT_TRUE(log->create_topic({.name = kEvents}));
  const std::vector<OutputRecord> records = {
      {kEvents, Partition(0), "k", std::string((64 << 20) + 1, 'x'), {}, Timestamp{0}}};
  const auto refused = log->append(records);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::record_too_large);
}

}  // namespace
}  // namespace slipstream
