// `slipstream topics`: the topics that a deployment on Kafka needs.
#include "engine/app/commands/command.h"

namespace slipstream {
namespace {

Result<ExitCode> create(Session& session) {
  SLIPSTREAM_ASSIGN(const Configuration* configuration, session.configuration());
  if (configuration->log != LogChoice::kafka)
    return fail(ErrorCode::usage,
                "topics are created for Kafka; the embedded log makes its own (set log=kafka)");
  SLIPSTREAM_ASSIGN(const std::vector<TopicOptions> created, create_kafka_topics(*configuration));
  Answer answer = session.answer();
  answer.section("created", {text_column("topic"), number_column("partitions"), text_column("cleanup")});
  for (const TopicOptions& topic : created)
    answer.row({text_cell(topic.name), integer_cell(topic.partitions),
                text_cell(topic.cleanup == Cleanup::compact ? "compact" : "retain")});
  if (created.empty()) session.say("nothing to create: every topic is there");
  return ExitCode::ok;
}

}  // namespace

void add_topics_command(const CommandLine& line) {
  const Command group = line.add_group("topics", "Create the topics that a deployment on Kafka needs");
  line.add(group, "create",
           "Create the topics that are missing, with `partitions` each and `replication` copies; those that "
           "are there stay as "
           "they are",
           "  slipstream topics create --set log=kafka --set kafka.bootstrap.servers=localhost:9092\n"
           "  slipstream topics create --config kafka.yaml --set partitions=8 --set replication=3",
           [&session = line.session] { return create(session); });
}

}  // namespace slipstream
