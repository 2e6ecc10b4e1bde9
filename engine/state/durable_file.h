// Files and their names made durable: what is written here stays, whatever instant the machine stops at.
//
// A new name is durable when the directory that holds it has been synced. Any thread may call. Errors:
// disk_full (also a quota, or a limit of the process), not_found, io; each names the path.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "engine/base/error.h"
#include "engine/base/hash.h"

namespace slipstream {

// What a file holds, for telling whether two files hold the same.
struct FileDigest {
  std::uint64_t bytes = 0;
  Hash128 hash;
  friend bool operator==(const FileDigest&, const FileDigest&) = default;
};

// Reads the file whole.
Result<FileDigest> digest_of(const std::filesystem::path& file);

struct CopyError {
  bool source = false;  // reading failed; false: writing did
  Error error;
};

// Copies to a file that must not exist and syncs it. The digest is of what was read.
tl::expected<FileDigest, CopyError> copy_durably(const std::filesystem::path& from,
                                                 const std::filesystem::path& to);

// Writes a file that must not exist and syncs it.
Result<> write_durably(const std::filesystem::path& file, std::string_view bytes);

Result<std::string> read_file(const std::filesystem::path& file);

// Replaces what is there under the new name: a file, or an empty directory. Sync the directory after.
Result<> rename_path(const std::filesystem::path& from, const std::filesystem::path& to);

Result<> sync_directory(const std::filesystem::path& directory);

// With its parents, all of them durable.
Result<> create_directories_durably(const std::filesystem::path& directory);

// No error when it is gone already.
Result<> remove_file(const std::filesystem::path& file);
Result<> remove_directory(const std::filesystem::path& directory);  // with what is in it
// The same, so that a crash leaves the directory whole or gone: it is renamed to `<directory>.discarded` first.
// What an earlier crash left under that name goes too.
Result<> discard_directory(const std::filesystem::path& directory);

}  // namespace slipstream
