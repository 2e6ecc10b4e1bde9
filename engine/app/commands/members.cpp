// `slipstream members`: the instances that share a deployment on Kafka.
#include "engine/app/members.h"

#include "engine/app/commands/command.h"
#include "engine/app/instance.h"

namespace slipstream {
namespace {

Result<ExitCode> members(Session& session) {
  SLIPSTREAM_ASSIGN(const Configuration* configuration, session.configuration());
  if (configuration->log != LogChoice::kafka)
    return fail(ErrorCode::usage,
                "instances share a deployment on Kafka; the embedded log has one (set log=kafka)");
  SLIPSTREAM_ASSIGN(const auto deployment, session.open(Deployment::Access::read));
  SLIPSTREAM_ASSIGN(const std::vector<Member> all,
                    read_members(deployment->log(), deployment->topics().members));
  Answer answer = session.answer();
  answer.section("members", {text_column("instance"), text_column("address"), text_column("shards"),
                             text_column("since")});
  for (const Member& member : all)
    answer.row({text_cell(member.name), text_cell(member.address), text_cell(list_of(member.shards)),
                text_cell(format_timestamp(member.since))});
  if (all.empty()) session.say("no instance runs");
  return ExitCode::ok;
}

}  // namespace

void add_members_command(const CommandLine& line) {
  line.add("members", "List the instances that share a deployment on Kafka, and the shards of each",
           "  slipstream members --config kafka.yaml\n"
           "  slipstream members --set log=kafka --set kafka.bootstrap.servers=localhost:9092 --output json",
           [&session = line.session] { return members(session); });
}

}  // namespace slipstream
