#include "engine/app/service/figure_routes.h"

#include <fmt/format.h>

#include "engine/app/answers/explanation.h"
#include "engine/app/answers/forecast.h"
#include "engine/app/answers/scoreboard.h"
#include "engine/app/service/route_answer.h"

namespace slipstream {
namespace {

AskedWindows windows_of(const Parameters& parameters) {
  return {parameters.text("window"), parameters.text("every"), parameters.text("from"),
          parameters.text("to")};
}

std::string shown_title(const Title& title, const std::string& name) {
  return !title.en.empty() ? title.en : !title.vi.empty() ? title.vi : name;
}

std::string window_names(const ViewPlan& view) {
  std::string names;
  for (const WindowSpec& spec : view.windows.specs())
    names += (names.empty() ? "" : " ") + spec.name();
  return names;
}

bool takes_as_of(const HttpRequest& request) {
  const std::vector<std::string>& path = request.segments;
  return !path.empty() && path[0] == "v1" &&
         ((path.size() == 3 && (path[1] == "views" || path[1] == "kpis")) ||
          (path.size() == 2 && path[1] == "scoreboard"));
}

}  // namespace

bool is_explanation(const HttpRequest& request) {
  return request.segments.size() == 3 && request.segments[0] == "v1" && request.segments[1] == "explain";
}

std::optional<std::string> asked_as_of(const HttpRequest& request) {
  if (takes_as_of(request))
    for (const auto& [name, value] : request.query)
      if (name == "as_of") return value;
  return std::nullopt;
}

Result<FiguresRequest> chosen_figures(const ReadContext& context, const Parameters& parameters,
                                      const std::string& subject) {
  if (const auto there = find_subject(*context.plan, subject); !there)
    return tl::unexpected(as_unknown(there.error()));
  FiguresRequest request;
  request.subject = subject;
  request.node = parameters.text("node");
  request.windows = windows_of(parameters);
  SLIPSTREAM_ASSIGN(request.subtree, parameters.flag("subtree"));
  return request;
}

Result<HttpResponse> figures(const ReadContext& context, const HttpRequest& request,
                             const std::string& subject) {
  SLIPSTREAM_ASSIGN(const Parameters parameters,
                    Parameters::of(request, {"node", "subtree", "window", "every", "from", "to", "as_of",
                                             "sort", "limit", "cursor", "format"}));
  SLIPSTREAM_ASSIGN(FiguresRequest chosen, chosen_figures(context, parameters, subject));
  chosen.sort = parameters.text("sort");
  chosen.cursor = parameters.text("cursor");
  SLIPSTREAM_ASSIGN(chosen.rows_max, parameters.count("limit", kRowsByDefault, kRowsMax));
  SLIPSTREAM_ASSIGN(const OutputFormat format, format_of(request, parameters));
  SLIPSTREAM_ASSIGN(const AskedFigures asked, ask_for_figures(*context.plan, chosen));
  return answer_state(context, request, format, [&](Answer& answer, const ShownState& shown) -> Result<> {
    answer.fact("complete", boolean_cell(shown.complete));
    SLIPSTREAM_TRY(answer_figures(answer, shown.state, asked));
    // Of a node that has rows nobody need be asked.
    if (asked.query.node && answer.rows() == 0)
      if (const auto known = require_node(shown.state, *asked.query.node); !known)
        return tl::unexpected(as_unknown(known.error()));
    return {};
  });
}

Result<HttpResponse> forecast(const ReadContext& context, const HttpRequest& request,
                              const std::string& kpi) {
  SLIPSTREAM_ASSIGN(const Parameters parameters, Parameters::of(request, {"node", "every", "format"}));
  SLIPSTREAM_ASSIGN(const OutputFormat format, format_of(request, parameters));
  if (const auto there = find_subject(*context.plan, "kpi:" + kpi); !there)
    return tl::unexpected(as_unknown(there.error()));
  SLIPSTREAM_ASSIGN(const AskedForecast asked,
                    ask_for_forecast(*context.plan, kpi, parameters.text("node"), parameters.text("every")));
  return answer_state(context, request, format, [&](Answer& answer, const ShownState& shown) -> Result<> {
    if (const auto known = require_node(shown.state, asked.node); !known)
      return tl::unexpected(as_unknown(known.error()));
    add_state_facts(answer, shown);
    return answer_forecast(answer, shown.state, asked);
  });
}

Result<HttpResponse> scoreboard(const ReadContext& context, const HttpRequest& request) {
  SLIPSTREAM_ASSIGN(const Parameters parameters,
                    Parameters::of(request, {"node", "at", "as_of", "kpi", "format"}));
  SLIPSTREAM_ASSIGN(const OutputFormat format, format_of(request, parameters));
  const auto query = ask_for_scoreboard(*context.plan, parameters.text("node"), parameters.text("at"),
                                        parameters.text("kpi"));
  if (!query) return tl::unexpected(query.error());
  return answer_state(context, request, format, [&](Answer& answer, const ShownState& shown) -> Result<> {
    if (!query->node.empty())
      if (const auto known = require_node(shown.state, query->node); !known)
        return tl::unexpected(as_unknown(known.error()));
    add_state_facts(answer, shown);
    return answer_scoreboard(answer, shown.state, *query);
  });
}

Result<HttpResponse> list_views(const ReadContext& context, const HttpRequest& request) {
  SLIPSTREAM_ASSIGN(const Parameters parameters, Parameters::of(request, {"format"}));
  SLIPSTREAM_ASSIGN(const OutputFormat format, format_of(request, parameters));
  return answer_with(request, format, [&](Answer& answer) -> Result<> {
    answer.section("views", {text_column("view"), text_column("title"), text_column("title_vi"),
                             text_column("from"), text_column("windows"), text_column("measures")});
    for (const ViewPlan& view : context.plan->views) {
      std::string measures;
      for (const MeasurePlan& measure : view.measures)
        measures += (measures.empty() ? "" : " ") + measure.name;
      answer.row({text_cell(view.name), text_cell(shown_title(view.title, view.name)),
                  optional_text_cell(view.title.vi), text_cell(name_of(view.from)),
                  text_cell(window_names(view)), text_cell(measures)});
    }
    return {};
  });
}

Result<HttpResponse> list_kpis(const ReadContext& context, const HttpRequest& request) {
  SLIPSTREAM_ASSIGN(const Parameters parameters, Parameters::of(request, {"format"}));
  SLIPSTREAM_ASSIGN(const OutputFormat format, format_of(request, parameters));
  return answer_with(request, format, [&](Answer& answer) -> Result<> {
    answer.section("kpis", {text_column("kpi"), text_column("title"), text_column("title_vi"),
                            text_column("view"), text_column("windows"), text_column("formula"),
                            text_column("unit"), text_column("better"), number_column("precision")});
    for (const KpiPlan& kpi : context.plan->kpis) {
      const ViewPlan& view = context.plan->views[kpi.view];
      answer.row({text_cell(kpi.name), text_cell(shown_title(kpi.title, kpi.name)),
                  optional_text_cell(kpi.title.vi), text_cell(view.name), text_cell(window_names(view)),
                  text_cell(kpi.value.text()), optional_text_cell(kpi.unit), text_cell(name_of(kpi.better)),
                  integer_cell(kpi.precision)});
    }
    return {};
  });
}

Result<HttpResponse> explain_figure(const ReadContext& context, const HttpRequest& request,
                                    const std::string& subject) {
  SLIPSTREAM_ASSIGN(const Parameters parameters,
                    Parameters::of(request, {"node", "window", "every", "measure", "limit", "format"}));
  if (const auto there = find_subject(*context.plan, subject); !there)
    return tl::unexpected(as_unknown(there.error()));
  ExplanationRequest asked_for{subject, parameters.text("node"), windows_of(parameters),
                               parameters.text("measure"), 0};
  SLIPSTREAM_ASSIGN(asked_for.limit, parameters.count("limit", kRowsByDefault, kRowsMax));
  if (asked_for.node.empty())
    return fail(ErrorCode::usage, "an explanation is of one node: say which with node=...");
  SLIPSTREAM_ASSIGN(const OutputFormat format, format_of(request, parameters));
  SLIPSTREAM_ASSIGN(const AskedExplanation asked, ask_for_explanation(*context.plan, asked_for));
  return answer_state(context, request, format, [&](Answer& answer, const ShownState& shown) -> Result<> {
    if (const auto known = require_node(shown.state, asked_for.node); !known)
      return tl::unexpected(as_unknown(known.error()));
    const EventSource source = context.deployment.event_source(*context.plan);
    SLIPSTREAM_ASSIGN(
        const Explanation explanation,
        explain(shown.state, source, {asked.subject.view, asked_for.node, asked.window, asked_for.limit}));
    answer.fact("complete", boolean_cell(shown.complete));
    return answer_explanation(answer, shown.state, asked, explanation);
  });
}

}  // namespace slipstream
