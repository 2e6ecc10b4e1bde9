// Refused records: what `slipstream dlq` prints and GET /v1/dead-letters answers.
#pragma once

#include <optional>
#include <string>

#include "engine/app/dead_letter_replay.h"
#include "engine/app/output/answer.h"

namespace slipstream {

// The error code of that name; nullopt for an empty one. Error usage.
Result<std::optional<ErrorCode>> asked_data_code(const std::string& name);

// The section "dead_letters", and then the fact "next", the offset to go on from, if there are more.
Result<> answer_dead_letters(Answer& answer, EventLog& log, const TopicNames& topics,
                             const DeadLetterChoice& choice, std::size_t rows_max);

// The letter at an offset of the dead-letter topic; nullopt: there is none.
Result<std::optional<DeadLetter>> find_dead_letter(EventLog& log, const TopicNames& topics, Offset offset);
void answer_dead_letter(Answer& answer, const DeadLetter& letter);

}  // namespace slipstream
