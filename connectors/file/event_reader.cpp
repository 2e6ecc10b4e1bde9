// The three kinds of import files behind one interface.
//
// A FlatBuffers file is a sequence of {u32 little-endian length, event buffer with the identifier SLEV}, as
// FinishSizePrefixed writes them.
#include "connectors/file/event_reader.h"

#include <fmt/format.h>

#include "connectors/file/file_window.h"
#include "engine/base/encoding.h"
#include "engine/decode/decoder.h"
#include "engine/decode/encoder.h"

namespace slipstream {
namespace {

class MappedEvents final : public EventReader {
 public:
  MappedEvents(std::unique_ptr<RowSource> rows, RowMapper mapper)
      : rows_(std::move(rows)), mapper_(std::move(mapper)) {}

  Result<bool> next(ReadRow& out) override {
    SLIPSTREAM_ASSIGN(const bool found, rows_->next(row_));
    if (!found) return false;
    out.place = row_.place;
    out.next = row_.next;
    out.text = row_.text;
    out.events.clear();
    out.problem = mapper_.map(row_, out.events);
    return true;
  }

 private:
  std::unique_ptr<RowSource> rows_;
  RowMapper mapper_;
  Row row_;
};

// Decodes a record as the shard will, so that a row it would refuse is refused here.
class WholeEvents {
 public:
  WholeEvents(const Mapping& mapping, Timestamp clock) : decoder_(options_of(mapping)), clock_(clock) {}

  // Appends the event in FlatBuffers.
  std::optional<RowProblem> take(std::string_view bytes, std::vector<ImportedEvent>& out) {
    decoder_.release();
    RecordView record;
    record.value = bytes;
    if (auto decoded = decoder_.decode(record, clock_, event_); !decoded)
      return problem(std::move(decoded).error());
    auto encoded = encode_flatbuffers(event_);
    if (!encoded) return problem(std::move(encoded).error());
    out.push_back({event_.type, kind_of(event_.type), std::string(event_.subject), *std::move(encoded)});
    return std::nullopt;
  }

 private:
  static DecodeOptions options_of(const Mapping& mapping) {
    DecodeOptions options;
    options.zone = mapping.zone;
    return options;
  }
  static RowProblem problem(Error error) { return {error.code, "", std::move(error.message)}; }

  Decoder decoder_;
  Timestamp clock_;
  Event event_;
};

class CloudEventLines final : public EventReader {
 public:
  CloudEventLines(std::unique_ptr<RowSource> lines, const Mapping& mapping, Timestamp clock)
      : lines_(std::move(lines)), events_(mapping, clock) {}

  Result<bool> next(ReadRow& out) override {
    SLIPSTREAM_ASSIGN(const bool found, lines_->next(row_));
    if (!found) return false;
    out.place = row_.place;
    out.next = row_.next;
    out.text = row_.text;
    out.events.clear();
    out.problem = row_.problem ? row_.problem : events_.take(row_.text, out.events);
    return true;
  }

 private:
  std::unique_ptr<RowSource> lines_;
  WholeEvents events_;
  Row row_;
};

class FlatbuffersFile final : public EventReader {
 public:
  FlatbuffersFile(FileWindow window, RowPlace place, const Mapping& mapping, Timestamp clock)
      : window_(std::move(window)), place_(place), events_(mapping, clock) {}

  Result<bool> next(ReadRow& out) override;

 private:
  static constexpr std::size_t kPrefixBytes = 4;

  Result<bool> hold(std::size_t count);
  Result<> drop_the_rest();

