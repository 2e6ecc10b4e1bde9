#include "engine/decode/json_event.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <span>
#include <vector>

#include "engine/decode/field_rules.h"
#include "engine/decode/json_cursor.h"
#include "engine/decode/json_list.h"
#include "engine/decode/json_text.h"

namespace slipstream {
namespace {

enum class Member : std::uint8_t {
  specversion,
  id,
  source,
  type,
  subject,
  time,
  datacontenttype,
  traceparent,
  data,
  effective_at,
  recorded_at,
  entity_version,
  actor,
  supersedes,
  data_base64,
  other,
};

struct MemberName {
  std::string_view name;
  Member member;
};

// In the order in which this project writes them. CloudEvents names of extension attributes have no
// underscore; in `data` they do.
constexpr std::array<MemberName, 15> kEnvelopeMembers{{
    {"specversion", Member::specversion},
    {"id", Member::id},
    {"source", Member::source},
    {"type", Member::type},
    {"subject", Member::subject},
    {"time", Member::time},
    {"datacontenttype", Member::datacontenttype},
    {"traceparent", Member::traceparent},
    {"data", Member::data},
    {"effectiveat", Member::effective_at},
    {"recordedat", Member::recorded_at},
    {"entityversion", Member::entity_version},
    {"actor", Member::actor},
    {"supersedes", Member::supersedes},
    {"data_base64", Member::data_base64},
}};
constexpr std::array<MemberName, 5> kDataMembers{{
    {"effective_at", Member::effective_at},
    {"recorded_at", Member::recorded_at},
    {"entity_version", Member::entity_version},
    {"actor", Member::actor},
    {"supersedes", Member::supersedes},
}};
constexpr std::size_t kExtensionsMax = 256;

// Looks from `next` on, once round, and leaves there the name after the one found: members mostly come in one
// order.
Member find_member(std::span<const MemberName> names, std::string_view name, std::size_t& next) {
  for (std::size_t tried = 0; tried < names.size(); ++tried) {
    const MemberName& entry = names[next];
    next = next + 1 == names.size() ? 0 : next + 1;
    if (is_name(name, entry.name)) return entry.member;
  }
  return Member::other;
}

bool is_json_media_type(std::string_view text) {
  const std::string_view type = text.substr(0, text.find(';'));
  return type == "application/json" || type == "text/json" || type.ends_with("+json");
}

// Integer where the text has neither point nor exponent and fits 64 bits; else decimal.
Result<Value> number_value(std::string_view text) {
  if (text.find_first_of(".eE") == std::string_view::npos) {
    std::int64_t integer = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), integer);
    if (error == std::errc() && end == text.data() + text.size()) return Value::integer(integer);
  }
  SLIPSTREAM_ASSIGN(const Decimal number, Decimal::parse(text));
  return Value::decimal(number);
}

}  // namespace

// One JSON text being read; the buffers stay for the next.
class JsonEventReader::Document {
 public:
  explicit Document(Arena& arena) : arena_(arena), cursor_(arena) {}

  Result<> read_structured(std::string_view json, EventBuilder& builder) {
    SLIPSTREAM_TRY(cursor_.open(json));
    members_given_ = 0;
    next_member_ = 0;
    extensions_.clear();
    bool data_waits = false;  // `data` came before `type`: it is read when the type is known
    SLIPSTREAM_TRY(cursor_.each_member(cursor_.root(), [&](std::string_view name, JsonCursor::Item value) {
      return read_envelope_member(name, value, builder, data_waits);
    }));
    SLIPSTREAM_TRY(cursor_.check_end());
    if (!given(Member::specversion))
      return builder.refuse("specversion", ErrorCode::missing_field, "is missing; CloudEvents need \"1.0\"");
    if (!data_waits) return {};
    if (builder.definition() == nullptr)
      return builder.refuse("type", ErrorCode::missing_field, "is missing");
    return read_waiting_data(builder);
  }

  Result<> read_data(std::string_view json, EventBuilder& builder) {
    SLIPSTREAM_TRY(cursor_.open(json));
    SLIPSTREAM_TRY(read_data_members(cursor_.root(), builder));
    return cursor_.check_end();
  }

 private:
  bool given(Member member) const { return (members_given_ & (1U << static_cast<unsigned>(member))) != 0; }

  Result<> mark(Member member, std::string_view name, const EventBuilder& builder) {
    if (member != Member::other) {
      if (given(member)) return builder.refuse(name, ErrorCode::malformed_record, "is given twice");
      members_given_ |= 1U << static_cast<unsigned>(member);
      return {};
    }
    if (std::find(extensions_.begin(), extensions_.end(), name) != extensions_.end())
      return builder.refuse(in_quotes(name), ErrorCode::malformed_record, "is given twice");
    if (extensions_.size() == kExtensionsMax)
      return builder.refuse("envelope", ErrorCode::record_too_large,
                            "has more than 256 extension attributes");
    extensions_.push_back(name);
    return {};
  }

