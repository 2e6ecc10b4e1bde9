// `slipstream backup`: the checkpoints in the backup directory, and whether they can be restored.
#include "engine/state/backup.h"

#include <fmt/format.h>

#include "engine/app/commands/command.h"
#include "engine/state/backup_verification.h"

namespace slipstream {
namespace {

Result<std::filesystem::path> backup_directory(Session& session) {
  SLIPSTREAM_ASSIGN(const Configuration* configuration, session.configuration());
  if (configuration->backup.empty())
    return fail(ErrorCode::usage, "no backup directory is configured (--set backup=/mnt/backup)");
  return configuration->backup;
}

Result<ExitCode> list_checkpoints(Session& session) {
  SLIPSTREAM_ASSIGN(const std::filesystem::path backup, backup_directory(session));
  SLIPSTREAM_ASSIGN(const std::vector<ShardCheckpoints> shards, shards_in(backup));
  Answer answer = session.answer();
  answer.section("checkpoints", {text_column("version"), number_column("shard"), number_column("commit"),
                                 text_column("made_at"), number_column("files"), number_column("bytes"),
                                 text_column("problem")});
  for (const ShardCheckpoints& shard : shards) {
    SLIPSTREAM_ASSIGN(const ShardCheckpoints::Contents contents, shard.read());
    SLIPSTREAM_ASSIGN(const StoredFiles stored, shard.stored_files());
    const Cell version = text_cell(shard.state_version());
    const Cell number = integer_cell(shard.shard().value);
    for (const auto& [name, inventory] : contents.checkpoints)
      answer.row({version, number, count_cell(inventory.sequence.value), time_cell(inventory.made_at, Zone()),
                  count_cell(inventory.files.size()), count_cell(inventory.bytes()),
                  optional_text_cell(lack_of(inventory, stored).value_or(""))});
    for (const UnreadableInventory& unreadable : contents.unreadable)
      answer.row({version, number, count_cell(unreadable.sequence.value), Cell(), Cell(), Cell(),
                  text_cell(unreadable.reason)});
  }
  return ExitCode::ok;
}

Result<ExitCode> verify(Session& session) {
  SLIPSTREAM_ASSIGN(const std::filesystem::path backup, backup_directory(session));
  ProgressLine line = session.progress();
  const auto verified = verify_backup(backup, [&](const BackupVerification& so_far) {
    line.show(fmt::format("{} files, {} read", so_far.files, format_bytes(so_far.bytes)));
  });
  line.end();
  SLIPSTREAM_TRY(verified);
  Answer answer = session.answer();
  answer.fact("shards", count_cell(verified->shards));
  answer.fact("checkpoints", count_cell(verified->checkpoints));
  answer.fact("files", count_cell(verified->files));
  answer.fact("bytes", count_cell(verified->bytes));
  answer.fact("sound", boolean_cell(verified->sound()));
  if (answer.format() != OutputFormat::table || !verified->findings.empty())
    answer.section("findings", {text_column("finding"), text_column("file"), text_column("reason")});
  for (const BackupFinding& finding : verified->findings)
    answer.row(
        {text_cell(name_of(finding.kind)), text_cell(finding.path.string()), text_cell(finding.reason)});
  return verified->sound() ? ExitCode::ok : ExitCode::problems_found;
}

}  // namespace

void add_backup_command(const CommandLine& line) {
  const Command group = line.add_group("backup", "Show and verify the checkpoints in the backup directory");
  line.add(group, "list", "The checkpoints of every shard, and which of them lack files",
           "  slipstream backup list --set backup=backup\n"
           "  slipstream backup list --set backup=backup --output json",
           [&session = line.session] { return list_checkpoints(session); });
  line.add(
      group, "verify", "Read every file and compare its checksum; may run beside instances",
      "  slipstream backup verify --set backup=backup\n\n"
      "Ends with 1 when something is damaged or missing. What no checkpoint lists is no damage: a copy is\n"
      "under way, or a crash has left it, and it goes after a day.",
      [&session = line.session] { return verify(session); });
}

}  // namespace slipstream