  FileWindow window_;
  RowPlace place_;
  WholeEvents events_;
};

// Whether `count` bytes are at hand.
Result<bool> FlatbuffersFile::hold(std::size_t count) {
  while (window_.bytes().size() < count && !window_.holds_the_end())
    SLIPSTREAM_TRY(window_.extend());
  return window_.bytes().size() >= count;
}

Result<> FlatbuffersFile::drop_the_rest() {
  while (true) {
    place_.offset += window_.bytes().size();
    window_.consume(window_.bytes().size());
    if (window_.holds_the_end()) return {};
    SLIPSTREAM_TRY(window_.extend());
  }
}

Result<bool> FlatbuffersFile::next(ReadRow& out) {
  SLIPSTREAM_ASSIGN(const bool some, hold(1));
  if (!some) return false;
  out.place = place_;
  out.events.clear();
  out.problem.reset();
  out.text = {};
  std::size_t length = 0;
  SLIPSTREAM_ASSIGN(bool whole, hold(kPrefixBytes));
  if (whole) {
    for (std::size_t i = kPrefixBytes; i-- > 0;)
      length = length << 8 | static_cast<unsigned char>(window_.bytes()[i]);
    if (length <= kRowBytesMax) {
      SLIPSTREAM_ASSIGN(whole, hold(kPrefixBytes + length));
    }
  }
  ++place_.line;
  if (!whole || length > kRowBytesMax) {
    // Where the next event begins cannot be known.
    out.problem = RowProblem{
        ErrorCode::malformed_record, "",
        whole ? fmt::format("an event of {} bytes, more than the {} that are taken; the rest of the "
                            "file cannot be read",
                            length, kRowBytesMax)
              : "the file ends within an event"};
    SLIPSTREAM_TRY(drop_the_rest());
  } else {
    out.problem = events_.take(window_.bytes().substr(kPrefixBytes, length), out.events);
    window_.consume(kPrefixBytes + length);
    place_.offset += kPrefixBytes + length;
  }
  out.next = place_;
  return true;
}

Result<std::unique_ptr<RowSource>> open_rows(const std::filesystem::path& path, const Mapping& mapping,
                                             std::optional<RowPlace> from) {
  if (mapping.format == FileFormat::csv) return open_csv(path, mapping.delimiter, mapping.columns, from);
  return open_json_lines(path, mapping.columns, from);
}

}  // namespace

Result<Lookups> read_lookups(const Mapping& mapping, const std::filesystem::path& imported,
                             const std::filesystem::path& mapping_folder) {
  Lookups lookups;
  std::string hashes;
  for (const LookupPlan& plan : mapping.lookups) {
    std::filesystem::path path = imported.parent_path() / plan.file;
    std::error_code ignored;
    if (!std::filesystem::exists(path, ignored)) path = mapping_folder / plan.file;
    const char delimiter = mapping.format == FileFormat::csv ? mapping.delimiter : ',';
    SLIPSTREAM_ASSIGN(LookupTable table, LookupTable::read(path, delimiter, plan));
    SLIPSTREAM_ASSIGN(const Hash128 hash, hash_of_file(path));
    lookups.tables.push_back(std::move(table));
    append_u64(hashes, hash.high);
    append_u64(hashes, hash.low);
  }
  lookups.hash = hash128(hashes);
  return lookups;
}

Result<std::unique_ptr<EventReader>> open_events(const std::filesystem::path& path, const Mapping& mapping,
                                                 std::vector<LookupTable> lookups, Timestamp clock,
                                                 std::optional<RowPlace> from) {
  std::unique_ptr<EventReader> reader;
  if (mapping.format == FileFormat::flatbuffers) {
    const RowPlace place = from.value_or(RowPlace{});
    SLIPSTREAM_ASSIGN(FileWindow window, FileWindow::open(path, place.offset));
    reader = std::make_unique<FlatbuffersFile>(std::move(window), place, mapping, clock);
  } else if (mapping.events.empty()) {
    SLIPSTREAM_ASSIGN(auto lines, open_lines(path, from));
    reader = std::make_unique<CloudEventLines>(std::move(lines), mapping, clock);
  } else {
    SLIPSTREAM_ASSIGN(auto rows, open_rows(path, mapping, from));
    reader = std::make_unique<MappedEvents>(std::move(rows), RowMapper(mapping, std::move(lookups), clock));
  }
  return reader;
}

}  // namespace slipstream
