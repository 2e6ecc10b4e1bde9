#include "connectors/file/importer.h"

#include <algorithm>

#include "connectors/file/bad_row_report.h"
#include "connectors/file/file_window.h"

namespace slipstream {
namespace {

// One file on its way into the log.
class ImportRun {
 public:
  struct Target {
    EventLog* log = nullptr;  // null: a dry run
    std::int32_t partitions = 0;
    std::string key;  // in the ledger
  };

  ImportRun(const std::filesystem::path& path, const ImportOptions& options, Target target)
      : path_(path), options_(options), target_(std::move(target)) {}

  // False when the ledger says that there is nothing to do.
  Result<bool> begin(std::uint64_t report_bytes);
  Result<ImportOutcome> run(EventReader& events);

  const LedgerEntry& total() const { return total_; }
  std::uint64_t resumed_at() const { return resumed_at_; }
  std::optional<RowPlace> place() const {
    return resumed_at_ > 0 ? std::optional(total_.next) : std::nullopt;
  }

 private:
  void count(const ReadRow& row);
  void append(ImportedEvent& event);
  Result<> commit();
  bool batch_is_full() const {
    return batch_rows_ >= options_.batch_rows || batch_bytes_ >= options_.batch_bytes;
  }
  bool too_many_bad() const { return options_.bad_rows_max && total_.bad > *options_.bad_rows_max; }

