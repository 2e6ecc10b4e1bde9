#include "engine/aggregate/row_key.h"

#include "engine/base/encoding.h"

namespace slipstream {

std::string view_prefix(ViewId view) {
  std::string key;
  append_u32(key, view.value);
  return key;
}

std::string node_prefix(ViewId view, std::string_view node) {
  std::string key = view_prefix(view);
  append_key_string(key, node);
  return key;
}

void append_row_key(std::string& out, ViewId view, std::string_view node, Timestamp slice) {
  append_u32(out, view.value);
  append_key_string(out, node);
  append_timestamp(out, slice);
}

std::string row_key(ViewId view, std::string_view node, Timestamp slice) {
  std::string key;
  key.reserve(node.size() + 16);
  append_row_key(key, view, node, slice);
  return key;
}

std::string partial_key(ViewId view, std::string_view node, Timestamp slice, Partition origin) {
  std::string key = row_key(view, node, slice);
  append_u32(key, static_cast<std::uint32_t>(origin.value));
  return key;
}

std::optional<RowKey> parse_row_key(std::string_view key) {
  RowKey parsed;
  ByteReader in(key);
  if (!in.read_u32(parsed.view.value) || !in.read_key_string(parsed.node) || !in.read_timestamp(parsed.slice))
    return std::nullopt;
  return parsed;
}

std::string encode_total(std::uint64_t origins, std::string_view state) {
  std::string value;
  append_u64(value, origins);
  value += state;
  return value;
}

std::optional<TotalValue> parse_total(std::string_view value) {
  TotalValue total;
  ByteReader in(value);
  if (!in.read_u64(total.origins)) return std::nullopt;
  total.state = in.rest();
  return total;
}

std::string encode_partial(CommitSequence sequence, std::string_view state) {
  return encode_total(sequence.value, state);
}

std::optional<PartialValue> parse_partial(std::string_view value) {
  const auto parsed = parse_total(value);
  if (!parsed) return std::nullopt;
  return PartialValue{CommitSequence(parsed->origins), parsed->state};
}

}  // namespace slipstream
