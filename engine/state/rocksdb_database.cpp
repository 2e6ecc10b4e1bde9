#include "engine/state/rocksdb_database.h"

#include <fmt/format.h>
#include <unistd.h>

#include <atomic>
#include <utility>

#include "engine/state/rocksdb_status.h"

namespace slipstream {
namespace {

namespace fs = std::filesystem;

constexpr int kReadOnlyAttempts = 5;

// A secondary instance keeps its info log in a directory of its own.
fs::path scratch_directory() {
  static std::atomic<unsigned> count = 0;
  std::error_code ignored;
  auto base = fs::temp_directory_path(ignored);
  if (ignored) base = "/tmp";
  return base / fmt::format("slipstream-reader-{}-{}", ::getpid(), count++);
}

Result<> create_directory(const DatabaseRequest& request) {
  std::error_code error;
  fs::create_directories(request.directory, error);
  if (!error) return {};
  const auto code = error == std::errc::no_space_on_device ? ErrorCode::disk_full : ErrorCode::io;
  return fail(code, fmt::format("{} cannot be created: {}; choose a directory this user may write to",
                                request.what, error.message()));
}

}  // namespace

RocksdbDatabase::RocksdbDatabase(std::unique_ptr<rocksdb::DB> db,
                                 std::vector<rocksdb::ColumnFamilyHandle*> families,
                                 std::shared_ptr<SharedMemory> memory, fs::path scratch)
    : memory_(std::move(memory)),
      db_(std::move(db)),
      families_(std::move(families)),
      scratch_(std::move(scratch)) {}

RocksdbDatabase::~RocksdbDatabase() {
  for (auto* family : families_) {
    // A handle that fails to close leaves nothing to do here: the database closes next.
    db_->DestroyColumnFamilyHandle(family).PermitUncheckedError();
  }
  db_.reset();
  std::error_code ignored;
  if (!scratch_.empty()) fs::remove_all(scratch_, ignored);
}

rocksdb::DBOptions database_options(const SharedMemory& memory) {
  rocksdb::DBOptions options;
  options.create_if_missing = true;
  options.create_missing_column_families = true;
  options.write_buffer_manager = memory.write_buffers();
  options.max_background_jobs = 2;
  options.max_total_wal_size = std::uint64_t{64} << 20;  // bounds what a restart replays
  options.skip_stats_update_on_db_open = true;
  options.skip_checking_sst_file_sizes_on_db_open = true;
  options.max_open_files = -1;  // files are few and large; a secondary instance demands it
  options.max_file_opening_threads = 4;
  options.info_log_level = rocksdb::WARN_LEVEL;
  options.max_log_file_size = std::size_t{1} << 20;
  options.keep_log_file_num = 2;
  options.stats_dump_period_sec = 0;
  options.stats_persist_period_sec = 0;
  options.max_bgerror_resume_count = 0;  // after a disk error the owner decides: it reopens
  options.bytes_per_sync = std::uint64_t{1} << 20;
  return options;
}

Result<std::shared_ptr<RocksdbDatabase>> open_database(const DatabaseRequest& request) {
  SLIPSTREAM_TRY(create_directory(request));
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* db = nullptr;
  const auto status =
      rocksdb::DB::Open(request.options, request.directory.string(), request.families, &handles, &db);
  if (!status.ok()) {
    return tl::unexpected<Error>(error_of(status, request.what, "cannot be opened", request.in_use));
  }
  return std::make_shared<RocksdbDatabase>(std::unique_ptr<rocksdb::DB>(db), std::move(handles),
                                           request.memory);
}

Result<std::shared_ptr<RocksdbDatabase>> open_database_read_only(const DatabaseRequest& request) {
  std::error_code ignored;
  if (!fs::exists(request.directory / "CURRENT", ignored)) {
    return fail(ErrorCode::not_found,
                fmt::format("{} cannot be read: there is nothing there yet; check the path, or start the "
                            "process that writes it",
                            request.what));
  }
  const auto scratch = scratch_directory();
  rocksdb::Status status;
  // The writer may delete a file between our reading its name and opening it: then look again.
  for (int attempt = 0; attempt < kReadOnlyAttempts; ++attempt) {
    std::vector<rocksdb::ColumnFamilyHandle*> handles;
    rocksdb::DB* db = nullptr;
    status = rocksdb::DB::OpenAsSecondary(request.options, request.directory.string(), scratch.string(),
                                          request.families, &handles, &db);
    if (status.ok()) {
      return std::make_shared<RocksdbDatabase>(std::unique_ptr<rocksdb::DB>(db), std::move(handles),
                                               request.memory, scratch);
    }
  }
  fs::remove_all(scratch, ignored);
  return tl::unexpected<Error>(error_of(status, request.what, "cannot be read", request.in_use));
}

}  // namespace slipstream
