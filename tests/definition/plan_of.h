// Plans of definitions that must be right.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string_view>

#include "connectors/definition/load_file.h"

namespace slipstream {

// Null after a failure for each thing that is wrong.
inline std::shared_ptr<const Plan> plan_of(std::string_view definitions) {
  Diagnostics diagnostics;
  auto plan = load_definition_text(definitions, "test.yaml", diagnostics);
  for (const Diagnostic& diagnostic : diagnostics)
    ADD_FAILURE() << format_diagnostic(diagnostic);
  return plan;
}

// The least that a shard can do: how many tasks of each unit are due in each month.
inline constexpr std::string_view kDueByMonth =
    "time_zone: UTC\n"
    "views: { v: { from: tasks, node: [unit], window: { on: due_at, every: month }, measures: { due: "
    "count(*) } } }\n";

}  // namespace slipstream
