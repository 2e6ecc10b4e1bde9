#include "tests/fuzz/record_promises.h"

#include <algorithm>
#include <memory>

#include "engine/base/hash.h"
#include "engine/decode/content_hash.h"
#include "engine/decode/dead_letter.h"
#include "engine/decode/decoder.h"
#include "engine/decode/encoder.h"
#include "engine/decode/json_text.h"
#include "tests/decode/event_generator.h"
#include "tests/fuzz/fuzz_target.h"

namespace slipstream::fuzz {
namespace {

constexpr Timestamp kClock{1'893'456'000'000'000};  // 2030-01-01T00:00:00Z
constexpr std::size_t kNoBound = std::size_t{1} << 30;

// A record that ends where its allocation ends and begins at any alignment: the address sanitizer sees each
// read beyond it, and an aligned read is no accident.
class ExactRecord {
 public:
  explicit ExactRecord(const FuzzedRecord& from) : headers_(from.headers) {
    const std::size_t shift = hash64(from.value) % 8;
    bytes_.reset(new char[from.value.size() + shift]);
    std::copy(from.value.begin(), from.value.end(), bytes_.get() + shift);
    record_.value = {bytes_.get() + shift, from.value.size()};
    record_.headers = headers_;
    record_.key = "key";
    record_.offset = Offset(17);
    record_.timestamp = kClock;
  }
  const RecordView& view() const { return record_; }

 private:
  std::vector<Header> headers_;
  std::unique_ptr<char[]> bytes_;
  RecordView record_;
};

Decoder make_decoder(std::size_t record_bytes_max) {
  DecodeOptions options;
  options.record_bytes_max = record_bytes_max;
  options.zone = *Zone::find("Europe/Amsterdam");
  return Decoder(options);
}

void check_comes_back(const Event& event, const Result<std::string>& encoded, const char* format) {
  FUZZ_PROMISE(encoded.has_value(), std::string(format) + ": " + encoded.error().message);
  static Decoder decoder = make_decoder(kNoBound);  // escapes may make the other encoding longer
  Event again;
  RecordView record;
  record.value = *encoded;
  const Result<> decoded = decoder.decode(record, kClock, again);
  FUZZ_PROMISE(decoded.has_value(), std::string(format) + ": " + decoded.error().message);
  FUZZ_PROMISE(test::same_event(event, again), std::string(format) + " gives another event: " + *encoded);
  FUZZ_PROMISE(content_hash(event) == content_hash(again),
               std::string(format) + " gives another hash: " + *encoded);
  decoder.release();
}

void check_accepted(const Event& event) {
  check_comes_back(event, encode_flatbuffers(event), "FlatBuffers");
  check_comes_back(event, encode_json(event), "JSON");
}

void check_refused(const Error& error, const RecordView& record) {
  FUZZ_PROMISE(blame_of(error.code) == Blame::data, std::string(name_of(error.code)));
  FUZZ_PROMISE(!error.message.empty() && error.message.find('\n') == std::string::npos, error.message);
  FUZZ_PROMISE(is_plain_text(error.message), error.message);
  const TopicPartition at{"events", Partition(3)};
  const DeadLetter letter = make_dead_letter(error, "decode", at, record, kClock, "v1");
  const OutputRecord written = to_record(letter, "dead", Partition(0));
  RecordView read;
  read.key = written.key;
  read.value = *written.value;
  read.headers = written.headers;
  read.timestamp = written.timestamp;
  const Result<DeadLetter> back = from_record(read);
  FUZZ_PROMISE(back.has_value(), back.error().message);
  FUZZ_PROMISE(*back == letter, back->reason);
  const OutputRecord original = original_record(*back);
  FUZZ_PROMISE(original.topic == at.topic && original.partition == at.partition, original.topic);
  FUZZ_PROMISE(original.key == record.key && original.value == record.value, original.key);
  FUZZ_PROMISE(std::equal(original.headers.begin(), original.headers.end(), record.headers.begin(),
                          record.headers.end()),
               "other headers");
}

}  // namespace

FuzzedRecord record_of(std::string input) {
  std::string_view rest = input;
  if (!rest.starts_with("ce_") && !rest.starts_with("content-type")) return {{}, std::move(input)};
  FuzzedRecord record;
  while (!rest.empty() && rest.front() != '\n') {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    const std::size_t colon = std::min(line.find(": "), line.size());
    record.headers.push_back(
        {std::string(line.substr(0, colon)), std::string(line.substr(std::min(colon + 2, line.size())))});
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
  }
  if (!rest.empty()) rest.remove_prefix(1);
  record.value = std::string(rest);
  return record;
}

bool check_record(const FuzzedRecord& fuzzed) {
  static Decoder decoder = make_decoder(DecodeOptions().record_bytes_max);
  const ExactRecord record(fuzzed);
  Event event;
  const Result<> decoded = decoder.decode(record.view(), kClock, event);
  if (decoded)
    check_accepted(event);
  else
    check_refused(decoded.error(), record.view());
  Event again;
  const Result<> repeated = decoder.decode(record.view(), kClock, again);
  FUZZ_PROMISE(decoded.has_value() == repeated.has_value(), "decoding again gives another answer");
  if (decoded)
    FUZZ_PROMISE(content_hash(event) == content_hash(again), "decoding again gives another hash");
  else
    FUZZ_PROMISE(decoded.error().code == repeated.error().code, repeated.error().message);
  decoder.release();
  return decoded.has_value();
}

}  // namespace slipstream::fuzz
