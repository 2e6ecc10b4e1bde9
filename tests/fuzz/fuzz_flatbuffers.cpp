// FlatBuffers events: the decoder's promises. Bytes alone rarely get past the verifier, so mutations know the
// format: fresh events from the generator, a field or the envelope of one event put into another, and words
// that are offsets or lengths changed in place.
#include <algorithm>
#include <array>
#include <cstring>
#include <random>

#include "engine/decode/dead_letter.h"
#include "engine/decode/decoder.h"
#include "engine/decode/encoder.h"
#include "tests/decode/event_generator.h"
#include "tests/fuzz/fuzz_target.h"
#include "tests/fuzz/record_promises.h"

using namespace slipstream;

namespace {

constexpr Timestamp kClock{1'893'456'000'000'000};  // 2030-01-01T00:00:00Z

// Bytes of unknown origin in the header that a dead letter is read from.
void check_dead_letter(std::string_view bytes) {
  const std::vector<Header> headers{{std::string(kDeadLetterHeader), std::string(bytes)}};
  RecordView record;
  record.headers = headers;
  const Result<DeadLetter> letter = from_record(record);
  if (letter) return;
  FUZZ_PROMISE(letter.error().code == ErrorCode::malformed_record, letter.error().message);
}

std::string fresh_event(std::mt19937_64& random) {
  test::EventGenerator generator(random());
  return encode_flatbuffers(generator.next().event).value_or("");
}

// The event in `bytes` with parts of a generated one.
std::string crossed_event(std::string_view bytes, std::mt19937_64& random) {
  Decoder decoder{DecodeOptions{}};
  RecordView record;
  record.value = bytes;
  Event event;
  if (!decoder.decode(record, kClock, event)) return fresh_event(random);
  test::EventGenerator generator(random());
  const test::GeneratedEvent other = generator.of(event.type);
  if (random() % 4 == 0) event.time = other.event.time;
  if (random() % 4 == 0) event.entity_version = other.event.entity_version;
  if (random() % 4 == 0) event.attributes = other.event.attributes;
  for (EventField& field : event.fields)
    if (const Value* value = other.event.find(field.field); value != nullptr && random() % 3 == 0)
      field.value = *value;
  return encode_flatbuffers(event).value_or("");
}

// Changes one number in place: most of a small buffer's words are offsets, lengths or vtable entries.
void change_word(std::uint8_t* data, std::size_t size, std::mt19937_64& random) {
  static constexpr std::array<std::size_t, 3> kWidths{2, 4, 8};
  const std::size_t width = kWidths[random() % kWidths.size()];
  if (size < width) return;
  const std::size_t at = random() % (size / width) * width;
  std::uint64_t word = 0;
  std::memcpy(&word, data + at, width);
  switch (random() % 5) {
    case 0:
      word += random() % 17 - 8;
      break;
    case 1:
      word = ~word + 1;
      break;
    case 2:
      word = std::uint64_t{1} << random() % 64;
      break;
    case 3:
      word = size - at - random() % 9;
      break;
    default:
      word = random() % (size + 1);
      break;
  }
  std::memcpy(data + at, &word, width);
}

}  // namespace

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t size_max,
                                               unsigned seed) {
  std::mt19937_64 random(seed);
  const std::uint64_t choice = random() % 16;
  if (choice >= 12) return LLVMFuzzerMutate(data, size, size_max);
  if (choice >= 4) {
    for (std::uint64_t changes = 1 + random() % 3; changes > 0; --changes)
      change_word(data, size, random);
    return size;
  }
  const std::string event =
      choice == 0 ? fresh_event(random) : crossed_event(fuzz::text_of(data, size), random);
  if (event.empty() || event.size() > size_max) return LLVMFuzzerMutate(data, size, size_max);
  std::memcpy(data, event.data(), event.size());
  return event.size();
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes = fuzz::text_of(data, size);
  fuzz::check_record(fuzz::record_of(std::string(bytes)));
  check_dead_letter(bytes);
  return 0;
}
