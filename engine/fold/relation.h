// The relations that views read: one row per task, per reported figure, per observation. Column order is
// fixed here; columns declared in the definitions (from attributes) come after.
#pragma once

#include <cstdint>

namespace slipstream {

// One row per task that has been assigned and not withdrawn. NULL: not known or not happened.
namespace task_column {
enum : std::uint16_t {
  task,
  title,
  assigner,  // text
  unit,
  position,
  person,  // text: who is credited: the holder at the due date, by default
  current_unit,
  current_position,
  current_person,  // text: the holder now
  weight,          // decimal, converted product; default 1
  assigned_at,
  due_at,
  original_due_at,  // timestamp
  completed_at,
  accepted_at,
  returned_at,
  progressed_at,
  cancelled_at,  // timestamp, the latest of each
  status,        // text: open, completed, accepted, returned, suspended, cancelled
  percent,       // decimal, 0 to 100
  grade,
  starred,
  parent,  // text, boolean, text
  returns,
  extensions,
  handovers,
  reopenings,  // integer, counted
  quality_fault,
  excused,  // boolean: some unexcused failed review; the delay is excused
  suspended,
  cancelled,  // boolean
  source,     // text: CloudEvents source of the assignment
  count_
};
}
// One row per reported figure of a series (indicator, node) and period: its newest version.
namespace measurement_column {
enum : std::uint16_t {
  indicator,
  node,  // text
  effective_at,
  period_start,
  period_end,  // timestamp; period_start is effective_at by default
  value,
  numerator,
  denominator,  // decimal
  recorded_at,  // timestamp
  corrected,    // boolean
  actor,
  source,  // text
  count_
};
}
// One row per observation.
namespace observation_column {
enum : std::uint16_t {
  metric,
  node,   // text
  value,  // decimal
  effective_at,
  recorded_at,  // timestamp
  sequence,     // integer
  source,       // text
  count_
};
}

}  // namespace slipstream
