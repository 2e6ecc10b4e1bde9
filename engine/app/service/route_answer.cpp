#include "engine/app/service/route_answer.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "engine/definition/suggestion.h"
#include "engine/expression/cell.h"

namespace slipstream {
namespace {

constexpr std::string_view kJson = "application/json";
constexpr std::string_view kCsv = "text/csv; charset=utf-8; header=present";
constexpr std::string_view kRetrySeconds = "1";

bool is_known(const std::vector<std::string>& known, const std::string& name) {
  return std::find(known.begin(), known.end(), name) != known.end();
}

template <class Number>
std::optional<Number> whole_number(std::string_view text) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

int status_of(const Error& error) {
  switch (error.code) {
    case ErrorCode::not_found:
    case ErrorCode::unknown_name:
      return 404;
    case ErrorCode::log_unavailable:
    case ErrorCode::fenced:
    case ErrorCode::disk_full:
    case ErrorCode::shard_unavailable:
      return 503;
    case ErrorCode::record_too_large:
      return 413;
    default:
      return error.code == ErrorCode::usage || blame_of(error.code) == Blame::data ? 400 : 500;
  }
}

// Relative to the request's own address: the same query from the cursor on.
std::string next_link(const HttpRequest& request, const std::string& cursor) {
  std::string query;
  for (const auto& [name, value] : request.query)
    if (name != "cursor") query += fmt::format("{}={}&", percent_encoded(name), percent_encoded(value));
  return fmt::format("<?{}cursor={}>; rel=\"next\"", query, percent_encoded(cursor));
}

}  // namespace

Result<Parameters> Parameters::of(const HttpRequest& request, const std::vector<std::string>& known) {
  for (std::size_t i = 0; i < request.query.size(); ++i) {
    const std::string& name = request.query[i].first;
    if (!is_known(known, name)) {
      const std::string near = suggest(name, known);
      return fail(ErrorCode::usage, fmt::format("no parameter '{}' here; {}", name,
                                                !near.empty()   ? near
                                                : known.empty() ? "there is none"
                                                                : "there are " + listed(known)));
    }
    for (std::size_t before = 0; before < i; ++before)
      if (request.query[before].first == name)
        return fail(ErrorCode::usage, fmt::format("parameter '{}' is given twice; give it once", name));
  }
  return Parameters(request);
}

const std::string* Parameters::find(std::string_view name) const {
  for (const auto& [known, value] : request_.query)
    if (known == name) return &value;
  return nullptr;
}

std::string Parameters::text(std::string_view name) const {
  const std::string* value = find(name);
  return value == nullptr ? "" : *value;
}

Result<bool> Parameters::flag(std::string_view name) const {
  const std::string* value = find(name);
  if (value == nullptr || *value == "false") return false;
  if (value->empty() || *value == "true") return true;
  return fail(ErrorCode::usage, fmt::format("{}: '{}' is neither true nor false", name, *value));
}

Result<std::size_t> Parameters::count(std::string_view name, std::size_t otherwise, std::size_t max) const {
  const std::string* value = find(name);
  if (value == nullptr) return otherwise;
  const auto number = whole_number<std::size_t>(*value);
  if (number && *number >= 1 && *number <= max) return *number;
  return fail(ErrorCode::usage,
              fmt::format("{}: '{}' is not a whole number from 1 to {}", name, *value, max));
}

Result<std::optional<std::int64_t>> Parameters::offset(std::string_view name) const {
  const std::string* value = find(name);
  if (value == nullptr) return std::optional<std::int64_t>();
  SLIPSTREAM_ASSIGN(const std::int64_t number, parse_offset(name, *value));
  return std::optional(number);
}

Result<std::int64_t> parse_offset(std::string_view name, const std::string& text) {
  const auto number = whole_number<std::int64_t>(text);
  if (number && *number >= 0) return *number;
  return fail(ErrorCode::usage,
              fmt::format("{}: '{}' is not an offset: a whole number from 0 on", name, text));
}

HttpResponse problem_of(const Error& error) {
  const int status = status_of(error);
  HttpResponse response =
      problem(status, error.message, fmt::format("\"code\":{}", json_string(name_of(error.code))));
  if (status == 503) response.headers.push_back({"Retry-After", std::string(kRetrySeconds)});
  return response;
}

HttpResponse not_found(std::string_view what) { return problem(404, what); }

Result<OutputFormat> format_of(const HttpRequest& request, const Parameters& parameters) {
  const std::string format = parameters.text("format");
  if (format == "csv") return OutputFormat::csv;
  if (format == "json") return OutputFormat::json;
  if (!format.empty())
    return fail(ErrorCode::usage, fmt::format("format: '{}' is neither json nor csv", format));
  return request.header("Accept").value_or("").starts_with("text/csv") ? OutputFormat::csv
                                                                       : OutputFormat::json;
}

HttpResponse answer_with(const HttpRequest& request, OutputFormat format,
                         const std::function<Result<>(Answer&)>& write) {
  HttpResponse response;
  response.content_type = format == OutputFormat::csv ? kCsv : kJson;
  Answer answer(response.body, format);
  if (const auto written = write(answer); !written) return problem_of(written.error());
  answer.finish();
  if (!answer.cursor().empty()) response.headers.push_back({"Link", next_link(request, answer.cursor())});
  return response;
}

}  // namespace slipstream
