// Alert transitions as rows of an answer; for people, as a few lines each.
#pragma once

#include <string>
#include <vector>

#include "engine/app/output/answer.h"
#include "engine/definition/plan.h"
#include "engine/judge/alert_record.h"

namespace slipstream {

enum class Language : std::uint8_t { english, vietnamese };

// A transition as a row.
std::vector<AnswerColumn> transition_columns();
std::vector<Cell> transition_cells(const AlertRecord& record, Language language, const Plan* plan);

// With a plan instants are in its zone and figures have their KPI's precision; without one, UTC and six
// digits.
void print_transitions(Answer& answer, const std::vector<AlertRecord>& records, Language language,
                       const Plan* plan);

}  // namespace slipstream