  Result<> read_envelope_member(std::string_view name, JsonCursor::Item value, EventBuilder& builder,
                                bool& data_waits) {
    const Member member = find_member(kEnvelopeMembers, name, next_member_);
    SLIPSTREAM_TRY(mark(member, name, builder));
    if (member == Member::data) return read_envelope_data(value, builder, data_waits);
    SLIPSTREAM_ASSIGN(const Token token, cursor_.read_token(value));
    if (token.kind == TokenKind::nested)
      return builder.refuse(in_quotes(name), ErrorCode::wrong_type, "is an object or array, not a scalar");
    if (token.kind == TokenKind::null) return read_envelope_null(member, builder);
    return apply_member(member, name, token, builder);
  }

  // CloudEvents: null is the same as absent.
  Result<> read_envelope_null(Member member, const EventBuilder& builder) {
    if (member == Member::specversion)
      return builder.refuse("specversion", ErrorCode::missing_field, "is null; CloudEvents need \"1.0\"");
    return {};
  }

  Result<> read_envelope_data(JsonCursor::Item value, EventBuilder& builder, bool& data_waits) {
    if (!JsonCursor::is_object(value)) {
      SLIPSTREAM_ASSIGN(const Token token, cursor_.read_token(value));
      if (token.kind == TokenKind::null) return {};
      return builder.refuse("data", ErrorCode::wrong_type, "is not an object");
    }
    if (builder.definition() == nullptr) {
      data_waits = true;
      return {};
    }
    SLIPSTREAM_ASSIGN(const JsonCursor::Object object, cursor_.read_object(value));
    return read_data_members(object, builder);
  }

  Result<> read_waiting_data(EventBuilder& builder) {
    SLIPSTREAM_TRY(cursor_.rewind());
    bool found = false;
    return cursor_.each_member(
        cursor_.root(), [&](std::string_view name, JsonCursor::Item value) -> Result<> {
          if (found || name != "data") return {};
          found = true;
          SLIPSTREAM_ASSIGN(const JsonCursor::Object object, cursor_.read_object(value));
          return read_data_members(object, builder);
        });
  }

  Result<> apply_member(Member member, std::string_view name, const Token& token, EventBuilder& builder) {
    if (member == Member::other) return {};
    if (member == Member::entity_version) return apply_entity_version(token, builder);
    if (token.kind != TokenKind::text) return builder.refuse(name, ErrorCode::wrong_type, "is not a string");
    switch (member) {
      case Member::specversion:
        if (token.text == "1.0") return {};
        return builder.refuse(name, ErrorCode::malformed_record, in_quotes(token.text) + " is not \"1.0\"");
      case Member::datacontenttype:
        if (is_json_media_type(token.text)) return {};
        return builder.refuse(name, ErrorCode::malformed_record, in_quotes(token.text) + " is not JSON");
      case Member::data_base64:
        return builder.refuse(name, ErrorCode::malformed_record,
                              "is not read; give the data as a JSON object");
      case Member::traceparent:
        builder.set_traceparent(token.text);
        return {};
      case Member::type:
        return builder.set_type(token.text);
      case Member::id:
        return builder.set(EnvelopeText::id, token.text);
      case Member::source:
        return builder.set(EnvelopeText::source, token.text);
      case Member::subject:
        return builder.set(EnvelopeText::subject, token.text);
      case Member::actor:
        return builder.set(EnvelopeText::actor, token.text);
      case Member::supersedes:
        return builder.set(EnvelopeText::supersedes, token.text);
      case Member::time:
        return builder.set_time_text(EnvelopeTime::time, token.text);
      case Member::effective_at:
        return builder.set_time_text(EnvelopeTime::effective_at, token.text);
      case Member::recorded_at:
        return builder.set_time_text(EnvelopeTime::recorded_at, token.text);
      default:
        return {};
    }
  }

  static Result<> apply_entity_version(const Token& token, EventBuilder& builder) {
    if (token.kind == TokenKind::boolean)
      return builder.refuse("entity_version", ErrorCode::wrong_type, "is a boolean, not an integer");
    const auto number = Decimal::parse(token.text);
    const auto refuse = [&](ErrorCode code) {
      return builder.refuse("entity_version", code, in_quotes(token.text) + " is not an integer of 64 bits");
    };
    if (!number)
      return refuse(number.error().code == ErrorCode::number_out_of_range ? ErrorCode::number_out_of_range
                                                                          : ErrorCode::wrong_type);
    const auto integer = integer_from(*number);
    if (!integer) return refuse(integer.error().code);
    return builder.set_entity_version(*integer);
  }

