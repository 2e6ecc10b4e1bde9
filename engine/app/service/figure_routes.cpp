#include "engine/app/service/figure_routes.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/app/answers/explanation.h"
#include "engine/app/answers/forecast.h"
#include "engine/app/answers/scoreboard.h"
#include "engine/app/service/route_answer.h"
#include "engine/view/waiting_view.h"

namespace slipstream {
namespace {

constexpr std::size_t kQuickRowsMax = 100;  // with more, those who wait behind it would notice
constexpr int kNotModified = 304;

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

bool is_of_figures(const HttpRequest& request) {
  const std::vector<std::string>& path = request.segments;
  return path.size() == 3 && path[0] == "v1" && (path[1] == "views" || path[1] == "kpis");
}

bool takes_as_of(const HttpRequest& request) {
  const std::vector<std::string>& path = request.segments;
  return is_of_figures(request) || (path.size() == 2 && path[0] == "v1" && path[1] == "scoreboard");
}

// What a request for figures asks, checked against the definitions.
struct FiguresForm {
  AskedFigures asked;
  OutputFormat format;
};

Result<FiguresForm> figures_form(const ReadContext& context, const HttpRequest& request) {
  const std::vector<std::string>& path = request.segments;
  static const std::vector<std::string> known = {"node",  "subtree", "window", "every",  "from",  "to",
                                                 "as_of", "sort",    "limit",  "cursor", "format"};
  SLIPSTREAM_ASSIGN(const Parameters parameters, Parameters::of(request, known));
  SLIPSTREAM_ASSIGN(FiguresRequest chosen,
                    chosen_figures(context, parameters, (path[1] == "views" ? "view:" : "kpi:") + path[2]));
  chosen.sort = parameters.text("sort");
  chosen.cursor = parameters.text("cursor");
  SLIPSTREAM_ASSIGN(chosen.rows_max, parameters.count("limit", kRowsByDefault, kRowsMax));
  FiguresForm form;
  SLIPSTREAM_ASSIGN(form.format, format_of(request, parameters));
  SLIPSTREAM_ASSIGN(form.asked, ask_for_figures(*context.plan, chosen));
  return form;
}

Result<> write_figures(Answer& answer, const ShownState& shown, const AskedFigures& asked) {
  answer.fact("complete", boolean_cell(shown.complete));
  return answer_figures(answer, shown.state, asked);
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

Result<HttpResponse> figures(const ReadContext& context, const HttpRequest& request) {
  SLIPSTREAM_ASSIGN(const FiguresForm form, figures_form(context, request));
  return answer_state(context, request, form.format,
                      [&](Answer& answer, const ShownState& shown) -> Result<> {
                        SLIPSTREAM_TRY(write_figures(answer, shown, form.asked));
                        // A node that has rows is known.
                        if (const auto& node = form.asked.query.node; node && answer.rows() == 0)
                          if (const auto known = require_node(shown.state, *node); !known)
                            return tl::unexpected(as_unknown(known.error()));
                        return {};
                      });
}

std::optional<HttpResponse> quick_figures(const ReadContext& context, const HttpRequest& request) {
  if (request.method != "GET" || !is_of_figures(request) || asked_as_of(request)) return std::nullopt;
  if (may_wait(*context.plan)) return std::nullopt;  // an answer tells what waits: it looks at every node
  const auto newest = context.states.shelf().newest();
  if (newest == nullptr || !newest->state.reference->is_read()) return std::nullopt;
  const ReadContext here{context.deployment, context.plan, context.states, newest};
  auto form = figures_form(here, request);
  if (!form || !form->asked.query.node || form->asked.query.subtree || !form->asked.sort.empty())
    return std::nullopt;
  form->asked.rows_max = std::min(form->asked.rows_max, kQuickRowsMax);
  bool is_all = false;
  HttpResponse response =
      answer_state(here, request, form->format, [&](Answer& answer, const ShownState& shown) -> Result<> {
        SLIPSTREAM_TRY(write_figures(answer, shown, form->asked));
        is_all = answer.rows() > 0 && answer.cursor().empty();
        return {};
      });
  if (!is_all && response.status != kNotModified) return std::nullopt;
  return response;
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
