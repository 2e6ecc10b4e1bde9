#include "engine/app/service/read_routes.h"

#include <fmt/format.h>

#include "engine/app/answers/dead_letters.h"
#include "engine/app/service/alert_routes.h"
#include "engine/app/service/figure_routes.h"
#include "engine/app/service/route_answer.h"
#include "engine/definition/describe.h"
#include "engine/view/known_nodes.h"

namespace slipstream {
namespace {

std::string parent_of(const Organisation& organisation, const std::string& node, Timestamp at) {
  if (node == organisation.root()) return "";
  const std::vector<std::string> above = organisation.ancestors_of(node, at);
  return above.empty() ? "" : above.front();
}

Result<> write_nodes(Answer& answer, const ShownState& shown, const Parameters& parameters,
                     std::size_t rows_max) {
  const Plan& plan = *shown.state.plan;
  const std::string under = parameters.text("under");
  const std::string cursor = parameters.text("cursor");
  if (!under.empty())
    if (const auto known = require_node(shown.state, under); !known)
      return tl::unexpected(as_unknown(known.error()));
  SLIPSTREAM_ASSIGN(const auto shared, read_organisation(shown.state));
  const Organisation& organisation = *shared;
  SLIPSTREAM_ASSIGN(const std::vector<std::string> nodes, known_nodes(shown.state));
  add_state_facts(answer, shown);
  answer.fact("root", text_cell(organisation.root()));
  answer.section("nodes",
                 {text_column("node"), text_column("parent"), text_column("name"), text_column("closed_at")});
  std::string next;
  for (const std::string& node : nodes) {
    if (node < cursor) continue;
    if (!under.empty() && !organisation.is_within(node, under, shown.clock)) continue;
    if (answer.rows() == rows_max) {
      next = node;
      break;
    }
    const NodeInfo* info = organisation.find(node);
    answer.row({text_cell(node), optional_text_cell(parent_of(organisation, node, shown.clock)),
                optional_text_cell(info == nullptr ? "" : info->name),
                info == nullptr || !info->closed_at ? Cell() : time_cell(*info->closed_at, plan.zone)});
  }
  if (!next.empty()) answer.next(text_cell(next));
  return {};
}

Result<HttpResponse> list_nodes(const ReadContext& context, const HttpRequest& request) {
  SLIPSTREAM_ASSIGN(const Parameters parameters,
                    Parameters::of(request, {"under", "limit", "cursor", "format"}));
  SLIPSTREAM_ASSIGN(const OutputFormat format, format_of(request, parameters));
  SLIPSTREAM_ASSIGN(const std::size_t rows_max, parameters.count("limit", kRowsByDefault, kRowsMax));
  return answer_state(context, request, format, [&](Answer& answer, const ShownState& shown) {
    return write_nodes(answer, shown, parameters, rows_max);
  });
}

Result<HttpResponse> list_dead_letters(const ReadContext& context, const HttpRequest& request) {
  SLIPSTREAM_ASSIGN(const Parameters parameters,
                    Parameters::of(request, {"code", "cursor", "limit", "format"}));
  SLIPSTREAM_ASSIGN(const OutputFormat format, format_of(request, parameters));
  SLIPSTREAM_ASSIGN(const std::size_t rows_max, parameters.count("limit", kRowsByDefault, kRowsMax));
  DeadLetterChoice choice;
  SLIPSTREAM_ASSIGN(choice.code, asked_data_code(parameters.text("code")));
  SLIPSTREAM_ASSIGN(const auto from, parameters.offset("cursor"));
  if (from) choice.range.from = Offset(*from);
  return answer_with(request, format, [&](Answer& answer) {
    return answer_dead_letters(answer, context.deployment.log(), context.deployment.topics(), choice,
                               rows_max);
  });
}

Result<HttpResponse> show_dead_letter(const ReadContext& context, const HttpRequest& request,
                                      const std::string& text) {
  SLIPSTREAM_ASSIGN(const Parameters parameters, Parameters::of(request, {"format"}));
  SLIPSTREAM_ASSIGN(const OutputFormat format, format_of(request, parameters));
  SLIPSTREAM_ASSIGN(const std::int64_t offset, parse_offset("offset", text));
  SLIPSTREAM_ASSIGN(const std::optional<DeadLetter> found,
                    find_dead_letter(context.deployment.log(), context.deployment.topics(), Offset(offset)));
  if (!found)
    return not_found(fmt::format("there is no dead letter at offset {}; /v1/dead-letters lists them", text));
  return answer_with(request, format, [&](Answer& answer) -> Result<> {
    answer_dead_letter(answer, *found);
    return {};
  });
}

Result<HttpResponse> definitions(const ReadContext& context, const HttpRequest& request) {
  SLIPSTREAM_ASSIGN(const Parameters parameters, Parameters::of(request, {"format"}));
  SLIPSTREAM_ASSIGN(const OutputFormat format, format_of(request, parameters));
  const Plan& plan = *context.plan;
  return answer_with(request, format, [&](Answer& answer) -> Result<> {
    answer.fact("definitions", text_cell(plan.version));
    answer.fact("state_version", text_cell(plan.state_version));
    answer.fact("views", count_cell(plan.views.size()));
    answer.fact("kpis", count_cell(plan.kpis.size()));
    answer.fact("targets", count_cell(plan.targets.size()));
    answer.fact("alerts", count_cell(plan.alerts.size()));
    answer.fact("text", text_cell(describe(plan)));
    return {};
  });
}

}  // namespace

GetRoute find_read_route(const ReadContext& context, const HttpRequest& request) {
  using Handler = Result<HttpResponse> (*)(const ReadContext&, const HttpRequest&);
  using NamedHandler = Result<HttpResponse> (*)(const ReadContext&, const HttpRequest&, const std::string&);
  const auto to = [&](Handler handler) -> GetRoute {
    return [&context, &request, handler] { return handler(context, request); };
  };
  const auto to_named = [&](NamedHandler handler, std::string name) -> GetRoute {
    return [&context, &request, handler, name = std::move(name)] { return handler(context, request, name); };
  };
  const std::vector<std::string>& path = request.segments;
  if (path.size() == 2) {
    if (path[1] == "views") return to(list_views);
    if (path[1] == "kpis") return to(list_kpis);
    if (path[1] == "scoreboard") return to(scoreboard);
    if (path[1] == "nodes") return to(list_nodes);
    if (path[1] == "alerts") return to(list_alerts);
    if (path[1] == "dead-letters") return to(list_dead_letters);
    if (path[1] == "definitions") return to(definitions);
  }
  if (path.size() == 3) {
    if (path[1] == "views" || path[1] == "kpis") return to(figures);
    if (path[1] == "explain") return to_named(explain_figure, path[2]);
    if (path[1] == "alerts" && path[2] == "history") return to(alert_history);
    if (path[1] == "dead-letters") return to_named(show_dead_letter, path[2]);
  }
  if (path.size() == 4 && path[1] == "kpis" && path[3] == "forecast") return to_named(forecast, path[2]);
  return {};
}

}  // namespace slipstream
