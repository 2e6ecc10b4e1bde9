// What is compared after every schedule, when all has come to rest. Each returns the first thing that is not
// as promised, as text; empty: all is well.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "engine/judge/alert_record.h"
#include "engine/log/event_log.h"
#include "engine/shard/input.h"
#include "engine/view/committed_state.h"
#include "tests/simulator/definitions.h"
#include "tests/simulator/model.h"
#include "tests/simulator/tally.h"

namespace slipstream::simulator {

using Finding = std::string;

// A deployment that has come to rest.
struct Rested {
  EventLog& log;
  CommittedState state;
  Counters counters;
  Timestamp now;
  TopicNames topics = {};
  std::int32_t partitions() const { return static_cast<std::int32_t>(state.shards.size()); }
};

Result<std::vector<ReadBatch>> read_topic(EventLog& log, const std::string& topic, std::int32_t partitions);
// All that was journaled, by alert id, in the journal's order.
using Journal = std::map<std::string, std::vector<AlertRecord>>;
Result<Journal> read_journal(const Rested& rested);

// Every row of every view is what a brute-force recompute from the log gives (G1).
Result<Finding> compare_with_recompute(const Rested& rested, Tally& tally);
// Every row that readers see is what the model says (G1).
Result<Finding> compare_with_model(const Rested& rested, const Model& model);
// The bytes of the records that were beyond retention when they were read: when that is decides it, and a
// task or a figure is without them from then on, in the windows that are kept too.
Result<std::set<std::string>> refused_as_late(const Rested& rested);
// The topic of views says what readers see (docs/design/views-topic.md).
Result<Finding> compare_published_rows(const Rested& rested, Tally& tally);
// Stored totals are the same bytes, whatever the number of partitions and the faults (G1). Of runs that
// refused the same records as late.
Result<Finding> compare_totals(const Rested& plain, const Rested& rested);
// Transitions are numbered without gap or repeat, each leads on from the one before, on a way that the
// machine allows; the public topics tell the journal's story, each transition once; what ended is not going
// on (G2).
Result<Finding> check_alerts(const Rested& rested, const Journal& journal, Tally& tally);
// Both runs took the same decisions at the same instants, or, unless `strict`, have the same alerts going on
// at nodes that the organisation has known all the time.
Finding compare_decisions(const Definitions& definitions, const Journal& plain, const Journal& journal,
                          bool strict, const ModelTree& tree);
// received = folded + duplicates + dead-lettered + forwarded, and every record received was; each dead letter
// once, with its bytes (G3).
Result<Finding> check_conservation(const Rested& rested, Tally& tally);
// Both runs refused the same records. Of runs that refused the same ones as late: what is refused has no say
// in what conflicts with it.
Result<Finding> compare_dead_letters(const Rested& plain, const Rested& rested);

}  // namespace slipstream::simulator
