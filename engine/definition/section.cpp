#include "engine/definition/section.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "engine/definition/suggestion.h"

namespace slipstream {
namespace {

constexpr std::size_t kNameLengthMax = 63;  // PostgreSQL's NAMEDATALEN - 1
constexpr std::string_view kQuoteComma = "quote a text that contains a comma";

std::string_view kind_name(const Document& node) {
  switch (node.kind) {
    case Document::Kind::absent:
      return "nothing";
    case Document::Kind::scalar:
      return "a single value";
    case Document::Kind::list:
      return "a list";
    case Document::Kind::map:
      return "a map";
  }
  return "nothing";
}

bool is_name(std::string_view text) {
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; };
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  return !text.empty() && text.size() <= kNameLengthMax && is_letter(text.front()) &&
         std::all_of(text.begin(), text.end(), [&](char c) { return is_letter(c) || is_digit(c); });
}

// In a flow map a comma ends a value: "{ value: ratio(a, b) }" has the keys "value" and "b)".
bool looks_like_a_split_text(const Document::Entry& entry) {
  return entry.value.kind == Document::Kind::absent && !is_name(entry.key);
}

bool check_map(const Setting& at, Report& report) {
  if (at.node->kind == Document::Kind::map) return true;
  report.add(ErrorCode::type_mismatch, at,
             fmt::format("expected a map of keys and values, found {}", kind_name(*at.node)));
  return false;
}

}  // namespace

std::optional<Section> Section::open(const Setting& at, std::span<const std::string_view> keys,
                                     Report& report) {
  if (!check_map(at, report)) return std::nullopt;
  std::set<std::string_view> seen;
  for (const Document::Entry& entry : at.node->entries) {
    const std::string path = at.entry(entry).path;
    if (std::find(keys.begin(), keys.end(), entry.key) == keys.end()) {
      std::string hint = looks_like_a_split_text(entry) ? std::string(kQuoteComma) : suggest(entry.key, keys);
      if (hint.empty()) hint = "keys here: " + listed(keys);
      report.add(ErrorCode::unknown_key, entry.key_mark, path, fmt::format("no such key '{}'", entry.key),
                 hint);
    } else if (!seen.insert(entry.key).second) {
      report.add(ErrorCode::duplicate_name, entry.key_mark, path,
                 fmt::format("key '{}' is written twice", entry.key));
    } else if (entry.value.kind == Document::Kind::absent) {
      report.add(ErrorCode::invalid_value, entry.key_mark, path,
                 fmt::format("key '{}' has no value", entry.key), "give a value or leave the key out");
    }
  }
  return Section(at, report);
}

std::optional<Setting> Section::find(std::string_view key) const {
  for (const Document::Entry& entry : at_.node->entries)
    if (entry.key == key && entry.value.kind != Document::Kind::absent) return at_.entry(entry);
  return std::nullopt;
}

std::optional<Setting> Section::require(std::string_view key, std::string_view example) const {
  if (auto setting = find(key)) return setting;
  if (at_.node->find(key) == nullptr)
    report_->add(ErrorCode::invalid_value, at_, fmt::format("key '{}' is missing", key),
                 fmt::format("write '{}'", example));
  return std::nullopt;
}

std::vector<Named> open_names(const Setting& at, Report& report) {
  std::vector<Named> names;
  if (!check_map(at, report)) return names;
  std::set<std::string_view> seen;
  for (const Document::Entry& entry : at.node->entries) {
    const Setting value = at.entry(entry);
    if (!is_name(entry.key)) {
      report.add(ErrorCode::invalid_value, entry.key_mark, value.path,
                 fmt::format("'{}' is not a name", entry.key),
                 looks_like_a_split_text(entry)
                     ? std::string(kQuoteComma)
                     : "a name has lower-case letters, digits and '_', and begins with no digit");
    } else if (!seen.insert(entry.key).second) {
      report.add(ErrorCode::duplicate_name, entry.key_mark, value.path,
                 fmt::format("'{}' is declared twice", entry.key));
    } else {
      names.push_back({entry.key, entry.key_mark, value});
    }
  }
  return names;
}

std::vector<Setting> items_or_self(const Setting& at) {
  if (at.node->kind != Document::Kind::list) return {at};
  std::vector<Setting> items;
  for (std::size_t i = 0; i < at.node->items.size(); ++i)
    items.push_back(at.item(i));
  return items;
}

}  // namespace slipstream
