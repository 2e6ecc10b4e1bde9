// Formats and reads canonical lists. Reading parses leniently in nothing: the text is compared with its own
// canonical form at the end, which refuses every variant in one place.
#include "engine/decode/list_field.h"

#include <fmt/format.h>

#include "engine/decode/json_text.h"

namespace slipstream {
namespace {

// Reads the pieces of a JSON array from the front of a text.
class ListCursor {
 public:
  explicit ListCursor(std::string_view text) : rest_(text) {}

  bool take(std::string_view token) {
    if (!rest_.starts_with(token)) return false;
    rest_.remove_prefix(token.size());
    return true;
  }
  bool at_end() const { return rest_.empty(); }

  bool take_string(std::string& out) {
    if (!take("\"")) return false;
    std::size_t end = 0;
    while (end < rest_.size() && rest_[end] != '"')
      end += rest_[end] == '\\' ? 2 : 1;
    if (end >= rest_.size()) return false;
    auto text = unescape_json(rest_.substr(0, end));
    if (!text) return false;
    out = *std::move(text);
    rest_.remove_prefix(end + 1);
    return true;
  }

  bool take_decimal(Decimal& out) {
    const std::string_view token = rest_.substr(0, std::min(rest_.find_first_of(",]"), rest_.size()));
    if (!is_json_number(token)) return false;
    const auto number = Decimal::parse(token);
    if (!number) return false;
    out = *number;
    rest_.remove_prefix(token.size());
    return true;
  }

  bool take_day(CalendarDay& out) {
    std::string date;
    if (!take("{\"date\":") || !take_string(date) || !take(",\"working\":")) return false;
    const auto parsed = parse_date(date);
    if (!parsed) return false;
    out.date = *parsed;
    out.working = take("true");
    if (!out.working && !take("false")) return false;
    if (take(",\"name\":") && !take_string(out.name)) return false;
    return take("}");
  }

 private:
  std::string_view rest_;
};

template <class Item, class TakeItem>
bool read_items(std::string_view text, std::vector<Item>& items, const TakeItem& take_item) {
  ListCursor cursor(text);
  if (!cursor.take("[")) return false;
  if (cursor.take("]")) return cursor.at_end();
  do {
    if (!take_item(cursor, items.emplace_back())) return false;
  } while (cursor.take(","));
  return cursor.take("]") && cursor.at_end();
}

template <class Item, class Append>
std::string format_list(std::span<const Item> items, const Append& append) {
  std::string out = "[";
  for (const Item& item : items) {
    if (out.size() > 1) out += ',';
    append(out, item);
  }
  out += ']';
  return out;
}

tl::unexpected<Error> not_canonical(std::string_view text) {
  return fail(ErrorCode::wrong_type, fmt::format("{} is not a list in canonical form", in_quotes(text)));
}

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned char>(c));
    } else {
      out += c;
    }
  }
  out += '"';
}

std::string format_text_list(std::span<const std::string> items) {
  return format_list(items, [](std::string& out, const std::string& item) { append_json_string(out, item); });
}

std::string format_decimal_list(std::span<const Decimal> items) {
  return format_list(items, [](std::string& out, Decimal item) { out += item.normalized().to_string(); });
}

std::string format_day_list(std::span<const CalendarDay> items) {
  return format_list(items, [](std::string& out, const CalendarDay& day) {
    out += fmt::format("{{\"date\":\"{}\",\"working\":{}", format_date(day.date), day.working);
    if (!day.name.empty()) {
      out += ",\"name\":";
      append_json_string(out, day.name);
    }
    out += '}';
  });
}

Result<std::vector<std::string>> read_text_list(std::string_view text) {
  std::vector<std::string> items;
  const auto take = [](ListCursor& cursor, std::string& item) { return cursor.take_string(item); };
  if (!read_items(text, items, take) || format_text_list(items) != text) return not_canonical(text);
  return items;
}

Result<std::vector<Decimal>> read_decimal_list(std::string_view text) {
  std::vector<Decimal> items;
  const auto take = [](ListCursor& cursor, Decimal& item) { return cursor.take_decimal(item); };
  if (!read_items(text, items, take) || format_decimal_list(items) != text) return not_canonical(text);
  return items;
}

Result<std::vector<CalendarDay>> read_day_list(std::string_view text) {
  std::vector<CalendarDay> items;
  const auto take = [](ListCursor& cursor, CalendarDay& item) { return cursor.take_day(item); };
  if (!read_items(text, items, take) || format_day_list(items) != text) return not_canonical(text);
  return items;
}

}  // namespace slipstream
