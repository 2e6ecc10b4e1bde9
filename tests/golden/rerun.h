// Runs a golden file, once as written or again in another way that must not change an answer (guarantee G1).
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tests/golden/answer.h"
#include "tests/golden/script.h"

namespace slipstream::testing {

// How a file is run.
struct Way {
  std::int32_t partitions = 1;
  std::size_t records_max = 16'384;         // of one batch
  std::uint64_t seed = 0;                   // shuffles the events of every group; 0: as written
  bool duplicated = false;                  // every event comes twice
  std::optional<Rehearsal::Crash> crashes;  // after every command and every event
  std::string describe() const;
};

// The ways of a name: "as_written", "batch_of_one", "eight_partitions", "shuffled", ...
const std::map<std::string, std::vector<Way>>& ways();

// The answers of the file's queries, in order; an Error names the line of the command that failed.
Result<std::vector<Lines>> run(const Script& script, const Way& way);

// The lines of an answer that a way may not change. Twice as many events are more duplicates and, if they are
// bad, more dead letters; and which event of a shuffled group is the late one depends on the order.
Lines comparable(const Lines& lines, const Command& query, const Way& way);

}  // namespace slipstream::testing
