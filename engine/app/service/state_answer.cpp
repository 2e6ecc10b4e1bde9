#include "engine/app/service/state_answer.h"

#include <fmt/format.h>

#include "engine/app/service/route_answer.h"

namespace slipstream {
namespace {

// Weak, for the same figures are sent compressed or not.
std::string etag_of(const ShownState& shown) { return fmt::format("W/\"{}\"", shown.version); }

bool is_in(std::string_view list, const std::string& etag) {
  return list == "*" || list.find(etag.substr(2)) != std::string_view::npos;  // weak comparison
}

}  // namespace

void add_state_facts(Answer& answer, const ShownState& shown) {
  const Plan& plan = *shown.state.plan;
  answer.fact("as_of", time_cell(shown.clock, plan.zone));
  answer.fact("definitions", text_cell(plan.version));
  answer.fact("complete", boolean_cell(shown.complete));
}

HttpResponse answer_state(const ReadContext& context, const HttpRequest& request, OutputFormat format,
                          const std::function<Result<>(Answer&, const ShownState&)>& write) {
  const auto read =
      context.past ? Result<std::shared_ptr<const ShownState>>(context.past) : context.states.newest();
  if (!read) return problem_of(read.error());
  const ShownState& shown = **read;
  const std::string etag = etag_of(shown);
  HttpResponse response;
  if (const auto seen = request.header("If-None-Match"); seen && is_in(*seen, etag)) {
    response.status = 304;
  } else {
    response = answer_with(request, format, [&](Answer& answer) { return write(answer, shown); });
  }
  if (response.status < 400) {
    response.headers.push_back({"ETag", etag});
    response.headers.push_back({"Cache-Control", "no-cache"});
  }
  return response;
}

Error as_unknown(const Error& error) {
  return {error.code == ErrorCode::usage ? ErrorCode::unknown_name : error.code, error.message};
}

}  // namespace slipstream
