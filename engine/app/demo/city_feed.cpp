#include "engine/app/demo/city_feed.h"

#include <fmt/format.h>

#include "engine/app/instance_clock.h"
#include "engine/base/hash.h"
#include "engine/shard/event_place.h"

namespace slipstream {
namespace {

constexpr std::string_view kLedgerKey = "demo-city";
constexpr std::size_t kBatchEventsMax = 5'000;

DecodeOptions decode_options(const Deployment& deployment, const City& city) {
  DecodeOptions options = deployment.shard_options(Partition(0)).decode;
  options.zone = city.zone();
  return options;
}

// Tells cities apart that a log must not mix: of another seed, of another size, of a program that makes them
// otherwise.
std::string identity_of(const City& city) {
  std::string text = city.definitions();
  for (const CityOfficer& officer : city.organisation().officers)
    text += officer.name;
  return hash128(text).hex();
}

}  // namespace

CityFeed::CityFeed(City& city, Deployment& deployment)
    : city_(city), deployment_(deployment), decoder_(decode_options(deployment, city)) {
  total_.file = identity_of(city);
  total_.at = city.begins();
}

Result<std::optional<LedgerEntry>> CityFeed::find_entry(Deployment& deployment) {
  SLIPSTREAM_TRY(
      deployment.log().create_topic({.name = deployment.topics().imports, .cleanup = Cleanup::compact}));
  SLIPSTREAM_ASSIGN(std::optional<LedgerEntry> entry,
                    find_ledger_entry(deployment.log(), deployment.topics().imports, kLedgerKey));
  for (Partition i(0); !entry && i.value < deployment.partitions(); ++i.value) {
    SLIPSTREAM_ASSIGN(const OffsetRange there, deployment.log().offsets({deployment.topics().events, i}));
    if (there.end.value > 0)
      return fail(ErrorCode::usage, "the log there is not the demo's; name another directory with --data");
  }
  return entry;
}

Result<std::unique_ptr<CityFeed>> CityFeed::open(City& city, Deployment& deployment) {
  std::unique_ptr<CityFeed> feed(new CityFeed(city, deployment));
  SLIPSTREAM_ASSIGN(feed->producer_, deployment.log().open_producer(kLedgerKey));
  SLIPSTREAM_TRY(feed->take_up());
  return feed;
}

// Goes on behind the events that are there.
Result<> CityFeed::take_up() {
  SLIPSTREAM_ASSIGN(std::optional<LedgerEntry> entry, find_entry(deployment_));
  if (!entry) return {};
  if (entry->file != total_.file)
    return fail(ErrorCode::usage,
                "the demo there is of another city, by its size or by the program's version; begin anew with "
                "--new, or name another directory with --data");
  total_ = *std::move(entry);
  for (std::uint64_t passed = 0; passed < total_.events; ++passed, ++next_)
    if (next_before(city_.ends()) == nullptr)
      return fail(ErrorCode::store_corrupt,
                  "the ledger counts more events than the demo's city has; begin anew with --new");
  return {};
}

const CityEvent* CityFeed::next_before(Timestamp until) {
  while (next_ == day_.size()) {
    day_.clear();
    next_ = 0;
    if (!city_.next_day(day_)) return nullptr;
  }
  return day_[next_].effective_at < until ? &day_[next_] : nullptr;
}

Result<OutputRecord> CityFeed::record_of(const CityEvent& event, Timestamp now) {
  RecordView record;
  record.timestamp = now;
  record.value = event.json;
  Event decoded;
  SLIPSTREAM_TRY(decoder_.decode(record, now, decoded));
  const EventPlace place = place_of(decoded, deployment_.partitions());
  return OutputRecord{place.on_reference ? deployment_.topics().reference : deployment_.topics().events,
                      place.partition,
                      std::string(decoded.subject),
                      event.json,
                      {},
                      now};
}

Result<> CityFeed::feed(Timestamp until, const std::function<bool()>& stops) {
  const Timestamp now = system_now();
  while (const CityEvent* event = next_before(until)) {
    SLIPSTREAM_ASSIGN(OutputRecord record, record_of(*event, now));
    batch_.outputs.push_back(std::move(record));
    ++next_;
    if (batch_.outputs.size() < kBatchEventsMax) continue;
    // Of this instant there may be more to come.
    SLIPSTREAM_TRY(commit(event->effective_at));
    if (stops()) return {};
  }
  return commit(until);
}

Result<> CityFeed::commit(Timestamp until) {
  total_.rows = total_.events += batch_.outputs.size();
  total_.at = until;
  batch_.outputs.push_back({deployment_.topics().imports,
                            Partition(0),
                            std::string(kLedgerKey),
                            encode_ledger_entry(total_),
                            {},
                            system_now()});
  SLIPSTREAM_TRY(producer_->commit(batch_));
  batch_.outputs.clear();
  decoder_.release();
  return {};
}

}  // namespace slipstream
