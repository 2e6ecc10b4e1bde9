#include "connectors/log/embedded_storage.h"

#include <fmt/format.h>
#include <rocksdb/cache.h>
#include <rocksdb/table.h>

#include <algorithm>

#include "connectors/log/positions.h"
#include "engine/state/rocksdb_status.h"

namespace slipstream {
namespace {

// Less garbage than this is not worth a rewrite.
constexpr std::uint64_t kReclaimBytesMin = std::uint64_t{64} << 20;

enum Families : std::size_t { kBlocks, kIndex, kMeta };

rocksdb::Slice slice_of(std::string_view bytes) { return {bytes.data(), bytes.size()}; }
std::string_view view_of(const rocksdb::Slice& slice) { return {slice.data(), slice.size()}; }

rocksdb::ColumnFamilyOptions small_values(const SharedMemory& memory) {
  rocksdb::ColumnFamilyOptions options;
  options.compression = rocksdb::kLZ4Compression;
  options.level_compaction_dynamic_level_bytes = true;
  options.arena_block_size = std::size_t{64} << 10;
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = memory.block_cache();
  table.cache_index_and_filter_blocks = true;
  table.pin_l0_filter_and_index_blocks_in_cache = true;
  table.format_version = 5;
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  return options;
}

// A block is written to a blob file once, when its memtable is flushed; compaction then moves only its key.
// Blocks of a few records stay inline, where compaction packs them together.
rocksdb::ColumnFamilyOptions write_once_values(const SharedMemory& memory) {
  auto options = small_values(memory);
  options.compression = rocksdb::kNoCompression;  // blocks are compressed before they come here
  options.write_buffer_size =
      std::clamp<std::size_t>(memory.bytes_max() / 6, std::size_t{2} << 20, std::size_t{64} << 20);
  options.max_write_buffer_number = 3;
  options.enable_blob_files = true;
  options.min_blob_size = std::uint64_t{4} << 10;
  options.blob_file_size = std::uint64_t{256} << 20;
  options.enable_blob_garbage_collection =
      false;  // reclaim() decides; a file of garbage alone goes by itself
  return options;
}

DatabaseRequest request_for(const std::filesystem::path& directory, const EmbeddedLogOptions& options) {
  auto memory = options.memory ? options.memory : std::make_shared<SharedMemory>(options.memory_bytes);
  DatabaseRequest request{.directory = directory,
                          .what = fmt::format("the log in {}", directory.string()),
                          .in_use = ErrorCode::log_unavailable,
                          .options = database_options(*memory),
                          .families = {},
                          .memory = memory};
  request.options.atomic_flush = true;  // the small families never hold the write-ahead log back
  request.families = {{"blocks", write_once_values(*memory)},
                      {"index", small_values(*memory)},
                      {rocksdb::kDefaultColumnFamilyName, small_values(*memory)}};
  return request;
}

}  // namespace

void StorageBatch::put_block(PartitionId partition, Offset last, const RecordBlock& block) {
  const auto key = block_key(partition, last);
  // Put fails only beyond limits of RocksDB (4 GiB) that kCommitBytesMax keeps far away.
  batch_.Put(database_->family(kBlocks), key, block.bytes).PermitUncheckedError();
  batch_.Put(database_->family(kIndex), key, encode_summary(block)).PermitUncheckedError();
}

void StorageBatch::remove_block(PartitionId partition, Offset last) {
  const auto key = block_key(partition, last);
  batch_.Delete(database_->family(kBlocks), key).PermitUncheckedError();
  batch_.Delete(database_->family(kIndex), key).PermitUncheckedError();
}

void StorageBatch::put_meta(const std::string& key, const std::string& value) {
  batch_.Put(database_->family(kMeta), key, value).PermitUncheckedError();
}

Result<std::unique_ptr<EmbeddedStorage>> EmbeddedStorage::open(const std::filesystem::path& directory,
                                                               const EmbeddedLogOptions& options) {
  const auto request = request_for(directory, options);
  SLIPSTREAM_ASSIGN(auto database,
                    options.read_only ? open_database_read_only(request) : open_database(request));
  auto storage = std::unique_ptr<EmbeddedStorage>(new EmbeddedStorage(std::move(database), request.what));
  SLIPSTREAM_TRY(storage->check_format(options.read_only));
  return storage;
}

Result<> EmbeddedStorage::check_format(bool read_only) const {
  SLIPSTREAM_ASSIGN(const auto stored, meta(std::string(kFormatKey)));
  if (!stored && !read_only) {
    std::string value;
    append_u32(value, kEmbeddedFormat);
    auto first = batch();
    first.put_meta(std::string(kFormatKey), value);
    return write(first, true);
  }
  std::uint32_t format = 0;
  if (!stored || !ByteReader(*stored).read_u32(format)) return damaged("format version");
  if (format == kEmbeddedFormat) return {};
  return fail(ErrorCode::not_supported,
              fmt::format("{} has format {}, this program reads format {}; use the "
                          "version that wrote it, or copy it with `slipstream log copy`",
                          what_, format, kEmbeddedFormat));
}

tl::unexpected<Error> EmbeddedStorage::damaged(std::string_view part) const {
  return fail(
      ErrorCode::store_corrupt,
      fmt::format("{}: its {} cannot be read back; restore the directory from a backup", what_, part));
}

Result<> EmbeddedStorage::write(StorageBatch& batch, bool sync) const {
  rocksdb::WriteOptions options;
  options.sync = sync;
  const auto status = database_->db().Write(options, &batch.batch_);
  if (!status.ok()) return tl::unexpected<Error>(error_of(status, what_, "cannot be written"));
  return {};
}

Result<std::optional<std::string>> EmbeddedStorage::meta(const std::string& key) const {
  std::string value;
  const auto status = database_->db().Get(rocksdb::ReadOptions(), database_->family(kMeta), key, &value);
  if (status.IsNotFound()) return std::nullopt;
  if (!status.ok()) return tl::unexpected<Error>(error_of(status, what_, "cannot be read"));
  return value;
}

Result<std::vector<StoredTopic>> EmbeddedStorage::topics() const {
  std::vector<StoredTopic> all;
  const std::unique_ptr<rocksdb::Iterator> entry(
      database_->db().NewIterator(rocksdb::ReadOptions(), database_->family(kMeta)));
  for (entry->Seek(slice_of(kTopicPrefix)); entry->Valid(); entry->Next()) {
    if (!entry->key().starts_with(slice_of(kTopicPrefix))) break;
    auto topic = decode_topic(view_of(entry->key()), view_of(entry->value()));
    if (!topic) return damaged("list of topics");
    all.push_back(*std::move(topic));
  }
  if (!entry->status().ok()) return tl::unexpected<Error>(error_of(entry->status(), what_, "cannot be read"));
  return all;
}

Result<PartitionMarks> EmbeddedStorage::marks(PartitionId partition) const {
  SLIPSTREAM_ASSIGN(const auto stored, meta(marks_key(partition)));
  const auto decoded = stored ? decode_marks(*stored) : PartitionMarks();
  if (!decoded) return damaged("marks of a partition");
  auto marks = *decoded;
  SLIPSTREAM_ASSIGN(const Offset end, end_of_blocks(partition));
  marks.end = std::max(marks.end, end);
  return marks;
}

Result<Offset> EmbeddedStorage::end_of_blocks(PartitionId partition) const {
  const auto beyond = block_key(partition, Offset(-1));  // as unsigned: the largest
  const auto first = block_key(partition, Offset(0));
  const std::unique_ptr<rocksdb::Iterator> entry(
      database_->db().NewIterator(rocksdb::ReadOptions(), database_->family(kIndex)));
  entry->SeekForPrev(beyond);
  if (!entry->status().ok()) return tl::unexpected<Error>(error_of(entry->status(), what_, "cannot be read"));
  if (!entry->Valid() || view_of(entry->key()) < first) return Offset(0);
  const auto last = last_offset_of(view_of(entry->key()));
  if (!last) return damaged("index");
  return last->next();
}

Result<CommittedPositions> EmbeddedStorage::positions(std::string_view group, std::string_view member) const {
  SLIPSTREAM_ASSIGN(const auto stored, meta(positions_key(group, member)));
  if (!stored) return CommittedPositions();
  auto positions = decode_positions(*stored);
  if (!positions) return damaged(fmt::format("positions of {} in {}", member, group));
  return *std::move(positions);
}

Result<> EmbeddedStorage::summaries(PartitionId partition, Offset from,
                                    const std::function<bool(const BlockSummary&)>& visit) const {
  const auto beyond = block_key(partition, Offset(-1));
  const auto end = slice_of(beyond);
  rocksdb::ReadOptions options;
  options.iterate_upper_bound = &end;
  const std::unique_ptr<rocksdb::Iterator> entry(
      database_->db().NewIterator(options, database_->family(kIndex)));
  for (entry->Seek(block_key(partition, from)); entry->Valid(); entry->Next()) {
    const auto summary = decode_summary(view_of(entry->key()), view_of(entry->value()));
    if (!summary) return damaged("index");
    if (!visit(*summary)) return {};
  }
  if (!entry->status().ok()) return tl::unexpected<Error>(error_of(entry->status(), what_, "cannot be read"));
  return {};
}

Result<std::optional<OpenBlock>> EmbeddedStorage::block(PartitionId partition, Offset last) const {
  // The pinned value belongs to the database, so its memory keeps that open too.
  struct Pinned {
    std::shared_ptr<RocksdbDatabase> database;
    rocksdb::PinnableSlice value;
  };
  const auto pinned = std::make_shared<Pinned>();
  pinned->database = database_;
  const auto status = database_->db().Get(rocksdb::ReadOptions(), database_->family(kBlocks),
                                          block_key(partition, last), &pinned->value);
  if (status.IsNotFound()) return std::nullopt;
  if (!status.ok()) return tl::unexpected<Error>(error_of(status, what_, "cannot be read"));
  return open_block(view_of(pinned->value), last, pinned);
}

Result<> EmbeddedStorage::drop_keys(PartitionId partition, Offset last) const {
  const auto from = block_key(partition, Offset(0));
  const auto to = block_key(partition, last);
  const auto first = slice_of(from);
  const auto end = slice_of(to);
  for (const auto family : {kBlocks, kIndex}) {
    const auto status =
        database_->db().CompactRange(rocksdb::CompactRangeOptions(), database_->family(family), &first, &end);
    if (!status.ok()) return tl::unexpected<Error>(error_of(status, what_, "cannot be cleaned"));
  }
  return {};
}

Result<> EmbeddedStorage::reclaim() const {
  std::uint64_t all = 0;
  std::uint64_t garbage = 0;
  auto* blocks = database_->family(kBlocks);
  database_->db().GetIntProperty(blocks, rocksdb::DB::Properties::kLiveBlobFileSize, &all);
  database_->db().GetIntProperty(blocks, rocksdb::DB::Properties::kLiveBlobFileGarbageSize, &garbage);
  if (garbage < kReclaimBytesMin || garbage < all / 2) return {};
  rocksdb::CompactRangeOptions options;
  options.bottommost_level_compaction = rocksdb::BottommostLevelCompaction::kForce;
  options.blob_garbage_collection_policy = rocksdb::BlobGarbageCollectionPolicy::kForce;
  options.blob_garbage_collection_age_cutoff = 1.0;
  const auto status = database_->db().CompactRange(options, blocks, nullptr, nullptr);
  if (!status.ok()) return tl::unexpected<Error>(error_of(status, what_, "cannot be cleaned"));
  return {};
}

}  // namespace slipstream
