// The loader at work: the plan so far, and what later parts must know of parts that are wrong, so that one
// mistake is reported once and not again by everything that uses it.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "engine/definition/plan.h"
#include "engine/definition/report.h"
#include "engine/definition/section.h"

namespace slipstream {

// What is known of Plan::views[i]. A measure that is wrong is in the view with its name and Type::null, which
// fits every expression.
struct ViewState {
  bool windows_known = false;
  bool measures_known = false;
};
// What is known of Plan::kpis[i].
struct KpiState {
  bool view_known = false;
};

struct Loading {
  explicit Loading(Report& r) : report(r) {}

  Report& report;
  Plan plan;
  bool views_known = true;  // false: some of the section could not be read
  bool kpis_known = true;
  bool targets_known = true;
  std::vector<ViewState> view_states;
  std::vector<KpiState> kpi_states;
};

// One part each, in the order the loader runs them. Each reads one or more keys of the top map.
void load_calendar(const Section& top, Loading& loading);  // name, time_zone, fiscal_year_start
void load_organisation(const Section& top, Loading& loading);
void load_indicators(const Section& top, Loading& loading);
void load_columns(const Section& top, Loading& loading);
void load_views(const Section& top, Loading& loading);
void load_kpis(const Section& top, Loading& loading);
void load_targets(const Section& top, Loading& loading);
void load_alerts(const Section& top, Loading& loading);

// Parts of a view.
void load_windows(const Section& view, const Scope& scope, ViewPlan& plan, ViewState& state,
                  Loading& loading);
void load_measures(const Section& view, const Scope& scope, ViewPlan& plan, ViewState& state,
                   Loading& loading);

// The measures of a view, then kpi_scope_tail(): what a KPI formula may name.
Scope kpi_scope(const ViewPlan& view);

// The column of that name; reports an unknown one, and one that is not of the type `wanted`.
std::optional<std::uint16_t> find_column(const Setting& at, const Scope& scope, Type wanted, Report& report);
// Reports a name that expressions cannot use because the expression language reserves it.
bool check_not_reserved(const Named& named, Report& report);

// The KPI that the key `kpi` names, or the only one when the key is not written.
std::optional<std::size_t> read_kpi(const Section& section, Loading& loading);
// The index of the view's window that the word names; the view's windows must be known.
std::optional<std::size_t> read_window_name(const Setting& at, const ViewPlan& view, Report& report);
// The key `nodes`; every node when it is not written.
std::optional<NodePattern> read_nodes(const Section& section, Loading& loading);

}  // namespace slipstream
