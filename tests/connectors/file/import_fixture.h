// Files in a folder of their own, mappings from text, and what an import left in a log.
#pragma once

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "connectors/definition/yaml_document.h"
#include "connectors/file/importer.h"
#include "engine/decode/decoder.h"
#include "engine/log/memory_log.h"
#include "tests/log/forwarding_log.h"

namespace slipstream::testing {

inline constexpr Timestamp kNow{1'767'225'600'000'000};  // 2026-01-01T00:00:00Z

class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "slipstream import XXXXXX").string();
    EXPECT_NE(mkdtemp(name.data()), nullptr);
    path_ = name;
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path write(const std::string& name, std::string_view bytes) const {
    std::ofstream(path_ / name, std::ios::binary) << bytes;
    return path_ / name;
  }

 private:
  std::filesystem::path path_;
};

inline std::string text_of_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

inline std::optional<Mapping> mapping_from(std::string_view yaml, Diagnostics& diagnostics) {
  const auto document = parse_yaml(yaml, "m.yaml", diagnostics);
  if (!document) return std::nullopt;
  return load_mapping(*document, "m.yaml", diagnostics);
}

inline Mapping good_mapping(std::string_view yaml) {
  Diagnostics diagnostics;
  auto mapping = mapping_from(yaml, diagnostics);
  for (const Diagnostic& diagnostic : diagnostics)
    ADD_FAILURE() << format_diagnostic(diagnostic);
  return mapping.value_or(Mapping{});
}

inline constexpr std::string_view kTaskMapping = R"(
format: csv
time_zone: Europe/Amsterdam
source: test/tasks
events:
  - { type: task.assigned, id: "{id}/assigned", time: assigned, fields: { task: id, unit: unit, due_at: due } }
  - { type: task.completed, when: completed, id: "{id}/completed", time: completed, fields: { task: id } }
)";

inline ImportOptions import_options() {
  ImportOptions options;
  options.clock = [] { return kNow; };
  options.partitions = 4;
  return options;
}

// Every record of a topic, by partition: key and value.
inline std::map<int, std::vector<std::pair<std::string, std::string>>> records_of(EventLog& log,
                                                                                  const std::string& topic) {
  std::map<int, std::vector<std::pair<std::string, std::string>>> records;
  const auto topics = log.topics();
  for (const TopicOptions& options : *topics) {
    if (options.name != topic) continue;
    for (int p = 0; p < options.partitions; ++p) {
      const TopicPartition at{topic, Partition{p}};
      const OffsetRange range = *log.offsets(at);
      const auto reader = log.open_reader();
      EXPECT_TRUE(reader->seek(at, range.earliest));
      for (Offset next = range.earliest; next < range.end;) {
        const auto batches = reader->poll(100, 1 << 20, seconds(1));
        for (const ReadBatch& batch : *batches) {
          for (const RecordView& record : batch.records)
            records[p].emplace_back(record.key, record.value);
          next = batch.next;
        }
      }
    }
  }
  return records;
}

inline std::size_t count_of(EventLog& log, const std::string& topic) {
  std::size_t count = 0;
  for (const auto& [partition, records] : records_of(log, topic))
    count += records.size();
  return count;
}

// Decodes bytes that outlive the event.
inline Event decoded(Decoder& decoder, std::string_view bytes) {
  RecordView record;
  record.value = bytes;
  Event event;
  const auto result = decoder.decode(record, kNow, event);
  EXPECT_TRUE(result) << (result ? "" : result.error().message);
  return event;
}

}  // namespace slipstream::testing