  Result<> read_data_members(JsonCursor::Object object, EventBuilder& builder) {
    std::uint32_t given_in_data = 0;
    next_data_member_ = 0;
    return cursor_.each_member(object, [&](std::string_view name, JsonCursor::Item value) {
      return read_data_member(name, value, builder, given_in_data);
    });
  }

  Result<> read_data_member(std::string_view name, JsonCursor::Item value, EventBuilder& builder,
                            std::uint32_t& given_in_data) {
    if (const FieldUse* use = find_field_use(*builder.definition(), name))
      return read_field(*use, value, builder);
    SLIPSTREAM_ASSIGN(const Token token, cursor_.read_token(value));
    if (token.kind == TokenKind::nested)
      return builder.refuse(in_quotes(name), ErrorCode::wrong_type,
                            "is an object or array; attributes are strings, numbers or booleans");
    const Member member = find_member(kDataMembers, name, next_data_member_);
    if (member == Member::other) return read_attribute(name, token, builder);
    const std::uint32_t member_bit = 1U << static_cast<unsigned>(member);
    if ((given_in_data & member_bit) != 0)
      return builder.refuse(name, ErrorCode::malformed_record, "is given twice");
    given_in_data |= member_bit;
    if (token.kind == TokenKind::null) return {};
    return apply_member(member, name, token, builder);
  }

  Result<> read_attribute(std::string_view name, const Token& token, EventBuilder& builder) {
    switch (token.kind) {
      case TokenKind::text:
        return builder.add_attribute(name, Value::text(token.text));
      case TokenKind::boolean:
        return builder.add_attribute(name, Value::boolean(token.text == "true"));
      case TokenKind::number: {
        const auto number = number_value(token.text);
        if (!number)
          return builder.refuse(in_quotes(name), ErrorCode::number_out_of_range,
                                in_quotes(token.text) + " has more than 38 digits or 18 decimals");
        return builder.add_attribute(name, *number);
      }
      default:
        return builder.add_attribute(name, Value::null());
    }
  }

  Result<> read_field(const FieldUse& use, JsonCursor::Item value, EventBuilder& builder) {
    SLIPSTREAM_ASSIGN(const Token token, cursor_.read_token(value));
    if (token.kind == TokenKind::null) return builder.add_null(use);
    if (is_list(use.shape)) return read_list(use, value, builder);
    if (!fits(use, token.kind))
      return builder.refuse(use.name, ErrorCode::wrong_type,
                            fmt::format("is {}, not {}", name_of(token.kind), name_of(use.shape)));
    SLIPSTREAM_ASSIGN(const Value field,
                      value_from_text(*builder.definition(), use, token.text, builder.zone()));
    return builder.add(use, field);
  }

  // Numbers may come as strings, so that producers without exact decimals can send them; nothing else is
  // converted.
  static bool fits(const FieldUse& use, TokenKind kind) {
    switch (type_of(use.shape)) {
      case Type::boolean:
        return kind == TokenKind::boolean;
      case Type::decimal:
      case Type::integer:
        return kind == TokenKind::number || kind == TokenKind::text;
      default:
        return kind == TokenKind::text;
    }
  }

  Result<> read_list(const FieldUse& use, JsonCursor::Item value, EventBuilder& builder) {
    if (!JsonCursor::is_array(value))
      return builder.refuse(use.name, ErrorCode::wrong_type, "is not an array");
    SLIPSTREAM_ASSIGN(const JsonCursor::Array array, cursor_.read_array(value));
    SLIPSTREAM_ASSIGN(std::string canonical, read_json_list(use, array, cursor_, builder));
    return builder.add_checked_list(use, arena_.keep(std::move(canonical)));
  }

  Arena& arena_;
  JsonCursor cursor_;
  std::uint32_t members_given_ = 0;           // bit per Member
  std::size_t next_member_ = 0;               // of kEnvelopeMembers: expected next
  std::size_t next_data_member_ = 0;          // of kDataMembers
  std::vector<std::string_view> extensions_;  // names of other envelope members
};

JsonEventReader::JsonEventReader(Arena& arena) : document_(std::make_unique<Document>(arena)) {}
JsonEventReader::~JsonEventReader() = default;

Result<> JsonEventReader::read_structured(std::string_view json, EventBuilder& builder) {
  return document_->read_structured(json, builder);
}

Result<> JsonEventReader::read_data(std::string_view json, EventBuilder& builder) {
  return document_->read_data(json, builder);
}

}  // namespace slipstream
