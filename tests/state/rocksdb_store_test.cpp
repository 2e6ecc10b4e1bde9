// What the RocksDB store promises beyond Store.
#include "engine/state/rocksdb_store.h"

#include <gtest/gtest.h>
#include <rocksdb/status.h>

#include <chrono>
#include <fstream>
#include <thread>

#include "engine/state/rocksdb_status.h"
#include "tests/log/child_process.h"
#include "tests/log/temporary_directory.h"

namespace slipstream {
namespace {

namespace fs = std::filesystem;

class RocksdbStoreTest : public testing::Test {
 protected:
  std::unique_ptr<RocksdbStore> open(const RocksdbStoreOptions& options = {}) {
    auto opened = open_rocksdb_store(directory(), options);
    EXPECT_TRUE(opened) << opened.error().message;
    return opened ? std::move(*opened) : nullptr;
  }
  fs::path directory() const { return temporary_.path() / "state"; }

  static std::optional<std::string> get(const StateReader& store, Family family, const std::string& key) {
    const auto value = store.get(family, key);
    EXPECT_TRUE(value) << value.error().message;
    return value ? *value : std::nullopt;
  }

  static void fill(Store& store, int from, int to) {
    StateBatch batch;
    for (int row = from; row < to; ++row) {
      batch.push_back(
          {Family::rows, "row-" + std::to_string(row), std::string(80, static_cast<char>('a' + row % 26))});
      if (batch.size() < 10'000 && row + 1 < to) continue;
      ASSERT_TRUE(store.apply(batch, false));
      batch.clear();
    }
  }

 private:
  TemporaryDirectory temporary_;
};

TEST_F(RocksdbStoreTest, KillingTheWriterLosesNothingAppliedAndLeavesNoBatchInPart) {
  std::uint64_t acknowledged = 0;
  for (int round = 0; round < 3; ++round) {
    ChildProcess writer({STATE_WRITER_PROCESS, directory().string()});
    for (int i = 0; i < 300 + 100 * round; ++i) {
      const auto number = writer.next_number();
      ASSERT_TRUE(number);
      acknowledged = *number;
    }
    writer.kill();
    while (const auto number = writer.next_number())
      acknowledged = *number;
    const auto store = open();
    const auto last = get(*store, Family::meta, "last");
    ASSERT_TRUE(last);
    EXPECT_GE(std::stoull(*last), acknowledged);
    EXPECT_EQ(get(*store, Family::totals, "newest"), last);
    std::uint64_t entities = 0;
    std::uint64_t rows = 0;
    ASSERT_TRUE(store->scan(Family::entities, "", "", [&](auto, auto) { return ++entities > 0; }));
    ASSERT_TRUE(store->scan(Family::rows, "", "", [&](auto, auto) { return ++rows > 0; }));
    EXPECT_EQ(entities, std::stoull(*last));
    EXPECT_EQ(rows, 10);
  }
}

TEST_F(RocksdbStoreTest, ASecondWriterIsToldWhoIsInTheWay) {
  ChildProcess writer({STATE_WRITER_PROCESS, directory().string()});
  ASSERT_TRUE(writer.next_number());
  const auto refused = open_rocksdb_store(directory());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::io);
  EXPECT_NE(refused.error().message.find("in use by another process"), std::string::npos)
      << refused.error().message;
}

TEST_F(RocksdbStoreTest, AReadOnlyStoreOpensBesideABusyWriterAndIsConsistent) {
  ChildProcess writer({STATE_WRITER_PROCESS, directory().string()});
  for (int opened = 0; opened < 10; ++opened) {
    std::uint64_t acknowledged = 0;
    for (int i = 0; i < 50; ++i)
      acknowledged = writer.next_number().value_or(0);
    ASSERT_GT(acknowledged, 0);
    const auto store = open_rocksdb_store_read_only(directory());
    ASSERT_TRUE(store) << store.error().message;
    const auto last = get(**store, Family::meta, "last");
    ASSERT_TRUE(last);
    EXPECT_GE(std::stoull(*last), acknowledged);
    EXPECT_EQ(get(**store, Family::totals, "newest"), last);
    EXPECT_EQ(get(**store, Family::rows, *last), last);
  }
}

TEST_F(RocksdbStoreTest, ReadingAStoreThatIsNotThereSaysSo) {
  const auto refused = open_rocksdb_store_read_only(directory());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::not_found);
}

TEST_F(RocksdbStoreTest, ACheckpointIsACopyAsOfThenThatOpensByItself) {
  const auto store = open();
  fill(*store, 0, 1000);
  const auto copy = directory().parent_path() / "checkpoint";
  ASSERT_TRUE(store->checkpoint(copy));
  ASSERT_TRUE(store->apply({{Family::rows, "row-1", "later"}}, true));
  const auto opened = open_rocksdb_store(copy);
  ASSERT_TRUE(opened) << opened.error().message;
  EXPECT_EQ(get(**opened, Family::rows, "row-1"), std::string(80, 'b'));
  const auto again = store->checkpoint(copy);
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, ErrorCode::already_exists);
}

