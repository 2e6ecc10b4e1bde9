#include "engine/view/view_reader.h"

#include <algorithm>
#include <map>

#include "engine/aggregate/row_key.h"
#include "engine/base/encoding.h"
#include "engine/judge/figure.h"
#include "engine/log/event_log.h"
#include "engine/rollup/node_slices.h"

namespace slipstream {
namespace {

// Walks one shard's totals of a view, a node at a time.
class NodeCursor {
 public:
  NodeCursor(const CommittedState& state, const StateReader& shard, const ViewPlan& view, Timestamp clock,
             std::string from, std::string to)
      : state_(state),
        shard_(shard),
        view_(view),
        clock_(clock),
        from_(std::move(from)),
        to_(std::move(to)) {}

  // The next node's slices; false at the end.
  Result<bool> next(NodeSlices& out) {
    out.node.clear();
    out.slices.clear();
    if (!to_.empty() && from_ >= to_)
      return false;  // spares the store a look, after the only node that was asked for
    Result<> read;
    SLIPSTREAM_TRY(
        shard_.scan(state_.totals_family(), from_, to_, [&](std::string_view key, std::string_view value) {
          auto parsed = parse_row_key(key);
          if (!parsed || RollUp::is_expired(view_, parsed->slice, clock_)) return true;
          if (!out.slices.empty() && parsed->node != out.node) return false;
          out.node = std::move(parsed->node);
          Slice& slice = out.slices.emplace_back(Slice{parsed->slice, AccumulatorRow(view_.layout)});
          read = view_.layout.deserialize(slice.state.bytes(), state_in_total(state_, value));
          return read.has_value();
        }));
    SLIPSTREAM_TRY(read);
    if (!out.slices.empty()) from_ = prefix_end(node_prefix(view_.id, out.node));
    return !out.slices.empty();
  }

 private:
  const CommittedState& state_;
  const StateReader& shard_;
  const ViewPlan& view_;
  Timestamp clock_;
  std::string from_, to_;
};

class Assembler {
 public:
  Assembler(const CommittedState& state, const ViewQuery& query, const Organisation& organisation,
            Timestamp clock)
      : view_(state.plan->views[query.view]), query_(query), organisation_(organisation), clock_(clock) {}

  // The rows of one node in order.
  std::vector<ViewRow> rows_of(const NodeSlices& node) const {
    std::vector<ViewRow> rows;
    if (organisation_.source() == TreeSource::paths && !is_within_asked(node.node, clock_)) return rows;
    for (std::size_t spec = 0; spec < view_.windows.specs().size(); ++spec) {
      if (query_.window_spec && *query_.window_spec != spec) continue;
      switch (view_.windows.specs()[spec].kind) {
        case WindowKind::session:
          add_sessions(spec, node, rows);
          break;
        case WindowKind::cumulative:
          add_cumulative(spec, node, rows);
          break;
        default:
          add_windows(spec, node, rows);
          break;
      }
    }
    return rows;
  }

 private:
  bool wanted(const Window& window) const {
    return (!query_.to || window.start < *query_.to) && (!query_.from || window.end > *query_.from) &&
           !RollUp::is_expired(view_, window, clock_);
  }

  bool is_within_asked(const std::string& node, Timestamp at) const {
    if (!query_.node) return true;
    return query_.subtree ? organisation_.is_within(node, *query_.node, at) : node == *query_.node;
  }

  void emit(const NodeSlices& node, const Window& window, AccumulatorRow state,
            std::vector<ViewRow>& rows) const {
    if (!wanted(window) || !is_shown(view_, organisation_, node, window, state, clock_)) return;
    if (organisation_.source() == TreeSource::events &&  // that of paths was asked once for the node
        !is_within_asked(node.node, placed_at(node.slices, window)))
      return;
    ViewRow row{node.node, window, view_.windows.label(window), std::move(state), {}};
    row.measures = measure_values(view_, row.state.bytes());
    rows.push_back(std::move(row));
  }

  void add_sessions(std::size_t spec, const NodeSlices& node, std::vector<ViewRow>& rows) const {
    for (const Window& window : sessions_of(spec, node.slices, view_.windows.specs()[spec].size))
      emit(node, window, sum_of(view_.layout, node.slices, window), rows);
  }

  // Every step from the first slice to the clock, whether something happened in it or not.
  void add_cumulative(std::size_t spec, const NodeSlices& node, std::vector<ViewRow>& rows) const {
    const Timestamp until = std::max(clock_, node.slices.back().start + microseconds(1));
    AccumulatorRow sum(view_.layout);
    auto slice = node.slices.begin();
    for (const Window& window : view_.windows.windows_between(spec, node.slices.front().start, until)) {
      for (; slice != node.slices.end() && slice->start < window.end; ++slice)
        view_.layout.merge(sum.bytes(), slice->state.bytes(), +1);
      // A step belongs to the reader's range by its own time, not by the beginning of all.
      const auto before = view_.windows.previous(window);
      if (query_.from && window.end <= *query_.from) continue;
      if (query_.to && before && before->end >= *query_.to) break;
      emit(node, window, sum, rows);
    }
  }

  // A year to date or a sliding window whose last step neither the clock nor a figure has reached.
  bool is_ahead(const Window& window, const NodeSlices& node) const {
    const WindowKind kind = view_.windows.specs()[window.spec].kind;
    if (kind != WindowKind::year_to_date && kind != WindowKind::sliding) return false;
    const auto before = view_.windows.previous(window);
    return before && before->end > std::max(clock_, node.slices.back().start);
  }

