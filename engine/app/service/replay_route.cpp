#include "engine/app/service/replay_route.h"

#include <fmt/format.h>

#include "engine/app/answers/dead_letters.h"
#include "engine/app/service/route_answer.h"

namespace slipstream {

bool is_replay(const HttpRequest& request) {
  const std::vector<std::string>& path = request.segments;
  return path.size() == 4 && path[0] == "v1" && path[1] == "dead-letters" && path[3] == "replay";
}

Result<HttpResponse> replay_letter(const ReadContext& context, const HttpRequest& request, Timestamp now) {
  SLIPSTREAM_ASSIGN(const Parameters parameters, Parameters::of(request, {"again"}));
  SLIPSTREAM_ASSIGN(const bool again, parameters.flag("again"));
  const std::string& text = request.segments[2];
  SLIPSTREAM_ASSIGN(const std::int64_t offset, parse_offset("offset", text));
  EventLog& log = context.deployment.log();
  const TopicNames& topics = context.deployment.topics();
  SLIPSTREAM_ASSIGN(const std::optional<DeadLetter> found, find_dead_letter(log, topics, Offset(offset)));
  if (!found)
    return not_found(fmt::format("there is no dead letter at offset {}; /v1/dead-letters lists them", text));
  const DeadLetterChoice choice{std::nullopt, {Offset(offset), Offset(offset + 1)}};
  SLIPSTREAM_ASSIGN(const ReplayCounts counts, replay_dead_letters(log, topics, choice, again, now));
  HttpResponse response;
  response.status = 202;
  response.body =
      fmt::format("{{\"replayed\":{},\"replayed_before\":{}}}\n", counts.replayed, counts.replayed_before);
  return response;
}

}  // namespace slipstream
