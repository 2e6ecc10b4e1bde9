#include "connectors/file/file_window.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>

#include "engine/base/encoding.h"

namespace slipstream {

Result<FileWindow> FileWindow::open(const std::filesystem::path& path, std::uint64_t offset) {
  FileWindow window;
  window.name_ = path.string();
  std::error_code failure;
  const std::uintmax_t size = std::filesystem::file_size(path, failure);  // refuses what is no regular file
  if (!failure) window.file_.reset(std::fopen(path.c_str(), "rb"));
  if (window.file_ == nullptr) {
    const std::string why = failure ? failure.message() : std::strerror(errno);
    return fail(ErrorCode::unreadable_file,
                fmt::format("{}: {}; check the path and the permissions", window.name_, why));
  }
  if (offset > size || fseeko(window.file_.get(), static_cast<off_t>(offset), SEEK_SET) != 0)
    return fail(ErrorCode::unreadable_file, fmt::format("{}: shorter than {} bytes", window.name_, offset));
  window.window_offset_ = offset;
  return window;
}

Result<> FileWindow::extend() {
  window_offset_ += begin_;
  buffer_.erase(0, begin_);
  begin_ = 0;
  // Growing with what is unread keeps rescanning a long row linear.
  const std::size_t had = buffer_.size();
  const std::size_t wanted = std::max(kReadBytes, had);
  buffer_.resize(had + wanted);
  const std::size_t got = std::fread(buffer_.data() + had, 1, wanted, file_.get());
  buffer_.resize(had + got);
  if (std::ferror(file_.get()) != 0)
    return fail(ErrorCode::io, fmt::format("{}: reading failed: {}", name_, std::strerror(errno)));
  end_ = got < wanted;
  return {};
}

Result<Hash128> hash_of_file(const std::filesystem::path& path) {
  SLIPSTREAM_ASSIGN(FileWindow window, FileWindow::open(path));
  std::string hashes;
  while (!window.holds_the_end()) {
    SLIPSTREAM_TRY(window.extend());
    const Hash128 piece = hash128(window.bytes());
    append_u64(hashes, piece.high);
    append_u64(hashes, piece.low);
    window.consume(window.bytes().size());
  }
  return hash128(hashes);
}

}  // namespace slipstream
