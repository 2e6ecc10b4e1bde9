// The rows an import could not take, as CSV: file,line,column,code,reason,row. Written before the batch they
// stand in is committed; an import that goes on cuts off what a lost batch had written, so each bad row
// stands there once. Belongs to one thread.
#pragma once

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "connectors/file/event_reader.h"

namespace slipstream {

inline constexpr std::size_t kReportedRowBytesMax = 4096;  // longer rows are cut in the report

class BadRowReport {
 public:
  // Keeps the file's first `keep` bytes; with 0 begins anew. Error io.
  static Result<BadRowReport> open(const std::filesystem::path& path, std::uint64_t keep);

  void add(std::string_view file, const ReadRow& row);
  // Writes and flushes what was added. Error io or disk_full.
  Result<> flush();
  std::uint64_t bytes() const { return written_ + pending_.size(); }

 private:
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };

  std::string name_;
  std::unique_ptr<std::FILE, Close> file_;
  std::string pending_;
  std::uint64_t written_ = 0;
};

}  // namespace slipstream
