#include "tests/simulator/model.h"

#include <algorithm>
#include <numeric>
#include <tuple>

#include "engine/decode/catalogue.h"

namespace slipstream::simulator {
namespace {

enum class Kind { count, sum, min, max, avg, ratio };
// The measures of each view, in the order definitions.cpp has them.
const std::map<std::string, std::vector<Kind>, std::less<>> kMeasures = {
    {"delivery", {Kind::count, Kind::count, Kind::count, Kind::count, Kind::sum, Kind::max, Kind::sum}},
    {"backlog", {Kind::count, Kind::sum, Kind::max}},
    {"planted", {Kind::count, Kind::sum, Kind::ratio, Kind::max}},
    {"air", {Kind::count, Kind::avg, Kind::max}},
    {"noise", {Kind::count, Kind::max, Kind::min}},
    {"visits", {Kind::sum, Kind::count}},
};

using Span = std::pair<Timestamp, Timestamp>;  // [first, second)

Timestamp day_start(const Zone& zone, std::int64_t day) { return zone.start_of_day(civil_from_days(day)); }
std::int64_t day_of(const Zone& zone, Timestamp t) { return days_since_epoch(zone.date_of(t)); }

Span month_of(const Zone& zone, Timestamp t) {
  const CivilDate date = zone.date_of(t);
  const CivilDate first{date.year, date.month, 1};
  return {zone.start_of_day(first), zone.start_of_day(add_months(first, 1))};
}

Timestamp floor_to(Timestamp t, Duration step) { return {t.us - ((t.us % step.us) + step.us) % step.us}; }

// The slice that an instant belongs to.
Span slice_of(const ViewPlan& view, const Zone& zone, Timestamp t) {
  if (view.name == "visits") return {t, t + microseconds(1)};
  if (view.name == "air" || view.name == "noise") {
    const Duration size = view.name == "air" ? minutes(15) : hours(12);
    return {floor_to(t, size), floor_to(t, size) + size};
  }
  const std::int64_t day = day_of(zone, t);
  return {day_start(zone, day), day_start(zone, day + 1)};
}

// The windows of one kind that hold an instant; `last_step`: where the closing step begins, of those that
// have steps.
struct HeldBy {
  Span window;
  std::optional<Timestamp> last_step;
};
std::vector<HeldBy> windows_of(const std::string& name, const Plan& plan, Timestamp t) {
  const Zone& zone = plan.zone;
  const std::int64_t day = day_of(zone, t);
  std::vector<HeldBy> windows;
  if (name == "day") return {{{day_start(zone, day), day_start(zone, day + 1)}, {}}};
  if (name == "week") {
    const std::int64_t monday = day - (day + 3) % 7;  // the epoch was a Thursday
    return {{{day_start(zone, monday), day_start(zone, monday + 7)}, {}}};
  }
  if (name == "month") return {{month_of(zone, t), {}}};
  if (name == "year_to_date") {
    const int first_month = plan.fiscal_year_start.month;
    const CivilDate date = zone.date_of(t);
    const CivilDate year{date.month >= first_month ? date.year : date.year - 1,
                         static_cast<std::uint8_t>(first_month), 1};
    for (Span month = month_of(zone, t); month.first < zone.start_of_day(add_months(year, 12));
         month = month_of(zone, month.second))
      windows.push_back({{zone.start_of_day(year), month.second}, month.first});
  } else if (name == "sliding_3_day") {
    for (std::int64_t last = day; last < day + 3; ++last)
      windows.push_back({{day_start(zone, last - 2), day_start(zone, last + 1)}, day_start(zone, last)});
  } else if (name == "tumbling_12_hour") {
    windows.push_back({{floor_to(t, hours(12)), floor_to(t, hours(12)) + hours(12)}, {}});
  } else if (name == "hopping_1_hour_every_15_minute") {
    for (Timestamp start = floor_to(t, minutes(15)); start > t - hours(1); start = start - minutes(15))
      windows.push_back({{start, start + hours(1)}, {}});
  }
  return windows;
}

// When the last window that holds the instant ends; of a session, the pause after it.
Timestamp last_end_of(const ViewPlan& view, const Plan& plan, Timestamp t) {
  if (view.name == "visits") return t + minutes(30);
  Timestamp last = t;
  for (const WindowSpec& spec : view.windows.specs())
    for (const HeldBy& held : windows_of(spec.name(), plan, t))
      last = std::max(last, held.window.second);
  return last;
}

}  // namespace

struct Model::Task {
  std::string unit, person, current_unit, current_person;
  std::optional<Timestamp> assigned_at, due_at, completed_at;
  std::int64_t weight = 1, returns = 0, handovers = 0, extensions = 0;
  bool is_cancelled = false, counts = false;
};

// Sums of one node in one window.
struct Model::Cell {
  std::int64_t rows = 0;
  std::vector<std::int64_t> counts, sums, least, most;
  std::int64_t below = 0;

