// Files into the log: batches of rows, each one transaction of their events and of the ledger that counts
// them. An import that is stopped anywhere goes on at the first row that is not in the log; a file whose
// content was imported with the same mapping is recognised and adds nothing. Belongs to one thread.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "connectors/file/event_reader.h"
#include "connectors/file/import_ledger.h"
#include "engine/log/event_log.h"

namespace slipstream {

struct ImportProgress {
  std::string file;
  LedgerEntry total;           // of the file, earlier runs included; offset = bytes done
  std::uint64_t bytes = 0;     // of the file
  double rows_per_second = 0;  // of this run
};

struct ImportOptions {
  bool dry_run = false;  // read and check everything, append nothing
  bool force = false;    // import again what the ledger has as imported, and what it has as begun
  std::size_t batch_rows = 1000;
  std::size_t batch_bytes = std::size_t{8} << 20;       // of events; a batch ends at whichever comes first
  std::optional<std::uint64_t> bad_rows_max;            // stop at one more than this; none: never
  std::filesystem::path report;                         // CSV of bad rows; empty: none
  std::function<void(const ImportProgress&)> progress;  // after each batch
  std::function<bool()> should_stop;                    // asked after each row; may be empty
  std::function<Timestamp()> clock;                     // the wall clock; required
  std::int32_t partitions = 8;                          // of the events topic, when the import creates it
  std::string events_topic = "events";
  std::string reference_topic = "reference";
  std::string ledger_topic = "imports";
};

enum class ImportOutcome : std::uint8_t {
  imported,
  already_imported,     // by an earlier run: nothing was done
  stopped_by_bad_rows,  // what was committed before stays; the ledger knows where to go on
  interrupted,          // should_stop said so: every row that was read is in the log, and the ledger knows
};

struct ImportResult {
  ImportOutcome outcome = ImportOutcome::imported;
  LedgerEntry total;             // of the file, earlier runs included
  std::uint64_t resumed_at = 0;  // rows that earlier runs had done
};

class Importer {
 public:
  // `log` outlives the importer; it may be null for a dry run.
  Importer(EventLog* log, ImportOptions options);

  // Creates the topics that are missing. Call once, before the first file. Errors: those of the log.
  Result<> prepare();
  // `mapping_folder`: where lookup files are looked for when they are not beside the file. Errors: those of
  // the log and of opening and reading the file; `fenced` when another import of the same file has begun
  // meanwhile.
  Result<ImportResult> import_file(const std::filesystem::path& path, const Mapping& mapping,
                                   const std::filesystem::path& mapping_folder = {});

 private:
  Result<> ensure_topic(const std::vector<TopicOptions>& existing, const TopicOptions& wanted);

  EventLog* log_;
  ImportOptions options_;
  std::int32_t partitions_ = 0;
  std::uint64_t report_bytes_ = 0;  // after the last file: where the next one's bad rows begin
};

}  // namespace slipstream
