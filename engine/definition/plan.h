// The compiled definitions: what the shard executes. Immutable after loading; shared by every thread.
//
// Definitions are YAML for people (docs/definitions.md); load.h turns a Document into a Plan or into
// Diagnostics.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/aggregate/accumulator.h"
#include "engine/aggregate/window.h"
#include "engine/base/ids.h"
#include "engine/base/rational.h"
#include "engine/base/time.h"
#include "engine/expression/expression.h"

namespace slipstream {

enum class Relation : std::uint8_t { tasks = 1, measurements = 2, observations = 3 };
std::string_view name_of(Relation relation);

// Identifies a view together with everything that shapes its rows: 32 bits of a hash of its canonical
// definition. A changed view is another view to the store and to partials.
using ViewId = StrongNumber<struct ViewIdTag, std::uint32_t>;

// English and Vietnamese; either may be empty, then the other or the name is shown.
struct Title {
  std::string en;
  std::string vi;
};

// A set of nodes by path. The root is the empty path and is written by its name alone; the paths below it do
// not repeat it ("General/Resource07" below the root "city"). Segments: "*" any one, "**" any number of them,
// none included; all else is literal. So "**" is every node, "*" the nodes right below the root, "General/**"
// General and all below it. The root's name in front changes nothing: "city/*" is "*". A list is a union.
class NodePattern {
 public:
  // Error invalid_value: no pattern, an empty segment, or '*' within a segment.
  static Result<NodePattern> parse(const std::vector<std::string>& patterns, std::string_view root = "all");
  bool matches(std::string_view node) const;
  const std::vector<std::string>& texts() const { return texts_; }  // as written

