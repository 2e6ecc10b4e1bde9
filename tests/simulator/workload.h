// The random events of a schedule, and the instants at which they come.
//
// A workload is a function of its seed and the definitions. Events are late and early, come twice (in the
// other encoding, at times), contradict one another, are no events at all, or come on the wrong topic or in the wrong partition.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/decode/event.h"
#include "engine/shard/input.h"
#include "tests/simulator/definitions.h"
#include "tests/simulator/dice.h"

namespace slipstream::simulator {

// An event with the fields that its type uses; the model reads these, the shards the bytes made of them.
struct Happening {
  EventType type = EventType::task_assigned;
  std::string id;
  std::string subject;  // task, node, unit, person, or alert
  Timestamp effective_at, recorded_at;
  std::optional<std::int64_t> version;
  std::string supersedes;
  std::string unit, person;  // holder; `unit` also the parent of a unit or person
  std::string series;        // indicator, metric, KPI
  std::optional<Timestamp> due_at, completed_at, period_start, period_end, valid_from, until;
  std::optional<std::int64_t> value, numerator, denominator, weight, sequence;
  std::string choice;  // credit policy, mode
  bool flag = false;   // cancelled: counts; returned: quality fault
};

// The source belongs to the id, so that a repetition comes from where the first did.
std::string_view source_of(std::string_view id);

// One record to be appended.
struct Delivery {
  std::size_t number = 0;          // of the delivery in its workload
  std::optional<Happening> event;  // none: the bytes are no event
  std::string key;
  std::string bytes;
  bool on_reference = false;        // topic: reference, else events
  std::int32_t partitions_off = 0;  // how far from its own partition of events
  bool may_repeat = true;           // a source may send it twice without being counted twice
  bool in_order = false;            // must come after what came before it: who is first decides
};

// Where it is appended.
TopicPartition place_of(const Delivery& delivery, const TopicNames& topics, std::int32_t partitions);

struct Moment {
  Timestamp clock;
  std::vector<Delivery> deliveries;
};

struct Workload {
  std::vector<Moment> moments;
  Timestamp end;  // after the last moment: where the clock comes to rest
};

class WorkloadGenerator {
 public:
  WorkloadGenerator(const Definitions& definitions, std::uint64_t seed);

  Workload make();
  // An acknowledgement or silence of one of these alerts, as of `clock`.
  static Delivery act_on(const std::vector<std::string>& alert_ids, Timestamp clock, std::size_t number,
                         Dice& dice);

 private:
  void fill(Moment& moment);
  Happening random_event(Timestamp clock);
  std::optional<Happening> mended(Timestamp clock);
  Happening task_event(Timestamp clock);
  Happening figure_event(Timestamp clock);
  Happening reading(Timestamp clock);
  Happening unit_event(Timestamp clock);
  Happening target_event(Timestamp clock);
  Delivery bad_record(Timestamp clock);
  Delivery again(Timestamp clock);
  Delivery delivery_of(Happening event);
  std::string random_node();

  const Definitions& definitions_;
  Dice dice_;
  std::vector<Delivery> sent_;
  std::size_t next_id_ = 0;
  std::int64_t next_sequence_ = 1;
  bool has_tasks_, has_figures_, has_readings_;
};

std::string describe(const Delivery& delivery);

}  // namespace slipstream::simulator
