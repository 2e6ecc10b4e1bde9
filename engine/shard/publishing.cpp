#include "engine/shard/publishing.h"

#include <algorithm>
#include <iterator>
#include <tuple>
#include <utility>

#include "engine/aggregate/row_key.h"
#include "engine/base/encoding.h"
#include "engine/base/hash.h"

namespace slipstream {
namespace {

constexpr std::size_t kRecordBytes = 512;  // about
constexpr std::size_t kStepsGuessed = 12;  // later steps that a changed slice restates
constexpr std::int64_t kSpanFactor = 4;    // a session is looked for in a span that grows by this
// In the note while some rows of its definitions are still to be published.
constexpr std::string_view kUnfinished = "unfinished";

// A window whose row stands until a later step has one.
bool is_carried(WindowKind kind) {
  return kind == WindowKind::cumulative || kind == WindowKind::year_to_date;
}

Timestamp earlier(Timestamp t, Duration by) {
  return t.us < Timestamp::min().us + by.us ? Timestamp::min() : t - by;
}
Timestamp later(Timestamp t, Duration by) {
  return t.us > Timestamp::max().us - by.us ? Timestamp::max() : t + by;
}

// Where the steps end that begin with the window's: the end of its year.
Timestamp end_of_steps(const WindowPlan& windows, const Window& window) {
  if (windows.specs()[window.spec].kind == WindowKind::cumulative) return Timestamp::max();
  std::vector<Window> all;
  windows.windows_of_slice(windows.slice_of(window.start), window.start, all);
  Timestamp end = window.end;
  for (const Window& each : all)
    if (each.spec == window.spec && each.start == window.start) end = std::max(end, each.end);
  return end;
}

// At which dates the organisation knows the node; 0: at none.
std::uint64_t dates_known(const Organisation& organisation, const std::string& node) {
  std::string dates;
  bool was_known = false;
  for (Timestamp at = Timestamp::min(); at != Timestamp::max(); at = organisation.next_move(node, at)) {
    const bool is_known = organisation.is_known(node, at);
    if (is_known != was_known) append_timestamp(dates, at);
    was_known = is_known;
  }
  return dates.empty() ? 0 : hash64(dates);
}

Timestamp retention_clock(const CommitNote& note) {
  return note.expired_at == Timestamp::min() ? note.clock : note.expired_at;
}

}  // namespace

Publishing::Publishing(const Plan& plan, RollUp& roll_up, const Reference& reference,
                       const StateReader& store, std::size_t at_once)
    : plan_(plan), roll_up_(roll_up), reference_(reference), store_(&store), at_once_(at_once) {
  for (std::uint32_t view = 0; view < plan.views.size(); ++view)
    if (plan.views[view].publish) views_.push_back(view);
}

std::size_t Publishing::records_of_slice(const ViewPlan& view) const {
  std::size_t records = 0;
  for (const WindowSpec& spec : view.windows.specs()) {
    if (spec.kind == WindowKind::sliding)
      records += static_cast<std::size_t>(spec.count);
    else if (spec.kind == WindowKind::hopping)
      records += static_cast<std::size_t>(spec.size.us / std::get<Duration>(spec.step).us + 1);
    else
      records += is_carried(spec.kind) ? kStepsGuessed : 1;
  }
  return records;
}

std::size_t Publishing::unsealed_bytes() const {
  std::size_t bytes = 0;
  for (const std::uint32_t view : views_)
    bytes += roll_up_.changed_rows(view) * records_of_slice(plan_.views[view]) * kRecordBytes;
  return bytes;
}

void Publishing::resume() {
  reference_changes_seen_ = reference_.changes();
  if (is_on()) update_known();
}

// The nodes that are known at other dates than before.
std::set<std::string> Publishing::update_known() {
  std::set<std::string> changed;
  const Organisation& organisation = roll_up_.organisation();
  if (organisation.source() == TreeSource::paths) return changed;
  for (const auto& [node, info] : organisation.nodes()) {
    if (!roll_up_.owns(node)) continue;
    const std::uint64_t dates = dates_known(organisation, node);
    const auto known = known_.find(node);
    if (dates == (known == known_.end() ? 0 : known->second)) continue;
    changed.insert(node);
    if (dates == 0)
      known_.erase(known);
    else
      known_.insert_or_assign(node, dates);
  }
  return changed;
}

// Rows that the store does not have yet are looked at too: of a total that was built again without a partial,
// which compaction had removed for a newer one, the topic may know.
Result<> Publishing::expire(Timestamp before, Timestamp now) {
  for (const std::uint32_t view : views_) {
    if (!roll_up_.may_let_go(view, now)) continue;
    roll_up_.for_each_changed_total(
        view, [&](const SliceRow& row) { expire_slice(view, row.node(), row.slice, Timestamp::min(), now); });
    const std::string prefix = view_prefix(plan_.views[view].id);
    SLIPSTREAM_TRY(store_->scan(roll_up_.totals_family(), prefix, prefix_end(prefix),
                                [&](std::string_view key, std::string_view) {
                                  if (const auto row = parse_row_key(key))
                                    expire_slice(view, row->node, row->slice, before, now);
                                  return true;
                                }));
  }
  return {};
}

// Which windows of the slice go now?
void Publishing::expire_slice(std::uint32_t index, std::string_view node, Timestamp slice, Timestamp before,
                              Timestamp now) {
  const ViewPlan& view = plan_.views[index];
  if (view.windows.slice_end(slice) + *view.retention > now ||
      view.windows.last_end(slice) + *view.retention <= before)
    return;
  const auto goes_now = [&](const Window& window) {
    return RollUp::is_expired(view, window, now) && !RollUp::is_expired(view, window, before);
  };
  std::vector<Window> gone;
  view.windows.windows_of_slice(slice, slice, gone);
  std::erase_if(gone, [&](const Window& window) {
    return is_carried(view.windows.specs()[window.spec].kind) || !goes_now(window);
  });
  for (std::size_t spec = 0; spec < view.windows.specs().size(); ++spec) {
    const WindowKind kind = view.windows.specs()[spec].kind;
    if (kind == WindowKind::session && RollUp::is_expired(view, slice, now))
      gone.push_back({spec, slice, slice});
    if (kind != WindowKind::year_to_date) continue;
    // A step stands for those after it, so all of a year go together.
    const Window step = *view.windows.window_at(spec, slice);
    if (goes_now({spec, step.start, end_of_steps(view.windows, step)})) gone.push_back(step);
  }
  if (!gone.empty()) expiring_[{index, std::string(node)}].windows.insert(gone.begin(), gone.end());
}

Publishing::ChangedNodes Publishing::take_changed_totals() const {
  ChangedNodes nodes;
  for (const std::uint32_t view : views_)
    roll_up_.for_each_changed_total(view, [&](const SliceRow& row) {
      Changes& changes = nodes[{view, std::string(row.node())}];
      changes.changed.emplace(row.slice, &row);
      changes.slices.insert(row.slice);
    });
  return nodes;
}

// All slices of the nodes whose rows have keys in [from, to), until there is no more room; then `from` is
// where it goes on. True: those were the last.
Result<bool> Publishing::add_whole_nodes(std::uint32_t view, std::string& from, const std::string& to,
                                         std::size_t& room, ChangedNodes& nodes) const {
  const std::size_t records = records_of_slice(plan_.views[view]);
  std::string node;
  Changes* changes = nullptr;
  bool is_full = false;
  SLIPSTREAM_TRY(
      store_->scan(roll_up_.totals_family(), from, to, [&](std::string_view key, std::string_view) {
        auto row = parse_row_key(key);
        if (!row) return true;
        if (changes == nullptr || row->node != node) {
          if ((is_full = room == 0)) {
            from = key;
            return false;
          }
          node = std::move(row->node);
          changes = &nodes[{view, node}];
        }
        changes->slices.insert(row->slice);
        room -= std::min(room, records);
        return true;
      }));
  return !is_full;
}

// Rows of nodes that the organisation has come to know, or knows no longer, though no figure has changed.
Result<> Publishing::add_newly_known(ChangedNodes& nodes, CommitNote& note) {
  if (reference_changes_seen_ == reference_.changes()) return {};
  reference_changes_seen_ = reference_.changes();
  std::size_t room = at_once_;
  for (const std::string& node : update_known())
    for (const std::uint32_t view : views_) {
      std::string from = node_prefix(plan_.views[view].id, node);
      bool all = room > 0;
      if (all) {
        SLIPSTREAM_ASSIGN(all, add_whole_nodes(view, from, prefix_end(from), room, nodes));
      }
      if (all) continue;
      // More than goes into one commit, and a crash must not forget the rest: then everything is owed.
      note.views_version = kUnfinished;
      owed_view_ = 0;
      owed_from_.clear();
      return {};
    }
  return {};
}

Result<> Publishing::add_owed(ChangedNodes& nodes, CommitNote& note) {
  if (is_withdrawing_ || note.views_version == plan_.views_version) return {};
  note.views_version = kUnfinished;
  std::size_t room = at_once_;
  for (; owed_view_ < views_.size(); ++owed_view_, owed_from_.clear()) {
    const std::string prefix = view_prefix(plan_.views[views_[owed_view_]].id);
    owed_from_ = std::max(prefix, owed_from_);
    SLIPSTREAM_ASSIGN(const bool all,
                      add_whole_nodes(views_[owed_view_], owed_from_, prefix_end(prefix), room, nodes));
    if (!all) return {};
  }
  owed_view_ = 0;
  note.views_version = plan_.views_version;
  return {};
}

Result<> Publishing::publish(CommitNote& note, std::vector<PublishedRow>& rows) {
  if (note.clock ==
      Timestamp::min()) {  // there is no time that a row could be told as of: later, all of them
    note.views_version = kUnfinished;
    return {};
  }
  note.expired_at = retention_clock(note);
  ChangedNodes nodes = take_changed_totals();
  for (auto& [name, expiring] : expiring_)
    nodes[name].windows.merge(expiring.windows);
  expiring_.clear();
  SLIPSTREAM_TRY(add_newly_known(nodes, note));
  SLIPSTREAM_TRY(add_owed(nodes, note));
  Values values;
  SLIPSTREAM_TRY(look_at(nodes, note, values));
  for (auto& [key, value] : values)
    rows.push_back({key, std::move(value.node), std::move(value.json)});
  return {};
}

Result<> Publishing::withdraw_others(const PublishedKeysInput& input, const CommitNote& note,
                                     std::vector<PublishedRow>& rows) {
  is_withdrawing_ = !input.last;
  ChangedNodes nodes;
  for (const std::string& key : input.keys) {
    const auto parsed = parse_published_key(key);
    if (!parsed) continue;
    for (const std::uint32_t index : views_) {
      const ViewPlan& view = plan_.views[index];
      const auto spec = view.windows.find_spec(parsed->spec);
      if (view.name != parsed->view || !spec) continue;
      if (const auto window = window_of_label(view.windows, *spec, parsed->label))
        nodes[{index, std::string(parsed->node)}].windows.insert(*window);
    }
  }
  Values values;
  SLIPSTREAM_TRY(look_at(nodes, note, values));
  for (const std::string& key : std::set<std::string>(input.keys.begin(), input.keys.end())) {
    const auto value = values.find(key);
    if (value == values.end() || !value->second.json) rows.push_back({key, {}, std::nullopt});
  }
  return {};
}

Result<> Publishing::look_at(const ChangedNodes& nodes, const CommitNote& note, Values& values) {
  for (const auto& [name, changes] : nodes) {
    const ViewPlan& view = plan_.views[name.first];
    const Look look{name.first, view, name.second, changes, retention_clock(note), note.clock};
    SLIPSTREAM_TRY(look_at_windows(look, values));
    for (std::size_t spec = 0; spec < view.windows.specs().size(); ++spec) {
      const WindowKind kind = view.windows.specs()[spec].kind;
      if (is_carried(kind)) SLIPSTREAM_TRY(look_at_steps(look, spec, values));
      if (kind == WindowKind::session) SLIPSTREAM_TRY(look_at_sessions(look, spec, values));
    }
  }
  return {};
}

// `sum`: null withdraws the row.
void Publishing::put(const Look& look, const Window& window, const AccumulatorRow* sum,
                     Values& values) const {
  Value value{look.node, std::nullopt};
  if (sum != nullptr)
    value.json = published_value(plan_, look.view, window, look.node, sum->bytes(), look.as_of);
  values.insert_or_assign(published_key(look.view, window, look.node), std::move(value));
}

// Of [from, to): those that are stored, and in the place of those that have changed what they are now.
Result<NodeSlices> Publishing::slices_of(const Look& look, Timestamp from, Timestamp to) const {
  const AccumulatorLayout& layout = look.view.layout;
  NodeSlices node{look.node, {}};
  const auto is_wanted = [&](Timestamp slice) {
    return slice >= from && slice < to && !RollUp::is_expired(look.view, slice, look.expired_at);
  };
  auto changed = look.changes.changed.lower_bound(from);
  const auto add_changed_before = [&](Timestamp end) {
    for (; changed != look.changes.changed.end() && changed->first < end; ++changed) {
      if (!is_wanted(changed->first) || layout.is_empty(changed->second->state())) continue;
      AccumulatorRow& state = node.slices.emplace_back(changed->first, AccumulatorRow(layout)).state;
      layout.merge(state.bytes(), changed->second->state(), +1);
    }
  };
  const ViewId id = look.view.id;
  Result<> read;
  SLIPSTREAM_TRY(store_->scan(
      roll_up_.totals_family(), row_key(id, look.node, from),
      to == Timestamp::max() ? prefix_end(node_prefix(id, look.node)) : row_key(id, look.node, to),
      [&](std::string_view key, std::string_view value) {
        const auto row = parse_row_key(key);
        if (!row || !is_wanted(row->slice)) return true;
        add_changed_before(row->slice);
        if (look.changes.changed.contains(row->slice)) return true;
        if (!roll_up_.single()) {
          const auto total = parse_total(value);
          value = total ? total->state : std::string_view();
        }
        AccumulatorRow state(layout);
        read = layout.deserialize(state.bytes(), value);
        if (read && !layout.is_empty(state.bytes())) node.slices.emplace_back(row->slice, std::move(state));
        return read.has_value();
      }));
  SLIPSTREAM_TRY(read);
  add_changed_before(to);
  return node;
}

// Windows whose rows are the sums of their slices, whatever the other windows have.
Result<> Publishing::look_at_windows(const Look& look, Values& values) {
  const WindowPlan& windows = look.view.windows;
  std::vector<Window> found(look.changes.windows.begin(), look.changes.windows.end());
  for (const Timestamp slice : look.changes.slices)
    windows.windows_of_slice(slice, slice, found);
  std::erase_if(found, [&](const Window& window) {
    const WindowKind kind = windows.specs()[window.spec].kind;
    return is_carried(kind) || kind == WindowKind::session;
  });
  std::sort(found.begin(), found.end(), [](const Window& a, const Window& b) {
    return std::tie(a.start, a.end, a.spec) < std::tie(b.start, b.end, b.spec);
  });
  found.erase(std::unique(found.begin(), found.end()), found.end());
  // Those that overlap share one reading of their slices.
  for (std::size_t first = 0, next = 0; first < found.size(); first = next) {
    Timestamp end = found[first].end;
    for (next = first; next < found.size() && found[next].start < end; ++next)
      end = std::max(end, found[next].end);
    SLIPSTREAM_ASSIGN(const NodeSlices node, slices_of(look, found[first].start, end));
    for (std::size_t i = first; i < next; ++i) {
      const AccumulatorRow sum = sum_of(look.view.layout, node.slices, found[i]);
      const bool is_there =
          is_shown(look.view, roll_up_.organisation(), node, found[i], sum, look.expired_at);
      put(look, found[i], is_there ? &sum : nullptr, values);
    }
  }
  return {};
}

// Years to date and cumulative windows: a step that has slices has a row, which stands until the next that
// has. Where such a step shows nothing, a row without figures ends what stood before it.
Result<> Publishing::look_at_steps(const Look& look, std::size_t spec, Values& values) {
  const ViewPlan& view = look.view;
  std::map<Timestamp, std::set<Window>> periods;
  const auto add = [&](const Window& step) { periods[step.start].insert(step); };
  for (const Timestamp slice : look.changes.slices)
    add(*view.windows.window_at(spec, slice));
  for (const Window& window : look.changes.windows)
    if (window.spec == spec) add(window);
  const AccumulatorRow nothing(view.layout);
  for (auto& [start, steps] : periods) {
    const Window first = *steps.begin();
    const Timestamp end = end_of_steps(view.windows, first);
    NodeSlices node;
    if (!RollUp::is_expired(view, Window{spec, start, end}, look.expired_at)) {
      SLIPSTREAM_ASSIGN(node, slices_of(look, start, end));
    }
    AccumulatorRow sum(view.layout);
    bool stands = false;
    for (std::size_t i = 0; i < node.slices.size(); ++i) {
      const Slice& slice = node.slices[i];
      const Window step = *view.windows.window_at(spec, slice.start);
      view.layout.merge(sum.bytes(), slice.state.bytes(), +1);
      if (i + 1 < node.slices.size() && node.slices[i + 1].start < step.end) continue;
      const bool is_there =
          !view.layout.is_empty(sum.bytes()) && roll_up_.organisation().is_known(look.node, slice.start);
      if (step >= first) put(look, step, is_there ? &sum : stands ? &nothing : nullptr, values);
      stands = is_there;
      steps.erase(step);
    }
    for (const Window& step : steps)
      put(look, step, nullptr, values);
  }
  return {};
}

// The slices that follow one another by less than `gap`, around an instant that need not be one of them.
Result<NodeSlices> Publishing::chain_around(const Look& look, Timestamp slice, Duration gap) const {
  NodeSlices chain;
  for (Duration span = gap;; span.us *= kSpanFactor) {
    const Timestamp from = earlier(slice, span);
    SLIPSTREAM_ASSIGN(chain, slices_of(look, from, slice));
    Timestamp reached = slice;
    auto first = chain.slices.end();
    while (first != chain.slices.begin() && reached - std::prev(first)->start < gap)
      reached = (--first)->start;
    const bool is_all = first != chain.slices.begin() || from == Timestamp::min() || reached - from >= gap;
    chain.slices.erase(chain.slices.begin(), first);
    if (is_all) break;
  }
  for (Duration span = gap;; span.us *= kSpanFactor) {
    const Timestamp to = later(slice, span);
    SLIPSTREAM_ASSIGN(NodeSlices after, slices_of(look, slice, to));
    Timestamp reached = slice;
    auto end = after.slices.begin();
    while (end != after.slices.end() && end->start - reached < gap)
      reached = (end++)->start;
    if (end == after.slices.end() && to != Timestamp::max() && to - reached < gap) continue;
    std::move(after.slices.begin(), end, std::back_inserter(chain.slices));
    return chain;
  }
}

// A slice that comes may join two sessions, and one that goes may part them: starts that have ceased are among
// the changed slices and those right after them.
Result<> Publishing::look_at_sessions(const Look& look, std::size_t spec, Values& values) {
  const Duration gap = look.view.windows.specs()[spec].size;
  std::set<Timestamp> changed = look.changes.slices;
  for (const Window& window : look.changes.windows)
    if (window.spec == spec) changed.insert(window.start);
  NodeSlices chain;
  std::set<Timestamp> starts;
  for (const Timestamp slice : changed) {
    if (chain.slices.empty() || slice > chain.slices.back().start) {
      SLIPSTREAM_ASSIGN(chain, chain_around(look, slice, gap));
      starts.clear();
      for (const Window& session : sessions_of(spec, chain.slices, gap)) {
        const AccumulatorRow sum = sum_of(look.view.layout, chain.slices, session);
        starts.insert(session.start);
        const bool is_there =
            is_shown(look.view, roll_up_.organisation(), chain, session, sum, look.expired_at);
        put(look, session, is_there ? &sum : nullptr, values);
      }
    }
    const auto after = std::find_if(chain.slices.begin(), chain.slices.end(),
                                    [&](const Slice& each) { return each.start > slice; });
    if (!starts.contains(slice)) put(look, {spec, slice, slice}, nullptr, values);
    if (after != chain.slices.end() && !starts.contains(after->start))
      put(look, {spec, after->start, after->start}, nullptr, values);
  }
  return {};
}

}  // namespace slipstream
