// docs/ and --help cannot lie: every command line that they show is run.
#include <algorithm>
#include <regex>

#include "tests/app/command_fixture.h"

namespace slipstream {
namespace {

std::string page(const std::string& name) {
  std::ostringstream text;
  text << std::ifstream(std::string(SLIPSTREAM_SOURCE_DIR) + "/" + name).rdbuf();
  EXPECT_FALSE(text.str().empty()) << name;
  return text.str();
}

// A block between ``` fences.
struct Block {
  std::string language;
  std::vector<std::string> lines;
  int line = 0;  // of its first line, from 1
};

std::vector<Block> blocks_of(const std::string& text) {
  std::vector<Block> blocks;
  std::istringstream in(text);
  bool inside = false;
  int number = 0;
  for (std::string line; std::getline(in, line);) {
    ++number;
    if (line.starts_with("```")) {
      inside = !inside;
      if (inside) blocks.push_back({line.substr(3), {}, number + 1});
    } else if (inside) {
      blocks.back().lines.push_back(line);
    }
  }
  return blocks;
}

std::string text_of(const Block& block) {
  std::string text;
  for (const std::string& line : block.lines)
    text += line + "\n";
  return text;
}

// "slipstream check   # ends with 1": the code that the line itself says, else 0.
int code_of(const std::string& line) {
  const std::size_t at = line.find("# ends with ");
  return at == std::string::npos ? 0 : std::stoi(line.substr(at + 12));
}

// The version of definitions changes with the engine's row format too.
std::string without_version(const std::string& text) {
  return std::regex_replace(text, std::regex("definitions: [0-9a-f]{16}"), "definitions: VERSION");
}

class DocumentationTest : public CommandTest {
 protected:
  // Runs a line of a shell in the directory, where `slipstream` is the program. What would go on for ever is
  // interrupted.
  Ran shell(const std::string& line, const std::string& environment = "") const {
    write("line.sh", "slipstream() { timeout --preserve-status -s INT ${LIMIT:-100} '" SLIPSTREAM_EXECUTABLE
                     "' \"$@\"; }\n" +
                         environment + line + "\n");
    const int status = std::system(
        fmt::format("cd '{}' && bash line.sh >out.txt 2>err.txt </dev/null", directory().string()).c_str());
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, read(path("out.txt")), read(path("err.txt"))};
  }
};

// In one shell, from the first line to the last, as somebody who follows the page would.
TEST_F(DocumentationTest, TheTourRunsAsItIsWritten) {
  const std::vector<Block> blocks = blocks_of(page("docs/cli.md"));
  std::string script;
  std::vector<std::string> commands;
  for (const Block& block : blocks) {
    if (block.language.find(" file=") != std::string::npos)
      write(block.language.substr(block.language.find(" file=") + 6), text_of(block));
    if (block.language != "sh") continue;
    for (const std::string& line : block.lines) {
      script += fmt::format("{{ {}\n}} >out.{}\necho $? >code.{}\n", line, commands.size(), commands.size());
      commands.push_back(line);
    }
  }
  ASSERT_EQ(shell(script).code, 0) << read(path("err.txt"));
  for (std::size_t i = 0; i < commands.size(); ++i)
    EXPECT_EQ(read(path(fmt::format("code.{}", i))), fmt::format("{}\n", code_of(commands[i])))
        << commands[i] << "\n"
        << read(path(fmt::format("out.{}", i))) << read(path("err.txt"));
  EXPECT_GT(commands.size(), 15u);
  std::size_t command = 0, answers = 0;
  for (const Block& block : blocks) {
    if (block.language == "sh") command += block.lines.size();
    if (block.language != "text") continue;
    EXPECT_EQ(without_version(read(path(fmt::format("out.{}", command - 1)))),
              without_version(text_of(block)))
        << "docs/cli.md:" << block.line;
    ++answers;
  }
  EXPECT_GT(answers, 3u);
}

// The commands as the program itself lists them: "query", "alerts list".
std::vector<std::string> commands_in(const std::string& help) {
  std::vector<std::string> names;
  std::istringstream in(help.substr(std::min(help.find("Subcommands:"), help.size())));
  std::string line;
  std::getline(in, line);
  while (std::getline(in, line) && line.starts_with("  ") && line.size() > 2)
    if (line[2] != ' ') names.push_back(line.substr(2, line.find(' ', 2) - 2));
  return names;
}

class HelpTest : public DocumentationTest {
 protected:
  std::vector<std::string> every_command() const {
    std::vector<std::string> all{""};
    for (const std::string& name : commands_in(run("--help").out)) {
      const std::vector<std::string> below = commands_in(run(name + " --help").out);
      if (below.empty()) all.push_back(name);
      for (const std::string& command : below)
        all.push_back(name + " " + command);
    }
    return all;
  }
  static std::vector<std::string> examples_in(const std::string& help) {
    std::vector<std::string> examples;
    std::istringstream in(help);
    for (std::string line; std::getline(in, line);)
      if (line.starts_with("  slipstream ")) examples.push_back(line.substr(2));
    return examples;
  }
  // The files and the events that the examples speak of.
  void prepare() const {
    std::filesystem::create_directories(path("definitions"));
    write("permits.yaml", R"yaml(format: csv
time_zone: Asia/Ho_Chi_Minh
source: permits
events:
  - type: task.assigned
    time: assigned_at
    id: "{case_id}/assigned"
    fields: { task: case_id, unit: unit, due_at: due_at }
)yaml");
    const std::string cases = "case_id,unit,assigned_at,due_at\n{}1,Sở Y tế,2025-05-02,2025-06-30\n";
    write("cases.csv", fmt::format(fmt::runtime(cases), "a"));
    write("cases-1.csv", fmt::format(fmt::runtime(cases), "b"));
    write("cases-2.csv", fmt::format(fmt::runtime(cases), "c"));
    std::filesystem::create_directories(path("tests"));
    for (const char* file : {"city.test.yaml", "tests/city.test.yaml"})
      write(file, fmt::format("definitions: {}city.yaml\n"
                              "tests:\n"
                              "  - name: Nothing happens by itself\n"
                              "    steps: [{{ clock: 2025-05-02 }}, {{ expect_alerts: none }}]\n",
                              std::string_view(file).find('/') == std::string_view::npos ? "" : "../"));
    write("slipstream.yaml", "memory: 256 MiB\n");
    std::filesystem::create_directories(path("backup"));
    std::string letters;  // of a type that is known and not folded yet
    for (int i = 0; i < 20; ++i)
      letters += fmt::format(
          R"({{"specversion":"1.0","id":"p{}","source":"s","type":"period.closed","time":"2025-05-02T00:00:00Z",)"
          R"("data":{{"period_start":"2025-01-01","period_end":"2025-02-01"}}}})"
          "\n",
          i);
    write("letters.jsonl", letters);
    ASSERT_EQ(shell("slipstream generate city --seed 7").code, 0);
    for (const char* copy : {"city.yaml", "new-rules.yaml", "definitions/city.yaml"})
      std::filesystem::copy_file(path("city/city.yaml"), path(copy));
    std::filesystem::copy_file(path("city/city.jsonl"), path("events.jsonl"));
    ASSERT_EQ(shell("slipstream import events.jsonl letters.jsonl", kEnvironment).code, 0);
    ASSERT_EQ(shell("slipstream run --until-idle", kEnvironment).code, 0);
  }

