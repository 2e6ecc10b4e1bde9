#include "engine/definition/diagnostic.h"

#include <fmt/format.h>

namespace slipstream {

std::string format_diagnostic(const Diagnostic& diagnostic) {
  std::string text = diagnostic.file;
  if (diagnostic.mark.line > 0) text += fmt::format(":{}:{}", diagnostic.mark.line, diagnostic.mark.column);
  if (!diagnostic.path.empty()) text += ": " + diagnostic.path;
  text += fmt::format(": {}: {}", name_of(diagnostic.code), diagnostic.message);
  if (!diagnostic.hint.empty()) text += " (" + diagnostic.hint + ")";
  return text;
}

}  // namespace slipstream
