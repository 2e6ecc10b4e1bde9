// `slipstream log`: what is in the log, and the log whole into another directory.
#include <fmt/format.h>

#include "connectors/log/embedded_log.h"
#include "engine/app/commands/command.h"
#include "engine/app/log_copy.h"
#include "engine/app/log_scan.h"
#include "engine/app/output/record_text.h"

namespace slipstream {
namespace {

struct ShowArguments {
  std::string topic;
  std::optional<std::int32_t> partition;
  std::optional<std::int64_t> from;
  std::uint64_t limit = 20;
};

Result<ExitCode> list_topics(Session& session) {
  SLIPSTREAM_ASSIGN(const std::unique_ptr<Deployment> deployment, session.open(Deployment::Access::read));
  SLIPSTREAM_ASSIGN(const std::vector<TopicOptions> topics, deployment->log().topics());
  Answer answer = session.answer();
  answer.section("partitions", {text_column("topic"), number_column("partition"), text_column("cleanup"),
                                text_column("retention"), number_column("earliest"), number_column("end")});
  for (const TopicOptions& topic : topics) {
    for (std::int32_t i = 0; i < topic.partitions; ++i) {
      SLIPSTREAM_ASSIGN(const OffsetRange range, deployment->log().offsets({topic.name, Partition(i)}));
      answer.row({text_cell(topic.name), integer_cell(i),
                  text_cell(topic.cleanup == Cleanup::compact ? "compact" : "retain"),
                  topic.retention ? text_cell(format_duration(*topic.retention)) : Cell(),
                  integer_cell(range.earliest.value), integer_cell(range.end.value)});
    }
  }
  return ExitCode::ok;
}

Result<ExitCode> show_topic(Session& session, const ShowArguments& arguments) {
  SLIPSTREAM_ASSIGN(const std::unique_ptr<Deployment> deployment, session.open(Deployment::Access::read));
  const auto partitions = partitions_of(deployment->log(), arguments.topic);
  if (!partitions) return fail(ErrorCode::usage, partitions.error().message);
  if (arguments.partition && *arguments.partition >= *partitions)
    return fail(ErrorCode::usage,
                fmt::format("topic {} has {} partitions, from 0", arguments.topic, *partitions));
  Answer answer = session.answer();
  answer.section("records", {number_column("partition"), number_column("offset"), text_column("timestamp"),
                             text_column("key"), text_column("value")});
  ScanRange range;
  if (arguments.from) range.from = Offset(*arguments.from);
  for (std::int32_t i = arguments.partition.value_or(0); i <= arguments.partition.value_or(*partitions - 1);
       ++i) {
    if (answer.rows() >= arguments.limit) break;
    SLIPSTREAM_TRY(scan_partition(
        deployment->log(), {arguments.topic, Partition(i)}, range, [&](const RecordView& record) {
          answer.row({integer_cell(i), integer_cell(record.offset.value), time_cell(record.timestamp, Zone()),
                      text_cell(printable(record.key)), text_cell(value_text(record))});
          return answer.rows() < arguments.limit;
        }));
  }
  return ExitCode::ok;
}

Result<ExitCode> copy(Session& session, const std::string& destination) {
  SLIPSTREAM_ASSIGN(const std::unique_ptr<Deployment> deployment, session.open(Deployment::Access::read));
  SLIPSTREAM_ASSIGN(const std::unique_ptr<EventLog> to,
                    open_embedded_log(std::filesystem::path(destination) / "log"));
  ProgressLine line = session.progress();
  const auto copied = copy_log(deployment->log(), *to, deployment->topics(), [&](const CopiedTopic& done) {
    line.show(fmt::format("{}: {} records", done.topic.name, done.records));
  });
  line.end();
  SLIPSTREAM_TRY(copied);
  Answer answer = session.answer();
  answer.section("topics", {text_column("topic"), number_column("partitions"), number_column("records")});
  for (const CopiedTopic& done : *copied)
    answer.row({text_cell(done.topic.name), integer_cell(done.topic.partitions), count_cell(done.records)});
  return ExitCode::ok;
}

}  // namespace

void add_log_command(const CommandLine& line) {
  const Command group = line.add_group("log", "Show and copy the log");
  line.add(group, "list", "Every topic's partitions and offsets",
           "  slipstream log list\n  slipstream log list --data slipstream-data",
           [&session = line.session] { return list_topics(session); });

  const auto show = std::make_shared<ShowArguments>();
  const Command shown = line.add(
      group, "show", "Records of a topic",
      "  slipstream log show events --limit 5\n  slipstream log show events --partition 2 --from 100",
      [&session = line.session, show] { return show_topic(session, *show); });
  shown.add_option("TOPIC", &show->topic, "as `slipstream log list` names it").required();
  shown.add_option("--partition", &show->partition, "one partition; by default all in turn").not_negative();
  shown.add_option("--from", &show->from, "the offset to begin at").not_negative();
  shown.add_option("--limit", &show->limit, "records in all").shows_default().positive();

  const auto destination = std::make_shared<std::string>();
  line.add(group, "copy", "Copy the log whole into another data directory; its state is rebuilt there",
           "  slipstream log copy copy-of-data",
           [&session = line.session, destination] { return copy(session, *destination); })
      .add_option("DEST_DIR", destination.get(), "data directory of the copy")
      .required();
}

}  // namespace slipstream
