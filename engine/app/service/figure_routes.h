// Paths of figures: views, KPIs and what they are made of. Any thread.
#pragma once

#include <optional>
#include <string>

#include "engine/app/answers/figures.h"
#include "engine/app/service/route_answer.h"
#include "engine/app/service/state_answer.h"

namespace slipstream {

Result<HttpResponse> list_views(const ReadContext& context, const HttpRequest& request);
Result<HttpResponse> list_kpis(const ReadContext& context, const HttpRequest& request);
// Of the view or KPI that the path names.
Result<HttpResponse> figures(const ReadContext& context, const HttpRequest& request);
// Of one node, where there is little to read and all of it is here; nullopt: else, or there is something to object to.
// `context`: of no earlier instant.
std::optional<HttpResponse> quick_figures(const ReadContext& context, const HttpRequest& request);
Result<HttpResponse> forecast(const ReadContext& context, const HttpRequest& request, const std::string& kpi);
Result<HttpResponse> scoreboard(const ReadContext& context, const HttpRequest& request);
Result<HttpResponse> explain_figure(const ReadContext& context, const HttpRequest& request,
                                    const std::string& subject);

bool is_explanation(const HttpRequest& request);
// What a request for figures says of the earlier instant they are to be as of.
std::optional<std::string> asked_as_of(const HttpRequest& request);
// The figures that a request's parameters choose: node, subtree, window, every, from and to. Errors: unknown_name for
// the subject, usage.
Result<FiguresRequest> chosen_figures(const ReadContext& context, const Parameters& parameters,
                                      const std::string& subject);

}  // namespace slipstream
