// A second, small model of the domain, written from docs/definitions.md with plain maps: what every view of
// the pool must show, straight from the events that were delivered. It shares no code with the engine but
// instants, zones and the plan's settings.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "tests/simulator/workload.h"

namespace slipstream::simulator {

// A figure as a fraction; none: NULL.
struct Figure {
  std::int64_t numerator = 0, denominator = 1;
  friend bool operator==(const Figure&, const Figure&) = default;
};
struct ModelRow {
  std::string view, node, window;  // window: the spec's name
  Timestamp start, end;
  friend auto operator<=>(const ModelRow&, const ModelRow&) = default;
};
using ModelRows = std::map<ModelRow, std::vector<std::optional<Figure>>>;

// The dated tree as unit.* and person.* events give it, in the order they came.
class ModelTree {
 public:
  explicit ModelTree(const Definitions& definitions);
  // False: refused, since it would put the unit below itself at some date.
  bool take(const Happening& event);
  // The node and those above it, at an instant.
  std::vector<std::string> chain(const std::string& node, Timestamp at) const;
  bool is_known(const std::string& node, Timestamp at) const;
  // Known at some dates and not at others: what is shown of it then depends on the date of its newest slice.
  bool is_unclear(const std::string& node) const;
  std::size_t moves() const { return moves_; }
  std::size_t refused() const { return refused_; }

 private:
  struct Place {
    Timestamp since;
    std::string parent;
  };
  std::optional<std::string> parent(const std::string& node, Timestamp at) const;
  static std::vector<Place> places_of(std::vector<const Happening*> events, const std::string& root);
  bool has_circle() const;

  const Definitions& definitions_;
  std::map<std::string, std::vector<Happening>> events_;  // accepted, by node
  std::map<std::string, std::vector<Place>> places_;
  std::size_t moves_ = 0, refused_ = 0;
};

class Model {
 public:
  explicit Model(const Definitions& definitions) : definitions_(definitions), tree_(definitions) {}

  // A record that has been appended at `log_time`.
  void take(const Delivery& delivery, Timestamp log_time);
  // All rows that readers see at `now`.
  ModelRows rows(Timestamp now) const;
  const ModelTree& tree() const { return tree_; }

 private:
  // What one row of a relation adds to a view.
  struct Fact {
    std::string node;
    Timestamp at;
    std::vector<std::optional<std::int64_t>>
        values;  // of each measure; a ratio's denominator follows in `below`
    std::optional<std::int64_t> below;
  };
  struct Task;
  struct Cell;
  using Facts = std::vector<Fact>;

  static std::vector<const Happening*> in_order(const std::map<std::string, Happening>& events);
  std::optional<Task> task_of(const std::map<std::string, Happening>& events) const;
  std::string node_of(const std::string& unit, const std::string& person) const;
  Facts delivery_facts(Timestamp now) const;
  Facts backlog_facts(Timestamp now) const;
  Facts planted_facts() const;
  void add_stock(Timestamp now, ModelRows& rows) const;
  void add_view(const ViewPlan& view, const Facts& facts, Timestamp now, ModelRows& rows) const;
  void take_reading(const Happening& event, Timestamp log_time);

  const Definitions& definitions_;
  ModelTree tree_;
  std::map<std::string, std::map<std::string, Happening>> tasks_;  // by task, by event id
  std::map<std::tuple<std::string, std::string, Timestamp>, std::map<std::string, Happening>> figures_;
  std::map<std::string, Facts> readings_;  // by view
  std::set<std::int64_t> sequences_;
  std::map<std::string, std::int64_t> ids_;  // of the view `air`: the hour in which each was noted
};

}  // namespace slipstream::simulator
