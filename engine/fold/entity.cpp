#include "engine/fold/entity.h"

#include <algorithm>
#include <tuple>

#include "engine/base/encoding.h"
#include "engine/decode/content_hash.h"

namespace slipstream {
namespace {

constexpr std::size_t kHeaderBytes = 16;
constexpr std::size_t kLengthBytesMax = 3;  // of an event of less than 2 MiB; a longer one costs a copy more
constexpr std::size_t kUsualEvents = 8;     // of an entity: one allocation for most

Error corrupt() {
  return {ErrorCode::store_corrupt,
          "an entity's stored history cannot be read; restore the state from a checkpoint or delete it to "
          "rebuild"};
}

auto order_of(const StoredEvent& e) {
  return std::tuple(e.version.has_value(), e.version.value_or(0), e.effective_at, e.recorded_at, e.type, e.id,
                    e.source);
}

void append_payload(std::string& out, const Event& event) {
  append_varint(out, event.fields.size());
  for (const EventField& field : event.fields) {
    append_u8(out, static_cast<std::uint8_t>(field.field));
    append_value(out, field.value);
  }
  append_varint(out, event.attributes.size());
  for (const EventAttribute& attribute : event.attributes) {
    append_string(out, attribute.name);
    append_value(out, attribute.value);
  }
}

std::string encode_event(const Event& event, Partition partition, Offset offset) {
  std::string out;
  out.reserve(64 + event.id.size() + event.source.size() + event.supersedes.size() + event.actor.size() +
              24 * event.fields.size());
  append_zigzag(out, event.effective_at.us);
  append_zigzag(out, event.recorded_at.us);
  append_u8(out, event.entity_version.has_value());
  append_zigzag(out, event.entity_version.value_or(0));
  append_u8(out, static_cast<std::uint8_t>(event.type));
  append_u64(out, content_hash(event));
  append_varint(out, static_cast<std::uint64_t>(partition.value));
  append_varint(out, static_cast<std::uint64_t>(offset.value));
  append_string(out, event.id);
  append_string(out, event.source);
  append_string(out, event.supersedes);
  append_string(out, event.actor);
  append_payload(out, event);
  return out;
}

bool decode_event(std::string_view bytes, StoredEvent& out) {
  ByteReader in(bytes);
  std::uint8_t has_version = 0, type = 0;
  std::int64_t version = 0;
  std::uint64_t partition = 0, offset = 0;
  const bool read = in.read_zigzag(out.effective_at.us) && in.read_zigzag(out.recorded_at.us) &&
                    in.read_u8(has_version) && in.read_zigzag(version) && in.read_u8(type) &&
                    in.read_u64(out.content_hash) && in.read_varint(partition) && in.read_varint(offset) &&
                    in.read_string(out.id) && in.read_string(out.source) && in.read_string(out.supersedes) &&
                    in.read_string(out.actor);
  if (!read) return false;
  out.version = has_version != 0 ? std::optional(version) : std::nullopt;
  out.type = static_cast<EventType>(type);
  out.partition = Partition(static_cast<std::int32_t>(partition));
  out.offset = Offset(static_cast<std::int64_t>(offset));
  out.payload = in.rest();
  return true;
}

}  // namespace

EntityHeader read_header(std::string_view history) {
  EntityHeader header;
  ByteReader in(history);
  if (!in.read_timestamp(header.evaluated_at) || !in.read_timestamp(header.timer_at)) return {};
  return header;
}

void write_header(std::string& history, const EntityHeader& header) {
  if (history.size() < kHeaderBytes) history.resize(kHeaderBytes);
  write_timestamp(history.data(), header.evaluated_at);
  write_timestamp(history.data() + kHeaderBytes / 2, header.timer_at);
}

Result<Insertion> insert_event(std::string_view history, const Event& event, Partition partition,
                               Offset offset, std::string& grown) {
  const std::string added = encode_event(event, partition, offset);
  StoredEvent placed;
  if (!decode_event(added, placed)) return tl::unexpected(corrupt());

  std::string begun;
  if (history.empty()) {
    write_header(begun, {});
    history = begun;
  }
  std::size_t insert_at = history.size();
  bool place_found = false;
  ByteReader in(history.substr(kHeaderBytes));
  while (!in.at_end()) {
    const std::size_t begins_at = history.size() - in.rest().size();
    std::string_view bytes;
    StoredEvent stored;
    if (!in.read_string(bytes) || !decode_event(bytes, stored)) return tl::unexpected(corrupt());
    if (stored.id == placed.id && stored.source == placed.source)
      return stored.content_hash == placed.content_hash ? Insertion::duplicate : Insertion::conflicting;
    if (!place_found && order_of(placed) < order_of(stored)) {
      insert_at = begins_at;
      place_found = true;
    }
  }
  std::string with_it;
  with_it.reserve(history.size() + kLengthBytesMax + added.size());
  with_it += history.substr(0, insert_at);
  append_string(with_it, added);
  with_it += history.substr(insert_at);
  grown = std::move(with_it);
  return Insertion::added;
}

Result<bool> remove_event(std::string& history, std::string_view id, std::string_view source) {
  if (is_without_events(history)) return false;
  ByteReader in(std::string_view(history).substr(kHeaderBytes));
  while (!in.at_end()) {
    const std::size_t begins_at = history.size() - in.rest().size();
    std::string_view bytes;
    StoredEvent stored;
    if (!in.read_string(bytes) || !decode_event(bytes, stored)) return tl::unexpected(corrupt());
    if (stored.id != id || stored.source != source) continue;
    history.erase(begins_at, history.size() - in.rest().size() - begins_at);
    return true;
  }
  return false;
}

bool is_without_events(std::string_view history) { return history.size() <= kHeaderBytes; }

Result<std::vector<StoredEvent>> read_history(std::string_view history, bool with_superseded) {
  std::vector<StoredEvent> events;
  if (history.size() < kHeaderBytes) return events;
  events.reserve(kUsualEvents);
  bool any_supersedes = false;
  ByteReader in(history.substr(kHeaderBytes));
  while (!in.at_end()) {
    std::string_view bytes;
    StoredEvent& stored = events.emplace_back();
    if (!in.read_string(bytes) || !decode_event(bytes, stored)) return tl::unexpected(corrupt());
    any_supersedes |= !stored.supersedes.empty();
  }
  if (!any_supersedes || with_superseded) return events;
  std::vector<std::pair<std::string_view, std::string_view>> replaced;
  for (const StoredEvent& event : events)
    if (!event.supersedes.empty() && event.supersedes != event.id)
      replaced.emplace_back(event.source, event.supersedes);
  std::sort(replaced.begin(), replaced.end());
  std::erase_if(events, [&](const StoredEvent& event) {
    return std::binary_search(replaced.begin(), replaced.end(), std::pair(event.source, event.id));
  });
  return events;
}

std::string task_key(std::string_view task) {
  std::string key = "t";
  key += task;
  return key;
}

std::string indicator_prefix(std::string_view indicator) {
  std::string key = "m";
  append_key_string(key, indicator);
  return key;
}

std::string measurement_key(std::string_view indicator, std::string_view node, const FigurePeriod& period) {
  std::string key = indicator_prefix(indicator);
  append_key_string(key, node);
  append_timestamp(key, period.start);
  append_timestamp(key, period.end);
  return key;
}

std::optional<FigureKey> parse_measurement_key(std::string_view key) {
  FigureKey parsed;
  if (!key.starts_with('m')) return std::nullopt;
  ByteReader in(key.substr(1));
  if (!in.read_key_string(parsed.indicator) || !in.read_key_string(parsed.node) ||
      !in.read_timestamp(parsed.period.start) || !in.read_timestamp(parsed.period.end))
    return std::nullopt;
  return parsed;
}

std::string series_key(std::string_view indicator, std::string_view node) {
  std::string key = "p";
  append_key_string(key, indicator);
  key += node;
  return key;
}

Result<std::uint64_t> PayloadCursor::count() {
  ByteReader in(rest_);
  std::uint64_t n = 0;
  if (!in.read_varint(n)) return tl::unexpected(corrupt());
  rest_ = in.rest();
  return n;
}

Result<EventField> PayloadCursor::field() {
  ByteReader in(rest_);
  std::uint8_t field = 0;
  if (!in.read_u8(field)) return tl::unexpected(corrupt());
  rest_ = in.rest();
  SLIPSTREAM_ASSIGN(const Value value, read_value(rest_));
  return EventField{static_cast<Field>(field), value};
}

Result<EventAttribute> PayloadCursor::attribute() {
  ByteReader in(rest_);
  std::string_view name;
  if (!in.read_string(name)) return tl::unexpected(corrupt());
  rest_ = in.rest();
  SLIPSTREAM_ASSIGN(const Value value, read_value(rest_));
  return EventAttribute{name, value};
}

}  // namespace slipstream
