#include "engine/view/waiting_view.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "engine/aggregate/row_key.h"
#include "engine/base/encoding.h"
#include "engine/definition/suggestion.h"
#include "engine/shard/reference.h"
#include "engine/shard/waiting_room.h"

namespace slipstream {
namespace {

constexpr std::size_t kNamed = 5;  // in a sentence

// The first key at or after `from` and before `to`; empty: there is none.
Result<std::string> first_key(const StateReader& shard, Family family, const std::string& from,
                              const std::string& to) {
  std::string first;
  SLIPSTREAM_TRY(shard.scan(family, from, to, [&](std::string_view key, std::string_view) {
    first = key;
    return false;
  }));
  return first;
}

// A node is looked at in its first slice and as of the clock: where it stood then, and where it stands.
Result<> add_nodes(const CommittedState& state, const Organisation& organisation, Timestamp clock,
                   ViewId view, std::set<std::string>& nodes) {
  const std::string prefix = view_prefix(view), end = prefix_end(prefix);
  for (const auto& shard : state.shards)
    for (std::string from = prefix;;) {
      SLIPSTREAM_ASSIGN(const std::string key, first_key(*shard, state.totals_family(), from, end));
      if (key.empty()) break;
      const auto row = parse_row_key(key);
      if (!row)
        return fail(ErrorCode::store_corrupt, "a row's key cannot be read; delete the state to rebuild it");
      if (!organisation.is_known(row->node, row->slice) || !organisation.is_known(row->node, clock))
        nodes.insert(row->node);
      from = prefix_end(node_prefix(view, row->node));
    }
  return {};
}

Result<> add_indicators(const CommittedState& state, const Indicators& defined,
                        std::set<std::string>& indicators) {
  for (const auto& shard : state.shards)
    for (std::string from = "m";;) {
      SLIPSTREAM_ASSIGN(const std::string key, first_key(*shard, Family::entities, from, "n"));
      std::string indicator;
      if (key.empty() || !ByteReader(std::string_view(key).substr(1)).read_key_string(indicator)) break;
      from = prefix_end(indicator_prefix(indicator));
      if (!defined.contains(indicator)) indicators.insert(std::move(indicator));
    }
  return {};
}

Result<> add_deadlines(const CommittedState& state, const Organisation& organisation,
                       const Indicators& defined, WhatWaits& out) {
  const auto is_missing = [&](const Missing& missing) {
    return std::any_of(missing.names.begin(), missing.names.end(), [&](const Missing::Name& name) {
      return missing.kind == Missing::Kind::indicator ? !defined.contains(name.name)
                                                      : !organisation.is_known(name.name, name.at);
    });
  };
  for (const auto& shard : state.shards) {
    Result<> read;
    SLIPSTREAM_TRY(shard->scan(
        Family::waiting, kWaitingPrefix, prefix_end(kWaitingPrefix),
        [&](std::string_view, std::string_view value) {
          const auto waiting = decode_waiting(value);
          if (!waiting) {
            read = tl::unexpected(waiting.error());
          } else if (waiting->deadline < Timestamp::max() && is_missing(waiting->missing)) {
            ++out.with_deadline;
            out.first_deadline = std::min(out.first_deadline.value_or(Timestamp::max()), waiting->deadline);
          }
          return read.has_value();
        }));
    SLIPSTREAM_TRY(read);
  }
  return {};
}

std::string named(const std::vector<std::string>& names) {
  if (names.size() <= kNamed) return listed(names);
  return listed(std::vector<std::string>(names.begin(), names.begin() + kNamed)) + ", ...";
}

std::string counted(std::size_t count, std::string_view one, std::string_view many) {
  return fmt::format("{} {}", count, count == 1 ? one : many);
}

}  // namespace

bool may_wait(const Plan& plan) {
  return plan.organisation.tree == TreeSource::events || plan.indicators.from == IndicatorSource::events;
}

Result<WhatWaits> read_waiting(const CommittedState& state, std::optional<std::size_t> view) {
  WhatWaits waiting;
  const Plan& plan = *state.plan;
  if (!may_wait(plan)) return waiting;
  SLIPSTREAM_ASSIGN(const Timestamp clock, read_clock(state));
  SLIPSTREAM_ASSIGN(const auto organisation, read_organisation(state));
  SLIPSTREAM_ASSIGN(const Indicators defined, read_indicators(*state.shards.front()));
  std::set<std::string> nodes, indicators;
  bool of_figures = false;
  for (std::size_t i = 0; i < plan.views.size(); ++i) {
    if (view && *view != i) continue;
    of_figures |= plan.views[i].from == Relation::measurements;
    if (plan.organisation.tree == TreeSource::events)
      SLIPSTREAM_TRY(add_nodes(state, *organisation, clock, plan.views[i].id, nodes));
  }
  if (of_figures && plan.indicators.from == IndicatorSource::events)
    SLIPSTREAM_TRY(add_indicators(state, defined, indicators));
  waiting.nodes.assign(nodes.begin(), nodes.end());
  waiting.indicators.assign(indicators.begin(), indicators.end());
  SLIPSTREAM_TRY(add_deadlines(state, *organisation, defined, waiting));
  return waiting;
}

std::string describe(const WhatWaits& waiting, const Zone& zone) {
  std::string text;
  if (!waiting.nodes.empty())
    text = fmt::format("figures of {} wait for their unit: {}",
                       counted(waiting.nodes.size(), "node", "nodes"), named(waiting.nodes));
  if (!waiting.indicators.empty())
    text +=
        fmt::format("{}figures of {} wait for their definition: {}", text.empty() ? "" : "; ",
                    counted(waiting.indicators.size(), "indicator", "indicators"), named(waiting.indicators));
  if (waiting.first_deadline)
    text += fmt::format(
        "{}{} will become dead letters unless that is defined, the first on {}", text.empty() ? "" : "; ",
        counted(waiting.with_deadline, "task, figure or reading", "tasks, figures and readings"),
        format_timestamp(*waiting.first_deadline, zone));
  return text;
}

}  // namespace slipstream
