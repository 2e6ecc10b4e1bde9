// Store keys of slice rows. They sort by view, then node, then time:
//   view id (u32) | node (key string) | slice start (i64), and for a partial | origin shard (u32).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "engine/base/ids.h"
#include "engine/base/time.h"
#include "engine/definition/plan.h"

namespace slipstream {

struct RowKey {
  ViewId view;
  std::string node;
  Timestamp slice;
  friend auto operator<=>(const RowKey&, const RowKey&) = default;
};

void append_row_key(std::string& out, ViewId view, std::string_view node, Timestamp slice);
std::string row_key(ViewId view, std::string_view node, Timestamp slice);
std::string partial_key(ViewId view, std::string_view node, Timestamp slice, Partition origin);
// Prefixes for scans.
std::string view_prefix(ViewId view);
std::string node_prefix(ViewId view, std::string_view node);

std::optional<RowKey> parse_row_key(std::string_view key);

// Value of a `totals` row: which origins have partials of it (bit = origin modulo 64), then the accumulators'
// bytes.
//   u64 origins | state
struct TotalValue {
  std::uint64_t origins = 0;
  std::string_view state;
};
std::string encode_total(std::uint64_t origins, std::string_view state);
std::optional<TotalValue> parse_total(std::string_view value);

// Value of a `partials` row: the commit of its origin that it comes from, then the accumulators' bytes.
//   u64 commit sequence | state
struct PartialValue {
  CommitSequence sequence;
  std::string_view state;
};
std::string encode_partial(CommitSequence sequence, std::string_view state);
std::optional<PartialValue> parse_partial(std::string_view value);

}  // namespace slipstream
