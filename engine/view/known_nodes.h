// Which nodes a reader may ask for: those that have figures, and those that the organisation knows.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/view/committed_state.h"

namespace slipstream {

// Has the node a figure in any view, or a place in the organisation?
Result<bool> is_known_node(const CommittedState& state, std::string_view node);

// Every such node in order, the root among them.
Result<std::vector<std::string>> known_nodes(const CommittedState& state);

}  // namespace slipstream
