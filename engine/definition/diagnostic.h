// One thing wrong in a file a person wrote: where, what, why, and what to do. `validate` prints all of them
// at once.
#pragma once

#include <string>
#include <vector>

#include "engine/base/error.h"
#include "engine/definition/document.h"

namespace slipstream {

struct Diagnostic {
  ErrorCode code = ErrorCode::invalid_value;
  std::string file;
  Mark mark;
  std::string path;     // the key's path: "views.delivery.measures.on_time"
  std::string message;  // the reason
  std::string hint;     // may be empty
};

using Diagnostics = std::vector<Diagnostic>;

// "city.yaml:12:7: views.delivery.window: unknown_key: no such key 'evry' (did you mean 'every'?)"
std::string format_diagnostic(const Diagnostic& diagnostic);

}  // namespace slipstream