  static constexpr const char* kEnvironment =
      "export SLIPSTREAM_DEFINITIONS=city.yaml SLIPSTREAM_CLOCK=events XDG_STATE_HOME=$PWD/state\n";
};

TEST_F(HelpTest, EveryExampleRuns) {
  prepare();
  std::size_t run_examples = 0;
  for (const std::string& command : every_command()) {
    const Ran help = run(command + " --help");
    EXPECT_EQ(help.code, 0) << command;
    const std::vector<std::string> examples = examples_in(help.out);
    EXPECT_FALSE(examples.empty()) << command << " has no example";
    for (const std::string& example : examples) {
      if (example.find("kafka") != std::string::npos) continue;  // needs brokers: tests/kafka runs it
      const bool goes_on =
          example.starts_with("slipstream demo") ||
          (example.starts_with("slipstream run") && example.find("--until-idle") == std::string::npos);
      const Ran ran = shell(example, std::string(kEnvironment) + (goes_on ? "LIMIT=2\n" : ""));
      EXPECT_EQ(ran.code, code_of(example)) << example << "\n" << ran.out << ran.err;
      ++run_examples;
    }
  }
  EXPECT_GT(run_examples, 35u);
}

TEST_F(HelpTest, EveryCommandAndOptionIsOnThePage) {
  const std::string text = page("docs/cli.md");
  for (const std::string& command : commands_in(run("--help").out))
    EXPECT_NE(text.find("| `" + command), std::string::npos) << command;
}

// Every exit code of the program, in both tables.
TEST_F(DocumentationTest, BothPagesListTheSameExitCodes) {
  const auto codes_of = [](const std::string& name) {
    const std::string text = page(name);
    std::istringstream in(text.substr(text.find("## Exit codes")));
    std::vector<std::string> codes;
    for (std::string line; std::getline(in, line);)
      if (line.starts_with("| ") && std::isdigit(static_cast<unsigned char>(line[2])))
        codes.push_back(line.substr(2, line.find(' ', 2) - 2));
    return codes;
  };
  const std::vector<std::string> expected{"0", "1", "2", "65", "69", "70", "74", "75", "78", "130"};
  EXPECT_EQ(codes_of("docs/cli.md"), expected);
  EXPECT_EQ(codes_of("docs/errors.md"), expected);
}

// The mapping of docs/import.md takes the files that the page describes.
TEST_F(DocumentationTest, TheMappingOfTheImportPageTakesItsRows) {
  const std::vector<Block> blocks = blocks_of(page("docs/import.md"));
  const auto mapping =
      std::find_if(blocks.begin(), blocks.end(), [](const Block& block) { return block.language == "yaml"; });
  ASSERT_NE(mapping, blocks.end());
  write("mapping.yaml", text_of(*mapping));
  write("teams.csv", "team,city\nnorth,Haarlem\n");
  write("cases.csv",
        "case_id,team,department,responsible,assigned_at,due_at,completed_at,channel\n"
        "1,north,Permits,An,2011-01-03,2011-02-01,2011-01-30,web\n"
        "2,north,Permits,Binh,2011-01-04,2011-02-01,,desk\n");
  const auto file = json("import cases.csv --mapping mapping.yaml --data data").at("files").at(0).as_object();
  EXPECT_EQ(file.at("rows"), 2);
  EXPECT_EQ(file.at("events"), 3);
  EXPECT_EQ(file.at("bad"), 0);
}

}  // namespace
}  // namespace slipstream
