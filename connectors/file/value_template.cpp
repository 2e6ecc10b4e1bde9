#include "connectors/file/value_template.h"

#include <fmt/format.h>

#include <algorithm>

namespace slipstream {
namespace {

std::string_view without_blanks(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

std::size_t index_of(std::vector<std::string>& names, std::string_view name) {
  const auto found = std::find(names.begin(), names.end(), name);
  if (found != names.end()) return static_cast<std::size_t>(found - names.begin());
  names.emplace_back(name);
  return names.size() - 1;
}

void add_literal(ValueTemplate& value, char c) {
  if (value.parts.empty() || value.parts.back().from != TemplatePart::From::literal)
    value.parts.emplace_back();
  value.parts.back().literal.push_back(c);
}

// 'text' with a quote inside doubled; nullopt when it is not that.
std::optional<std::string> unquoted(std::string_view text) {
  if (text.size() < 2 || text.front() != '\'' || text.back() != '\'') return std::nullopt;
  text = text.substr(1, text.size() - 2);
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\'' && (i + 1 == text.size() || text[++i] != '\'')) return std::nullopt;
    result.push_back(text[i]);
  }
  return result;
}

}  // namespace

void TemplateReader::refuse(const Setting& at, std::size_t offset, std::string message, std::string hint) {
  report_.add(ErrorCode::syntax, at.node->mark_at(offset), at.path, std::move(message), std::move(hint));
}

std::optional<std::string> TemplateReader::text_of(const Setting& at) {
  if (at.node->kind != Document::Kind::scalar)
    report_.add(ErrorCode::type_mismatch, at, "expected a column, a template or a constant",
                "write column, \"{column}/text\" or \"=constant\"");
  else if (at.node->scalar.empty())
    report_.add(ErrorCode::invalid_value, at, "an empty text", "name a column, or leave the key out");
  else
    return at.node->scalar;
  return std::nullopt;
}

std::size_t TemplateReader::use_column(std::string_view name) { return index_of(mapping_.columns, name); }

// "column", or "lookup.column" when the part before the first dot names a lookup.
std::optional<TemplatePart> TemplateReader::read_reference(const Setting& at, std::string_view text,
                                                           std::size_t offset) {
  const std::string_view name = without_blanks(text);
  if (name.empty()) {
    refuse(at, offset, "no column named here", "write {column}");
    return std::nullopt;
  }
  TemplatePart part;
  const std::size_t dot = name.find('.');
  for (std::size_t i = 0; i < mapping_.lookups.size() && dot != std::string_view::npos; ++i) {
    if (mapping_.lookups[i].name != name.substr(0, dot)) continue;
    part.from = TemplatePart::From::lookup;
    part.lookup = i;
    part.column = index_of(mapping_.lookups[i].columns, name.substr(dot + 1));
    return part;
  }
  part.from = TemplatePart::From::column;
  part.column = use_column(name);
  return part;
}

std::optional<ValueTemplate> TemplateReader::read_braces(const Setting& at, std::string_view text) {
  ValueTemplate value;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool doubled = i + 1 < text.size() && text[i + 1] == c;
    if ((c != '{' && c != '}') || doubled) {
      add_literal(value, c);
      if (c == '{' || c == '}') ++i;
      continue;
    }
    const std::size_t end = text.find_first_of("{}", i + 1);
    if (c == '}' || end == std::string_view::npos || text[end] == '{') {
      refuse(at, i, fmt::format("'{}' without its partner", c),
             "write {column}; a brace of the text is doubled");
      return std::nullopt;
    }
    auto part = read_reference(at, text.substr(i + 1, end - i - 1), i);
    if (!part) return std::nullopt;
    value.parts.push_back(*std::move(part));
    i = end;
  }
  return value;
}

std::optional<ValueTemplate> TemplateReader::read_value(const Setting& at) {
  const auto text = text_of(at);
  if (!text) return std::nullopt;
  ValueTemplate value;
  if (text->front() == '=') {
    value.parts.push_back({TemplatePart::From::literal, text->substr(1), 0, 0});
    return value;
  }
  if (text->find_first_of("{}") != std::string::npos) return read_braces(at, *text);
  auto part = read_reference(at, *text, 0);
  if (!part) return std::nullopt;
  value.parts.push_back(*std::move(part));
  return value;
}

std::optional<RowCondition> TemplateReader::read_condition(const Setting& at) {
  const auto text = text_of(at);
  if (!text) return std::nullopt;
  const std::string_view all = *text;
  RowCondition condition;
  const std::size_t sign = all.find_first_of("=<>!");
  const std::string_view column = without_blanks(all.substr(0, sign));
  if (sign != std::string_view::npos) {
    const bool different = all.substr(sign, 2) == "<>";
    const std::size_t after = sign + (different ? 2 : 1);
    auto literal = unquoted(without_blanks(all.substr(after)));
    if (!literal || (!different && all[sign] != '=')) {
      refuse(at, different ? after : sign, "not a condition that a row can be asked",
             "write column, column = 'text' or column <> 'text'");
      return std::nullopt;
    }
    condition.test = different ? RowCondition::Test::different : RowCondition::Test::equal;
    condition.text = *std::move(literal);
  }
  if (column.empty()) {
    refuse(at, 0, "no column named here", "write column, column = 'text' or column <> 'text'");
    return std::nullopt;
  }
  condition.column = use_column(column);
  return condition;
}

}  // namespace slipstream
