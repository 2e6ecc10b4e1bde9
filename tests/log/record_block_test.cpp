#include "connectors/log/record_block.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace slipstream {
namespace {

struct Written {
  std::int64_t offset;
  std::int64_t timestamp_us;
  std::string key;
  std::optional<std::string> value;
  std::vector<Header> headers;
};

std::vector<Written> some_records() {
  const auto count = *rc::gen::inRange(1, 40);
  std::vector<Written> all;
  std::int64_t offset = *rc::gen::inRange<std::int64_t>(0, 1000);
  for (int i = 0; i < count; ++i) {
    Written each{offset, *rc::gen::arbitrary<std::int64_t>(), *rc::gen::arbitrary<std::string>(), {}, {}};
    if (*rc::gen::inRange(0, 4) > 0) each.value = *rc::gen::arbitrary<std::string>();
    for (int headers = *rc::gen::inRange(0, 3); headers > 0; --headers) {
      each.headers.push_back({*rc::gen::arbitrary<std::string>(), *rc::gen::arbitrary<std::string>()});
    }
    all.push_back(std::move(each));
    offset += 1 + (*rc::gen::inRange(0, 3) == 0 ? *rc::gen::inRange(1, 500) : 0);
  }
  return all;
}

RecordBlock block_of(const std::vector<Written>& records, BlockCompression compression,
                     std::optional<Offset> last = {}) {
  RecordBlockBuilder builder(compression);
  for (const auto& each : records) {
    const auto value = each.value ? std::optional<std::string_view>(*each.value) : std::nullopt;
    builder.add(Offset(each.offset), Timestamp{each.timestamp_us}, each.key, value, each.headers);
  }
  return builder.finish(last);
}

RC_GTEST_PROP(RecordBlock, GivesBackWhatWasWritten, ()) {
  const auto records = some_records();
  const auto compression = *rc::gen::element(BlockCompression::none, BlockCompression::lz4);
  const auto beyond = *rc::gen::inRange<std::int64_t>(0, 50);
  const Offset last(records.back().offset + beyond);
  const auto block = block_of(records, compression, last);
  const auto opened = open_block(block.bytes, last, nullptr);
  RC_ASSERT(opened.has_value());
  RC_ASSERT(opened->records == records.size());
  BlockCursor cursor(*opened);
  HeaderArena headers;
  for (const auto& each : records) {
    RecordView record;
    RC_ASSERT(cursor.next(record, headers) == BlockCursor::Step::record);
    RC_ASSERT(record.offset == Offset(each.offset));
    RC_ASSERT(record.timestamp == Timestamp{each.timestamp_us});
    RC_ASSERT(record.key == each.key);
    RC_ASSERT(record.tombstone == !each.value.has_value());
    RC_ASSERT(record.value == each.value.value_or(""));
    RC_ASSERT(std::vector<Header>(record.headers.begin(), record.headers.end()) == each.headers);
  }
  RecordView none;
  RC_ASSERT(cursor.next(none, headers) == BlockCursor::Step::end);
}

// Reads all there is; what matters is that it ends, in bounds, whatever the bytes (the sanitizers watch).
std::size_t read_all(std::string_view bytes, Offset last) {
  const auto opened = open_block(bytes, last, nullptr);
  if (!opened) return 0;
  BlockCursor cursor(*opened);
  HeaderArena headers;
  RecordView record;
  std::size_t count = 0;
  while (cursor.next(record, headers) == BlockCursor::Step::record)
    ++count;
  return count;
}

RC_GTEST_PROP(RecordBlock, ReadsDamagedBytesWithoutHarm, ()) {
  const auto records = some_records();
  auto block = block_of(records, *rc::gen::element(BlockCompression::none, BlockCompression::lz4));
  for (int damage = *rc::gen::inRange(1, 6); damage > 0; --damage) {
    const auto at = *rc::gen::inRange<std::size_t>(0, block.bytes.size());
    block.bytes[at] = static_cast<char>(*rc::gen::arbitrary<std::uint8_t>());
  }
  RC_ASSERT(read_all(block.bytes, block.last) <= block.bytes.size() * 256);
  RC_ASSERT(read_all(*rc::gen::arbitrary<std::string>(), Offset(7)) <= 1000);
}

TEST(RecordBlock, ATruncatedBlockIsRefusedOrEndsEarly) {
  const std::vector<Written> records = {{0, 5, "key", "value", {}}, {1, 6, "key", "value", {}}};
  const auto block = block_of(records, BlockCompression::none);
  for (std::size_t size = 0; size < block.bytes.size(); ++size) {
    const auto opened = open_block(std::string_view(block.bytes).substr(0, size), block.last, nullptr);
    ASSERT_FALSE(opened) << size;
    EXPECT_EQ(opened.error().code, ErrorCode::store_corrupt);
  }
}

TEST(RecordBlock, RepetitiveRecordsAreCompressedAndNoiseIsNot) {
  std::vector<Written> same;
  for (int i = 0; i < 100; ++i)
    same.push_back({i, i, "task", "the same words again and again", {}});
  EXPECT_LT(block_of(same, BlockCompression::lz4).bytes.size(),
            block_of(same, BlockCompression::none).bytes.size() / 4);
  std::string noise(4000, '\0');
  std::uint32_t state = 1;
  for (auto& each : noise)
    each = static_cast<char>((state = state * 1664525 + 1013904223) >> 24);
  EXPECT_EQ(block_of({{0, 0, "k", noise, {}}}, BlockCompression::lz4).bytes,
            block_of({{0, 0, "k", noise, {}}}, BlockCompression::none).bytes);
}

}  // namespace
}  // namespace slipstream
