// `slipstream import`: files into the log.
#include <fmt/format.h>

#include <atomic>
#include <chrono>

#include "connectors/definition/yaml_document.h"
#include "connectors/file/importer.h"
#include "engine/app/commands/command.h"
#include "engine/app/stop_signal.h"

namespace slipstream {
namespace {

struct ImportArguments {
  std::string mapping;
  std::vector<std::string> files;
  bool dry_run = false;
  bool force = false;
  std::string report;
  std::optional<std::uint64_t> bad_rows_max;
};

Timestamp wall_clock() {
  const auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
  return Timestamp{std::chrono::duration_cast<std::chrono::microseconds>(since_epoch).count()};
}

Result<Mapping> read_mapping(const Session& session, const std::string& file) {
  Diagnostics diagnostics;
  std::optional<Mapping> mapping;
  if (const auto document = read_yaml_file(file, diagnostics))
    mapping = load_mapping(*document, file, diagnostics);
  if (mapping) return std::move(*mapping);
  session.print(diagnostics);
  return tl::unexpected(summary_of(diagnostics, "the mapping cannot be used"));
}

// Files that hold events as they are need no mapping.
Result<Mapping> mapping_for(const std::filesystem::path& file) {
  const std::string extension = file.extension().string();
  if (extension == ".jsonl" || extension == ".ndjson") return mapping_of_events(FileFormat::json_lines);
  if (extension == ".slev") return mapping_of_events(FileFormat::flatbuffers);
  return fail(ErrorCode::usage,
              fmt::format("{}: say with --mapping FILE how its rows become events (only .jsonl, .ndjson and "
                          ".slev files of events need none)",
                          file.string()));
}

std::string_view name_of(ImportOutcome outcome) {
  switch (outcome) {
    case ImportOutcome::imported:
      return "imported";
    case ImportOutcome::already_imported:
      return "already imported";
    case ImportOutcome::stopped_by_bad_rows:
      return "stopped by bad rows";
    case ImportOutcome::interrupted:
      return "interrupted";
  }
  return "";
}

std::string progress_text(const ImportProgress& progress) {
  const double share = progress.bytes == 0 ? 100.0
                                           : 100.0 * static_cast<double>(progress.total.next.offset) /
                                                 static_cast<double>(progress.bytes);
  return fmt::format("{}: {:.0f} %, {} rows, {} events, {} bad, {:.0f} rows/s", progress.file, share,
                     progress.total.rows, progress.total.events, progress.total.bad,
                     progress.rows_per_second);
}

ImportOptions importer_options(const ImportArguments& arguments, ProgressLine& line) {
  ImportOptions options;
  options.dry_run = arguments.dry_run;
  options.force = arguments.force;
  options.bad_rows_max = arguments.bad_rows_max;
  options.report = arguments.report;
  options.clock = wall_clock;
  options.progress = [&line](const ImportProgress& progress) { line.show(progress_text(progress)); };
  return options;
}

std::vector<Cell> summary_row(const std::filesystem::path& file, const ImportResult& result, bool dry_run) {
  const std::string_view outcome =
      dry_run && result.outcome == ImportOutcome::imported ? "dry run" : name_of(result.outcome);
  return {text_cell(file.string()),        text_cell(outcome),           count_cell(result.total.rows),
          count_cell(result.total.events), count_cell(result.total.bad), count_cell(result.total.skipped)};
}

struct FileToImport {
  std::filesystem::path path;
  Mapping mapping;
};

Result<std::vector<FileToImport>> files_to_import(const Session& session, const ImportArguments& arguments) {
  std::optional<Mapping> mapping;
  if (!arguments.mapping.empty()) {
    SLIPSTREAM_ASSIGN(mapping, read_mapping(session, arguments.mapping));
  }
  SLIPSTREAM_ASSIGN(const std::vector<std::filesystem::path> paths, input_files(arguments.files));
  std::vector<FileToImport> files;
  for (const auto& path : paths) {
    if (mapping) {
      files.push_back({path, *mapping});
      continue;
    }
    SLIPSTREAM_ASSIGN(Mapping own, mapping_for(path));
    files.push_back({path, std::move(own)});
  }
  return files;
}

bool is_problem(const ImportArguments& arguments, const ImportResult& result) {
  return result.outcome == ImportOutcome::stopped_by_bad_rows ||
         (!arguments.bad_rows_max && result.total.bad > 0);
}

Result<ExitCode> import_files(Session& session, const ImportArguments& arguments, Importer& importer,
                              const std::vector<FileToImport>& files, ProgressLine& line) {
  Answer answer = session.answer();
  const std::filesystem::path folder = std::filesystem::path(arguments.mapping).parent_path();
  ExitCode code = ExitCode::ok;
  for (std::size_t i = 0; i < files.size(); ++i) {
    const auto result = importer.import_file(files[i].path, files[i].mapping, folder);
    line.end();
    if (!result) return tl::unexpected(with_advice(result.error()));
    if (i == 0)
      answer.section("files", {text_column("file"), text_column("outcome"), number_column("rows"),
                               number_column("events"), number_column("bad"), number_column("skipped")});
    answer.row(summary_row(files[i].path, *result, arguments.dry_run));
    if (is_problem(arguments, *result)) code = ExitCode::problems_found;
    if (result->outcome != ImportOutcome::interrupted) continue;
    session.say(
        arguments.dry_run
            ? "interrupted: nothing was written"
            : "interrupted: the rows counted here are in the log; the same command goes on after them");
    return ExitCode::interrupted;
  }
  if (code != ExitCode::ok && arguments.report.empty())
    session.say("some rows could not be taken; --report bad.csv writes them down with the reasons");
  return code;
}

Result<ExitCode> import(Session& session, const ImportArguments& arguments) {
  SLIPSTREAM_ASSIGN(const std::vector<FileToImport> files, files_to_import(session, arguments));
  std::atomic<bool> stopping{false};
  // Before the log opens its threads: those inherit the blocked signals.
  const StopSignal signals([&] { stopping.store(true); });
  std::unique_ptr<Deployment> deployment;
  ProgressLine line = session.progress();
  ImportOptions options = importer_options(arguments, line);
  options.should_stop = [&] { return stopping.load(); };
  if (!arguments.dry_run) {
    SLIPSTREAM_ASSIGN(deployment, session.open(Deployment::Access::write));
    options.partitions = deployment->partitions();
    options.events_topic = deployment->topics().events;
    options.reference_topic = deployment->topics().reference;
    options.ledger_topic = deployment->topics().imports;
  }
  Importer importer(deployment ? &deployment->log() : nullptr, std::move(options));
  SLIPSTREAM_TRY(importer.prepare());
  return import_files(session, arguments, importer, files, line);
}

}  // namespace

void add_import_command(const CommandLine& line) {
  const auto arguments = std::make_shared<ImportArguments>();
  const Command command =
      line.add("import", "Put the events of CSV, JSON Lines and FlatBuffers files into the log",
               "  slipstream import --mapping permits.yaml cases.csv --dry-run\n"
               "  slipstream import --mapping permits.yaml 'cases-*.csv' --report bad.csv\n"
               "  slipstream import events.jsonl\n\n"
               "Ends with 1 when rows could not be taken, unless --max-bad allows them.",
               [&session = line.session, arguments] { return import(session, *arguments); });
  command.add_option("FILE", &arguments->files, "files, directories or patterns").required();
  command.add_option("--mapping", &arguments->mapping, "how rows become events (docs/import.md)");
  command.add_flag("--dry-run", arguments->dry_run, "read and check everything, write nothing");
  command.add_flag("--force", arguments->force, "import again what was imported before");
  command.add_option("--report", &arguments->report,
                     "write the rows that could not be taken to this CSV file");
  command.add_option("--max-bad", &arguments->bad_rows_max,
                     "stop at one bad row more than this; up to it they are no failure");
}

}  // namespace slipstream
