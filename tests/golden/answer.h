// What a golden file's query prints. Nothing in it depends on the number of partitions, the batch size or the
// order of arrival: offsets, shards, commit numbers and evidence are left out.
#pragma once

#include <string>
#include <vector>

#include "connectors/definition/rehearsal.h"

namespace slipstream::testing {

using Lines = std::vector<std::string>;

// `options`: "node=General/** every=month".
Result<Lines> view_rows(const CommittedState& state, const std::string& name, const std::string& options);
Result<Lines> kpi_rows(const CommittedState& state, const std::string& name, const std::string& options);
Lines transition_lines(const std::vector<AlertRecord>& decisions, bool sentences, const Zone& zone);
Lines state_lines(const std::vector<AlertRecord>& decisions, Timestamp now);
Lines dead_letter_lines(const std::vector<DeadLetter>& letters, std::size_t from);
Result<Lines> waiting_lines(const CommittedState& state);
Lines counter_lines(const Counters& counters);

}  // namespace slipstream::testing
