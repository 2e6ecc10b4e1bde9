// What routes share: parameters of a request, errors as problem details, answers as JSON or CSV. Pure functions; any
// thread.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/http/http_message.h"
#include "engine/app/output/answer.h"
#include "engine/base/error.h"

namespace slipstream {

// The query parameters of a request, of which a route knows some. Errors are of code usage.
class Parameters {
 public:
  // A parameter that is not known, or given twice, is an error that names those there are.
  static Result<Parameters> of(const HttpRequest& request, const std::vector<std::string>& known);

  std::string text(std::string_view name) const;   // empty: not given
  Result<bool> flag(std::string_view name) const;  // "true", "false", or given without a value: true
  // From 1 to `max`; `otherwise` when it is not given.
  Result<std::size_t> count(std::string_view name, std::size_t otherwise, std::size_t max) const;
  Result<std::optional<std::int64_t>> offset(std::string_view name) const;  // at least 0

 private:
  explicit Parameters(const HttpRequest& request) : request_(request) {}
  const std::string* find(std::string_view name) const;
  const HttpRequest& request_;
};

// A whole number from 0 on; `name` is what the error calls it. Error usage.
Result<std::int64_t> parse_offset(std::string_view name, const std::string& text);

// The status that an error has to its caller: what is asked for wrongly 400, what is not there 404, brokers that do
// not answer 503 with Retry-After, the rest 500.
HttpResponse problem_of(const Error& error);
HttpResponse not_found(std::string_view what);

// `format=csv` or `format=json`, else by the Accept header; JSON.
Result<OutputFormat> format_of(const HttpRequest& request, const Parameters& parameters);
// 200 with what `write` puts into the answer, or the problem that it met. Where there is more, a Link header leads to the
// next page (RFC 8288), for CSV has no place for a cursor.
HttpResponse answer_with(const HttpRequest& request, OutputFormat format,
                         const std::function<Result<>(Answer&)>& write);

}  // namespace slipstream
