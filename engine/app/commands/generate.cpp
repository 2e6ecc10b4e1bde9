// `slipstream generate`: a made-up city as files, to try things on.
#include <fmt/format.h>

#include "engine/app/commands/command.h"
#include "engine/app/demo/city_files.h"

namespace slipstream {
namespace {

struct GenerateArguments {
  std::string directory;
  std::uint64_t seed = 1;
  std::string size = "small";
};

Result<ExitCode> generate(Session& session, const GenerateArguments& arguments) {
  const CitySize size = arguments.size == "city" ? CitySize::city : CitySize::small;
  SLIPSTREAM_ASSIGN(const CityFiles files,
                    write_city(arguments.directory, arguments.seed, size, CitySplit::one_file));
  Answer answer = session.answer();
  answer.section("files", {text_column("file"), number_column("events")});
  answer.row({text_cell(files.definitions.string()), Cell()});
  for (const auto& file : files.events)
    answer.row({text_cell(file.string()), count_cell(files.written)});
  return ExitCode::ok;
}

}  // namespace

void add_generate_command(const CommandLine& line) {
  const auto arguments = std::make_shared<GenerateArguments>();
  const Command command =
      line.add("generate", "Write a made-up city: events as JSON Lines and the definitions to go with them",
               "  slipstream generate city --seed 7\n"
               "  slipstream import city/city.jsonl --data city/data\n"
               "  slipstream run --until-idle --data city/data --definitions city/city.yaml --set "
               "clock=events\n\n"
               "The same seed and size give the same files everywhere.",
               [&session = line.session, arguments] { return generate(session, *arguments); });
  command.add_option("DIR", &arguments->directory, "where to; made if need be").required();
  command.add_option("--seed", &arguments->seed, "which city").shows_default();
  command.add_option("--size", &arguments->size, "small: a few officers; city: hundreds of them")
      .shows_default()
      .one_of({"small", "city"});
}

}  // namespace slipstream