 private:
  std::vector<std::string> texts_;
  std::vector<std::vector<std::string>> paths_;  // one list of segments per pattern
  std::string root_;
};

struct MeasurePlan {
  std::string name;
  MeasureExpression expression;
  Title title;
  std::string unit;
  std::uint32_t distinct_exact_max = 1000;             // distinct only: exact up to this many values
  Decimal relative_error = Decimal::from_units(1, 2);  // percentile only
};

enum class Deduplicate : std::uint8_t { none, sequence, id };  // of observations

struct ViewPlan {
  ViewId id;
  std::string name;
  Title title;
  Relation from = Relation::tasks;
  Expression where;                         // empty: every row
  std::vector<std::uint16_t> node_columns;  // coarse to fine; NULLs end the path; none: the root
  std::uint16_t window_column = 0;          // a timestamp column; NULL: the row is in no window
  WindowPlan windows;
  // Carried forward: only the latest row of each series up to a window's end counts, until the next one
  // replaces it. Rows of a series enter as differences, windows are cumulative.
  bool latest_per_series = false;
  std::optional<Duration> retention;  // after the end of a window; none: for ever
  Deduplicate deduplicate = Deduplicate::none;
  Duration deduplicate_window = hours(1);  // how far behind the newest an id or sequence is remembered
  std::vector<MeasurePlan> measures;
  AccumulatorLayout layout;
  std::vector<std::uint16_t> columns_used;  // of the relation's scope, ascending
  bool uses_clock = false;                  // some filter or `where` compares with now()
  bool publish = false;                     // its rows go to the topic of views
};

enum class Better : std::uint8_t { higher, lower, range };
std::string_view name_of(Better better);

struct KpiPlan {
  std::string name;
  Title title;
  std::size_t view = 0;  // index into Plan::views
  // Scope: the view's measures in order, then the columns of kpi_scope_tail().
  Expression value;
  std::string unit;
  Better better = Better::higher;
  int precision = 6;  // digits after the point when printed
};
// Columns every KPI may use after the measures: window_start, window_end (timestamp), node (text).
const std::vector<Column>& kpi_scope_tail();

enum class TrajectoryKind : std::uint8_t { constant, linear, stepped, table };
struct TrajectoryPoint {
  Timestamp at;
  Rational value;
};
// Expected value over the target's period. constant: the target; linear: straight from baseline to target in
// local civil time; stepped: the last point's value from its instant on (the baseline before the first);
// table: straight lines between points.
struct Trajectory {
  TrajectoryKind kind = TrajectoryKind::constant;
  std::vector<TrajectoryPoint> points;  // ascending; stepped and table only
};

enum class ToleranceUnit : std::uint8_t { absolute, relative };  // KPI units; shares of |target - baseline|

// gap >= -green: green; else gap >= -amber: amber; else red.
struct Tolerance {
  Rational green = 0;
  Rational amber = 0;
  ToleranceUnit unit = ToleranceUnit::absolute;
};

enum class TargetMode : std::uint8_t {
  from_start,
  from_date,
  pro_rata
};  // how a revision within the period applies

struct TargetPlan {
  std::string name;     // "target 1" when not given
  std::size_t kpi = 0;  // index into Plan::kpis
  NodePattern nodes;
  // Either every window of one of the view's window specs, or one period.
  std::optional<std::size_t> window_spec;  // index into the view's windows
  Timestamp period_start, period_end;      // [start, end): one period
  Rational baseline = 0;
  std::optional<Rational> baseline_given;
  Rational target = 0;       // Better::range: the lower bound
  Rational target_high = 0;  // Better::range: the upper bound
  Trajectory trajectory;
  Tolerance tolerance;
  bool from_events = false;  // values come from target.set events of this KPI; those above are defaults
};

struct AlertPlan {
  std::string name;
  Title title;
  std::size_t kpi = 0;
  NodePattern nodes;
  std::optional<std::size_t>
      window_spec;  // windows judged when no target gives the period; default: the KPI's first
  Expression when;  // boolean over alert_scope()
  Duration for_duration;
  Duration keep_firing_for;
  std::string severity = "warning";  // info, warning, critical
  std::map<std::string, std::string> labels;
  // none: judged whenever its figures changed and at every boundary of its window's slices; else every so
  // often too.
  std::optional<Duration> evaluate_every;
};
// status (text: green, amber, red, grey), value, expected, target, baseline, gap, attainment, forecast
// (decimal), then the measures of the KPI's view, then kpi_scope_tail().
std::vector<Column> alert_scope(const ViewPlan& view);

enum class TreeSource : std::uint8_t { paths, events };
struct OrganisationPlan {
  std::string root = "all";             // name of the top node
  TreeSource tree = TreeSource::paths;  // paths: parents are prefixes; events: dated tree from unit.* events
  std::optional<Duration> wait_max;     // events: how long an unknown node is waited for; none: for ever
};

// What indicators there are: any that is reported; those listed; those that indicator.defined events
// introduce.
enum class IndicatorSource : std::uint8_t { any, definition, events };
struct IndicatorPlan {
  IndicatorSource from = IndicatorSource::any;
  std::vector<std::string> names;    // definition: ascending
  std::optional<Duration> wait_max;  // events: how long an undefined indicator is waited for; none: for ever
};

struct Plan {
  std::string name;
  Zone zone;
  CivilDate fiscal_year_start{1970, 1, 1};  // year not used
  OrganisationPlan organisation;
  IndicatorPlan indicators;
  std::map<Relation, std::vector<Column>> extra_columns;  // declared attributes
  std::map<Relation, Scope> scopes;                       // built-in columns, then the declared ones
  std::vector<ViewPlan> views;
  std::vector<KpiPlan> kpis;
  std::vector<TargetPlan> targets;
  std::vector<AlertPlan> alerts;
  // 16 hex digits each, hashes of the canonical definitions: equal text in other layout is equal (version.h).
  std::string version;        // of all that is written
  std::string state_version;  // of what shapes a shard's state
  std::string views_version;  // of what shapes the published rows; empty: no view is published

  const ViewPlan* find_view(std::string_view name) const;
  const KpiPlan* find_kpi(std::string_view name) const;
};

// Built-in columns of a relation, in the order the fold fills them (fold/relation.h).
const std::vector<Column>& relation_columns(Relation relation);

}  // namespace slipstream