  void add_windows(std::size_t spec, const NodeSlices& node, std::vector<ViewRow>& rows) const {
    std::map<Window, AccumulatorRow> sums;
    std::vector<Window> windows;
    for (const Slice& slice : node.slices) {
      windows.clear();
      view_.windows.windows_of_slice(slice.start, clock_, windows);
      for (const Window& window : windows) {
        if (window.spec != spec || !wanted(window) || is_ahead(window, node)) continue;
        view_.layout.merge(sums.try_emplace(window, view_.layout).first->second.bytes(), slice.state.bytes(),
                           +1);
      }
    }
    for (auto& [window, sum] : sums)
      emit(node, window, std::move(sum), rows);
  }

  const ViewPlan& view_;
  const ViewQuery& query_;
  const Organisation& organisation_;
  Timestamp clock_;
};

Result<> read_rows(const CommittedState& state, Timestamp clock, const Organisation& organisation,
                   const ViewQuery& query, const std::function<bool(ViewRow&&)>& visit) {
  const ViewPlan& view = state.plan->views[query.view];
  const bool one_node = query.node && !query.subtree;
  const std::string prefix = one_node ? node_prefix(view.id, *query.node) : view_prefix(view.id);

  const std::string begin =
      query.from_node.empty() ? prefix : std::max(prefix, node_prefix(view.id, query.from_node));

  // Each node is on one shard: merging the shards' walks gives the nodes in order.
  std::size_t shard = 0, end = state.shards.size();
  if (one_node) {
    shard = static_cast<std::size_t>(partition_of(*query.node, static_cast<std::int32_t>(end)).value);
    end = shard + 1;
  }
  std::vector<NodeCursor> cursors;
  std::vector<NodeSlices> heads;
  std::vector<bool> open;
  for (; shard < end; ++shard) {
    cursors.emplace_back(state, *state.shards[shard], view, clock, begin, prefix_end(prefix));
    SLIPSTREAM_ASSIGN(const bool any, cursors.back().next(heads.emplace_back()));
    open.push_back(any);
  }
  const Assembler assembler(state, query, organisation, clock);
  while (true) {
    std::optional<std::size_t> first;
    for (std::size_t i = 0; i < heads.size(); ++i)
      if (open[i] && (!first || heads[i].node < heads[*first].node)) first = i;
    if (!first) return {};
    NodeSlices& node = heads[*first];
    for (ViewRow& row : assembler.rows_of(node))
      if (!visit(std::move(row))) return {};
    SLIPSTREAM_ASSIGN(const bool any, cursors[*first].next(node));
    open[*first] = any;
  }
}

}  // namespace

Result<> read_view(const CommittedState& state, const ViewQuery& query,
                   const std::function<bool(ViewRow&&)>& visit) {
  SLIPSTREAM_ASSIGN(const Timestamp clock, read_clock(state));
  SLIPSTREAM_ASSIGN(const auto organisation, read_organisation(state));
  return read_rows(state, clock, *organisation, query, visit);
}

Result<Background> read_background(const CommittedState& state) {
  SLIPSTREAM_ASSIGN(const Timestamp clock, read_clock(state));
  SLIPSTREAM_ASSIGN(std::shared_ptr<const ReferenceData> reference, read_reference(state));
  return Background{clock, std::move(reference)};
}

Result<> read_view(const CommittedState& state, const Background& background, const ViewQuery& query,
                   const std::function<bool(ViewRow&&)>& visit) {
  return read_rows(state, background.clock, background.reference->organisation, query, visit);
}

KpiRow judge_row(const Plan& plan, const Background& background, std::size_t kpi_index, ViewRow view_row,
                 Arena& arena) {
  const KpiPlan& kpi = plan.kpis[kpi_index];
  KpiRow row{std::move(view_row), {}, {}, {}, {}, {}};
  const Window& window = row.row.window;
  row.at = std::min(window.end, background.clock);
  row.value = kpi_value(plan, kpi, row.row.measures, {window.start, window.end}, row.row.node, row.at, arena);
  row.number = number_of(row.value);
  row.period = {window.start, window.end};
  std::optional<ResolvedTarget> resolved;
  if (const TargetPlan* target = find_target(plan, kpi_index, row.row.node, window.spec)) {
    row.period = target_period(*target, plan.views[kpi.view].windows, window);
    if (row.at >= row.period.start && row.at <= row.period.end)
      resolved =
          resolve(*target,
                  target->from_events ? revisions_in(background.reference->targets, kpi.name, row.row.node)
                                      : std::vector<TargetRevision>(),
                  row.period, plan.zone, row.at);
  }
  row.judgement = judge(kpi, resolved ? &*resolved : nullptr, plan.zone, row.number, row.at);
  return row;
}

Result<> read_kpi(const CommittedState& state, std::size_t kpi, ViewQuery query,
                  const std::function<bool(KpiRow&&)>& visit) {
  query.view = state.plan->kpis[kpi].view;
  SLIPSTREAM_ASSIGN(const Background background, read_background(state));
  Arena arena;
  return read_view(state, background, query, [&](ViewRow&& row) {
    return visit(judge_row(*state.plan, background, kpi, std::move(row), arena));
  });
}

}  // namespace slipstream
