#include "tests/golden/script.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <string_view>

namespace slipstream::testing {
namespace {

constexpr std::string_view kIndentation = "  ";
constexpr std::array<std::string_view, 7> kQueries = {"view",         "kpi",      "alerts", "states",
                                                      "dead_letters", "counters", "waiting"};
constexpr std::array<std::string_view, 6> kActs = {"definitions", "clock",   "restart",
                                                   "crash",       "rebuild", "replay"};

template <std::size_t N>
bool is_one_of(const std::array<std::string_view, N>& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

// A blank line within the definitions belongs to them; the last ones of any block do not.
void give_back_blank_lines(std::vector<Command>& commands) {
  Command& last = commands.back();
  std::size_t blank = 0;
  while (!last.block.empty() && last.block.back().empty()) {
    last.block.pop_back();
    ++blank;
  }
  const int from = last.line + static_cast<int>(last.block.size()) + 1;
  for (std::size_t i = 0; i < blank; ++i)
    commands.push_back({from + static_cast<int>(i), "", {}});
}

}  // namespace

std::string Command::rest() const {
  const std::size_t space = text.find(' ');
  return space == std::string::npos ? std::string() : text.substr(space + 1);
}

bool Command::is_query() const { return is_one_of(kQueries, word()); }

bool Command::is_event() const { return !is_silent() && !is_query() && !is_one_of(kActs, word()); }

Result<Script> read_script(const std::string& path) {
  std::ifstream in(path);
  if (!in.good()) return fail(ErrorCode::unreadable_file, path + " cannot be read");
  Script script;
  script.name = std::filesystem::path(path).stem().string();
  int number = 0;
  for (std::string line; std::getline(in, line);) {
    ++number;
    const bool in_block = !script.commands.empty() && !script.commands.back().is_silent();
    if (line.starts_with(kIndentation) && in_block) {
      script.commands.back().block.push_back(line.substr(kIndentation.size()));
      continue;
    }
    if (line.empty() && in_block) {
      script.commands.back().block.emplace_back();
      continue;
    }
    if (!script.commands.empty()) give_back_blank_lines(script.commands);
    script.commands.push_back({number, line, {}});
  }
  if (!script.commands.empty()) give_back_blank_lines(script.commands);
  return script;
}

std::string rewritten(const Script& script, const std::vector<std::vector<std::string>>& answers) {
  std::string out;
  std::size_t query = 0;
  for (const Command& command : script.commands) {
    out += command.text + "\n";
    const std::vector<std::string>& block = command.is_query() ? answers[query++] : command.block;
    for (const std::string& line : block)
      out += line.empty() ? "\n" : std::string(kIndentation) + line + "\n";
  }
  return out;
}

std::vector<std::string> list_scripts(const std::string& folder) {
  std::vector<std::string> names;
  for (const auto& file : std::filesystem::directory_iterator(folder))
    if (file.path().extension() == ".golden") names.push_back(file.path().stem().string());
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace slipstream::testing
