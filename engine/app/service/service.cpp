#include "engine/app/service/service.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/app/answers/asked.h"
#include "engine/app/service/alert_actions.h"
#include "engine/app/service/console_page.h"
#include "engine/app/service/figure_routes.h"
#include "engine/app/service/live_routes.h"
#include "engine/app/service/metrics_text.h"
#include "engine/app/service/openapi_document.h"
#include "engine/app/service/replay_route.h"
#include "engine/app/service/route_answer.h"

namespace slipstream {
namespace {

constexpr std::size_t kRefusedListedMax = 100;
constexpr std::string_view kMetricsType = "text/plain; version=0.0.4; charset=utf-8";

EventIntakeOptions intake_options(Deployment& deployment, const Plan& plan) {
  EventIntakeOptions options;
  options.decode = deployment.shard_options(Partition(0)).decode;
  options.decode.zone = plan.zone;
  options.topics = deployment.topics();
  options.partitions = deployment.partitions();
  return options;
}

bool is_path(const HttpRequest& request, std::initializer_list<std::string_view> segments) {
  return std::equal(request.segments.begin(), request.segments.end(), segments.begin(), segments.end());
}

HttpResponse method_not_allowed(const HttpRequest& request, std::string_view allowed) {
  HttpResponse response =
      problem(405, fmt::format("this path does not take {}; it takes {}", request.method, allowed));
  response.headers.push_back({"Allow", std::string(allowed)});
  return response;
}

// Each event that is wrong, by its index in the request.
HttpResponse refused_events(const std::vector<RefusedEvent>& refused, std::size_t events) {
  std::string errors = "\"errors\":[";
  for (std::size_t i = 0; i < std::min(refused.size(), kRefusedListedMax); ++i)
    errors += fmt::format(R"({}{{"index":{},"code":{},"detail":{}}})", i == 0 ? "" : ",", refused[i].index,
                          json_string(name_of(refused[i].error.code)), json_string(refused[i].error.message));
  errors += "]";
  return problem(
      400,
      fmt::format("{} of {} events are refused, so none was taken; mend them or leave them out, and send "
                  "all again",
                  refused.size(), events),
      errors);
}

HttpResponse taken(std::size_t events) {
  HttpResponse response;
  response.status = 202;
  response.body = fmt::format("{{\"accepted\":{}}}\n", events);
  return response;
}

HttpResponse too_busy() {
  HttpResponse response =
      problem(429, "more events wait to be written than there is room for; send these again later");
  response.headers.push_back({"Retry-After", "1"});
  return response;
}

HttpResponse too_many_wait() {
  HttpResponse response =
      problem(503, "as many explanations and figures of earlier instants wait as may; ask again later");
  response.headers.push_back({"Retry-After", "5"});
  return response;
}

HttpResponse text(int status, std::string body) {
  HttpResponse response;
  response.status = status;
  response.content_type = "text/plain; charset=utf-8";
  response.body = std::move(body);
  response.headers.push_back({"Cache-Control", "no-store"});
  return response;
}

HttpResponse alive() { return text(200, "ok\n"); }

HttpResponse description(const HttpRequest& request) {
  if (const auto parameters = Parameters::of(request, {}); !parameters) return problem_of(parameters.error());
  HttpResponse response;
  response.content_type = "application/yaml";
  response.body = openapi_document();
  return response;
}

}  // namespace

Service::Service(const Configuration& configuration, Deployment& deployment, std::shared_ptr<const Plan> plan,
                 const WholeState& states, Role role)
    : reading_{deployment, plan, states},
      role_(role),
      clock_mode_(configuration.clock),
      clock_(configuration),
      intake_(deployment.log(), intake_options(deployment, *plan)),
      live_(states),
      past_(deployment, plan),
      slow_lane_(PastStates::kKeptFor, [this] { past_.let_go(); }) {}

void Service::show(const InstanceStatus& status) {
  const std::scoped_lock lock(mutex_);
  status_ = status;
}

InstanceStatus Service::status() const {
  const std::scoped_lock lock(mutex_);
  return status_;
}

void Service::handle(HttpRequest request, HttpResponder responder) {
  if (request.method == "POST" && is_path(request, {"v1", "events"}))
    return take_events(request, std::move(responder));
  if (request.method == "POST" && is_alert_action(request))
    return act_on_alert(request, std::move(responder));
  if (request.method == "POST" && is_replay(request)) return replay(request, std::move(responder));
  if (request.method == "GET" && is_live_path(request)) return watch(request, std::move(responder));
  const bool is_read = request.method == "GET" || request.method == "HEAD";
  if (const auto as_of = asked_as_of(request); as_of && is_read)
    return answer_past(std::move(request), *as_of, std::move(responder));
  if (is_explanation(request)) return answer_slowly(std::move(request), std::move(responder));
  responder.answer(answer(request));
}

std::optional<HttpResponse> Service::quick_answer(const HttpRequest& request) const {
  // Whoever ends processes that do not answer must not end one whose workers are busy.
  if (request.method == "GET" && is_path(request, {"livez"})) return alive();
  return quick_figures(reading_, request);
}

HttpResponse Service::answer(const HttpRequest& request) {
  if (is_path(request, {"v1", "events"}) || is_alert_action(request) || is_replay(request))
    return method_not_allowed(request, "POST");
  if (is_live_path(request)) return method_not_allowed(request, "GET");
  const GetRoute route = find_get(request);
  if (!route) return not_found("there is nothing at this path; docs/api.md lists the paths");
  if (request.method != "GET" && request.method != "HEAD") return method_not_allowed(request, "GET, HEAD");
  const auto answered = route();
  return answered ? *answered : problem_of(answered.error());
}

GetRoute Service::find_get(const HttpRequest& request) const {
  if (is_path(request, {"livez"})) return alive;
  if (is_path(request, {"readyz"})) return [this, &request] { return ready(request); };
  if (is_path(request, {"startupz"})) return [this] { return started(); };
  if (is_path(request, {"metrics"})) return [this] { return metrics(); };
  if (is_path(request, {"v1", "openapi.yaml"})) return [&request] { return description(request); };
  if (is_path(request, {"v1", "status"})) return [this, &request] { return status_of_instance(request); };
  if (!request.segments.empty() && request.segments.front() == "v1")
    return find_read_route(reading_, request);
  return find_console_route(request);
}

HttpResponse Service::started() const {
  const bool is_here = reading_.states.shelf().missing().empty();
  const std::scoped_lock lock(mutex_);
  has_started_ = has_started_ || is_here;
  return has_started_ ? text(200, "ok\n") : text(503, "shards are being opened\n");
}

HttpResponse Service::ready(const HttpRequest& request) const {
  const auto parameters = Parameters::of(request, {"verbose"});
  if (!parameters) return problem_of(parameters.error());
  const auto verbose = parameters->flag("verbose");
  if (!verbose) return problem_of(verbose.error());
  const std::vector<Partition> missing = reading_.states.shelf().missing();
  const bool caught_up = reading_.states.shelf().is_complete();
  const InstanceStatus now = status();
  // A worker whose own shards are here answers for them as soon as it is asked by others.
  const Result<> others =
      role_ == Role::reader ? reading_.states.newest().map([](const auto&) {}) : Result<>();
  const bool is_ready = caught_up && !now.trouble && others;
  std::string said;
  if (*verbose) {
    said += missing.empty() ? "[+] shards: all of this instance's are here\n"
                            : fmt::format("[-] shards: {} are missing\n", missing.size());
    if (!others) said += fmt::format("[-] shards of others: {}\n", others.error().message);
    said += caught_up ? "[+] figures: complete\n" : "[-] figures: the log is still being caught up with\n";
    said += now.trouble ? fmt::format("[-] log: {}\n", now.trouble->message) : "[+] log: answers\n";
  }
  return text(is_ready ? 200 : 503, said + (is_ready ? "ok\n" : "not ready\n"));
}

HttpResponse Service::metrics() const {
  MetricsSource source;
  source.status = status();
  source.now = clock_.now();
  for (const auto& [shard, shown] : reading_.states.shelf().here())
    source.notes.push_back(shown.note);
  if (const HttpServer* server = server_.load()) source.http = server->counts();
  source.intake = intake_.counts();
  HttpResponse response = text(200, metrics_text(source));
  response.content_type = kMetricsType;
  return response;
}

HttpResponse Service::status_of_instance(const HttpRequest& request) const {
  const auto parameters = Parameters::of(request, {"format"});
  if (!parameters) return problem_of(parameters.error());
  const auto format = format_of(request, *parameters);
  if (!format) return problem_of(format.error());
  const InstanceStatus now = status();
  return answer_with(request, *format, [&](Answer& answer) -> Result<> {
    const Counters& n = now.counters;
    answer.fact("definitions", text_cell(reading_.plan->version));
    answer.fact("clock", is_representable(now.clock) ? time_cell(now.clock, reading_.plan->zone) : Cell());
    answer.fact("shards", count_cell(now.shards));
    answer.fact("partitions", integer_cell(reading_.deployment.partitions()));
    answer.fact("received", count_cell(n.received));
    answer.fact("folded", count_cell(n.folded));
    answer.fact("duplicates", count_cell(n.duplicates));
    answer.fact("dead_lettered", count_cell(n.dead_lettered));
    answer.fact("transitions", count_cell(n.transitions));
    answer.fact("backlog", now.backlog ? count_cell(*now.backlog) : Cell());
    answer.fact("trouble", now.trouble ? text_cell(now.trouble->message) : Cell());
    return {};
  });
}

// What would be wrong about every evaluation is said at once.
void Service::watch(const HttpRequest& request, HttpResponder responder) {
  auto query = live_query(reading_, request);
  if (!query) return responder.answer(problem_of(query.error()));
  const auto newest = reading_.states.newest();
  if (!newest) return responder.answer(problem_of(newest.error()));
  auto rows = query->evaluate(**newest);
  if (!rows) return responder.answer(problem_of(rows.error()));
  if (auto stream = responder.open_stream())
    live_.watch(query->query, std::move(query->evaluate), **newest, *std::move(rows), std::move(stream),
                std::string(request.header("Last-Event-ID").value_or("")));
}

void Service::answer_slowly(HttpRequest request, HttpResponder responder) {
  const auto shared = std::make_shared<HttpResponder>(std::move(responder));
  const bool accepted =
      slow_lane_.push([this, shared, request = std::move(request)] { shared->answer(answer(request)); });
  if (!accepted) shared->answer(too_many_wait());
}

void Service::answer_past(HttpRequest request, const std::string& as_of, HttpResponder responder) {
  const auto newest = reading_.states.newest();
  if (!newest) return responder.answer(problem_of(newest.error()));
  const auto at = parse_as_of(as_of, reading_.plan->zone, (*newest)->clock);
  if (!at) return responder.answer(problem_of(at.error()));
  const auto shared = std::make_shared<HttpResponder>(std::move(responder));
  const bool accepted = slow_lane_.push([this, shared, at = *at, request = std::move(request)] {
    const auto past = past_.state_at(at, [this] { return !slow_lane_.is_stopping(); });
    if (!past) return shared->answer(problem_of(past.error()));
    const ReadContext reading{reading_.deployment, reading_.plan, reading_.states, *past};
    const auto answered = find_read_route(reading, request)();
    shared->answer(answered ? *answered : problem_of(answered.error()));
  });
  if (!accepted) shared->answer(too_many_wait());
}

void Service::take_events(const HttpRequest& request, HttpResponder responder) {
  if (const auto parameters = Parameters::of(request, {}); !parameters)
    return responder.answer(problem_of(parameters.error()));
  auto events = posted_events(request);
  if (!events) {
    const bool is_type = events.error().code == ErrorCode::usage;
    return responder.answer(is_type ? problem(415, events.error().message) : problem_of(events.error()));
  }
  take(*std::move(events), std::move(responder));
}

void Service::act_on_alert(const HttpRequest& request, HttpResponder responder) {
  if (const auto parameters = Parameters::of(request, {}); !parameters)
    return responder.answer(problem_of(parameters.error()));
  const auto newest = reading_.states.newest();
  if (!newest) return responder.answer(problem_of(newest.error()));
  // Where the clock is not the machine's, an act of today would be of another time than what it is about.
  const Timestamp act_time = clock_mode_ == ClockMode::system ? system_now() : (*newest)->clock;
  const auto event = alert_action((*newest)->state, request, act_time);
  if (!event) return responder.answer(problem_of(event.error()));
  take({*event}, std::move(responder));
}

void Service::replay(const HttpRequest& request, HttpResponder responder) {
  const auto replayed = replay_letter(reading_, request, system_now());
  responder.answer(replayed ? *replayed : problem_of(replayed.error()));
}

void Service::take(std::vector<PostedEvent> events, HttpResponder responder) {
  std::vector<RefusedEvent> refused;
  const std::size_t count = events.size();
  std::vector<OutputRecord> records = intake_.check(std::move(events), refused);
  if (!refused.empty()) return responder.answer(refused_events(refused, count));
  const auto shared = std::make_shared<HttpResponder>(std::move(responder));
  const bool accepted = intake_.accept(std::move(records), [shared, count](const Result<>& durable) {
    shared->answer(durable ? taken(count) : problem_of(durable.error()));
  });
  if (!accepted) shared->answer(too_busy());
}

}  // namespace slipstream
