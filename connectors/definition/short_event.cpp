#include "connectors/definition/short_event.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <optional>

namespace slipstream {
namespace {

constexpr std::array<std::string_view, 5> kEnvelope = {"specversion", "id", "source", "time", "traceparent"};
constexpr std::string_view kForm = "write TYPE SUBJECT [at INSTANT] [NAME=VALUE ...]";

bool is_envelope(std::string_view name) {
  return std::find(kEnvelope.begin(), kEnvelope.end(), name) != kEnvelope.end();
}

// Where the JSON or word that begins at `from` ends: at the first blank outside quotes and brackets.
std::size_t end_of_word(std::string_view line, std::size_t from) {
  int depth = 0;
  bool quoted = false;
  for (std::size_t i = from; i < line.size(); ++i) {
    const char c = line[i];
    if (quoted) {
      if (c == '\\') ++i;
      if (c == '"') quoted = false;
      continue;
    }
    if (c == '"') quoted = true;
    if (c == '[' || c == '{') ++depth;
    if (c == ']' || c == '}') --depth;
    if (c == ' ' && depth <= 0) return i;
  }
  return line.size();
}

std::vector<std::string> words_of(std::string_view line) {
  std::vector<std::string> words;
  for (std::size_t at = line.find_first_not_of(' '); at != std::string_view::npos;
       at = line.find_first_not_of(' ', at)) {
    const std::size_t end = end_of_word(line, at);
    words.emplace_back(line.substr(at, end - at));
    at = end;
  }
  return words;
}

bool looks_like_json(std::string_view value) {
  if (value == "true" || value == "false" || value == "null") return true;
  return !value.empty() && (value.front() == '[' || value.front() == '{' || value.front() == '"');
}

Result<boost::json::value> json_of(const std::string& name, const std::string& value) {
  if (!looks_like_json(value)) return boost::json::value(value);
  boost::system::error_code error;
  boost::json::value parsed = boost::json::parse(value, error);
  if (error)
    return fail(
        ErrorCode::syntax,
        fmt::format("{}: {} begins like JSON and is none; close its quotes and brackets", name, value));
  return parsed;
}

}  // namespace

Result<ShortEvent> parse_short_event(std::string_view line) {
  const std::vector<std::string> words = words_of(line);
  if (words.size() < 2 || words[1].find('=') != std::string::npos)
    return fail(ErrorCode::syntax, fmt::format("'{}' has no type and subject; {}", line, kForm));
  ShortEvent event{words[0], words[1], {}};
  for (std::size_t i = 2; i < words.size(); ++i) {
    if (words[i] == "at" && i + 1 < words.size()) {
      event.members.emplace_back("effective_at", words[++i]);
      continue;
    }
    const std::size_t equals = words[i].find('=');
    if (equals == 0 || equals == std::string::npos)
      return fail(ErrorCode::syntax, fmt::format("'{}' is no NAME=VALUE; {}", words[i], kForm));
    event.members.emplace_back(words[i].substr(0, equals), words[i].substr(equals + 1));
  }
  return event;
}

Result<std::string> cloud_event(const ShortEvent& event, std::string_view id, Timestamp time) {
  boost::json::object envelope{{"specversion", "1.0"}, {"id", id}, {"source", "test"}, {"type", event.type}};
  envelope["subject"] = event.subject;
  envelope["time"] = format_timestamp(time);
  boost::json::object data;
  for (const auto& [name, value] : event.members) {
    SLIPSTREAM_ASSIGN(boost::json::value json, json_of(name, value));
    (is_envelope(name) ? envelope : data)[name == "at" ? "effective_at" : name] = std::move(json);
  }
  envelope["data"] = std::move(data);
  return boost::json::serialize(envelope);
}

}  // namespace slipstream
