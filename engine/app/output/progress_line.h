// Progress of long work on the standard error: one line that is rewritten on a terminal, now and then a new
// line elsewhere and in JSON, nothing with --quiet. Belongs to one thread.
#pragma once

#include <chrono>
#include <string_view>

#include "engine/app/output/message.h"

namespace slipstream {

class ProgressLine {
 public:
  ProgressLine(bool quiet, MessageFormat format);
  ~ProgressLine() { end(); }
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  void show(std::string_view text);
  // Takes the line off the terminal, so that something else can be printed there.
  void erase();
  // Leaves the last line standing.
  void end();

 private:
  bool quiet_;
  MessageFormat format_;
  bool rewrites_;
  bool open_ = false;
  std::chrono::steady_clock::time_point next_;
};

}  // namespace slipstream
