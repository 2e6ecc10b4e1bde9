// The subjects that Judging looks at: nodes of a view that some rule covers, which of them have changed since they were
// judged, and when to look at the others by time alone.
//
// Stored in the `alerts` family: 's' view id, node -> "1" judged, "2" changed since; written when it has become another.
// What is due is a queue with an entry for each subject, so that a commit costs what changed and what is due, however many
// subjects there are. Owned by the shard's thread.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <map>
#include <memory>
#include <optional>
#include <queue>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/hash.h"
#include "engine/definition/plan.h"
#include "engine/rollup/roll_up.h"
#include "engine/state/store.h"

namespace slipstream {

struct Subject {
  enum class Mark : std::uint8_t { none, judged, changed };

  Subject(std::uint32_t view_index, std::string_view path) : view(view_index), node(path) {}

  const std::uint32_t view;
  const std::string node;
  std::vector<Timestamp> slices;  // that have a row, ascending; the stored ones only when slices_loaded
  bool slices_loaded = false;
  bool may_have_alerts = true;  // false: nothing is stored of an alert of this node
  bool changed = false;         // since it was judged
  std::unique_ptr<Cause> cause;
  std::vector<std::pair<std::size_t, Timestamp>> due;  // (alert, when to judge again), by alert

  // For Subjects.
  bool is_marked = false;  // its stored mark may be wrong
  Mark stored = Mark::none;
  Timestamp queued_at = Timestamp::max();  // of its entry in the queue; max: it has none

  void add_slice(Timestamp slice);
  std::optional<Timestamp> due_of(std::size_t alert) const;
  void set_due(std::size_t alert, Timestamp at);
  Timestamp first_due() const;  // of all alerts; max: none
};

class Subjects {
 public:
  explicit Subjects(const Plan& plan) : plan_(plan) {}
  Result<> open(const StateReader& store);

  // Valid as long as this is; null: unknown.
  Subject* find(std::uint32_t view, std::string_view node) const;
  // A new one, without any mark, that is not there yet.
  Subject& add(std::uint32_t view, std::string_view node);
  Subject& find_or_add(std::uint32_t view, std::string_view node);
  template <class Visit>
  void for_each(Visit visit) const;

  void mark_changed(Subject& subject);
  // Its mark is to be stored, though it may not have changed.
  void mark(Subject& subject);
  // Every subject that has changed is judged.
  void settle_changes();
  bool any_changed() const { return !changed_.empty(); }
  // Appends the marks that have become others.
  void seal(StateBatch& batch);

  // After a change of subject.due.
  void enqueue(Subject& subject);
  // Those that have changed and those whose time has come, by view and node. The latter are to be queued again.
  std::vector<Subject*> take_due(Timestamp now);
  Timestamp next_due();

 private:
  struct Hash {
    std::size_t operator()(std::string_view node) const { return hash64(node); }
  };
  using OfView = boost::unordered_flat_map<std::string_view, std::unique_ptr<Subject>, Hash>;
  struct Queued {
    Timestamp at;
    Subject* subject;
    friend bool operator<(const Queued& a, const Queued& b) { return b.at < a.at; }  // the earliest on top
  };
  bool is_stale(const Queued& queued) const { return queued.at != queued.subject->queued_at; }

  const Plan& plan_;
  std::map<std::uint32_t, OfView> views_;
  std::vector<Subject*> changed_;
  std::vector<Subject*> marked_;
  std::priority_queue<Queued> queue_;
};

template <class Visit>
void Subjects::for_each(Visit visit) const {
  for (const auto& [view, subjects] : views_)
    for (const auto& [node, subject] : subjects)
      visit(*subject);
}

}  // namespace slipstream
