#include "engine/app/service/posted_events.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>

#include "engine/base/ascii.h"
#include "engine/decode/encoder.h"
#include "engine/decode/media_type.h"
#include "engine/expression/utf8.h"

namespace slipstream {
namespace {

constexpr std::string_view kBatch = "application/cloudevents-batch+json";
constexpr std::string_view kJsonLines = "application/x-ndjson";
constexpr std::string_view kPlainJson = "application/json";
constexpr std::string_view kAttributePrefix = "ce-";

tl::unexpected<Error> malformed_body(std::string_view what) {
  return fail(ErrorCode::malformed_record, fmt::format("the body {}", what));
}

PostedEvent structured(std::string_view json) {
  return {std::string(json), {{"content-type", std::string(kCloudEventsContentType)}}};
}

// The array's elements as they were written: numbers keep every digit.
Result<std::vector<PostedEvent>> events_of_array(const std::string& body) {
  const simdjson::padded_string padded(body);
  simdjson::ondemand::parser parser;
  simdjson::ondemand::document document;
  simdjson::ondemand::array array;
  if (parser.iterate(padded).get(document) || document.get_array().get(array))
    return malformed_body("is not a JSON array of events");
  std::vector<PostedEvent> events;
  for (auto element : array) {
    std::string_view json;
    simdjson::ondemand::object object;
    if (element.get_object().get(object) || object.raw_json().get(json))
      return malformed_body(
          fmt::format("has an element that is not a JSON object, at index {}", events.size()));
    if (events.size() == kPostedEventsMax)
      return malformed_body(
          fmt::format("has more than {} events; send them in several requests", kPostedEventsMax));
    events.push_back(structured(json));
  }
  const char* behind = nullptr;
  if (document.current_location().get(behind) == simdjson::SUCCESS)
    return malformed_body("goes on behind the array of events");
  return events;
}

Result<std::vector<PostedEvent>> events_of_lines(std::string_view body) {
  std::vector<PostedEvent> events;
  while (!body.empty()) {
    const std::size_t end = std::min(body.find('\n'), body.size());
    std::string_view line = body.substr(0, end);
    body.remove_prefix(std::min(end + 1, body.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.find_first_not_of(" \t") == std::string_view::npos) continue;
    if (events.size() == kPostedEventsMax)
      return malformed_body(
          fmt::format("has more than {} events; send them in several requests", kPostedEventsMax));
    events.push_back(structured(line));
  }
  return events;
}

// Attributes are percent-encoded in headers, what is not printable ASCII at least.
Result<std::string> decoded_attribute(const HttpHeader& header) {
  std::string out;
  const std::string& text = header.value;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    const int high = i + 2 < text.size() ? hex_value(text[i + 1]) : -1;
    const int low = i + 2 < text.size() ? hex_value(text[i + 2]) : -1;
    if (high < 0 || low < 0)
      return fail(ErrorCode::malformed_record,
                  fmt::format("header {}: a '%' is followed by two hexadecimal digits; write it as %25",
                              header.name));
    out += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return out;
}

Result<PostedEvent> binary_event(const HttpRequest& request, std::string_view content_type) {
  PostedEvent event{request.body, {}};
  for (const HttpHeader& header : request.headers) {
    const std::string name = lower_case(header.name);
    if (!name.starts_with(kAttributePrefix)) continue;
    SLIPSTREAM_ASSIGN(std::string value, decoded_attribute(header));
    event.headers.push_back({"ce_" + name.substr(kAttributePrefix.size()), std::move(value)});
  }
  if (!content_type.empty()) event.headers.push_back({"content-type", std::string(content_type)});
  return event;
}

bool has_attributes(const HttpRequest& request) {
  return std::any_of(request.headers.begin(), request.headers.end(), [](const HttpHeader& header) {
    return lower_case(header.name).starts_with(kAttributePrefix);
  });
}

Result<std::vector<PostedEvent>> one(Result<PostedEvent> event) {
  if (!event) return tl::unexpected(event.error());
  return std::vector<PostedEvent>{*std::move(event)};
}

bool begins_with(std::string_view body, char c) {
  const std::size_t first = body.find_first_not_of(" \t\r\n");
  return first != std::string_view::npos && body[first] == c;
}

Result<std::vector<PostedEvent>> events_in(const HttpRequest& request) {
  const std::string_view content_type = request.header("Content-Type").value_or("");
  const std::string type = media_type(content_type);
  if (type == kBatch) return events_of_array(request.body);
  if (type == kJsonLines) return events_of_lines(request.body);
  if (type == kCloudEventsContentType) return one(structured(request.body));
  if (has_attributes(request) && (type.empty() || type == kPlainJson || type == kFlatbuffersContentType))
    return one(binary_event(request, content_type));
  if (type == kFlatbuffersContentType) return one(PostedEvent{request.body, {{"content-type", type}}});
  if (type == kPlainJson)
    return begins_with(request.body, '[') ? events_of_array(request.body) : one(structured(request.body));
  return fail(ErrorCode::usage,
              fmt::format("Content-Type {} is none that events come in: {}, {}, {}, {} or {}",
                          type.empty() ? "is missing or" : "'" + type + "'", kCloudEventsContentType, kBatch,
                          kJsonLines, kPlainJson, kFlatbuffersContentType));
}

}  // namespace

Result<std::vector<PostedEvent>> posted_events(const HttpRequest& request) {
  SLIPSTREAM_ASSIGN(std::vector<PostedEvent> events, events_in(request));
  if (events.empty()) return malformed_body("holds no event");
  return events;
}

}  // namespace slipstream
