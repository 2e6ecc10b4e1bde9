// `slipstream dlq`: records that were refused, why, and their return after a fix.
#include <fmt/format.h>

#include <chrono>
#include <limits>

#include "engine/app/answers/dead_letters.h"
#include "engine/app/commands/command.h"

namespace slipstream {
namespace {

struct ChoiceArguments {
  std::string code;
  std::optional<std::int64_t> from, to;
  bool again = false;
  std::int64_t offset = 0;
  bool raw = false;
};

Result<DeadLetterChoice> choice_of(const ChoiceArguments& arguments) {
  DeadLetterChoice choice;
  SLIPSTREAM_ASSIGN(choice.code, asked_data_code(arguments.code));
  if (arguments.from) choice.range.from = Offset(*arguments.from);
  if (arguments.to) choice.range.to = Offset(*arguments.to);
  return choice;
}

Result<ExitCode> list_letters(Session& session, const ChoiceArguments& arguments) {
  SLIPSTREAM_ASSIGN(const DeadLetterChoice choice, choice_of(arguments));
  SLIPSTREAM_ASSIGN(const std::unique_ptr<Deployment> deployment, session.open(Deployment::Access::read));
  Answer answer = session.answer();
  SLIPSTREAM_TRY(answer_dead_letters(answer, deployment->log(), deployment->topics(), choice,
                                     std::numeric_limits<std::size_t>::max()));
  return ExitCode::ok;
}

Result<ExitCode> show_letter(Session& session, const ChoiceArguments& arguments) {
  SLIPSTREAM_ASSIGN(const std::unique_ptr<Deployment> deployment, session.open(Deployment::Access::read));
  SLIPSTREAM_ASSIGN(const std::optional<DeadLetter> found,
                    find_dead_letter(deployment->log(), deployment->topics(), Offset(arguments.offset)));
  if (!found)
    return fail(ErrorCode::usage,
                fmt::format("there is no dead letter at offset {}; `slipstream dlq list` shows them",
                            arguments.offset));
  if (arguments.raw) {
    const std::optional<std::string>& value = found->value;
    if (value) std::fwrite(value->data(), 1, value->size(), stdout);
    return ExitCode::ok;
  }
  Answer answer = session.answer();
  answer_dead_letter(answer, *found);
  return ExitCode::ok;
}

Result<ExitCode> replay(Session& session, const ChoiceArguments& arguments) {
  SLIPSTREAM_ASSIGN(const DeadLetterChoice choice, choice_of(arguments));
  SLIPSTREAM_TRY(session.open(Deployment::Access::read));  // do not make a log where there is none
  SLIPSTREAM_ASSIGN(const std::unique_ptr<Deployment> deployment, session.open(Deployment::Access::write));
  const auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
  const Timestamp now{std::chrono::duration_cast<std::chrono::microseconds>(since_epoch).count()};
  SLIPSTREAM_ASSIGN(const ReplayCounts counts, replay_dead_letters(deployment->log(), deployment->topics(),
                                                                   choice, arguments.again, now));
  Answer answer = session.answer();
  answer.section("replay", {number_column("replayed"), number_column("replayed_before")});
  answer.row({count_cell(counts.replayed), count_cell(counts.replayed_before)});
  if (counts.replayed_before > 0)
    session.say("letters replayed before were left alone; --again replays them too");
  return ExitCode::ok;
}

void add_choice(Command command, ChoiceArguments& arguments) {
  command.add_option("--code", &arguments.code, "letters of this error code only");
  command.add_option("--from", &arguments.from, "from this offset of the dead-letter topic on")
      .not_negative();
  command.add_option("--to", &arguments.to, "up to, not including, this offset").not_negative();
}

}  // namespace

void add_dead_letters_command(const CommandLine& line) {
  const auto arguments = std::make_shared<ChoiceArguments>();
  Session& session = line.session;
  const Command group = line.add_group("dlq", "Show and replay dead letters: records that were refused");
  add_choice(line.add(group, "list", "Dead letters with code, reason and place",
                      "  slipstream dlq list\n  slipstream dlq list --code unknown_node --output csv",
                      [&session, arguments] { return list_letters(session, *arguments); }),
             *arguments);
  const Command shown = line.add(group, "show", "One dead letter with its original record",
                                 "  slipstream dlq show 17\n  slipstream dlq show 17 --raw > record.bin",
                                 [&session, arguments] { return show_letter(session, *arguments); });
  shown.add_option("OFFSET", &arguments->offset, "as `slipstream dlq list` shows it")
      .required()
      .not_negative();
  shown.add_flag("--raw", arguments->raw, "the original record's bytes alone, as they came");
  const Command replayed =
      line.add(group, "replay", "Append the original records again, after a fix; each once",
               "  slipstream dlq replay --code wrong_type\n  slipstream dlq replay --from 17 --to 40",
               [&session, arguments] { return replay(session, *arguments); });
  add_choice(replayed, *arguments);
  replayed.add_flag("--again", arguments->again, "also those that were replayed before");
}

}  // namespace slipstream
