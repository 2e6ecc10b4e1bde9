// Records of one partition encoded back to back: what the embedded log stores as one value.
//
// Bytes: version u8 = 1, compression u8 (0 none, 1 LZ4 block format), records u32, body bytes u32 before
// compression, last offset minus first offset u64, then the body. The last offset stands in the block's key.
// The body is, per record:
//   flags u8: 1 tombstone, 2 has headers, 4 offset gap
//   [gap: varint, offset minus the previous offset minus 1]   for the first record the previous is first
//   offset - 1 zigzag, timestamp minus the previous record's (the first one's minus 0) string key, [not a
//   tombstone: string value], [headers: varint count, then string name and string value each]
// Integers, varint, zigzag and string are those of engine/base/encoding.h.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/encoding.h"
#include "engine/base/error.h"
#include "engine/log/event_log.h"

namespace slipstream {

enum class BlockCompression : std::uint8_t { none = 0, lz4 = 1 };

struct RecordBlock {
  std::string bytes;
  Offset first;
  Offset last;
  std::uint32_t records = 0;
  std::uint64_t record_bytes = 0;  // keys and values, uncompressed
  Timestamp newest = Timestamp::min();
};

class RecordBlockBuilder {
 public:
  explicit RecordBlockBuilder(BlockCompression compression) : compression_(compression) { reset(); }

  // Offsets grow from call to call.
  void add(Offset offset, Timestamp timestamp, std::string_view key, std::optional<std::string_view> value,
           std::span<const Header> headers);
  bool empty() const { return block_.records == 0; }
  std::size_t bytes() const { return block_.bytes.size(); }
  // The block of what was added; the builder is empty again. Its last offset is `last` when that is given:
  // beyond the last record when compaction removed what came after.
  RecordBlock finish(std::optional<Offset> last = {});

 private:
  void reset();

  const BlockCompression compression_;
  RecordBlock block_;
  Timestamp previous_timestamp_;
};

// An encoded block ready to be read; `memory` keeps `body` alive.
struct OpenBlock {
  std::shared_ptr<const void> memory;
  std::string_view body;
  Offset first;
  Offset last;
  std::uint32_t records = 0;
};

// `bytes` are kept alive by `memory`. store_corrupt when they are not a block.
Result<OpenBlock> open_block(std::string_view bytes, Offset last, std::shared_ptr<const void> memory);

// Headers of records being read: a deque, so that spans of earlier ones stay valid.
using HeaderArena = std::deque<std::vector<Header>>;

class BlockCursor {
 public:
  enum class Step : std::uint8_t { record, end, malformed };

  explicit BlockCursor(OpenBlock block)
      : block_(std::move(block)), rest_(block_.body), previous_offset_{block_.first.value - 1} {}

  // The next record; its views point into the block and its headers into `headers`.
  Step next(RecordView& record, HeaderArena& headers);
  bool at_end() const { return rest_.at_end(); }
  const OpenBlock& block() const { return block_; }

 private:
  bool read(RecordView& record, HeaderArena& headers);
  bool read_headers(RecordView& record, HeaderArena& headers);

  OpenBlock block_;
  ByteReader rest_;
  Offset previous_offset_;
  Timestamp previous_timestamp_;
};

}  // namespace slipstream
