#include "engine/app/output/record_text.h"

#include <fmt/format.h>

#include "engine/decode/decoder.h"
#include "engine/decode/encoder.h"
#include "engine/judge/alert_record.h"
#include "engine/shard/expulsion_record.h"

namespace slipstream {
namespace {

constexpr std::size_t kIdentifierBegin = 4, kIdentifierBytes = 4;

std::string_view identifier_of(std::string_view value) {
  return value.size() < kIdentifierBegin + kIdentifierBytes
             ? std::string_view()
             : value.substr(kIdentifierBegin, kIdentifierBytes);
}

// Length of the UTF-8 sequence at the front; 0: there is none.
std::size_t sequence_length(std::string_view bytes) {
  const auto at = [&](std::size_t i) { return i < bytes.size() ? static_cast<unsigned char>(bytes[i]) : 0u; };
  const auto follows = [&](std::size_t i) { return (at(i) & 0xC0u) == 0x80u; };
  const unsigned first = at(0);
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first <= 0xDF) return follows(1) ? 2 : 0;
  if (first >= 0xE0 && first <= 0xEF) {
    const bool shortest = first != 0xE0 || at(1) >= 0xA0;
    const bool no_surrogate = first != 0xED || at(1) < 0xA0;
    return follows(1) && follows(2) && shortest && no_surrogate ? 3 : 0;
  }
  if (first >= 0xF0 && first <= 0xF4) {
    const bool in_range = (first != 0xF0 || at(1) >= 0x90) && (first != 0xF4 || at(1) < 0x90);
    return follows(1) && follows(2) && follows(3) && in_range ? 4 : 0;
  }
  return 0;
}

std::string event_text(const RecordView& record) {
  Decoder decoder{DecodeOptions{}};
  Event event;
  if (const auto decoded = decoder.decode(record, Timestamp::max() - days(400), event); !decoded)
    return fmt::format("not an event: {}", decoded.error().message);
  const auto json = encode_json(event);
  return json ? *json : json.error().message;
}

std::string expulsion_text(std::string_view value) {
  const auto expulsion = read_expulsion(value);
  if (!expulsion) return expulsion.error().message;
  const EventPosition& at = expulsion->record;
  return fmt::format("expelled {} from {} {}:{}: {}", expulsion->event_id, at.topic, at.partition.value,
                     at.offset.value, expulsion->reason);
}

}  // namespace

std::string printable(std::string_view bytes) {
  std::string out;
  out.reserve(bytes.size());
  while (!bytes.empty()) {
    const std::size_t length = sequence_length(bytes);
    if (length == 0) {
      out += fmt::format("\\x{:02x}", static_cast<unsigned char>(bytes.front()));
      bytes.remove_prefix(1);
    } else {
      out += bytes.substr(0, length);
      bytes.remove_prefix(length);
    }
  }
  return out;
}

std::string value_text(const RecordView& record) {
  if (record.tombstone) return "(deleted)";
  const std::string_view identifier = identifier_of(record.value);
  if (identifier == "SLEV") return event_text(record);
  if (identifier == "SLAL") {
    const auto alert = read_alert_record(record.value);
    return alert ? alert->transition.sentence_en : alert.error().message;
  }
  if (is_expulsion(record.value)) return expulsion_text(record.value);
  for (const std::string_view known : {"SLPA", "SLCK", "SLDL"})
    if (identifier == known) return fmt::format("FlatBuffer {}, {} bytes", known, record.value.size());
  return printable(record.value);
}

}  // namespace slipstream
