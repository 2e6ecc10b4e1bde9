#include "engine/app/instance_name.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <random>
#include <utility>

namespace slipstream {
namespace {

constexpr std::size_t kDigits = 8;

bool is_name(const std::string& text) {
  return text.size() == kDigits && text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

tl::unexpected<Error> cannot(const std::filesystem::path& path, std::string_view what) {
  return fail(ErrorCode::io, fmt::format("{}: {}: {}", path.string(), what, std::strerror(errno)));
}

}  // namespace

std::string machine_name() {
  std::array<char, 256> name{};
  if (::gethostname(name.data(), name.size() - 1) != 0) return "localhost";
  return name.data();
}

Result<InstanceName> InstanceName::hold(const std::filesystem::path& data) {
  std::error_code failed;
  std::filesystem::create_directories(data, failed);
  const std::filesystem::path path = data / "instance";
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (file < 0) return cannot(path, "the instance's name cannot be kept");
  InstanceName held(file, "");
  if (::flock(file, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return cannot(path, "cannot be locked");
    return fail(ErrorCode::already_exists,
                fmt::format("{}: another instance runs with this data directory; give each its own with "
                            "--data, or stop the other",
                            data.string()));
  }
  std::array<char, kDigits> read{};
  const ssize_t size = ::pread(file, read.data(), read.size(), 0);
  held.text_.assign(read.data(), static_cast<std::size_t>(std::max<ssize_t>(size, 0)));
  if (is_name(held.text_)) return held;
  held.text_ = fmt::format("{:08x}", std::random_device()());
  if (::pwrite(file, held.text_.data(), held.text_.size(), 0) != static_cast<ssize_t>(kDigits))
    return cannot(path, "the instance's name cannot be written");
  return held;
}

InstanceName::InstanceName(InstanceName&& other) noexcept
    : file_(std::exchange(other.file_, -1)), text_(std::move(other.text_)) {}

InstanceName::~InstanceName() {
  if (file_ >= 0) ::close(file_);
}

}  // namespace slipstream
