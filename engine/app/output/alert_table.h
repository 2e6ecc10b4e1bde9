// Alert transitions as rows of an answer; for people, as a few lines each.
#pragma once

#include <string>
#include <vector>

#include "engine/app/output/answer.h"
#include "engine/judge/alert_record.h"

namespace slipstream {

enum class Language : std::uint8_t { english, vietnamese };

void print_transitions(Answer& answer, const std::vector<AlertRecord>& records, Language language,
                       const Zone& zone);

}  // namespace slipstream
