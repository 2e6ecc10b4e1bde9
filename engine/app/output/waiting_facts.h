// What an answer says of figures that are in none of its rows, since they wait for a node or an indicator.
#pragma once

#include "engine/app/output/answer.h"
#include "engine/view/waiting_view.h"

namespace slipstream {

// Facts of the answer; none where the definitions let nothing wait. `view`: figures of that one alone.
Result<> print_waiting(Answer& answer, const CommittedState& state, std::optional<std::size_t> view);

}  // namespace slipstream
