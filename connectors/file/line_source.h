// Lines of a file as rows; JSON Lines reads its objects from them. Belongs to one thread.
#pragma once

#include <utility>

#include "connectors/file/file_window.h"
#include "connectors/file/row_source.h"

namespace slipstream {

class LineSource final : public RowSource {
 public:
  static Result<LineSource> open(const std::filesystem::path& path, std::optional<RowPlace> from);
  Result<bool> next(Row& row) override;

 private:
  LineSource(FileWindow window, RowPlace place) : window_(std::move(window)), place_(place) {}

  Result<std::size_t> find_line();
  Result<> skip_line();
  void take(std::size_t count);

  FileWindow window_;
  RowPlace place_;         // of the next line
  std::size_t taken_ = 0;  // bytes of the last line, still in the window for its views
};

}  // namespace slipstream
