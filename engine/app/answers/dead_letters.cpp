#include "engine/app/answers/dead_letters.h"

#include <fmt/format.h>

#include "engine/app/output/record_text.h"

namespace slipstream {

Result<std::optional<ErrorCode>> asked_data_code(const std::string& name) {
  if (name.empty()) return std::optional<ErrorCode>();
  const std::optional<ErrorCode> code = find_data_code(name);
  if (code) return code;
  return fail(ErrorCode::usage,
              fmt::format("no dead letter has code '{}'; docs/errors.md lists the codes of data", name));
}

Result<> answer_dead_letters(Answer& answer, EventLog& log, const TopicNames& topics,
                             const DeadLetterChoice& choice, std::size_t rows_max) {
  SLIPSTREAM_ASSIGN(const std::set<std::string> replayed, replayed_letters(log, topics));
  answer.section("dead_letters", {number_column("offset"), text_column("code"), text_column("stage"),
                                  text_column("topic"), number_column("partition"), number_column("at"),
                                  text_column("key"), text_column("replayed"), text_column("reason")});
  std::optional<Offset> next;
  SLIPSTREAM_TRY(scan_dead_letters(log, topics, choice, [&](const PlacedLetter& placed) {
    if (answer.rows() == rows_max) {
      next = placed.offset;
      return false;
    }
    const DeadLetter& letter = placed.letter;
    answer.row({integer_cell(placed.offset.value), text_cell(name_of(letter.code)), text_cell(letter.stage),
                text_cell(letter.at.topic), integer_cell(letter.at.partition.value),
                integer_cell(letter.at.offset.value), text_cell(printable(letter.key)),
                boolean_cell(replayed.contains(replay_key(placed))), text_cell(printable(letter.reason))});
    return true;
  }));
  if (next) answer.next(integer_cell(next->value));
  return {};
}

Result<std::optional<DeadLetter>> find_dead_letter(EventLog& log, const TopicNames& topics, Offset offset) {
  DeadLetterChoice choice;
  choice.range = {offset, offset.next()};
  std::optional<DeadLetter> found;
  SLIPSTREAM_TRY(scan_dead_letters(log, topics, choice, [&](const PlacedLetter& placed) {
    found = placed.letter;
    return false;
  }));
  return found;
}

void answer_dead_letter(Answer& answer, const DeadLetter& letter) {
  answer.fact("code", text_cell(name_of(letter.code)));
  answer.fact("reason", text_cell(printable(letter.reason)));
  answer.fact("stage", text_cell(letter.stage));
  answer.fact("topic", text_cell(letter.at.topic));
  answer.fact("partition", integer_cell(letter.at.partition.value));
  answer.fact("offset", integer_cell(letter.at.offset.value));
  answer.fact("timestamp", time_cell(letter.timestamp, Zone()));
  answer.fact("first_seen", time_cell(letter.first_seen, Zone()));
  answer.fact("definitions", optional_text_cell(letter.definition_version));
  answer.fact("key", text_cell(printable(letter.key)));
  answer.fact("value", letter.value ? text_cell(printable(*letter.value)) : Cell());
  if (letter.headers.empty()) return;
  answer.section("headers", {text_column("header"), text_column("value")}, Answer::Part::beside);
  for (const Header& header : letter.headers)
    answer.row({text_cell(printable(header.name)), text_cell(printable(header.value))});
}

}  // namespace slipstream
