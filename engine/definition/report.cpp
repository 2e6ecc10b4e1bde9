#include "engine/definition/report.h"

#include <fmt/format.h>

#include "engine/expression/utf8.h"

namespace slipstream {

Setting Setting::item(std::size_t index) const {
  return {&node->items[index], fmt::format("{}[{}]", path, index + 1)};
}

Setting Setting::entry(const Document::Entry& entry) const {
  return {&entry.value, path.empty() ? entry.key : path + "." + entry.key};
}

void Report::add(ErrorCode code, Mark mark, const std::string& path, std::string message, std::string hint) {
  // A key may hold line ends, and a diagnostic is one line.
  diagnostics_.push_back({code, file_, mark, one_line(path), one_line(message), one_line(hint)});
}

void Report::add(ErrorCode code, const Setting& at, std::string message, std::string hint) {
  add(code, at.node->mark, at.path, std::move(message), std::move(hint));
}

void Report::add(const Setting& at, const std::vector<ExpressionError>& errors) {
  for (const ExpressionError& error : errors)
    add(error.code, at.node->mark_at(error.position), at.path, error.message, error.hint);
}

}  // namespace slipstream
