// Plain sentences for people about a transition, in English and Vietnamese.
//
// Numbers are rounded half-even to the KPI's precision, without trailing zeros, grouped by thousands: 1,234.5
// in English, 1.234,5 in Vietnamese. Dates and times are in the deployment's zone. A period's end is named by
// its last day.
#pragma once

#include <string>

#include "engine/judge/alert.h"

namespace slipstream {

// What a sentence needs beside the transition itself.
struct AlertWording {
  const AlertPlan& plan;
  const KpiPlan& kpi;
  const Zone& zone;
};

// Writes sentence_en and sentence_vi. `state`: as advance() and the others left it with this transition.
void describe(AlertTransition& transition, const AlertState& state, const AlertWording& wording);

}  // namespace slipstream
