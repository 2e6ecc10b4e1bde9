#include "tests/view/published_check.h"

#include <fmt/format.h>

#include <map>
#include <tuple>

#include "engine/rollup/roll_up.h"
#include "engine/shard/published_row.h"
#include "engine/view/view_reader.h"

namespace slipstream {
namespace {

bool is_carried(const ViewPlan& view, const Window& window) {
  const WindowKind kind = view.windows.specs()[window.spec].kind;
  return kind == WindowKind::cumulative || kind == WindowKind::year_to_date;
}
bool is_session(const ViewPlan& view, const Window& window) {
  return view.windows.specs()[window.spec].kind == WindowKind::session;
}

// Without what tells of the commit.
std::string figures_of(std::string value) { return value.erase(value.rfind(", \"as_of\": ")); }

std::string_view header_of(const RecordView& record, std::string_view name) {
  for (const Header& header : record.headers)
    if (header.name == name) return header.value;
  return {};
}

class Check {
 public:
  Check(EventLog& log, const TopicNames& topics, const CommittedState& state)
      : log_(log), topics_(topics), state_(state), plan_(*state.plan) {}

  Result<PublishedReport> run() {
    SLIPSTREAM_ASSIGN(clock_, read_clock(state_));
    SLIPSTREAM_ASSIGN(const auto notes, read_notes(state_));
    notes_ = *notes;
    SLIPSTREAM_TRY(read_topic());
    report_.rows = records_.size();
    for (auto& [key, record] : records_)
      if (const auto place = place_of(key))
        published_[{place->view, place->window.spec, place->node}].emplace(place->window, &record);
      else
        find("no published view has such a row: " + key);
    for (std::size_t i = 0; i < plan_.views.size(); ++i) {
      if (!plan_.views[i].publish) continue;
      ViewQuery query;
      query.view = i;
      SLIPSTREAM_TRY(read_view(state_, query, [&](ViewRow&& row) {
        take_row(i, row);
        return true;
      }));
    }
    for (const auto& [key, record] : records_)
      if (const auto place = place_of(key); place && !record.is_met) take_unmet(key, *place, record);
    return report_;
  }

 private:
  struct Place {
    std::size_t view;
    Window window;
    std::string node;
  };
  struct Record {
    std::string figures;
    bool is_met = false;  // by a row that readers see
  };

  void find(std::string what) {
    if (report_.finding.empty()) report_.finding = "views topic: " + std::move(what);
  }

  Result<> read_topic() {
    const auto reader = log_.open_reader();
    const auto partitions = static_cast<std::int32_t>(state_.shards.size());
    for (std::int32_t i = 0; i < partitions; ++i) {
      SLIPSTREAM_ASSIGN(const OffsetRange range, log_.offsets({topics_.views, Partition(i)}));
      SLIPSTREAM_TRY(reader->seek({topics_.views, Partition(i)}, range.earliest));
    }
    while (true) {
      SLIPSTREAM_ASSIGN(const std::vector<ReadBatch> batches, reader->poll(1'000'000, SIZE_MAX, Duration{}));
      if (batches.empty()) return {};
      for (const ReadBatch& batch : batches)
        for (const RecordView& record : batch.records)
          take_record(record, batch.at.partition, partitions);
    }
  }

  void take_record(const RecordView& record, Partition partition, std::int32_t partitions) {
    const std::string key(record.key);
    if (record.tombstone) {
      records_.erase(key);
      ++report_.tombstones;
      return;
    }
    records_[key] = {figures_of(std::string(record.value))};
    const std::string_view node = header_of(record, "ce_partitionkey");
    if (header_of(record, "content-type") != "application/json" || header_of(record, "ce_subject") != key ||
        !key.ends_with("|" + std::string(node)) || partition_of(node, partitions) != partition)
      find("headers or partition are wrong: " + key);
  }

  std::optional<Place> place_of(const std::string& key) const {
    const auto parsed = parse_published_key(key);
    for (std::size_t i = 0; parsed && i < plan_.views.size(); ++i) {
      const ViewPlan& view = plan_.views[i];
      const auto spec = view.windows.find_spec(parsed->spec);
      if (!view.publish || view.name != parsed->view || !spec) continue;
      if (const auto window = window_of_label(view.windows, *spec, parsed->label))
        return Place{i, *window, std::string(parsed->node)};
    }
    return std::nullopt;
  }

  std::string figures(const ViewPlan& view, const Window& window, const std::string& node,
                      const AccumulatorRow& state) const {
    return figures_of(published_value(plan_, view, window, node, state.bytes(), clock_));
  }

  // Each row that readers see is what its record says, or, of a carried window, the latest before it.
  void take_row(std::size_t index, const ViewRow& row) {
    const ViewPlan& view = plan_.views[index];
    const std::string name = published_key(view, row.window, row.node);
    auto& windows = published_[{index, row.window.spec, row.node}];
    Window looked_for = row.window;
    if (is_session(view, row.window)) looked_for.end = looked_for.start;
    const auto after = windows.upper_bound(looked_for);
    if (after == windows.begin()) return find("no record of " + name);
    const auto [window, record] = *std::prev(after);
    if (is_session(view, row.window) && window.start < row.window.start &&
        RollUp::is_expired(view, window.start, clock_))
      return;  // its first readings are let go, and not yet withdrawn
    if (window != looked_for && (!is_carried(view, row.window) || window.start != row.window.start))
      return find("no record of " + name);
    const Window& shown = is_carried(view, row.window) ? window : row.window;
    record->is_met |= window == looked_for;
    if (const std::string wanted = figures(view, shown, row.node, row.state); record->figures != wanted)
      find(fmt::format("of {}: {} published, readers see {}", name, record->figures, wanted));
  }

  // A record beside those that readers see must have a reason.
  void take_unmet(const std::string& key, const Place& place, const Record& record) {
    const ViewPlan& view = plan_.views[place.view];
    const Timestamp swept =
        notes_[static_cast<std::size_t>(
                   partition_of(place.node, static_cast<std::int32_t>(state_.shards.size())).value)]
            .expired_at;
    if (is_session(view, place.window)) {
      if (RollUp::is_expired(view, place.window.start, clock_) &&
          !RollUp::is_expired(view, place.window.start, swept))
        return;
    } else if (is_carried(view, place.window)) {
      if (record.figures == figures(view, place.window, place.node, AccumulatorRow(view.layout)) ||
          RollUp::is_expired(view, place.window, clock_))
        return;
    } else if (RollUp::is_expired(view, place.window, clock_) &&
               !RollUp::is_expired(view, place.window, swept)) {
      return;
    }
    const auto before = view.windows.previous(place.window);
    if (view.windows.specs()[place.window.spec].kind == WindowKind::sliding && before->end > clock_) return;
    find("readers see no row of " + key + ", published is " + record.figures);
  }

  EventLog& log_;
  const TopicNames& topics_;
  const CommittedState& state_;
  const Plan& plan_;
  Timestamp clock_;
  std::vector<CommitNote> notes_;
  std::map<std::string, Record> records_;
  std::map<std::tuple<std::size_t, std::size_t, std::string>, std::map<Window, Record*>> published_;
  PublishedReport report_;
};

}  // namespace

Result<PublishedReport> check_published(EventLog& log, const TopicNames& topics,
                                        const CommittedState& state) {
  return Check(log, topics, state).run();
}

}  // namespace slipstream
