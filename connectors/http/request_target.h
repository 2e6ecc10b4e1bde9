// The target of a request line, taken apart.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/error.h"

namespace slipstream {

struct RequestTarget {
  std::vector<std::string> segments;  // "/" has none, "/a/" is {"a", ""}
  std::vector<std::pair<std::string, std::string>>
      query;  // '+' is a blank; empty parts ("a=1&&b=2") are left out
};

// Origin form ("/v1/views?limit=10"), or absolute form with http or https, of which the path and the query are taken.
// A dot segment, escaped or not, is refused: what it meant is known to whoever wrote it. Error syntax, with a message for
// the client: another form, a cut or wrong escape, control characters (escaped ones too), text that is not UTF-8, '#'.
Result<RequestTarget> parse_request_target(std::string_view target);

}  // namespace slipstream
