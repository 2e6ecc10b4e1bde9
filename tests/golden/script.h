// A golden file: one command a line, and under some of them a block of lines indented by two spaces.
//
//   definitions             block: the YAML of the definitions; the first command
//   clock INSTANT           moves the clock; a date or local time is read in the definitions' zone
//   TYPE SUBJECT ...        an event in short form (connectors/definition/short_event.h), or a CloudEvent as
//                           JSON, or, behind `record `, any bytes; @RULE,NODE,PERIOD stands for the id of an
//                           alert that has started
//   restart|crash|rebuild   drops the shards: log and stores stay | the stores' last batch is lost | the
//                           stores are lost
//   replay CODE             appends the records of the dead letters of this code again, each letter once
//
// Queries; their block: the lines expected.
//
//   view NAME [OPTION...]   the rows. Options: node=PATH (with everything below: node=PATH/**), every=WINDOW
//   kpi NAME [OPTION...]
//   alerts [sentences]      the transitions since the last such line
//   states                  the alerts as they now are
//   dead_letters            those since the last such line, each once, in order of their text
//   counters                what became of the records
//   waiting                 the nodes and indicators waited for, and what has a deadline
//
// Events between two other commands are one group: they may come in any order, and are judged together after
// the last.
// '#' begins a comment line.
#pragma once

#include <string>
#include <vector>

#include "engine/base/error.h"

namespace slipstream::testing {

struct Command {
  int line = 0;
  std::string text;                // without its block; a comment or blank line is kept as it is
  std::vector<std::string> block;  // without the indentation

  std::string word() const { return text.substr(0, text.find(' ')); }
  std::string rest() const;
  bool is_silent() const { return text.empty() || text.front() == '#'; }
  bool is_definitions() const { return text == "definitions"; }
  bool is_query() const;
  bool is_event() const;
};

struct Script {
  std::string name;
  std::vector<Command> commands;
};

Result<Script> read_script(const std::string& path);
// The file with the blocks of its queries replaced: one for each query, in order.
std::string rewritten(const Script& script, const std::vector<std::vector<std::string>>& answers);
// The names of the files in `folder`, without their ending, in order.
std::vector<std::string> list_scripts(const std::string& folder);

}  // namespace slipstream::testing
