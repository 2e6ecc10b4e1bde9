#include "engine/rollup/organisation.h"

#include <algorithm>
#include <boost/json.hpp>

namespace slipstream {
namespace {

constexpr std::size_t kDepthMax = 64;  // of a tree of events: a longer chain of parents is taken for a cycle

struct ReferenceFields {
  std::string parent, unit, name;
  std::vector<std::string> successors;
  std::optional<Timestamp> valid_from, valid_to;
};

std::vector<std::string> parse_list(std::string_view text) {
  std::vector<std::string> items;
  boost::system::error_code error;
  const boost::json::value list = boost::json::parse(text, error);
  if (error || !list.is_array()) return items;
  for (const boost::json::value& item : list.get_array())
    if (item.is_string()) items.emplace_back(item.get_string());
  return items;
}

Result<ReferenceFields> read_fields(const StoredEvent& event) {
  ReferenceFields out;
  SLIPSTREAM_TRY(event.read_payload(
      [&](Field field, const Value& value) {
        if (value.is_null()) return;
        if (field == Field::parent) out.parent = value.as_text();
        if (field == Field::unit) out.unit = value.as_text();
        if (field == Field::name) out.name = value.as_text();
        if (field == Field::successors) out.successors = parse_list(value.as_text());
        if (field == Field::valid_from) out.valid_from = value.as_timestamp();
        if (field == Field::valid_to) out.valid_to = value.as_timestamp();
      },
      [](std::string_view, const Value&) {}));
  return out;
}

void place(NodeInfo& info, Timestamp since, std::string parent) {
  // What the first placement says holds before it too: a unit's figures from before its creation was recorded
  // are its.
  if (info.placements.empty()) since = Timestamp::min();
  std::erase_if(info.placements, [&](const Placement& p) { return p.since >= since; });
  info.placements.push_back({since, std::move(parent)});
}

void apply(const StoredEvent& event, const ReferenceFields& fields, const std::string& root, NodeInfo& info) {
  const Timestamp since = fields.valid_from.value_or(event.effective_at);
  const auto parent_or_root = [&](const std::string& parent) { return parent.empty() ? root : parent; };
  switch (event.type) {
    case EventType::unit_created:
    case EventType::unit_moved:
      place(info, since, parent_or_root(fields.parent));
      break;
    case EventType::person_appointed:
    case EventType::person_transferred:
      place(info, since, parent_or_root(fields.unit));
      break;
    case EventType::unit_merged:
      if (!fields.successors.empty()) place(info, since, fields.successors.front());
      info.successors = fields.successors;
      info.closed_at = since;
      break;
    case EventType::unit_split:
      info.successors = fields.successors;
      info.closed_at = since;
      break;
    case EventType::unit_closed:
      info.closed_at = fields.valid_to.value_or(since);
      break;
    default:
      break;
  }
  if (!fields.name.empty()) info.name = fields.name;
}

// The earliest instant from which on two lists of placements disagree.
std::optional<Timestamp> first_difference(const std::vector<Placement>& a, const std::vector<Placement>& b) {
  std::size_t same = 0;
  while (same < a.size() && same < b.size() && a[same] == b[same])
    ++same;
  if (same == a.size() && same == b.size()) return std::nullopt;
  Timestamp at = Timestamp::max();
  if (same < a.size()) at = std::min(at, a[same].since);
  if (same < b.size()) at = std::min(at, b[same].since);
  return at;
}

}  // namespace

std::optional<std::string_view> NodeInfo::parent_at(Timestamp at) const {
  if (placements.empty()) return std::nullopt;
  const auto after = std::upper_bound(placements.begin(), placements.end(), at,
                                      [](Timestamp t, const Placement& p) { return t < p.since; });
  return std::string_view(std::prev(after)->parent);
}

Result<Organisation::Change> Organisation::update(const std::string& node, std::string_view history) {
  SLIPSTREAM_ASSIGN(const std::vector<StoredEvent> events, read_history(history));
  NodeInfo info;
  for (const StoredEvent& event : events) {
    SLIPSTREAM_ASSIGN(const ReferenceFields fields, read_fields(event));
    apply(event, fields, plan_.root, info);
  }
  NodeInfo& known = nodes_[node];
  Change change{first_difference(known.placements, info.placements), std::move(known)};
  known = std::move(info);
  return change;
}

std::optional<std::string_view> Organisation::parent_of(std::string_view node, Timestamp at) const {
  if (node == plan_.root) return std::nullopt;
  if (plan_.tree == TreeSource::paths) {
    const std::size_t slash = node.rfind('/');
    return slash == std::string_view::npos ? std::string_view(plan_.root) : node.substr(0, slash);
  }
  const NodeInfo* info = find(node);
  return info == nullptr ? std::nullopt : info->parent_at(at);
}

// Every stretch of time is followed by itself: what is fine when a node is placed may close a circle later,
// when another move that was planned before takes effect.
bool Organisation::leads_to(std::string_view target, std::string_view from, Timestamp begin, Timestamp end,
                            std::size_t depth) const {
  if (from == plan_.root && depth > 0) return false;
  const NodeInfo* info = find(from);
  if (info == nullptr) return false;
  for (std::size_t i = 0; i < info->placements.size(); ++i) {
    const Placement& placement = info->placements[i];
    const Timestamp since = std::max(begin, placement.since);
    const Timestamp until =
        i + 1 < info->placements.size() ? std::min(end, info->placements[i + 1].since) : end;
    if (since >= until) continue;
    if (placement.parent == target || depth >= kDepthMax) return true;
    if (leads_to(target, placement.parent, since, until, depth + 1)) return true;
  }
  return false;
}

bool Organisation::has_cycle(std::string_view node) const {
  return leads_to(node, node, Timestamp::min(), Timestamp::max(), 0);
}

// A path comes to its end by itself.
std::size_t Organisation::depth_max() const {
  return plan_.tree == TreeSource::paths ? SIZE_MAX - 1 : kDepthMax;
}

std::vector<std::string> Organisation::ancestors_of(std::string_view node, Timestamp at) const {
  std::vector<std::string> ancestors;
  std::optional<std::string_view> parent = parent_of(node, at);
  while (parent && ancestors.size() < depth_max()) {
    ancestors.emplace_back(*parent);
    parent = parent_of(ancestors.back(), at);
  }
  return ancestors;
}

std::vector<std::string> Organisation::ancestors_of(const NodeInfo& info, Timestamp at) const {
  const auto parent = info.parent_at(at);
  if (!parent) return {};
  std::vector<std::string> ancestors = ancestors_of(*parent, at);
  ancestors.insert(ancestors.begin(), std::string(*parent));
  return ancestors;
}

bool Organisation::is_known(std::string_view node, Timestamp at) const {
  for (std::size_t depth = 0; depth <= depth_max(); ++depth) {
    if (node == plan_.root) return true;
    const auto parent = parent_of(node, at);
    if (!parent) return false;
    node = *parent;
  }
  return false;
}

Timestamp Organisation::next_move(std::string_view node, Timestamp after) const {
  Timestamp next = Timestamp::max();
  if (plan_.tree == TreeSource::paths) return next;
  for (std::size_t depth = 0; depth <= kDepthMax && node != plan_.root; ++depth) {
    const NodeInfo* info = find(node);
    if (info == nullptr || info->placements.empty()) break;
    const auto later = std::upper_bound(info->placements.begin(), info->placements.end(), after,
                                        [](Timestamp t, const Placement& p) { return t < p.since; });
    if (later != info->placements.end()) next = std::min(next, later->since);
    node = std::prev(later)->parent;
  }
  return next;
}

bool Organisation::is_within(std::string_view node, std::string_view ancestor, Timestamp at) const {
  for (std::size_t depth = 0; depth <= depth_max(); ++depth) {
    if (node == ancestor) return true;
    const auto parent = parent_of(node, at);
    if (!parent) return false;
    node = *parent;
  }
  return false;
}

const NodeInfo* Organisation::find(std::string_view node) const {
  const auto found = nodes_.find(node);
  return found == nodes_.end() ? nullptr : &found->second;
}

}  // namespace slipstream
