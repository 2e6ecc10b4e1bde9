#include "engine/log/memory_log.h"

#include <gtest/gtest.h>

namespace slipstream {
namespace {

TEST(MemoryLog, ReadersProducersAndBatchesOutliveIt) {
  auto log = std::make_unique<MemoryLog>();
  ASSERT_TRUE(log->create_topic({.name = "events"}));
  const std::vector<OutputRecord> records = {
      {"events", Partition(0), "key", std::string(100, 'v'), {}, Timestamp{1}}};
  ASSERT_TRUE(log->append(records));
  auto producer = log->open_producer("p");
  auto reader = log->open_reader();
  ASSERT_TRUE(reader->seek({"events", Partition(0)}, Offset(0)));
  log.reset();
  ASSERT_TRUE((*producer)->commit({records, "", "", {}, ""}));
  auto batches = reader->poll(10, 1000, Duration());
  reader.reset();
  producer->reset();
  ASSERT_TRUE(batches && batches->size() == 1);
  ASSERT_EQ((*batches)[0].records.size(), 2);
  EXPECT_EQ((*batches)[0].records[1].value, std::string(100, 'v'));
}

}  // namespace
}  // namespace slipstream