TEST_F(RocksdbStoreTest, AFlushLeavesACheckpointLittleToWrite) {
  const auto store = open();
  fill(*store, 0, 20'000);
  const auto before = store->stats();
  ASSERT_TRUE(store->flush());
  const auto after = store->stats();
  EXPECT_LT(after.memtable_bytes, before.memtable_bytes / 2);
  EXPECT_GT(after.table_bytes, 20'000U * 80);
  EXPECT_EQ(get(*store, Family::rows, "row-19999"), std::string(80, static_cast<char>('a' + 19'999 % 26)));
}

TEST_F(RocksdbStoreTest, ADamagedDirectoryIsNotOpened) {
  {
    fill(*open(), 0, 10);
  }
  std::ofstream(directory() / "CURRENT", std::ios::trunc) << "nonsense";
  const auto refused = open_rocksdb_store(directory());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::store_corrupt);
}

// RocksDB ends the process when its log of its own doings finds the disk full, so there is none.
TEST_F(RocksdbStoreTest, WritesNothingWhoseFailureWouldEndTheProcess) {
  for (int opened = 0; opened < 2; ++opened)
    fill(*open(), 0, 1000);
  for (const auto& entry : fs::directory_iterator(directory()))
    EXPECT_FALSE(entry.path().filename().string().starts_with("LOG")) << entry.path().filename();
}

TEST_F(RocksdbStoreTest, ADirectoryThatCannotBeMadeIsAnIoError) {
  std::ofstream(directory()) << "a file where the directory should be";
  const auto refused = open_rocksdb_store(directory() / "below");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::io);
}

TEST_F(RocksdbStoreTest, StoresShareOneBudgetAndStayWithinIt) {
  const auto memory = std::make_shared<SharedMemory>(16 << 20);
  TemporaryDirectory second;
  const auto store = open({memory});
  const auto other = open_rocksdb_store(second.path() / "state", {memory});
  ASSERT_TRUE(other);
  for (int part = 0; part < 4; ++part) {
    fill(*store, part * 50'000, (part + 1) * 50'000);
    fill(**other, part * 50'000, (part + 1) * 50'000);
    // A memtable that waits for its flush may exceed the budget for a moment, not for good.
    for (int tenths = 0; tenths < 300 && memory->memtable_bytes() > (12U << 20); ++tenths)
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
    EXPECT_LE(memory->memtable_bytes(), 12U << 20);
    EXPECT_LE(memory->bytes_used(), 20U << 20);
  }
  std::size_t rows = 0;
  ASSERT_TRUE(store->scan(Family::rows, "", "", [&](auto, auto) { return ++rows > 0; }));
  EXPECT_EQ(rows, 200'000);
  EXPECT_LE(memory->bytes_used(), 17U << 20);
  const auto stats = store->stats();
  EXPECT_GT(stats.table_bytes, 0);
  EXPECT_GT(stats.keys_estimate, 100'000);
  EXPECT_LT(stats.keys_estimate, 300'000);
  EXPECT_GT(stats.memtable_bytes, 0);
  EXPECT_GE(memory->bytes_used(), stats.memtable_bytes);
  EXPECT_FALSE(stats.writes_stalled);
}

// The bound for 10,000,000 rows is two seconds; this much smaller store has to be far below.
TEST_F(RocksdbStoreTest, AStoreOpensQuickly) {
  {
    fill(*open(), 0, 300'000);
  }
  const auto began = std::chrono::steady_clock::now();
  const auto store = open();
  EXPECT_EQ(get(*store, Family::rows, "row-299999"), std::string(80, static_cast<char>('a' + 299'999 % 26)));
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(2));
  EXPECT_GE(store->stats().keys_estimate, 300'000);
}

TEST(RocksdbStatus, EachFailureHasItsCodeAndSaysWhatToDo) {
  const auto code = [](const rocksdb::Status& status) {
    const auto error = error_of(status, "the log in /data", "cannot be written", ErrorCode::log_unavailable);
    EXPECT_TRUE(error.message.starts_with("the log in /data cannot be written: ")) << error.message;
    return error.code;
  };
  EXPECT_EQ(code(rocksdb::Status::NoSpace()), ErrorCode::disk_full);
  EXPECT_EQ(code(rocksdb::Status::Corruption("block checksum mismatch")), ErrorCode::store_corrupt);
  EXPECT_EQ(code(rocksdb::Status::IOError("While fsync", "Input/output error")), ErrorCode::io);
  EXPECT_EQ(code(rocksdb::Status::IOError("While lock file: /data/LOCK", "Resource temporarily unavailable")),
            ErrorCode::log_unavailable);
}

}  // namespace
}  // namespace slipstream
