// Rows of views as records of the topic of views: JSON as `slipstream query` writes a row, one record for each
// node in each window, keyed by what it replaces, so that compaction keeps the newest.
//
// Key: view | window spec ':' label | node, as "delivery|month:2011-06|General/An". Names of views and specs
// have no '|' and no ':', labels have no '|', and the node is the rest. A session grows at its end, so its
// label in the key is its start alone.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "engine/definition/plan.h"
#include "engine/log/event_log.h"
#include "engine/shard/input.h"

namespace slipstream {

std::string published_key(const ViewPlan& view, const Window& window, std::string_view node);

struct PublishedKey {
  std::string_view view, spec, label, node;
};
std::optional<PublishedKey> parse_published_key(std::string_view key);
// The window of a key's label; of a session, which is known by its start, an empty one.
std::optional<Window> window_of_label(const WindowPlan& windows, std::size_t spec, std::string_view label);

// `state`: the window's accumulators; `as_of`: the clock of the commit.
std::string published_value(const Plan& plan, const ViewPlan& view, const Window& window,
                            std::string_view node, const std::byte* state, Timestamp as_of);

struct PublishedRow {
  std::string key;
  std::string node;
  std::optional<std::string> value;  // nullopt: there is no such row any more
};
// `note`: of the commit that the record is part of.
OutputRecord published_record(PublishedRow row, const CommitNote& note, const std::string& source,
                              const std::string& topic);

}  // namespace slipstream
