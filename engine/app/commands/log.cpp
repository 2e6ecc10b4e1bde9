// `slipstream log`: what is in the log, and the log whole into another deployment.
#include <fmt/format.h>

#include <filesystem>

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
      const auto offsets = deployment->log().offsets({topic.name, Partition(i)});
      if (!offsets && offsets.error().code == ErrorCode::not_found) break;  // deleted since it was listed
      SLIPSTREAM_ASSIGN(const OffsetRange range, offsets);
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

// Where a copy goes: a data directory with an embedded log, or what a configuration says.
struct CopyArguments {
  std::string directory;
  std::string config;
};

Result<Configuration> destination_of(const Session& session, const CopyArguments& arguments,
                                     const Configuration& original) {
  if (arguments.directory.empty() == arguments.config.empty())
    return fail(ErrorCode::usage,
                "say where the copy goes: a data directory, or --to-config FILE with a configuration");
  if (!arguments.config.empty()) return session.other_configuration(arguments.config);
  Configuration destination = original;
  destination.log = LogChoice::embedded;
  destination.data = arguments.directory;
  return destination;
}

// State that is there is of another log: an engine would go on with it.
Result<> check_no_state(const std::filesystem::path& data) {
  std::error_code error;
  const std::filesystem::path state = data / "state";
  if (!std::filesystem::exists(state, error) || std::filesystem::is_empty(state, error)) return {};
  return fail(
      ErrorCode::already_exists,
      fmt::format("{}: there is state already; that of a copy is built anew: name another data directory "
                  "for the copy, or delete this",
                  state.string()));
}

Result<ExitCode> copy(Session& session, const CopyArguments& arguments) {
  SLIPSTREAM_ASSIGN(const Configuration* original, session.configuration());
  SLIPSTREAM_ASSIGN(Configuration configuration, destination_of(session, arguments, *original));
  SLIPSTREAM_ASSIGN(const std::unique_ptr<Deployment> from, session.open(Deployment::Access::read));
  SLIPSTREAM_TRY(check_no_state(configuration.data));
  SLIPSTREAM_ASSIGN(const std::unique_ptr<Deployment> to,
                    Deployment::open(configuration, Deployment::Access::fill));
  ProgressLine line = session.progress();
  const auto copied =
      copy_log({from->log(), from->topics()}, {to->log(), to->topics()}, [&](const CopiedTopic& done) {
        line.show(fmt::format(
            "{}: {:.0f} %, {} records", done.topic.name,
            100.0 * static_cast<double>(done.records) / static_cast<double>(done.records_max), done.records));
      });
  line.end();
  SLIPSTREAM_TRY(copied);
  Answer answer = session.answer();
  answer.section("topics", {text_column("topic"), number_column("partitions"), number_column("records"),
                            text_column("offsets")});
  for (const CopiedTopic& done : *copied)
    answer.row({text_cell(done.topic.name), integer_cell(done.topic.partitions), count_cell(done.records),
                text_cell(done.offsets_kept ? "kept" : "moved")});
  session.say(
      "to prove it: `slipstream run --until-idle` on the copy builds its state, then `slipstream check`");
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

  const auto copied = std::make_shared<CopyArguments>();
  const Command copying = line.add(
      group, "copy",
      "Copy the log whole into another deployment; its state is rebuilt there. Nobody may write to either "
      "meanwhile",
      "  slipstream log copy copy-of-data\n"
      "  slipstream log copy --to-config kafka.yaml\n"
      "  slipstream log copy --config kafka.yaml copy-of-kafka",
      [&session = line.session, copied] { return copy(session, *copied); });
  const Option directory =
      copying.add_option("DEST_DIR", &copied->directory, "data directory of the copy, with an embedded log");
  copying
      .add_option("--to-config", &copied->config,
                  "configuration of the copy's deployment; SLIPSTREAM_* and --set are of the original alone")
      .excludes(directory);
}

}  // namespace slipstream
