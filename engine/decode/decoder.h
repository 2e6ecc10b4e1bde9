// Records to events: FlatBuffers (identifier SLEV), CloudEvents JSON in structured mode, and CloudEvents in
// binary mode (ce_* headers; the body is the data as JSON, or a FlatBuffer). The format is found by the
// headers and the first bytes.
//
// Invariants of a decoded event: it satisfies check_event (field_rules.h); fields ascend by number,
// attributes by name; decimals are in normal form. Whatever the bytes, decode() returns
// an event or an Error that names code, field and reason; it never throws and never reads outside the record.
//
// A Decoder belongs to one thread. An event's views point into the record and into the decoder's arena: they
// live until the record's batch goes or release() is called, whichever is first.
#pragma once

#include <cstddef>
#include <memory>

#include "engine/base/error.h"
#include "engine/base/time.h"
#include "engine/decode/event.h"
#include "engine/log/event_log.h"

namespace slipstream {

struct DecodeOptions {
  std::size_t record_bytes_max = std::size_t{1} << 20;  // key, value and headers together
  // `time`, `effective_at` and `recorded_at` may be this far beyond the clock; further is invalid_timestamp.
  Duration future_skew_max = days(1);
  // 1900-01-01T00:00:00Z; older instants are invalid_timestamp.
  Timestamp earliest = Timestamp{-2'208'988'800'000'000};
  Zone zone;  // for dates and local times in data
};

class Decoder {
 public:
  explicit Decoder(DecodeOptions options);
  ~Decoder();
  Decoder(Decoder&&) noexcept;
  Decoder& operator=(Decoder&&) noexcept;

  // Fills `out`, which is unspecified after an error. Errors: those of blame `data`.
  Result<> decode(const RecordView& record, Timestamp clock, Event& out);

  // Frees the arena; events decoded before must not be used any more. Call once per batch.
  void release();

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace slipstream
