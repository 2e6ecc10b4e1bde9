#include "engine/app/copied_record.h"

#include <boost/json.hpp>

#include "engine/app/dead_letter_replay.h"
#include "engine/decode/dead_letter.h"
#include "engine/judge/alert_record.h"
#include "engine/shard/expulsion_record.h"

namespace slipstream {
namespace {

namespace json = boost::json;

Result<> move_expulsion(std::string& value, const CopiedPlaces& places) {
  SLIPSTREAM_ASSIGN(Expulsion expulsion, read_expulsion(value));
  expulsion.before = places.next({expulsion.record.topic, expulsion.record.partition}, expulsion.before);
  expulsion.record = places.of(expulsion.record);
  value = write_expulsion(expulsion);
  return {};
}

Result<> move_transition(std::string& value, const CopiedPlaces& places) {
  SLIPSTREAM_ASSIGN(AlertRecord record, read_alert_record(value));
  std::vector<Evidence> moved = record.transition.evidence;
  for (Evidence& evidence : moved)
    evidence.position = places.of(evidence.position);
  if (moved == record.transition.evidence) return {};
  record.transition.evidence = std::move(moved);
  value = write_alert_record(record);
  return {};
}

bool move_evidence(json::array& evidence, const CopiedPlaces& places) {
  bool any = false;
  for (json::value& each : evidence) {
    json::object* item = each.if_object();
    if (item == nullptr) return false;
    const json::value* topic = item->if_contains("topic");
    const json::value* partition = item->if_contains("partition");
    const json::value* offset = item->if_contains("offset");
    if (topic == nullptr || !topic->is_string() || partition == nullptr || !partition->is_int64() ||
        offset == nullptr || !offset->is_int64())
      return false;
    const EventPosition position{std::string(topic->get_string()),
                                 Partition(static_cast<std::int32_t>(partition->get_int64())),
                                 Offset(offset->get_int64())};
    const EventPosition moved = places.of(position);
    any = any || moved != position;
    (*item)["topic"] = moved.topic;
    (*item)["offset"] = moved.offset.value;
  }
  return any;
}

// Only the evidence is written anew: a figure that was read and written again need not have the same digits.
void move_message(std::string& text, const CopiedPlaces& places) {
  json::error_code error;
  json::value body = json::parse(text, error);
  if (error || !body.is_object()) return;
  json::value* evidence = body.get_object().if_contains("evidence");
  if (evidence == nullptr || !evidence->is_array()) return;
  const std::string before = "\"evidence\":" + json::serialize(*evidence);
  if (!move_evidence(evidence->get_array(), places)) return;
  if (const std::size_t at = text.find(before); at != std::string::npos)
    text.replace(at, before.size(), "\"evidence\":" + json::serialize(*evidence));
}

void move_published(std::string& value, const CopiedPlaces& places) {
  if (value.starts_with('{'))
    move_message(value, places);
  else if (std::string moved = value; move_transition(moved, places))
    value = std::move(moved);
}

void move_letter(OutputRecord& record, const CopiedPlaces& places) {
  RecordView view;
  view.key = record.key;
  view.value = record.value ? std::string_view(*record.value) : std::string_view();
  view.tombstone = !record.value;
  view.headers = record.headers;
  view.timestamp = record.timestamp;
  auto letter = from_record(view);
  if (!letter) return;
  const EventPosition moved = places.of(letter->at);
  if (moved == letter->at) return;
  letter->at = moved;
  record = to_record(*letter, record.topic, record.partition);
}

void move_replay(std::string& key, const TopicNames& names, const CopiedPlaces& places) {
  if (const auto letter = parse_replay_key(key))
    key = replay_key(letter->first, places.next({names.dead_letters, letter->first}, letter->second));
}

}  // namespace

Result<> move_to_copy(OutputRecord& record, const TopicNames& names, const CopiedPlaces& places) {
  if (record.topic == names.decisions && record.value)
    SLIPSTREAM_TRY(is_expulsion(*record.value) ? move_expulsion(*record.value, places)
                                               : move_transition(*record.value, places));
  if ((record.topic == names.alert_events || record.topic == names.alert_state) && record.value)
    move_published(*record.value, places);
  if (record.topic == names.dead_letters) move_letter(record, places);
  if (record.topic == names.replays) move_replay(record.key, names, places);
  record.topic = places.of(TopicPartition{record.topic, record.partition}).topic;
  return {};
}

}  // namespace slipstream
