#include "engine/view/known_nodes.h"

#include <set>

#include "engine/aggregate/row_key.h"
#include "engine/base/encoding.h"

namespace slipstream {
namespace {

// The node of the first row in the range of keys; "": there is none.
Result<std::string> first_node(const CommittedState& state, const StateReader& shard, std::string_view from,
                               std::string_view to) {
  std::string node;
  SLIPSTREAM_TRY(shard.scan(state.totals_family(), from, to, [&](std::string_view key, std::string_view) {
    if (auto parsed = parse_row_key(key)) node = std::move(parsed->node);
    return node.empty();
  }));
  return node;
}

}  // namespace

Result<bool> is_known_node(const CommittedState& state, std::string_view node) {
  SLIPSTREAM_ASSIGN(const auto organisation, read_organisation(state));
  if (node == organisation->root() || organisation->find(node) != nullptr) return true;
  for (const ViewPlan& view : state.plan->views) {
    const std::string prefix = node_prefix(view.id, node);
    for (const auto& shard : state.shards) {
      SLIPSTREAM_ASSIGN(const std::string found, first_node(state, *shard, prefix, prefix_end(prefix)));
      if (!found.empty()) return true;
    }
  }
  return false;
}

Result<std::vector<std::string>> known_nodes(const CommittedState& state) {
  SLIPSTREAM_ASSIGN(const auto organisation, read_organisation(state));
  std::set<std::string> nodes{organisation->root()};
  for (const auto& [node, info] : organisation->nodes())
    nodes.insert(node);
  for (const ViewPlan& view : state.plan->views) {
    const std::string end = prefix_end(view_prefix(view.id));
    for (const auto& shard : state.shards) {
      std::string from = view_prefix(view.id);
      while (true) {
        SLIPSTREAM_ASSIGN(std::string node, first_node(state, *shard, from, end));
        if (node.empty()) break;
        from = prefix_end(node_prefix(view.id, node));
        nodes.insert(std::move(node));
      }
    }
  }
  return std::vector<std::string>(nodes.begin(), nodes.end());
}

}  // namespace slipstream
