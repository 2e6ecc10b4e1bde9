// Damage on purpose: a store that loses a change, a log that loses an output or writes it twice. A simulator
// must find each of them (simulator_test.cpp), or what it finds nothing in proves nothing.
#pragma once

#include <memory>

#include "engine/log/event_log.h"
#include "engine/log/fault_choices.h"
#include "engine/state/store.h"

namespace slipstream::simulator {

enum class Sabotage : std::uint8_t {
  none,
  lost_change,      // now and then a store loses a changed row
  lost_output,      // now and then the log loses an output of a transaction
  repeated_output,  // now and then the log writes an output of a transaction twice
};

// `damaged` outlives the result.
std::unique_ptr<Store> sabotaged(std::unique_ptr<Store> store, Choose choose);
std::unique_ptr<EventLog> sabotaged(EventLog& log, Sabotage how, Choose choose);

}  // namespace slipstream::simulator
