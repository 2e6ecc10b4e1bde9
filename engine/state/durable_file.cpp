#include "engine/state/durable_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>
#include <vector>

#include "engine/base/crash_point.h"

namespace slipstream {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kPieceBytes = std::size_t{1} << 20;

Error error_of(std::error_code error, const fs::path& path, std::string_view failed) {
  const auto say = [&](ErrorCode code, std::string_view advice) {
    return Error{code, fmt::format("{} {}: {}; {}", path.string(), failed, error.message(), advice)};
  };
  if (error == std::errc::no_space_on_device || error == std::errc::file_too_large || error.value() == EDQUOT)
    return say(ErrorCode::disk_full, "free space or enlarge the volume");
  if (error == std::errc::no_such_file_or_directory)
    return say(ErrorCode::not_found, "check that the volume is mounted and complete");
  return say(ErrorCode::io, "check the permissions and the disk's health");
}

tl::unexpected<Error> fail_with(std::error_code error, const fs::path& path, std::string_view failed) {
  return tl::unexpected<Error>(error_of(error, path, failed));
}

tl::unexpected<Error> fail_with_errno(const fs::path& path, std::string_view failed) {
  return fail_with({errno, std::generic_category()}, path, failed);
}

class File {
 public:
  static Result<File> open(const fs::path& path, int flags, std::string_view failed) {
    const int descriptor = ::open(path.c_str(), flags | O_CLOEXEC, 0644);
    if (descriptor < 0) return fail_with_errno(path, failed);
    return File(path, descriptor);
  }
  static Result<File> open_new(const fs::path& path) {
    return open(path, O_WRONLY | O_CREAT | O_EXCL, "cannot be created");
  }
  static Result<File> open_to_read(const fs::path& path) { return open(path, O_RDONLY, "cannot be read"); }

  File(File&& other) noexcept
      : path_(std::move(other.path_)), descriptor_(std::exchange(other.descriptor_, -1)) {}
  File& operator=(File&&) = delete;
  ~File() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }

  // Empty at the end.
  Result<std::string_view> read(std::vector<char>& buffer) {
    ssize_t got = 0;
    do {
      got = ::read(descriptor_, buffer.data(), buffer.size());
    } while (got < 0 && errno == EINTR);
    if (got < 0) return fail_with_errno(path_, "cannot be read");
    return std::string_view(buffer.data(), static_cast<std::size_t>(got));
  }

  Result<> write(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t written = ::write(descriptor_, bytes.data(), bytes.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) return fail_with_errno(path_, "cannot be written");
      bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return {};
  }

  // A network file system may tell of a failed write only now.
  Result<> sync_and_close() {
    if (::fsync(descriptor_) != 0) return fail_with_errno(path_, "cannot be synced");
    if (::close(std::exchange(descriptor_, -1)) != 0) return fail_with_errno(path_, "cannot be closed");
    return {};
  }

  // Volumes of object stores know no directories to sync, and say so.
  Result<> sync_as_directory() {
    if (::fsync(descriptor_) == 0 || errno == EINVAL || errno == ENOTSUP) return {};
    return fail_with_errno(path_, "cannot be synced");
  }

 private:
  File(fs::path path, int descriptor) : path_(std::move(path)), descriptor_(descriptor) {}

  fs::path path_;
  int descriptor_;
};

// Reads to the end, or until `take`, given each piece, returns false.
template <class Take>
Result<> read_pieces(File& file, const Take& take) {
  std::vector<char> buffer(kPieceBytes);
  while (true) {
    SLIPSTREAM_ASSIGN(const std::string_view piece, file.read(buffer));
    if (piece.empty() || !take(piece)) return {};
  }
}

class Digesting {
 public:
  void add(std::string_view piece) {
    hash_.add(piece);
    bytes_ += piece.size();
  }
  FileDigest digest() const { return {bytes_, hash_.hash()}; }

 private:
  HashStream hash_;
  std::uint64_t bytes_ = 0;
};

}  // namespace

Result<FileDigest> digest_of(const fs::path& file) {
  SLIPSTREAM_ASSIGN(File source, File::open_to_read(file));
  Digesting digesting;
  SLIPSTREAM_TRY(read_pieces(source, [&](std::string_view piece) {
    digesting.add(piece);
    return true;
  }));
  return digesting.digest();
}

tl::expected<FileDigest, CopyError> copy_durably(const fs::path& from, const fs::path& to) {
  const auto failed = [](bool source, const Error& error) {
    return tl::unexpected<CopyError>({source, error});
  };
  Result<File> source = File::open_to_read(from);
  if (!source) return failed(true, source.error());
  Result<File> copy = File::open_new(to);
  if (!copy) return failed(false, copy.error());
  Digesting digesting;
  Result<> written;
  const Result<> read = read_pieces(*source, [&](std::string_view piece) {
    digesting.add(piece);
    written = copy->write(piece);
    return written.has_value();
  });
  if (!read) return failed(true, read.error());
  if (written) written = copy->sync_and_close();
  if (!written) return failed(false, written.error());
  return digesting.digest();
}

Result<> write_durably(const fs::path& file, std::string_view bytes) {
  SLIPSTREAM_ASSIGN(File created, File::open_new(file));
  SLIPSTREAM_TRY(created.write(bytes));
  return created.sync_and_close();
}

Result<std::string> read_file(const fs::path& file) {
  SLIPSTREAM_ASSIGN(File source, File::open_to_read(file));
  std::string text;
  SLIPSTREAM_TRY(read_pieces(source, [&](std::string_view piece) {
    text += piece;
    return true;
  }));
  return text;
}

Result<> rename_path(const fs::path& from, const fs::path& to) {
  std::error_code error;
  fs::rename(from, to, error);
  if (error) return fail_with(error, from, fmt::format("cannot be renamed to {}", to.string()));
  return {};
}

Result<> sync_directory(const fs::path& directory) {
  SLIPSTREAM_ASSIGN(File opened, File::open(directory, O_RDONLY | O_DIRECTORY, "cannot be opened"));
  return opened.sync_as_directory();
}

Result<> create_directories_durably(const fs::path& directory) {
  std::error_code error;
  if (fs::is_directory(directory, error)) return {};
  const fs::path parent = directory.parent_path();
  if (!parent.empty()) SLIPSTREAM_TRY(create_directories_durably(parent));
  fs::create_directory(directory, error);
  if (error) return fail_with(error, directory, "cannot be created");
  return sync_directory(parent.empty() ? fs::path(".") : parent);
}

Result<> remove_file(const fs::path& file) {
  std::error_code error;
  fs::remove(file, error);
  if (error) return fail_with(error, file, "cannot be removed");
  return {};
}

Result<> remove_directory(const fs::path& directory) {
  std::error_code error;
  fs::remove_all(directory, error);
  if (error) return fail_with(error, directory, "cannot be removed");
  return {};
}

Result<> discard_directory(const fs::path& directory) {
  const fs::path discarded = directory.string() + ".discarded";
  SLIPSTREAM_TRY(remove_directory(discarded));
  std::error_code ignored;
  if (!fs::exists(directory, ignored)) return {};
  SLIPSTREAM_TRY(rename_path(directory, discarded));
  SLIPSTREAM_TRY(sync_directory(fs::absolute(directory).parent_path()));
  crash_point("discard.renamed");
  return remove_directory(discarded);
}

}  // namespace slipstream
