// Paths of alerts. Any thread.
#pragma once

#include <string>
#include <vector>

#include "engine/app/output/alert_table.h"
#include "engine/app/service/route_answer.h"
#include "engine/app/service/state_answer.h"

namespace slipstream {

Result<HttpResponse> list_alerts(const ReadContext& context, const HttpRequest& request);
Result<HttpResponse> alert_history(const ReadContext& context, const HttpRequest& request);

// The alerts that a request's parameters choose.
struct AlertFilter {
  std::string node, rule, severity, id;
  bool active = false;
  std::size_t rows_max = 0;
  std::size_t skipped = 0;  // the cursor

  bool wants(const AlertRecord& record) const {
    const AlertState& state = record.state;
    return (node.empty() || state.subject.node == node) && (rule.empty() || state.subject.rule == rule) &&
           (severity.empty() || state.severity == severity) && (id.empty() || state.id == id) &&
           (!active || is_active(state.phase));
  }
};

// Of node, rule, severity, alert, active, limit and cursor. Errors: usage.
Result<AlertFilter> alert_filter(const Parameters& parameters);
Result<Language> language_of(const Parameters& parameters);

// Each alert as it stands, the newest first: from the shards' own states.
Result<std::vector<AlertRecord>> standing_alerts(const CommittedState& state);

}  // namespace slipstream
