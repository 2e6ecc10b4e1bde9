// What the decoder's tests share: records in memory and a decoder with a fixed clock.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "engine/decode/decoder.h"
#include "engine/decode/encoder.h"
#include "tests/decode/event_generator.h"

namespace slipstream::test {

inline constexpr Timestamp kClock{1'893'456'000'000'000};  // 2030-01-01T00:00:00Z

// A record that owns its bytes.
struct OwnedRecord {
  std::string value;
  std::vector<Header> headers;
  bool tombstone = false;

  RecordView view() const {
    RecordView record;
    record.value = value;
    record.headers = headers;
    record.tombstone = tombstone;
    return record;
  }
};

inline OwnedRecord record_of(std::string value) { return {std::move(value), {}, false}; }

// `data` in an envelope that is valid for every type.
inline std::string json_event(std::string_view type, std::string_view data) {
  return std::string(R"({"specversion":"1.0","id":"e1","source":"/s","time":"2026-03-01T08:00:00Z","type":")")
      .append(type)
      .append(R"(","data":)")
      .append(data)
      .append("}");
}

inline Zone amsterdam() { return *Zone::find("Europe/Amsterdam"); }

inline Decoder make_decoder() {
  DecodeOptions options;
  options.zone = amsterdam();
  return Decoder(options);
}

// "ok", or the name of the error's code.
inline std::string outcome(Decoder& decoder, const OwnedRecord& record, Event& event) {
  const Result<> result = decoder.decode(record.view(), kClock, event);
  return result ? "ok" : std::string(name_of(result.error().code));
}
inline std::string outcome(const OwnedRecord& record) {
  Decoder decoder = make_decoder();
  Event event;
  return outcome(decoder, record, event);
}
inline std::string outcome(std::string value) { return outcome(record_of(std::move(value))); }

}  // namespace slipstream::test