  const std::filesystem::path& path_;
  const ImportOptions& options_;
  Target target_;
  std::unique_ptr<Producer> producer_;
  std::optional<BadRowReport> report_;
  LedgerEntry total_;
  std::uint64_t resumed_at_ = 0;
  std::uint64_t file_bytes_ = 0;
  Timestamp began_;
  Timestamp batch_time_;
  Transaction batch_;
  std::size_t batch_rows_ = 0;
  std::size_t batch_bytes_ = 0;
};

Result<bool> ImportRun::begin(std::uint64_t report_bytes) {
  began_ = batch_time_ = options_.clock();
  std::error_code ignored;
  file_bytes_ = std::filesystem::file_size(path_, ignored);
  if (target_.log != nullptr) {
    // The producer first: from here on an older import of the same file is fenced, so its last entry is what
    // we read.
    SLIPSTREAM_ASSIGN(producer_, target_.log->open_producer("import-" + target_.key));
    SLIPSTREAM_ASSIGN(auto earlier, find_ledger_entry(*target_.log, options_.ledger_topic, target_.key));
    if (earlier && !options_.force) total_ = *std::move(earlier);
  }
  if (total_.done) return false;
  resumed_at_ = total_.rows;
  total_.file = path_.string();
  if (!options_.report.empty()) {
    const std::uint64_t keep = resumed_at_ > 0 ? total_.report_bytes : report_bytes;
    SLIPSTREAM_ASSIGN(report_, BadRowReport::open(options_.report, keep));
    total_.report_bytes = report_->bytes();
  }
  return true;
}

Result<ImportOutcome> ImportRun::run(EventReader& events) {
  ReadRow row;
  while (true) {
    SLIPSTREAM_ASSIGN(const bool found, events.next(row));
    if (!found) break;
    count(row);
    for (ImportedEvent& event : row.events)
      append(event);
    if (too_many_bad()) {
      if (report_) SLIPSTREAM_TRY(report_->flush());
      return ImportOutcome::stopped_by_bad_rows;
    }
    const bool stops = options_.should_stop && options_.should_stop();
    if (stops || batch_is_full()) SLIPSTREAM_TRY(commit());
    if (stops) return ImportOutcome::interrupted;
  }
  total_.done = true;
  SLIPSTREAM_TRY(commit());
  return ImportOutcome::imported;
}

void ImportRun::count(const ReadRow& row) {
  ++batch_rows_;
  ++total_.rows;
  total_.next = row.next;
  total_.events += row.events.size();
  if (row.problem) {
    ++total_.bad;
    if (report_) report_->add(path_.string(), row);
  } else if (row.events.empty()) {
    ++total_.skipped;
  }
}

void ImportRun::append(ImportedEvent& event) {
  batch_bytes_ += event.bytes.size();
  if (target_.log == nullptr) return;
  const bool reference = event.kind == EventKind::reference || event.kind == EventKind::action;
  const Partition partition = reference ? Partition{0} : partition_of(event.key, target_.partitions);
  // The record's time is the import's, not the event's: a topic's retention must not delete history as it
  // arrives.
  batch_.outputs.push_back({reference ? options_.reference_topic : options_.events_topic,
                            partition,
                            std::move(event.key),
                            std::move(event.bytes),
                            {},
                            batch_time_});
}

Result<> ImportRun::commit() {
  batch_time_ = options_.clock();
  total_.at = batch_time_;
  if (report_) {
    SLIPSTREAM_TRY(report_->flush());
    total_.report_bytes = report_->bytes();
  }
  if (producer_ != nullptr) {
    batch_.outputs.push_back(
        {options_.ledger_topic, Partition{0}, target_.key, encode_ledger_entry(total_), {}, batch_time_});
    SLIPSTREAM_TRY(producer_->commit(batch_));
  }
  batch_.outputs.clear();
  batch_rows_ = batch_bytes_ = 0;
  if (!options_.progress) return {};
  const double seconds_gone = static_cast<double>((batch_time_ - began_).us) / 1e6;
  const auto rows = static_cast<double>(total_.rows - resumed_at_);
  options_.progress({path_.string(), total_, file_bytes_, seconds_gone > 0 ? rows / seconds_gone : 0});
  return {};
}

}  // namespace

Importer::Importer(EventLog* log, ImportOptions options) : log_(log), options_(std::move(options)) {
  SLIPSTREAM_INVARIANT(options_.clock != nullptr, "an import needs the wall clock");
  SLIPSTREAM_INVARIANT(log_ != nullptr || options_.dry_run, "only a dry run needs no log");
}

Result<> Importer::ensure_topic(const std::vector<TopicOptions>& existing, const TopicOptions& wanted) {
  const auto found = std::find_if(existing.begin(), existing.end(),
                                  [&](const TopicOptions& topic) { return topic.name == wanted.name; });
  if (wanted.name == options_.events_topic)
    partitions_ = found == existing.end() ? wanted.partitions : found->partitions;
  if (found != existing.end()) return {};
  return log_->create_topic(wanted);
}

Result<> Importer::prepare() {
  if (options_.dry_run) return {};
  SLIPSTREAM_ASSIGN(const auto existing, log_->topics());
  const auto topic = [](const std::string& name, std::int32_t partitions, Cleanup cleanup) {
    return TopicOptions{name, partitions, cleanup, std::nullopt, std::nullopt};
  };
  SLIPSTREAM_TRY(ensure_topic(existing, topic(options_.events_topic, options_.partitions, Cleanup::retain)));
  SLIPSTREAM_TRY(ensure_topic(existing, topic(options_.reference_topic, 1, Cleanup::retain)));
  return ensure_topic(existing, topic(options_.ledger_topic, 1, Cleanup::compact));
}

Result<ImportResult> Importer::import_file(const std::filesystem::path& path, const Mapping& mapping,
                                           const std::filesystem::path& mapping_folder) {
  SLIPSTREAM_INVARIANT(options_.dry_run || partitions_ > 0, "prepare() comes before the first file");
  SLIPSTREAM_ASSIGN(const Hash128 content, hash_of_file(path));
  SLIPSTREAM_ASSIGN(Lookups lookups, read_lookups(mapping, path, mapping_folder));
  const std::string key = ledger_key(mapping.source, content, mapping.hash, lookups.hash);
  ImportRun run(path, options_, {options_.dry_run ? nullptr : log_, partitions_, key});
  SLIPSTREAM_ASSIGN(const bool needed, run.begin(report_bytes_));
  ImportResult result;
  if (needed) {
    SLIPSTREAM_ASSIGN(const auto events,
                      open_events(path, mapping, std::move(lookups.tables), options_.clock(), run.place()));
    SLIPSTREAM_ASSIGN(result.outcome, run.run(*events));
  } else {
    result.outcome = ImportOutcome::already_imported;
  }
  result.total = run.total();
  result.resumed_at = run.resumed_at();
  report_bytes_ = result.total.report_bytes;
  return result;
}

}  // namespace slipstream
