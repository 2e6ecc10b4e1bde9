// JSON Lines as rows: each object's members, flattened to the columns a mapping uses. The one file that knows
// simdjson here; its exceptions and error codes end in this file.
#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <deque>
#include <unordered_map>

#include "connectors/file/line_source.h"
#include "connectors/file/row_source.h"
#include "engine/decode/json_text.h"
#include "engine/decode/list_field.h"

namespace slipstream {
namespace {

namespace ondemand = simdjson::ondemand;

constexpr int kJsonDepthMax = 32;

class JsonLinesSource final : public RowSource {
 public:
  JsonLinesSource(LineSource lines, const std::vector<std::string>& columns) : lines_(std::move(lines)) {
    for (std::size_t i = 0; i < columns.size(); ++i)
      positions_.emplace(columns[i], i);
    for (const std::string& column : columns)
      for (std::size_t dot = column.find('.'); dot != std::string::npos; dot = column.find('.', dot + 1))
        parents_.emplace(column.substr(0, dot), true);
  }

  Result<bool> next(Row& row) override {
    SLIPSTREAM_ASSIGN(const bool found, lines_.next(row));
    if (!found || row.problem) return found;
    row.cells.assign(positions_.size(), {});
    texts_.clear();
    row.problem = read_object(row);
    return true;
  }

 private:
  std::optional<RowProblem> read_object(Row& row);
  std::optional<RowProblem> read_members(ondemand::object object, const std::string& prefix, int depth,
                                         Row& row);
  std::optional<RowProblem> read_value(ondemand::value value, const std::string& name, int depth, Row& row);
  std::optional<RowProblem> keep(ondemand::value value, const std::string& name, std::string_view& cell);
  std::string_view own(std::string text) { return texts_.emplace_back(std::move(text)); }

