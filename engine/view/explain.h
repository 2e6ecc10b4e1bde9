// Guarantee G4: a figure taken apart into what it is made of. Lists every task, reported figure or
// observation that counts in a node's window, with what it adds to each measure and the events it rests on,
// adds it all up again and compares the sum with what is stored.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "engine/decode/catalogue.h"
#include "engine/view/event_scan.h"
#include "engine/view/view_reader.h"

namespace slipstream {

struct ExplainedEvent {
  EventType type = EventType::observation;
  std::string id, source;
  EventPosition position;
  Timestamp effective_at;
  bool superseded = false;  // replaced by a later event, so it counts no more
  std::string title;        // of the task, where the event says it
};

struct ExplainedContribution {
  std::string entity;  // the task; indicator, node and period; or the observation's id
  std::string node;    // where it lands
  Timestamp at;        // in the window's column
  int sign = 1;        // -1: withdrawn, where a series goes on under another node
  // By measure: what is added, as text; of a ratio "numerator / denominator"; empty: the measure does not
  // count it.
  std::vector<std::string> adds;
  std::vector<ExplainedEvent> events;
};

struct ExplainQuery {
  std::size_t view = 0;
  std::string node;
  Window window;
  std::size_t listed_max = 1000;  // contributions listed; all of them are summed
};

struct Explanation {
  explicit Explanation(const AccumulatorLayout& layout) : sum(layout), stored(layout) {}
  std::vector<ExplainedContribution> contributions;
  std::uint64_t contributed = 0;  // in all
  AccumulatorRow sum;             // of all contributions
  AccumulatorRow stored;          // what readers are shown
  bool is_equal = false;          // to the byte
};

// For a view over observations reads the log up to the committed positions; else the committed state alone.
Result<Explanation> explain(const CommittedState& state, const EventSource& source,
                            const ExplainQuery& query);
// The same for several windows of the query's node and view, in their order; reads everything once.
// `query.window` is not looked at.
Result<std::vector<Explanation>> explain_windows(const CommittedState& state, const EventSource& source,
                                                 const ExplainQuery& query, std::span<const Window> windows);

}  // namespace slipstream
