// From a mapping's Document to a Mapping, or to every error at once.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "connectors/file/csv_row.h"
#include "connectors/file/mapped_value.h"
#include "connectors/file/mapping.h"
#include "connectors/file/value_template.h"
#include "engine/base/encoding.h"
#include "engine/definition/section.h"
#include "engine/definition/settings.h"
#include "engine/definition/suggestion.h"

namespace slipstream {
namespace {

constexpr std::array<std::string_view, 7> kTopKeys = {"format",   "time_zone", "source", "delimiter",
                                                      "encoding", "lookups",   "events"};
constexpr std::array<std::string_view, 3> kLookupKeys = {"file", "key", "by"};
constexpr std::array<std::string_view, 12> kEventKeys = {
    "type",           "when",  "id",         "time",    "effective_at", "recorded_at",
    "entity_version", "actor", "supersedes", "subject", "fields",       "attributes"};
constexpr std::array<std::string_view, 3> kFormats = {"csv", "jsonl", "flatbuffers"};

void append_document(std::string& out, const Document& node) {
  append_u8(out, static_cast<std::uint8_t>(node.kind));
  append_string(out, node.scalar);
  append_varint(out, node.items.size());
  for (const Document& item : node.items)
    append_document(out, item);
  append_varint(out, node.entries.size());
  for (const Document::Entry& entry : node.entries) {
    append_string(out, entry.key);
    append_document(out, entry.value);
  }
}

class MappingLoader {
 public:
  explicit MappingLoader(Report& report) : report_(report), templates_(mapping_, report) {}

  std::optional<Mapping> load(const Setting& top);

 private:
  void load_format(const Section& top);
  void load_zone(const Section& top);
  void load_delimiter(const Section& top);
  void load_encoding(const Section& top);
  void load_lookups(const Section& top);
  void load_events(const Section& top);
  void load_event(const Setting& at);
  void load_fields(const Section& section, EventRule& rule);
  void load_field(const Setting& at, const Document::Entry& entry, EventRule& rule);
  void check_required(const Setting& at, const EventRule& rule);
  void load_attributes(const Section& section, EventRule& rule);
  void check_constant(const Setting& at, const EventRule& rule, const FieldRule& field);
  std::optional<ValueTemplate> optional_value(const Section& section, std::string_view key);
  const EventDefinition* load_type(const Section& section);

