// A task rebuilt from its events: one row of the relation `tasks`.
#pragma once

#include <span>
#include <string_view>

#include "engine/fold/columns.h"

namespace slipstream {

// Fills `row` (task_column::count_ columns, then the declared ones) from the history. False: the task is in
// no view, since it has not been assigned yet, or was cancelled and does not count. Texts point into the
// history. Credit goes to the holder at the due date; a handover whose credit policy is `acceptor` gives it
// to the new holder whatever the date; without a due date the latest holder has it.
Result<bool> fold_task(std::string_view history, const DeclaredColumns& declared, std::span<Value> row);

}  // namespace slipstream
