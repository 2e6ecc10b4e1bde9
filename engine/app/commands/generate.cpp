// `slipstream generate`: a made-up city as events, to try things on.
#include <fmt/format.h>

#include "engine/app/commands/command.h"
#include "engine/app/demo/city_files.h"

namespace slipstream {
namespace {

struct GenerateArguments {
  std::string directory;
  std::uint64_t seed = 1;
  std::string size = "small";
  CityWriting writing;
};

Result<ExitCode> generate(Session& session, const GenerateArguments& arguments) {
  City city(arguments.seed, arguments.size == "city" ? CitySize::city : CitySize::small);
  if (arguments.directory == "-") {
    SLIPSTREAM_TRY(write_city_events(city, arguments.writing, stdout, "the standard output"));
    return ExitCode::ok;
  }
  SLIPSTREAM_ASSIGN(const CityFiles files, write_city(arguments.directory, city, arguments.writing));
  Answer answer = session.answer();
  answer.section("files", {text_column("file"), number_column("events")});
  answer.row({text_cell(files.definitions.string()), Cell()});
  answer.row({text_cell(files.events.string()), count_cell(files.written)});
  return ExitCode::ok;
}

}  // namespace

void add_generate_command(const CommandLine& line) {
  const auto arguments = std::make_shared<GenerateArguments>();
  const Command command = line.add(
      "generate", "Write a made-up city: events as JSON Lines and the definitions to go with them",
      "  slipstream generate city --seed 7\n"
      "  slipstream import city/city.jsonl --data city/data\n"
      "  slipstream run --until-idle --data city/data --definitions city/city.yaml --set "
      "clock=events\n"
      "  slipstream generate - --days 2 --rate 500 | wc -l    # events alone, half a thousand a second\n\n"
      "The same seed and size give the same bytes everywhere. docs/api.md shows how to post them.",
      [&session = line.session, arguments] { return generate(session, *arguments); });
  command
      .add_option("DIR", &arguments->directory,
                  "where to, made if need be; - writes the events to the standard output")
      .required();
  command.add_option("--seed", &arguments->seed, "which city").shows_default();
  command
      .add_option("--size", &arguments->size,
                  "small: six units, half a year; city: sixty units, 1,300 officers, a year")
      .shows_default()
      .one_of({"small", "city"});
  command.add_option("--days", &arguments->writing.days, "only the first N days").positive();
  command.add_option("--rate", &arguments->writing.rate, "events a second; at once without it").positive();
}

}  // namespace slipstream