  void add(const Fact& fact, const std::vector<Kind>& kinds) {
    if (rows == 0) {
      counts.assign(kinds.size(), 0);
      sums = least = most = counts;
    }
    ++rows;
    for (std::size_t i = 0; i < kinds.size(); ++i) {
      const auto& value = fact.values[i];
      if (!value) continue;
      least[i] = counts[i] == 0 ? *value : std::min(least[i], *value);
      most[i] = counts[i] == 0 ? *value : std::max(most[i], *value);
      ++counts[i];
      sums[i] += *value;
      if (kinds[i] == Kind::ratio) below += *fact.below;
    }
  }

  std::vector<std::optional<Figure>> figures(const std::vector<Kind>& kinds) const {
    std::vector<std::optional<Figure>> all;
    for (std::size_t i = 0; i < kinds.size(); ++i) {
      std::optional<Figure>& figure = all.emplace_back();
      if (kinds[i] == Kind::count) figure = Figure{counts[i], 1};
      if (counts[i] == 0) continue;
      if (kinds[i] == Kind::sum) figure = Figure{sums[i], 1};
      if (kinds[i] == Kind::min) figure = Figure{least[i], 1};
      if (kinds[i] == Kind::max) figure = Figure{most[i], 1};
      if (kinds[i] == Kind::avg) figure = Figure{sums[i], counts[i]};
      if (kinds[i] == Kind::ratio && below != 0) figure = Figure{sums[i], below};
    }
    return all;
  }
};

void Model::take(const Delivery& delivery, Timestamp log_time) {
  if (!delivery.event) return;
  const Happening& event = *delivery.event;
  switch (kind_of(event.type)) {
    case EventKind::task:
      tasks_[event.subject].emplace(event.id, event);
      break;
    case EventKind::measurement:
      figures_[{event.series, event.subject, *event.period_start}].emplace(event.id, event);
      break;
    case EventKind::observation:
      take_reading(event, log_time);
      break;
    case EventKind::reference:
      if (event.type >= EventType::unit_created) (void)tree_.take(event);
      break;
    case EventKind::action:
      break;
  }
}

void Model::take_reading(const Happening& event, Timestamp log_time) {
  Fact fact{event.subject, event.effective_at, {}, {}};
  if (event.series == "air") {
    const std::int64_t hour = log_time.us / hours(1).us;
    const auto [noted, is_new] = ids_.emplace(event.id, hour);
    if (!is_new && noted->second >= hour - 1) return;
    noted->second = hour;
    fact.values = {1, event.value, event.value};
    readings_["air"].push_back(fact);
  } else if (event.series == "noise") {
    if (event.sequence && !sequences_.insert(*event.sequence).second) return;
    fact.values = {1, event.value, event.value};
    readings_["noise"].push_back(fact);
  } else {
    fact.values = {event.value, 1};
    readings_["visits"].push_back(fact);
  }
}

// Accepted events in the order in which they were true, without those that a later word replaces.
std::vector<const Happening*> Model::in_order(const std::map<std::string, Happening>& events) {
  std::set<std::string> replaced;
  for (const auto& [id, event] : events)
    if (!event.supersedes.empty() && event.supersedes != id && source_of(event.supersedes) == source_of(id))
      replaced.insert(event.supersedes);
  std::vector<const Happening*> ordered;
  for (const auto& [id, event] : events)
    if (!replaced.contains(id)) ordered.push_back(&event);
  std::sort(ordered.begin(), ordered.end(), [](const Happening* a, const Happening* b) {
    const auto place = [](const Happening& e) {
      return std::tuple(e.version ? 1 + *e.version : 0, e.effective_at, e.recorded_at, e.type,
                        std::string_view(e.id));
    };
    return place(*a) < place(*b);
  });
  return ordered;
}

std::optional<Model::Task> Model::task_of(const std::map<std::string, Happening>& events) const {
  struct Holder {
    Timestamp since;
    std::string unit, person;
    bool takes_credit;
  };
  Task task;
  std::vector<Holder> holders;
  for (const Happening* event : in_order(events)) {
    switch (event->type) {
      case EventType::task_assigned:
        task.assigned_at = event->effective_at;
        if (event->weight) task.weight = *event->weight;
        if (event->due_at) task.due_at = event->due_at;
        holders.push_back(
            {holders.empty() ? Timestamp::min() : event->effective_at, event->unit, event->person, false});
        break;
      case EventType::task_reassigned:
        ++task.handovers;
        holders.push_back({event->effective_at, event->unit, event->person, event->choice == "acceptor"});
        break;
      case EventType::task_completed:
        task.completed_at = event->completed_at.value_or(event->effective_at);
        break;
      case EventType::task_accepted:
        if (!task.completed_at) task.completed_at = event->effective_at;
        break;
      case EventType::task_returned:
        ++task.returns;
        task.completed_at = std::nullopt;
        break;
      case EventType::task_extended:
        ++task.extensions;
        task.due_at = event->due_at;
        break;
      case EventType::task_cancelled:
        task.is_cancelled = true;
        task.counts = event->flag;
        break;
      case EventType::task_reopened:
        task.completed_at = std::nullopt;
        task.is_cancelled = false;
        break;
      default:
        break;
    }
  }
  if (!task.assigned_at || (task.is_cancelled && !task.counts)) return std::nullopt;
  const Holder* credited = &holders.back();
  if (task.due_at) {
    credited = &holders.front();
    for (const Holder& holder : holders)
      if (holder.since <= *task.due_at || holder.takes_credit) credited = &holder;
  }
  task.unit = credited->unit;
  task.person = credited->person;
  task.current_unit = holders.back().unit;
  task.current_person = holders.back().person;
  return task;
}

std::string Model::node_of(const std::string& unit, const std::string& person) const {
  if (person.empty()) return unit;
  return definitions_.has_tree_of_events() ? person : unit + "/" + person;
}

Model::Facts Model::delivery_facts(Timestamp now) const {
  Facts facts;
  for (const auto& [name, events] : tasks_) {
    const auto task = task_of(events);
    if (!task || !task->due_at) continue;
    const auto if_so = [](bool condition) {
      return condition ? std::optional<std::int64_t>(1) : std::nullopt;
    };
    facts.push_back(
        {node_of(task->unit, task->person),
         *task->due_at - microseconds(1),  // in what it ends
         {1, if_so(task->completed_at && *task->completed_at <= *task->due_at),
          if_so(task->completed_at && *task->completed_at > *task->due_at),
          if_so(!task->completed_at && *task->due_at < now), task->weight, task->weight, task->returns},
         {}});
  }
  return facts;
}

Model::Facts Model::backlog_facts(Timestamp now) const {
  Facts facts;
  for (const auto& [name, events] : tasks_) {
    const auto task = task_of(events);
    if (!task || task->is_cancelled || *task->assigned_at >= now) continue;
    facts.push_back({node_of(task->current_unit, task->current_person),
                     *task->assigned_at,
                     {1, task->handovers, task->extensions},
                     {}});
  }
  return facts;
}

Model::Facts Model::planted_facts() const {
  Facts facts;
  for (const auto& [key, events] : figures_) {
    const auto& [series, node, period] = key;
    const auto ordered = in_order(events);
    if (series != "planted" || ordered.empty() || ordered.back()->type == EventType::measurement_retracted)
      continue;
    const Happening& newest = *ordered.back();
    facts.push_back({node, period, {1, newest.value, newest.numerator, newest.value}, newest.denominator});
  }
  return facts;
}

ModelRows Model::rows(Timestamp now) const {
  ModelRows rows;
  for (const ViewPlan& view : definitions_.plan->views) {
    if (view.name == "stock") {
      add_stock(now, rows);
    } else if (view.name == "delivery") {
      add_view(view, delivery_facts(now), now, rows);
    } else if (view.name == "backlog") {
      add_view(view, backlog_facts(now), now, rows);
    } else if (view.name == "planted") {
      add_view(view, planted_facts(), now, rows);
    } else if (const auto found = readings_.find(view.name); found != readings_.end()) {
      add_view(view, found->second, now, rows);
    }
  }
  return rows;
}

void Model::add_view(const ViewPlan& view, const Facts& facts, Timestamp now, ModelRows& rows) const {
  const std::vector<Kind>& kinds = kMeasures.find(view.name)->second;
  std::map<std::string, Timestamp> newest;                                       // slice of each node
  std::map<std::string, std::map<Timestamp, std::vector<const Fact*>>> by_node;  // by instant
  const auto is_kept = [&](Timestamp end) { return !view.retention || end + *view.retention > now; };
  for (const Fact& fact : facts) {
    const Span slice = slice_of(view, definitions_.plan->zone, fact.at);
    if (!is_kept(last_end_of(view, *definitions_.plan, fact.at))) continue;
    for (const std::string& node : tree_.chain(fact.node, slice.first)) {
      by_node[node][fact.at].push_back(&fact);
      newest[node] = std::max(newest.try_emplace(node, slice.first).first->second, slice.first);
    }
  }
  for (const auto& [node, instants] : by_node) {
    std::map<ModelRow, Cell> cells;
    for (const WindowSpec& spec : view.windows.specs()) {
      const std::string name = spec.name();
      Span session;
      for (auto it = instants.begin(); it != instants.end(); ++it) {
        std::vector<HeldBy> held_by = windows_of(name, *definitions_.plan, it->first);
        if (view.name == "visits") {
          if (it == instants.begin() || it->first >= session.second) {
            session = {it->first, it->first + minutes(30)};
            for (auto next = std::next(it); next != instants.end() && next->first < session.second; ++next)
              session.second = next->first + minutes(30);
          }
          held_by = {{session, {}}};
        }
        for (const HeldBy& held : held_by) {
          if (held.last_step && *held.last_step > std::max(now, newest[node]))
            continue;  // nobody has got there yet
          if (!is_kept(held.window.second)) continue;
          for (const Fact* fact : it->second)
            cells[{view.name, node, name, held.window.first, held.window.second}].add(*fact, kinds);
        }
      }
    }
    for (const auto& [row, cell] : cells)
      rows.emplace(row, cell.figures(kinds));
  }
}

// The stock of a node on a day: of each series, the latest report up to that day, where the series' node then
// stands below the node. A day's row is there from the first change on; days go on to the clock, or to a
// later change.
void Model::add_stock(Timestamp now, ModelRows& rows) const {
  const Zone& zone = definitions_.plan->zone;
  std::map<std::string, std::map<Timestamp, std::int64_t>> series;  // by node: value by period
  for (const auto& [key, events] : figures_) {
    const auto& [indicator, node, period] = key;
    const auto ordered = in_order(events);
    if (indicator != "stock" || ordered.empty() || ordered.back()->type == EventType::measurement_retracted)
      continue;
    series[node][period] = *ordered.back()->value;
  }
  if (series.empty()) return;
  std::int64_t first = INT64_MAX, last = day_of(zone, now) + 8;  // moves are planned up to 3 days ahead
  for (const auto& [node, values] : series) {
    first = std::min(first, day_of(zone, values.begin()->first));
    last = std::max(last, day_of(zone, values.rbegin()->first));
  }
  using Standing = std::multiset<std::int64_t>;
  std::map<std::string, std::map<std::int64_t, Standing>> by_node;  // by day
  for (std::int64_t day = first; day <= last; ++day) {
    const Timestamp start = day_start(zone, day), end = day_start(zone, day + 1);
    for (const auto& [node, values] : series) {
      const auto next = values.lower_bound(end);
      if (next == values.begin()) continue;
      for (const std::string& above : tree_.chain(node, start))
        by_node[above][day].insert(std::prev(next)->second);
    }
  }
  for (auto& [node, standing] : by_node) {
    std::int64_t last_change = first;
    for (std::int64_t day = first + 1; day <= last; ++day)
      if (standing[day] != standing[day - 1]) last_change = day;
    const Timestamp until = std::max(now, day_start(zone, last_change) + microseconds(1));
    const auto add = [&](const std::string& window, Timestamp end, const Standing& values) {
      if (values.empty()) return;
      const std::int64_t sum = std::accumulate(values.begin(), values.end(), std::int64_t{0});
      rows.emplace(ModelRow{"stock", node, window, Timestamp::min(), end},
                   std::vector<std::optional<Figure>>{Figure{static_cast<std::int64_t>(values.size()), 1},
                                                      Figure{sum, 1}, Figure{*values.rbegin(), 1}});
    };
    const std::int64_t last_day = day_of(zone, until - microseconds(1));
    for (std::int64_t day = first; day <= last_day; ++day) {
      const Timestamp end = day_start(zone, day + 1);
      add("cumulative_by_day", end, standing[std::min(day, last)]);
      const Timestamp month_end = month_of(zone, day_start(zone, day)).second;
      if (month_end == end || day == last_day)
        add("cumulative", month_end, standing[std::min(day_of(zone, month_end) - 1, last)]);
    }
  }
}

}  // namespace slipstream::simulator