  Mapping mapping_;
  Report& report_;
  TemplateReader templates_;
  bool as_they_are_ = false;
};

std::optional<Mapping> MappingLoader::load(const Setting& top) {
  const std::size_t before = report_.count();
  const auto section = Section::open(top, kTopKeys, report_);
  if (!section) return std::nullopt;
  load_format(*section);
  load_zone(*section);
  load_delimiter(*section);
  load_encoding(*section);
  if (!as_they_are_)
    if (const auto at = section->require("source", "source: permits/cases"))
      mapping_.source = read_text(*at, report_).value_or("");
  if (mapping_.source.size() > kIdBytesMax)
    report_.add(ErrorCode::invalid_value, *section->find("source"),
                fmt::format("longer than {} bytes", kIdBytesMax));
  load_lookups(*section);
  load_events(*section);
  std::string bytes;
  append_document(bytes, *top.node);
  mapping_.hash = hash128(bytes);
  if (report_.count() > before) return std::nullopt;
  return std::move(mapping_);
}

void MappingLoader::load_format(const Section& top) {
  const auto at = top.require("format", "format: csv");
  if (!at) return;
  const auto format = read_enum<FileFormat>(*at, kFormats, report_);
  if (!format) return;
  mapping_.format = *format;
  as_they_are_ = *format != FileFormat::csv && !top.find("events");
  if (*format == FileFormat::flatbuffers)
    if (const auto events = top.find("events"))
      report_.add(ErrorCode::not_supported, *events, "a FlatBuffers file holds events as they are",
                  "leave `events` out");
}

void MappingLoader::load_zone(const Section& top) {
  const auto at =
      as_they_are_ ? top.find("time_zone") : top.require("time_zone", "time_zone: Europe/Amsterdam");
  if (!at) return;
  const auto name = read_text(*at, report_);
  if (!name) return;
  if (auto zone = Zone::find(*name))
    mapping_.zone = *std::move(zone);
  else
    report_.add(ErrorCode::unknown_name, *at, zone.error().message,
                "write an IANA name like Europe/Amsterdam");
}

void MappingLoader::load_delimiter(const Section& top) {
  const auto at = top.find("delimiter");
  if (!at) return;
  if (mapping_.format != FileFormat::csv) {
    report_.add(ErrorCode::invalid_value, *at, "only a CSV file has a delimiter", "leave it out");
    return;
  }
  const auto text = read_text(*at, report_);
  if (!text) return;
  const std::string_view one = *text == "\\t" ? "\t" : std::string_view(*text);
  if (one.size() == 1 && is_csv_delimiter(one[0]))
    mapping_.delimiter = one[0];
  else
    report_.add(ErrorCode::invalid_value, *at, fmt::format("'{}' cannot separate fields", *text),
                "write one of \",\" \";\" \"|\" \"\\t\"");
}

void MappingLoader::load_encoding(const Section& top) {
  const auto at = top.find("encoding");
  if (!at) return;
  const auto text = read_text(*at, report_);
  if (text && *text != "utf-8" && *text != "UTF-8")
    report_.add(ErrorCode::not_supported, *at, fmt::format("files are read as UTF-8, not '{}'", *text),
                "convert the file, for example with iconv");
}

void MappingLoader::load_lookups(const Section& top) {
  const auto at = top.find("lookups");
  if (!at) return;
  for (const Named& named : open_names(*at, report_)) {
    const auto section = Section::open(named.value, kLookupKeys, report_);
    if (!section) continue;
    LookupPlan lookup;
    lookup.name = named.name;
    const auto file = section->require("file", "file: states.csv");
    const auto key = section->require("key", "key: state");
    if (file) lookup.file = read_text(*file, report_).value_or("");
    if (key) lookup.key = read_text(*key, report_).value_or("");
    std::string by = lookup.key;
    if (const auto written = section->find("by")) by = read_text(*written, report_).value_or("");
    if (!by.empty()) lookup.by = templates_.use_column(by);
    mapping_.lookups.push_back(std::move(lookup));
  }
}

void MappingLoader::load_events(const Section& top) {
  if (as_they_are_ || mapping_.format == FileFormat::flatbuffers) return;
  const auto at = top.require("events", "events: [{ type: task.assigned, ... }]");
  if (!at) return;
  if (at->node->kind != Document::Kind::list || at->node->items.empty()) {
    report_.add(ErrorCode::type_mismatch, *at, "expected a list of events", "begin each with '- type: ...'");
    return;
  }
  for (std::size_t i = 0; i < at->node->items.size(); ++i)
    load_event(at->item(i));
}

const EventDefinition* MappingLoader::load_type(const Section& section) {
  const auto at = section.require("type", "type: task.assigned");
  if (!at) return nullptr;
  const auto name = read_text(*at, report_);
  if (!name) return nullptr;
  if (const auto type = find_event_type(*name)) return &definition_of(*type);
  std::vector<std::string_view> names;
  for (const EventDefinition& known : event_definitions())
    names.push_back(known.name);
  std::string hint = suggest(*name, names);
  report_.add(ErrorCode::unknown_event_type, *at, fmt::format("no event type '{}'", *name),
              hint.empty() ? "docs/events.md lists them" : hint);
  return nullptr;
}

std::optional<ValueTemplate> MappingLoader::optional_value(const Section& section, std::string_view key) {
  const auto at = section.find(key);
  if (!at) return std::nullopt;
  return templates_.read_value(*at);
}

void MappingLoader::load_event(const Setting& at) {
  const auto section = Section::open(at, kEventKeys, report_);
  if (!section) return;
  EventRule rule;
  rule.type = load_type(*section);
  if (const auto when = section->find("when")) rule.when = templates_.read_condition(*when);
  if (const auto time = section->require("time", "time: a_column")) {
    if (auto value = templates_.read_value(*time)) rule.time = *std::move(value);
    if (rule.time.is_constant() && !rule.time.parts.empty())
      if (!parse_timestamp(rule.time.parts[0].literal, &mapping_.zone))
        report_.add(ErrorCode::invalid_value, *time, "a constant that is no date or time",
                    "write \"=2026-01-31\"");
  }
  rule.id = optional_value(*section, "id");
  if (rule.id && rule.id->is_constant())
    report_.add(ErrorCode::invalid_value, *section->find("id"), "every row would have the same id",
                "write a template with the column that tells rows apart, like \"{case_id}/assigned\"");
  rule.effective_at = optional_value(*section, "effective_at");
  rule.recorded_at = optional_value(*section, "recorded_at");
  rule.entity_version = optional_value(*section, "entity_version");
  rule.actor = optional_value(*section, "actor");
  rule.supersedes = optional_value(*section, "supersedes");
  rule.subject = optional_value(*section, "subject");
  if (rule.type == nullptr) return;  // whether its fields are right cannot be told
  load_fields(*section, rule);
  load_attributes(*section, rule);
  mapping_.events.push_back(std::move(rule));
}

void MappingLoader::load_fields(const Section& section, EventRule& rule) {
  const auto at = section.require("fields", "fields: { task: case_id }");
  if (!at) return;
  if (at->node->kind != Document::Kind::map) {
    report_.add(ErrorCode::type_mismatch, *at, "expected a map of fields and values",
                "write { task: case_id }");
    return;
  }
  for (const Document::Entry& entry : at->node->entries)
    load_field(*at, entry, rule);
  check_required(*at, rule);
}

void MappingLoader::load_field(const Setting& at, const Document::Entry& entry, EventRule& rule) {
  const Setting value = at.entry(entry);
  const FieldUse* use = find_field_use(*rule.type, entry.key);
  if (use == nullptr) {
    std::vector<std::string_view> names;
    for (const FieldUse& known : rule.type->fields)
      names.push_back(known.name);
    std::string hint = suggest(entry.key, names);
    if (hint.empty()) hint = "a column of your own goes under `attributes`; fields here: " + listed(names);
    report_.add(ErrorCode::unknown_key, entry.key_mark, value.path,
                fmt::format("{} has no field '{}'", rule.type->name, entry.key), hint);
    return;
  }
  for (const FieldRule& earlier : rule.fields)
    if (earlier.use == use) {
      report_.add(ErrorCode::duplicate_name, entry.key_mark, value.path,
                  fmt::format("'{}' is written twice", entry.key));
      return;
    }
  auto text = templates_.read_value(value);
  FieldRule field{use, text.value_or(ValueTemplate{})};
  if (text && text->is_constant()) check_constant(value, rule, field);
  rule.fields.push_back(std::move(field));
}

void MappingLoader::check_constant(const Setting& at, const EventRule& rule, const FieldRule& field) {
  Arena arena;
  std::string text;
  for (const TemplatePart& part : field.value.parts)
    text += part.literal;
  const auto value = mapped_value(*rule.type, *field.use, text, mapping_.zone, arena);
  if (!value)
    report_.add(ErrorCode::type_mismatch, at, value.error().message, "docs/events.md shows what fits");
}

void MappingLoader::check_required(const Setting& at, const EventRule& rule) {
  const auto has = [&](Field field) {
    const bool by_subject = rule.subject && rule.type->subject == field;
    return by_subject || std::any_of(rule.fields.begin(), rule.fields.end(),
                                     [&](const FieldRule& written) { return written.use->field == field; });
  };
  const auto missing = [&](Field needed, const std::string& why) {
    report_.add(ErrorCode::missing_field, at,
                fmt::format("{} needs the field '{}'{}", rule.type->name, name_of(needed), why));
  };
  for (const FieldUse& use : rule.type->fields)
    if (use.required && !has(use.field)) missing(use.field, "");
  const auto some = rule.type->at_least_one_of;
  if (!some.empty() && std::none_of(some.begin(), some.end(), has))
    missing(some.front(), " or one that stands for it");
  for (const auto [first, second] : fields_given_together())
    if (has(first) != has(second))
      missing(has(first) ? second : first,
              fmt::format(", since it has '{}'", name_of(has(first) ? first : second)));
  for (const auto [first, second] : fields_that_need())
    if (has(first) && !has(second)) missing(second, fmt::format(", since it has '{}'", name_of(first)));
}

void MappingLoader::load_attributes(const Section& section, EventRule& rule) {
  const auto at = section.find("attributes");
  if (!at) return;
  if (at->node->kind != Document::Kind::map) {
    report_.add(ErrorCode::type_mismatch, *at, "expected a map of names and values",
                "write { channel: channel }");
    return;
  }
  std::set<std::string_view> seen;
  for (const Document::Entry& entry : at->node->entries) {
    const Setting value = at->entry(entry);
    if (find_field_use(*rule.type, entry.key) != nullptr || is_envelope_member(entry.key)) {
      report_.add(ErrorCode::duplicate_name, entry.key_mark, value.path,
                  fmt::format("'{}' is a name of {} itself", entry.key, rule.type->name),
                  "write it under `fields`, or rename it");
    } else if (!seen.insert(entry.key).second) {
      report_.add(ErrorCode::duplicate_name, entry.key_mark, value.path,
                  fmt::format("'{}' is written twice", entry.key));
    } else if (auto text = templates_.read_value(value)) {
      rule.attributes.push_back({entry.key, *std::move(text)});
    }
  }
}

}  // namespace

std::optional<Mapping> load_mapping(const Document& document, const std::string& file,
                                    Diagnostics& diagnostics) {
  Report report(file, diagnostics);
  return MappingLoader(report).load(Setting{&document, ""});
}

Mapping mapping_of_events(FileFormat format) {
  SLIPSTREAM_INVARIANT(format != FileFormat::csv, "a CSV file needs a mapping");
  Mapping mapping;
  mapping.format = format;
  return mapping;
}

}  // namespace slipstream
