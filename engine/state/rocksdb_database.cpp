#include "engine/state/rocksdb_database.h"

#include <fmt/format.h>

#include <chrono>
#include <set>
#include <thread>
#include <utility>

#include "engine/state/rocksdb_status.h"

namespace slipstream {
namespace {

namespace fs = std::filesystem;

constexpr int kReadOnlyAttempts = 20;
constexpr std::chrono::milliseconds kReadOnlyPause(20);

// What changes when the writer flushes or compacts: the manifest and the write-ahead logs.
std::set<std::string> fingerprint(const fs::path& directory) {
  std::set<std::string> marks;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(directory, ignored)) {
    const auto name = entry.path().filename().string();
    if (name.ends_with(".log")) marks.insert(name);
    if (name.starts_with("MANIFEST")) marks.insert(fmt::format("{} {}", name, entry.file_size(ignored)));
  }
  return marks;
}

Result<> create_directory(const DatabaseRequest& request) {
  std::error_code error;
  fs::create_directories(request.directory, error);
  if (!error) return {};
  const auto code = error == std::errc::no_space_on_device ? ErrorCode::disk_full : ErrorCode::io;
  return fail(code, fmt::format("{} cannot be created: {}; choose a directory this user may write to",
                                request.what, error.message()));
}

// RocksDB's log of its own doings takes a failed write for a programming error and ends the process: on a
// full disk that is the wrong answer. What matters comes back as a status.
class NoLog final : public rocksdb::Logger {
 public:
  using rocksdb::Logger::Logv;
  void Logv(const char*, va_list) override {}
};

}  // namespace

RocksdbDatabase::RocksdbDatabase(std::unique_ptr<rocksdb::DB> db,
                                 std::vector<rocksdb::ColumnFamilyHandle*> families,
                                 std::shared_ptr<SharedMemory> memory)
    : memory_(std::move(memory)), db_(std::move(db)), families_(std::move(families)) {}

RocksdbDatabase::~RocksdbDatabase() {
  for (auto* family : families_) {
    // A handle that fails to close leaves nothing to do here: the database closes next.
    db_->DestroyColumnFamilyHandle(family).PermitUncheckedError();
  }
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
  options.max_open_files = -1;  // files are few and large, and a reader beside a writer holds what it deletes
  options.max_file_opening_threads = 4;
  options.info_log = std::make_shared<NoLog>();
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
  rocksdb::Status status = rocksdb::Status::TryAgain("its writer changed it each time");
  for (int attempt = 0; attempt < kReadOnlyAttempts; ++attempt) {
    const auto before = fingerprint(request.directory);
    std::vector<rocksdb::ColumnFamilyHandle*> handles;
    rocksdb::DB* db = nullptr;
    const auto opened = rocksdb::DB::OpenForReadOnly(request.options, request.directory.string(),
                                                     request.families, &handles, &db);
    auto database = opened.ok() ? std::make_shared<RocksdbDatabase>(std::unique_ptr<rocksdb::DB>(db),
                                                                    std::move(handles), request.memory)
                                : nullptr;
    // Had the writer flushed meanwhile, a log it then deleted would be missing from what was read.
    const bool steady = fingerprint(request.directory) == before;
    if (steady && database) return database;
    if (steady) status = opened;
    std::this_thread::sleep_for(kReadOnlyPause);
  }
  return tl::unexpected<Error>(error_of(status, request.what, "cannot be read", request.in_use));
}

}  // namespace slipstream