  LineSource lines_;
  std::unordered_map<std::string, std::size_t> positions_;  // of a wanted column in a row's cells
  std::unordered_map<std::string, bool> parents_;           // members that lead to a wanted column
  ondemand::parser parser_;
  simdjson::padded_string padded_;
  std::deque<std::string> texts_;
};

RowProblem malformed(const std::string& column, std::string_view what) {
  return {ErrorCode::malformed_record, column, fmt::format("no JSON object: {}", what)};
}

// The on-demand parser looks only at what it is asked for; a first walk asks for everything, so that a row is
// JSON as a whole or refused as a whole.
simdjson::error_code walk(ondemand::value value, int depth);

simdjson::error_code walk_object(ondemand::object object, int depth) {
  for (auto field : object) {
    ondemand::value value;
    std::string_view key;
    if (const auto error = field.unescaped_key().get(key)) return error;
    if (const auto error = field.value().get(value)) return error;
    if (const auto error = walk(value, depth + 1)) return error;
  }
  return simdjson::SUCCESS;
}

simdjson::error_code walk_array(ondemand::array array, int depth) {
  for (auto item : array) {
    ondemand::value value;
    if (const auto error = item.get(value)) return error;
    if (const auto error = walk(value, depth + 1)) return error;
  }
  return simdjson::SUCCESS;
}

std::string_view trimmed(std::string_view token) {
  const std::size_t end = token.find_last_not_of(" \t\r\n");
  return token.substr(0, end == std::string_view::npos ? 0 : end + 1);
}

void append_minified(std::string& out, std::string_view json) {
  std::string minified(json.size(), '\0');
  std::size_t length = 0;
  if (simdjson::minify(json.data(), json.size(), minified.data(), length) == simdjson::SUCCESS)
    out.append(minified, 0, length);
}

simdjson::error_code walk(ondemand::value value, int depth) {
  if (depth > kJsonDepthMax) return simdjson::DEPTH_ERROR;
  ondemand::json_type type{};
  if (const auto error = value.type().get(type)) return error;
  switch (type) {
    case ondemand::json_type::object: {
      ondemand::object object;
      if (const auto error = value.get_object().get(object)) return error;
      return walk_object(object, depth);
    }
    case ondemand::json_type::array: {
      ondemand::array array;
      if (const auto error = value.get_array().get(array)) return error;
      return walk_array(array, depth);
    }
    case ondemand::json_type::string: {
      std::string_view text;
      return value.get_string().get(text);
    }
    case ondemand::json_type::number: {
      // Checked by its grammar, not by a machine type: the engine's decimals are longer than a double is
      // exact.
      const std::string_view token = trimmed(value.raw_json_token());
      if (!is_json_number(token)) return simdjson::NUMBER_ERROR;
      return simdjson::SUCCESS;
    }
    case ondemand::json_type::boolean: {
      bool flag = false;
      return value.get_bool().get(flag);
    }
    case ondemand::json_type::null: {
      bool null = false;
      if (const auto error = value.is_null().get(null)) return error;
      return null ? simdjson::SUCCESS : simdjson::N_ATOM_ERROR;
    }
  }
  return simdjson::INCORRECT_TYPE;
}

std::optional<RowProblem> JsonLinesSource::read_object(Row& row) {
  padded_ = simdjson::padded_string(row.text);
  ondemand::document document;
  ondemand::object object;
  if (parser_.iterate(padded_).get(document) || document.get_object().get(object))
    return malformed("", "a row is one JSON object on one line");
  if (const auto error = walk_object(object, 1)) return malformed("", simdjson::error_message(error));
  const char* after = nullptr;
  if (document.current_location().get(after) == simdjson::SUCCESS)
    return malformed("", "text after the object");
  document.rewind();
  if (document.get_object().get(object)) return malformed("", "a row is one JSON object on one line");
  return read_members(object, "", 1, row);
}

std::optional<RowProblem> JsonLinesSource::read_members(ondemand::object object, const std::string& prefix,
                                                        int depth, Row& row) {
  for (auto field : object) {
    std::string_view key;
    ondemand::value value;
    if (field.unescaped_key().get(key)) return malformed("", "a key that is no text");
    std::string name = prefix + std::string(key);
    if (field.value().get(value)) return malformed(name, "no value");
    if (auto problem = read_value(value, name, depth, row)) return problem;
  }
  return std::nullopt;
}

std::optional<RowProblem> JsonLinesSource::read_value(ondemand::value value, const std::string& name,
                                                      int depth, Row& row) {
  const auto wanted = positions_.find(name);
  if (wanted != positions_.end()) return keep(value, name, row.cells[wanted->second]);
  if (!parents_.contains(name)) return std::nullopt;
  ondemand::object object;
  if (value.get_object().get(object)) return std::nullopt;  // its members are absent, then
  return read_members(object, name + ".", depth + 1, row);
}

// A list in the engine's canonical form (list_field.h), whatever white space and escapes it was written with.
// Objects in it lose their white space only.
simdjson::error_code append_list(ondemand::array array, std::string& list) {
  list.push_back('[');
  for (auto item : array) {
    if (list.size() > 1) list.push_back(',');
    ondemand::value value;
    ondemand::json_type type{};
    std::string_view text;
    if (const auto error = item.get(value)) return error;
    if (const auto error = value.type().get(type)) return error;
    if (type == ondemand::json_type::string) {
      if (const auto error = value.get_string().get(text)) return error;
      append_json_string(list, text);
    } else if (type == ondemand::json_type::object || type == ondemand::json_type::array) {
      if (const auto error = simdjson::to_json_string(value).get(text)) return error;
      append_minified(list, text);
    } else {
      list += trimmed(value.raw_json_token());
    }
  }
  list.push_back(']');
  return simdjson::SUCCESS;
}

std::optional<RowProblem> JsonLinesSource::keep(ondemand::value value, const std::string& name,
                                                std::string_view& cell) {
  ondemand::json_type type{};
  if (value.type().get(type)) return malformed(name, "no value");
  std::string_view text;
  bool failed = false;
  switch (type) {
    case ondemand::json_type::null:
      cell = {};
      return std::nullopt;
    case ondemand::json_type::string:
      failed = value.get_string().get(text) != simdjson::SUCCESS;
      if (text.find('\0') != std::string_view::npos)
        return RowProblem{ErrorCode::invalid_utf8, name, "a text with the character NUL"};
      break;
    case ondemand::json_type::array: {
      ondemand::array array;
      std::string list;
      failed = value.get_array().get(array) || append_list(array, list);
      cell = own(std::move(list));
      return failed ? std::optional(malformed(name, "no list")) : std::nullopt;
    }
    case ondemand::json_type::object: {
      ondemand::object object;
      failed = value.get_object().get(object) || object.raw_json().get(text);
      break;
    }
    case ondemand::json_type::boolean:
    case ondemand::json_type::number:
      text = trimmed(value.raw_json_token());
      break;
  }
  if (failed) return malformed(name, "no value");
  cell = own(std::string(text));
  return std::nullopt;
}

}  // namespace

Result<std::unique_ptr<RowSource>> open_json_lines(const std::filesystem::path& path,
                                                   const std::vector<std::string>& columns,
                                                   std::optional<RowPlace> from) {
  SLIPSTREAM_ASSIGN(LineSource lines, LineSource::open(path, from));
  return std::unique_ptr<RowSource>(std::make_unique<JsonLinesSource>(std::move(lines), columns));
}

}  // namespace slipstream
