// The unread bytes of a file, a window at a time: memory is bounded by the longest row, whatever the file's
// size. Belongs to one thread.
#pragma once

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "engine/base/error.h"
#include "engine/base/hash.h"

namespace slipstream {

inline constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";  // that a file may begin with

class FileWindow {
 public:
  static constexpr std::size_t kReadBytes = 256 * 1024;

  // Error unreadable_file when the file cannot be opened or `offset` lies beyond its end.
  static Result<FileWindow> open(const std::filesystem::path& path, std::uint64_t offset = 0);

  std::string_view bytes() const { return std::string_view(buffer_).substr(begin_); }
  bool holds_the_end() const { return end_; }  // nothing follows bytes()
  Result<> extend();                           // appends to bytes(); views of it become invalid. Error io
  void consume(std::size_t count) { begin_ += count; }
  std::uint64_t position() const { return window_offset_ + begin_; }  // of bytes().front() in the file

 private:
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };

  std::string name_;
  std::unique_ptr<std::FILE, Close> file_;
  std::string buffer_;
  std::size_t begin_ = 0;            // of the unread bytes in buffer_
  std::uint64_t window_offset_ = 0;  // of buffer_'s first byte in the file
  bool end_ = false;
};

// Identifies a file's content: the hash of the hashes of its consecutive kReadBytes pieces.
Result<Hash128> hash_of_file(const std::filesystem::path& path);

}  // namespace slipstream
