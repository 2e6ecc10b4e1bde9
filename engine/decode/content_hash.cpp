#include "engine/decode/content_hash.h"

#include <bit>
#include <boost/container/small_vector.hpp>
#include <cstring>

#include "engine/base/error.h"
#include "engine/base/hash.h"

namespace slipstream {
namespace {

static_assert(std::endian::native == std::endian::little, "the layout is little-endian");

enum class Tag : std::uint8_t { boolean = 1, number = 2, text = 3, timestamp = 4, interval = 5 };

// Writes into memory that was made large enough before.
class HashWriter {
 public:
  explicit HashWriter(char* to) : at_(to) {}
  const char* end() const { return at_; }

  template <class Number>
  void put(Number number) {
    std::memcpy(at_, &number, sizeof(Number));
    at_ += sizeof(Number);
  }
  void put_text(std::string_view text) {
    put(static_cast<std::uint32_t>(text.size()));
    if (!text.empty()) std::memcpy(at_, text.data(), text.size());
    at_ += text.size();
  }
  void put_number(Decimal number) {
    put(Tag::number);
    put(static_cast<std::uint8_t>(number.scale()));
    put(number.units());
  }

 private:
  char* at_;
};

void put_value(HashWriter& out, const Value& value) {
  switch (value.type()) {
    case Type::null:
      break;
    case Type::boolean:
      out.put(Tag::boolean);
      out.put(static_cast<std::uint8_t>(value.as_boolean()));
      break;
    case Type::integer:
      out.put_number(Decimal(value.as_integer()));
      break;
    case Type::decimal:
      out.put_number(value.as_decimal());
      break;
    case Type::text:
      out.put(Tag::text);
      out.put_text(value.as_text());
      break;
    case Type::timestamp:
      out.put(Tag::timestamp);
      out.put(value.as_timestamp().us);
      break;
    case Type::interval:
      out.put(Tag::interval);
      out.put(value.as_interval().months);
      out.put(value.as_interval().days);
      out.put(value.as_interval().us);
      break;
  }
}

constexpr std::size_t kUsualBytes = 1024;
constexpr std::size_t kEnvelopeBytes = 64;  // the fixed parts, with room
constexpr std::size_t kValueBytes = 32;  // a field's number, tag, length and longest fixed value, with room

std::size_t bytes_bound(const Event& event) {
  std::size_t bytes = kEnvelopeBytes + event.actor.size() + event.supersedes.size() +
                      kValueBytes * (event.fields.size() + event.attributes.size());
  for (const EventField& field : event.fields)
    if (field.value.type() == Type::text) bytes += field.value.as_text().size();
  for (const EventAttribute& attribute : event.attributes) {
    bytes += attribute.name.size();
    if (attribute.value.type() == Type::text) bytes += attribute.value.as_text().size();
  }
  return bytes;
}

}  // namespace

std::uint64_t content_hash(const Event& event) {
  const std::size_t bound = bytes_bound(event);
  boost::container::small_vector<char, kUsualBytes> bytes(bound, boost::container::default_init);
  HashWriter out(bytes.data());
  out.put(event.type);
  out.put(event.time.us);
  out.put(event.effective_at.us);
  out.put(event.recorded_at.us);
  out.put(static_cast<std::uint8_t>(event.entity_version.has_value()));
  out.put(event.entity_version.value_or(0));
  out.put_text(event.actor);
  out.put_text(event.supersedes);
  for (const EventField& field : event.fields) {
    out.put(field.field);
    put_value(out, field.value);
  }
  out.put('\xFF');
  for (const EventAttribute& attribute : event.attributes) {
    out.put_text(attribute.name);
    put_value(out, attribute.value);
  }
  const auto written = static_cast<std::size_t>(out.end() - bytes.data());
  SLIPSTREAM_INVARIANT(written <= bound, std::to_string(written) + " of " + std::to_string(bound));
  return hash64(std::string_view(bytes.data(), written));
}

}  // namespace slipstream
