// What an instance is called among the others: a random name that its data directory keeps. While it is held, no
// second instance runs with that directory.
#pragma once

#include <filesystem>
#include <string>

#include "engine/base/error.h"

namespace slipstream {

std::string machine_name();  // "localhost" where the system knows none

class InstanceName {
 public:
  // Errors: io when the directory cannot be written, already_exists when another process holds it.
  static Result<InstanceName> hold(const std::filesystem::path& data);
  InstanceName(InstanceName&& other) noexcept;
  InstanceName& operator=(InstanceName&&) = delete;
  ~InstanceName();

  const std::string& text() const { return text_; }  // eight hexadecimal digits

 private:
  InstanceName(int file, std::string text) : file_(file), text_(std::move(text)) {}

  int file_;
  std::string text_;
};

}  // namespace slipstream
