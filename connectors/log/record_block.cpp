#include "connectors/log/record_block.h"

#include <fmt/format.h>
#include <lz4.h>

#include <algorithm>
#include <utility>

namespace slipstream {
namespace {

constexpr std::uint8_t kVersion = 1;
constexpr std::size_t kFrameBytes = 1 + 1 + 4 + 4 + 8;
constexpr std::size_t kCompressFrom = 512;  // a smaller body gains less than its decompression costs

constexpr std::size_t kExpansionMax = 256;  // LZ4 reaches 255

constexpr std::uint8_t kTombstone = 1;
constexpr std::uint8_t kHasHeaders = 2;
constexpr std::uint8_t kGap = 4;

std::string frame(const RecordBlock& block, std::size_t body_bytes, BlockCompression compression) {
  std::string bytes;
  append_u8(bytes, kVersion);
  append_u8(bytes, static_cast<std::uint8_t>(compression));
  append_u32(bytes, block.records);
  append_u32(bytes, static_cast<std::uint32_t>(body_bytes));
  append_u64(bytes, static_cast<std::uint64_t>(block.last.value - block.first.value));
  return bytes;
}

// The framed, compressed block, unless that saves less than an eighth.
std::optional<std::string> compressed(const RecordBlock& block, std::string_view body) {
  if (body.size() < kCompressFrom) return std::nullopt;
  auto bytes = frame(block, body.size(), BlockCompression::lz4);
  bytes.resize(kFrameBytes + body.size() - body.size() / 8);
  const int written =
      LZ4_compress_default(body.data(), bytes.data() + kFrameBytes, static_cast<int>(body.size()),
                           static_cast<int>(bytes.size() - kFrameBytes));
  if (written <= 0) return std::nullopt;
  bytes.resize(kFrameBytes + static_cast<std::size_t>(written));
  bytes.shrink_to_fit();
  return bytes;
}

tl::unexpected<Error> malformed(Offset last, std::string_view reason) {
  return fail(
      ErrorCode::store_corrupt,
      fmt::format("the block that ends at offset {} is damaged ({}); restore the directory from a backup",
                  last.value, reason));
}

Result<OpenBlock> decompress(OpenBlock block, std::string_view body, std::size_t body_bytes) {
  if (body_bytes / kExpansionMax > body.size()) return malformed(block.last, "its length is absurd");
  const std::shared_ptr<char[]> buffer(new char[std::max<std::size_t>(body_bytes, 1)]);
  const int written = LZ4_decompress_safe(body.data(), buffer.get(), static_cast<int>(body.size()),
                                          static_cast<int>(body_bytes));
  if (written < 0 || static_cast<std::size_t>(written) != body_bytes) {
    return malformed(block.last, "it does not decompress");
  }
  block.memory = buffer;
  block.body = {buffer.get(), body_bytes};
  return block;
}

}  // namespace

void RecordBlockBuilder::reset() {
  block_ = RecordBlock();
  block_.bytes.resize(kFrameBytes);
  previous_timestamp_ = Timestamp();
}

void RecordBlockBuilder::add(Offset offset, Timestamp timestamp, std::string_view key,
                             std::optional<std::string_view> value, std::span<const Header> headers) {
  if (empty()) block_.first = offset;
  const auto gap = empty() ? 0 : offset.value - block_.last.value - 1;
  const auto flags = (value ? 0 : kTombstone) | (headers.empty() ? 0 : kHasHeaders) | (gap > 0 ? kGap : 0);
  auto& body = block_.bytes;
  append_u8(body, static_cast<std::uint8_t>(flags));
  if (gap > 0) append_varint(body, static_cast<std::uint64_t>(gap));
  // Unsigned, so that any two timestamps have a difference.
  append_zigzag(body, static_cast<std::int64_t>(static_cast<std::uint64_t>(timestamp.us) -
                                                static_cast<std::uint64_t>(previous_timestamp_.us)));
  append_string(body, key);
  if (value) append_string(body, *value);
  if (!headers.empty()) append_varint(body, headers.size());
  for (const auto& header : headers) {
    append_string(body, header.name);
    append_string(body, header.value);
  }
  previous_timestamp_ = timestamp;
  block_.last = offset;
  block_.newest = std::max(block_.newest, timestamp);
  block_.record_bytes += key.size() + (value ? value->size() : 0);
  ++block_.records;
}

RecordBlock RecordBlockBuilder::finish(std::optional<Offset> last) {
  block_.last = last.value_or(block_.last);
  const auto body = std::string_view(block_.bytes).substr(kFrameBytes);
  std::optional<std::string> smaller;
  if (compression_ == BlockCompression::lz4) smaller = compressed(block_, body);
  if (smaller) {
    block_.bytes = *std::move(smaller);
  } else {
    const auto header = frame(block_, body.size(), BlockCompression::none);
    std::ranges::copy(header, block_.bytes.begin());
  }
  auto done = std::move(block_);
  reset();
  return done;
}

Result<OpenBlock> open_block(std::string_view bytes, Offset last, std::shared_ptr<const void> memory) {
  ByteReader reader(bytes);
  std::uint8_t version = 0;
  std::uint8_t compression = 0;
  std::uint32_t records = 0;
  std::uint32_t body_bytes = 0;
  std::uint64_t span = 0;
  if (!reader.read_u8(version) || !reader.read_u8(compression) || !reader.read_u32(records) ||
      !reader.read_u32(body_bytes) || !reader.read_u64(span) || version != kVersion ||
      span > static_cast<std::uint64_t>(last.value)) {
    return malformed(last, "its frame is not one");
  }
  OpenBlock block{std::move(memory), reader.rest(), Offset(last.value - static_cast<std::int64_t>(span)),
                  last, records};
  if (compression == static_cast<std::uint8_t>(BlockCompression::lz4)) {
    return decompress(std::move(block), reader.rest(), body_bytes);
  }
  if (compression != static_cast<std::uint8_t>(BlockCompression::none) || block.body.size() != body_bytes) {
    return malformed(last, "its length is wrong");
  }
  return block;
}

bool BlockCursor::read_headers(RecordView& record, HeaderArena& headers) {
  std::uint64_t count = 0;
  if (!rest_.read_varint(count) || count > rest_.rest().size()) return false;
  auto& read = headers.emplace_back(count);
  for (auto& header : read) {
    if (!rest_.read_string(header.name) || !rest_.read_string(header.value)) return false;
  }
  record.headers = read;
  return true;
}

bool BlockCursor::read(RecordView& record, HeaderArena& headers) {
  std::uint8_t flags = 0;
  std::uint64_t gap = 0;
  std::int64_t elapsed_us = 0;
  if (!rest_.read_u8(flags)) return false;
  if ((flags & kGap) != 0 && !rest_.read_varint(gap)) return false;
  if (!rest_.read_zigzag(elapsed_us) || !rest_.read_string(record.key)) return false;
  record.tombstone = (flags & kTombstone) != 0;
  if (!record.tombstone && !rest_.read_string(record.value)) return false;
  if ((flags & kHasHeaders) != 0 && !read_headers(record, headers)) return false;
  if (gap >= static_cast<std::uint64_t>(block_.last.value - previous_offset_.value)) return false;
  record.offset = Offset(previous_offset_.value + 1 + static_cast<std::int64_t>(gap));
  record.timestamp.us = static_cast<std::int64_t>(static_cast<std::uint64_t>(previous_timestamp_.us) +
                                                  static_cast<std::uint64_t>(elapsed_us));
  previous_offset_ = record.offset;
  previous_timestamp_ = record.timestamp;
  return true;
}

BlockCursor::Step BlockCursor::next(RecordView& record, HeaderArena& headers) {
  if (rest_.at_end()) return Step::end;
  record = RecordView();
  return read(record, headers) ? Step::record : Step::malformed;
}

}  // namespace slipstream
