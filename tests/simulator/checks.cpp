#include "tests/simulator/checks.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/aggregate/row_key.h"
#include "engine/decode/dead_letter.h"
#include "engine/judge/figure.h"
#include "engine/rollup/roll_up.h"
#include "engine/view/recompute.h"
#include "engine/view/view_reader.h"
#include "tests/view/published_check.h"

namespace slipstream::simulator {
namespace {

constexpr std::size_t kReadMax = 1'000'000;

std::string text_of(const ViewPlan& view, const std::optional<AccumulatorRow>& row) {
  if (!row) return "nothing";
  std::string text;
  for (std::size_t i = 0; i < view.measures.size(); ++i) {
    const auto value = view.layout.value(row->bytes(), i).value;
    text += view.measures[i].name + "=" + (value.is_null() ? "NULL" : format_value(value, Zone())) + " ";
  }
  return text + fmt::format("rows={}", view.layout.rows(row->bytes()));
}

std::string text_of(const std::optional<Figure>& figure) {
  if (!figure) return "NULL";
  return figure->denominator == 1 ? std::to_string(figure->numerator)
                                  : fmt::format("{}/{}", figure->numerator, figure->denominator);
}

std::string text_of(const ModelRow& row) {
  return fmt::format("view {} node {} window {} [{}, {})", row.view, row.node, row.window,
                     row.start == Timestamp::min() ? "-" : format_timestamp(row.start),
                     format_timestamp(row.end));
}

bool is_equal(const KpiValue& value, const std::optional<Figure>& figure) {
  if (!figure || value.is_null()) return !figure && value.is_null();
  return number_of(value) == Rational(figure->numerator, figure->denominator);
}

std::string row_text(const ViewPlan& view, const ViewRow& row,
                     const std::vector<std::optional<Figure>>& model) {
  std::string text;
  for (std::size_t i = 0; i < row.measures.size(); ++i)
    text += fmt::format(" {}: engine {}, model {};", view.measures[i].name,
                        row.measures[i].is_null() ? "NULL" : format_value(row.measures[i], Zone()),
                        text_of(model[i]));
  return text;
}

}  // namespace

Result<std::vector<ReadBatch>> read_topic(EventLog& log, const std::string& topic, std::int32_t partitions) {
  std::vector<ReadBatch> all;
  const auto reader = log.open_reader();
  for (std::int32_t i = 0; i < partitions; ++i)
    SLIPSTREAM_TRY(reader->seek({topic, Partition(i)}, Offset(0)));
  while (true) {
    SLIPSTREAM_ASSIGN(std::vector<ReadBatch> batches, reader->poll(kReadMax, SIZE_MAX, Duration{}));
    if (batches.empty()) return all;
    std::move(batches.begin(), batches.end(), std::back_inserter(all));
  }
}

Result<Finding> compare_with_recompute(const Rested& rested, Tally& tally) {
  Finding finding;
  DecodeOptions decode;
  decode.zone = rested.state.plan->zone;
  const auto visit = [&](const Difference& difference) {
    const ViewPlan& view = rested.state.plan->views[difference.view];
    if (finding.empty())
      finding = fmt::format("recompute: view {} node {} slice {}: stored {}, recomputed {}", view.name,
                            difference.node, format_timestamp(difference.slice),
                            text_of(view, difference.stored), text_of(view, difference.recomputed));
  };
  SLIPSTREAM_ASSIGN(const CheckReport report,
                    check_views(rested.state, {rested.log, rested.topics, decode}, std::nullopt, visit));
  if (!report.settled) return Finding("recompute: the state is not settled");
  tally.add(Count::rows, report.rows);
  return finding;
}

Result<Finding> compare_with_model(const Rested& rested, const Model& model) {
  ModelRows expected = model.rows(rested.now);
  const auto is_unclear = [&](const std::string& node) { return model.tree().is_unclear(node); };
  std::erase_if(expected, [&](const auto& row) {
    return is_unclear(row.first.node) || !model.tree().is_known(row.first.node, row.first.end);
  });
  Finding finding;
  const Plan& plan = *rested.state.plan;
  for (std::size_t i = 0; i < plan.views.size() && finding.empty(); ++i) {
    const ViewPlan& view = plan.views[i];
    ViewQuery query;
    query.view = i;
    SLIPSTREAM_TRY(read_view(rested.state, query, [&](ViewRow&& row) {
      if (is_unclear(row.node)) return true;
      const ModelRow key{view.name, row.node, view.windows.specs()[row.window.spec].name(), row.window.start,
                         row.window.end};
      const auto found = expected.find(key);
      if (found == expected.end()) {
        finding = "model: no row in the model: " + text_of(key) +
                  row_text(view, row, std::vector<std::optional<Figure>>(row.measures.size()));
        return false;
      }
      for (std::size_t m = 0; m < row.measures.size(); ++m)
        if (!is_equal(row.measures[m], found->second[m]))
          finding = "model: " + text_of(key) + row_text(view, row, found->second);
      expected.erase(found);
      return finding.empty();
    }));
  }
  if (finding.empty() && !expected.empty()) {
    finding = "model: no row in the engine: " + text_of(expected.begin()->first);
    for (const auto& figure : expected.begin()->second)
      finding += " " + text_of(figure);
  }
  return finding;
}

Result<Finding> compare_published_rows(const Rested& rested, Tally& tally) {
  SLIPSTREAM_ASSIGN(PublishedReport report, check_published(rested.log, rested.topics, rested.state));
  tally.add(Count::published, report.rows);
  tally.add(Count::withdrawn, report.tombstones);
  return std::move(report.finding);
}

Result<Finding> compare_totals(const Rested& plain, const Rested& rested) {
  using Totals = std::map<std::string, std::string>;
  const auto totals_of = [](const Rested& of) -> Result<Totals> {
    Totals totals;
    for (const auto& shard : of.state.shards)
      SLIPSTREAM_TRY(
          shard->scan(of.state.totals_family(), "", "", [&](std::string_view key, std::string_view value) {
            const auto parsed = parse_row_key(key);
            const std::string_view state = state_in_total(of.state, value);
            for (const ViewPlan& view : of.state.plan->views) {
              if (!key.starts_with(view_prefix(view.id))) continue;
              AccumulatorRow row(view.layout);
              const bool read = view.layout.deserialize(row.bytes(), state).has_value();
              if (parsed && read && !view.layout.is_empty(row.bytes()) &&
                  !RollUp::is_expired(view, parsed->slice, of.now))
                totals.emplace(key, state);
            }
            return true;
          }));
    return totals;
  };
  SLIPSTREAM_ASSIGN(const Totals left, totals_of(plain));
  SLIPSTREAM_ASSIGN(const Totals right, totals_of(rested));
  const auto differ = std::mismatch(left.begin(), left.end(), right.begin(), right.end());
  if (differ.first == left.end() && differ.second == right.end()) return Finding();
  const std::string& key = differ.first != left.end() ? differ.first->first : differ.second->first;
  const auto parsed = parse_row_key(key);
  return fmt::format("totals: {} rows without faults, {} with; the first that differs is of node {} slice {}",
                     left.size(), right.size(), parsed ? parsed->node : key,
                     parsed ? format_timestamp(parsed->slice) : "?");
}

Result<Finding> check_conservation(const Rested& rested, Tally& tally) {
  const Counters& c = rested.counters;
  tally.add(Count::duplicates, c.duplicates);
  tally.add(Count::dead_letters, c.dead_lettered);
  tally.add(Count::forwarded, c.forwarded);
  tally.add(Count::late, c.late);
  tally.add(Count::timers, c.timers_fired);
  if (c.received != c.folded + c.duplicates + c.dead_lettered + c.forwarded)
    return fmt::format(
        "conservation: received {} = folded {} + duplicates {} + dead-lettered {} + forwarded {} does not "
        "hold",
        c.received, c.folded, c.duplicates, c.dead_lettered, c.forwarded);
  std::map<TopicPartition, std::vector<ReadBatch>> inputs;
  std::uint64_t records = 0;
  std::map<TopicPartition, std::map<std::int64_t, std::string_view>> bytes;
  const auto add = [&](std::vector<ReadBatch> batches) {
    for (ReadBatch& batch : batches) {
      for (const RecordView& record : batch.records)
        bytes[batch.at][record.offset.value] = record.value;
      records += batch.records.size();
      inputs[batch.at].push_back(std::move(batch));
    }
  };
  SLIPSTREAM_ASSIGN(auto events, read_topic(rested.log, rested.topics.events, rested.partitions()));
  SLIPSTREAM_ASSIGN(auto reference, read_topic(rested.log, rested.topics.reference, 1));
  add(std::move(events));
  add(std::move(reference));
  if (records != c.received)
    return fmt::format("conservation: {} records in the log, {} received", records, c.received);
  SLIPSTREAM_ASSIGN(const auto letters, read_topic(rested.log, rested.topics.dead_letters, 1));
  std::set<EventPosition> seen;
  for (const ReadBatch& batch : letters)
    for (const RecordView& record : batch.records) {
      SLIPSTREAM_ASSIGN(const DeadLetter letter, from_record(record));
      const auto place =
          fmt::format("{}-{}@{}", letter.at.topic, letter.at.partition.value, letter.at.offset.value);
      if (!seen.insert(letter.at).second) return "dead letters: two of " + place;
      if (letter.value.value_or("") != bytes[{letter.at.topic, letter.at.partition}][letter.at.offset.value])
        return "dead letters: not the original bytes of " + place;
    }
  if (seen.size() != c.dead_lettered)
    return fmt::format("dead letters: {} written, {} counted", seen.size(), c.dead_lettered);
  return Finding();
}

Result<std::set<std::string>> refused_as_late(const Rested& rested) {
  std::set<std::string> refused;
  SLIPSTREAM_ASSIGN(const auto letters, read_topic(rested.log, rested.topics.dead_letters, 1));
  for (const ReadBatch& batch : letters)
    for (const RecordView& record : batch.records) {
      SLIPSTREAM_ASSIGN(const DeadLetter letter, from_record(record));
      if (letter.code == ErrorCode::beyond_retention) refused.insert(letter.value.value_or(""));
    }
  return refused;
}

Result<Finding> compare_dead_letters(const Rested& plain, const Rested& rested) {
  const auto refused = [](const Rested& of) -> Result<std::set<std::pair<std::string, std::string>>> {
    std::set<std::pair<std::string, std::string>> all;
    SLIPSTREAM_ASSIGN(const auto letters, read_topic(of.log, of.topics.dead_letters, 1));
    for (const ReadBatch& batch : letters)
      for (const RecordView& record : batch.records) {
        SLIPSTREAM_ASSIGN(const DeadLetter letter, from_record(record));
        all.emplace(letter.value.value_or(""), name_of(letter.code));
      }
    return all;
  };
  SLIPSTREAM_ASSIGN(const auto left, refused(plain));
  SLIPSTREAM_ASSIGN(const auto right, refused(rested));
  for (const auto& [value, code] : left)
    if (!right.contains({value, code}))
      return fmt::format("dead letters: not refused under faults, {}: {}", code, value);
  for (const auto& [value, code] : right)
    if (!left.contains({value, code}))
      return fmt::format("dead letters: refused under faults alone, {}: {}", code, value);
  return Finding();
}

}  // namespace slipstream::simulator
