#include "connectors/file/bad_row_report.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <fstream>

#include "connectors/file/csv_row.h"
#include "engine/decode/json_text.h"

namespace slipstream {
namespace {

constexpr std::string_view kHeader = "file,line,column,code,reason,row\n";

tl::unexpected<Error> failed(const std::string& name, std::string_view doing, int error) {
  const ErrorCode code = error == ENOSPC ? ErrorCode::disk_full : ErrorCode::io;
  return fail(code,
              fmt::format("{}: {} the report of bad rows failed: {}", name, doing, std::strerror(error)));
}

// The row's text as UTF-8: bytes that are none are written \xNN.
std::string readable(std::string_view text) {
  if (text.size() > kReportedRowBytesMax) {
    std::size_t end = kReportedRowBytesMax;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80)
      --end;  // not within a character
    text = text.substr(0, end);
  }
  if (is_valid_utf8(text)) return std::string(text);
  std::string result;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80)
      result.push_back(c);
    else
      result += fmt::format("\\x{:02x}", byte);
  }
  return result;
}

// A file with something in it that no import has written: somebody's data, whose name was given by mistake.
bool is_of_somebody(const std::filesystem::path& path) {
  std::error_code failure;
  if (!std::filesystem::is_regular_file(path, failure) || std::filesystem::file_size(path, failure) == 0)
    return false;
  std::string begin(kHeader.size(), '\0');
  std::ifstream(path, std::ios::binary).read(begin.data(), static_cast<std::streamsize>(begin.size()));
  return begin != kHeader;
}

}  // namespace

Result<BadRowReport> BadRowReport::open(const std::filesystem::path& path, std::uint64_t keep) {
  BadRowReport report;
  report.name_ = path.string();
  if (is_of_somebody(path))
    return fail(
        ErrorCode::usage,
        fmt::format("{}: it is there already and no report of bad rows; name another file for the report",
                    report.name_));
  std::error_code failure;
  const std::uintmax_t size = std::filesystem::file_size(path, failure);
  if (failure || size < keep) keep = 0;  // another report than the one that was begun
  if (keep > 0) std::filesystem::resize_file(path, keep, failure);
  report.file_.reset(std::fopen(path.c_str(), keep > 0 ? "ab" : "wb"));
  if (report.file_ == nullptr) return failed(report.name_, "opening", errno);
  report.written_ = keep;
  if (keep == 0) report.pending_ = kHeader;
  SLIPSTREAM_TRY(report.flush());
  return report;
}

void BadRowReport::add(std::string_view file, const ReadRow& row) {
  pending_ += fmt::format("{},{},{},{},{},{}\n", quoted_csv_field(file), row.place.line,
                          quoted_csv_field(row.problem->column), name_of(row.problem->code),
                          quoted_csv_field(row.problem->message), quoted_csv_field(readable(row.text)));
}

Result<> BadRowReport::flush() {
  const bool done = std::fwrite(pending_.data(), 1, pending_.size(), file_.get()) == pending_.size() &&
                    std::fflush(file_.get()) == 0;
  if (!done) return failed(name_, "writing", errno);
  written_ += pending_.size();
  pending_.clear();
  return {};
}

}  // namespace slipstream
