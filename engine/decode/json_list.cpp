#include "engine/decode/json_list.h"

#include <fmt/format.h>

#include "engine/decode/field_rules.h"
#include "engine/decode/json_text.h"
#include "engine/decode/list_field.h"

namespace slipstream {
namespace {

class ListReader {
 public:
  ListReader(const FieldUse& use, JsonCursor& cursor, const EventBuilder& builder)
      : use_(use), cursor_(cursor), builder_(builder) {}

  Result<std::vector<std::string>> read_texts(JsonCursor::Array array) {
    return read_items<std::string>(array, [&](JsonCursor::Item& item) { return read_text(item); });
  }
  Result<std::vector<Decimal>> read_decimals(JsonCursor::Array array) {
    return read_items<Decimal>(array, [&](JsonCursor::Item& item) { return read_decimal(item); });
  }
  Result<std::vector<CalendarDay>> read_days(JsonCursor::Array array) {
    return read_items<CalendarDay>(array, [&](JsonCursor::Item& item) { return read_day(item); });
  }

 private:
  struct DayMembers {
    bool date = false, working = false, name = false;
  };

  tl::unexpected<Error> refuse(ErrorCode code, std::string_view what) const {
    return builder_.refuse(use_.name, code, what);
  }

  template <class Item, class ReadItem>
  Result<std::vector<Item>> read_items(JsonCursor::Array array, const ReadItem& read_item) {
    std::vector<Item> items;
    SLIPSTREAM_TRY(cursor_.each_item(array, [&](JsonCursor::Item& value) -> Result<> {
      if (items.size() == kListItemsMax)
        return refuse(ErrorCode::record_too_large, fmt::format("more than {} items", kListItemsMax));
      SLIPSTREAM_ASSIGN(Item item, read_item(value));
      items.push_back(std::move(item));
      return {};
    }));
    return items;
  }

  Result<std::string> read_text(JsonCursor::Item& item) {
    SLIPSTREAM_ASSIGN(const Token token, cursor_.read_token(item));
    if (token.kind != TokenKind::text)
      return refuse(ErrorCode::wrong_type, fmt::format("has {} among its strings", name_of(token.kind)));
    SLIPSTREAM_TRY(check_list_item(*builder_.definition(), use_, token.text));
    return std::string(token.text);
  }

  Result<Decimal> read_decimal(JsonCursor::Item& item) {
    SLIPSTREAM_ASSIGN(const Token token, cursor_.read_token(item));
    if (token.kind != TokenKind::text && token.kind != TokenKind::number)
      return refuse(ErrorCode::wrong_type, fmt::format("has {} among its numbers", name_of(token.kind)));
    const auto number = Decimal::parse(token.text);
    if (number) return *number;
    const bool range = number.error().code == ErrorCode::number_out_of_range;
    return refuse(range ? ErrorCode::number_out_of_range : ErrorCode::wrong_type,
                  in_quotes(token.text) + " is not a number of at most 38 digits and 18 decimals");
  }

  Result<CalendarDay> read_day(JsonCursor::Item& item) {
    if (!JsonCursor::is_object(item))
      return refuse(ErrorCode::wrong_type, "has an item that is not an object");
    SLIPSTREAM_ASSIGN(const JsonCursor::Object object, cursor_.read_object(item));
    CalendarDay day;
    DayMembers given;
    SLIPSTREAM_TRY(cursor_.each_member(object, [&](std::string_view name, JsonCursor::Item member) {
      return read_day_member(name, member, day, given);
    }));
    if (given.date && given.working) return day;
    return refuse(ErrorCode::missing_field, "each day needs `date` and `working`");
  }

  Result<> read_day_member(std::string_view name, JsonCursor::Item& item, CalendarDay& day,
                           DayMembers& given) {
    SLIPSTREAM_ASSIGN(const Token token, cursor_.read_token(item));
    if (name == "date") return read_day_date(token, day, given.date);
    if (name == "working") return read_day_working(token, day, given.working);
    if (name == "name") return read_day_name(token, day, given.name);
    return refuse(ErrorCode::wrong_type,
                  in_quotes(name) + " is no member of a day; it has date, working and name");
  }

  Result<> mark(bool& given, std::string_view name) const {
    if (given) return refuse(ErrorCode::malformed_record, fmt::format("a day has its {} twice", name));
    given = true;
    return {};
  }

  Result<> read_day_date(const Token& token, CalendarDay& day, bool& given) {
    SLIPSTREAM_TRY(mark(given, "date"));
    if (token.kind != TokenKind::text) return refuse(ErrorCode::wrong_type, "a day's date is not a string");
    const auto date = parse_date(token.text);
    if (!date)
      return refuse(ErrorCode::invalid_timestamp, in_quotes(token.text) + " is not a date like 2026-01-31");
    day.date = *date;
    return {};
  }

  Result<> read_day_working(const Token& token, CalendarDay& day, bool& given) {
    SLIPSTREAM_TRY(mark(given, "working"));
    if (token.kind != TokenKind::boolean)
      return refuse(ErrorCode::wrong_type, "a day's `working` is not a boolean");
    day.working = token.text == "true";
    return {};
  }

  Result<> read_day_name(const Token& token, CalendarDay& day, bool& given) {
    SLIPSTREAM_TRY(mark(given, "name"));
    if (token.kind != TokenKind::text) return refuse(ErrorCode::wrong_type, "a day's name is not a string");
    if (token.text.size() > use_.definition->bytes_max)
      return refuse(ErrorCode::record_too_large, "a day's name is too long");
    day.name = token.text;
    return {};
  }

  const FieldUse& use_;
  JsonCursor& cursor_;
  const EventBuilder& builder_;
};

}  // namespace

Result<std::string> read_json_list(const FieldUse& use, JsonCursor::Array array, JsonCursor& cursor,
                                   const EventBuilder& builder) {
  ListReader reader(use, cursor, builder);
  if (use.shape == FieldShape::decimals) {
    SLIPSTREAM_ASSIGN(const auto shares, reader.read_decimals(array));
    SLIPSTREAM_TRY(check_shares(*builder.definition(), use, shares));
    return format_decimal_list(shares);
  }
  if (use.shape == FieldShape::days) {
    SLIPSTREAM_ASSIGN(const auto days, reader.read_days(array));
    return format_day_list(days);
  }
  SLIPSTREAM_ASSIGN(const auto texts, reader.read_texts(array));
  return format_text_list(texts);
}

}  // namespace slipstream
