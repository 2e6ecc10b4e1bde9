#include "engine/app/service/alert_actions.h"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <random>

#include "engine/decode/encoder.h"
#include "engine/judge/alert_record.h"

namespace slipstream {
namespace {

constexpr std::string_view kSource = "/slipstream/http";

std::string_view event_type_of(std::string_view action) {
  if (action == "acknowledge") return "alert.acknowledged";
  return action == "silence" ? "alert.silenced" : "";
}

std::string random_id() {
  std::random_device random;
  return fmt::format("{:08x}{:08x}{:08x}{:08x}", random(), random(), random(), random());
}

Result<bool> is_known_alert(const CommittedState& state, const std::string& id) {
  for (const auto& shard : state.shards) {
    SLIPSTREAM_ASSIGN(const std::optional<std::string> record, shard->get(Family::alerts, alert_key(id)));
    if (record) return true;
  }
  return false;
}

}  // namespace

bool is_alert_action(const HttpRequest& request) {
  const std::vector<std::string>& path = request.segments;
  return path.size() == 4 && path[0] == "v1" && path[1] == "alerts" && !event_type_of(path[3]).empty();
}

Result<PostedEvent> alert_action(const CommittedState& state, const HttpRequest& request, Timestamp now) {
  const std::string& id = request.segments[2];
  SLIPSTREAM_ASSIGN(const bool is_known, is_known_alert(state, id));
  if (!is_known)
    return fail(ErrorCode::unknown_name,
                fmt::format("no alert '{}'; /v1/alerts lists them with their ids", id));
  boost::system::error_code wrong;
  boost::json::value data = boost::json::parse(request.body.empty() ? "{}" : request.body, wrong);
  if (wrong || !data.is_object())
    return fail(ErrorCode::malformed_record,
                "the body is not a JSON object of what is to be said of the alert");
  data.as_object()["alert"] = id;
  const auto key = request.header("Idempotency-Key");
  const boost::json::object event{{"specversion", "1.0"},   {"id", key ? std::string(*key) : random_id()},
                                  {"source", kSource},      {"type", event_type_of(request.segments[3])},
                                  {"subject", id},          {"time", format_timestamp(now)},
                                  {"data", std::move(data)}};
  return PostedEvent{boost::json::serialize(event), {{"content-type", std::string(kCloudEventsContentType)}}};
}

}  // namespace slipstream
