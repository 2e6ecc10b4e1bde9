// IANA zones: the changes listed by the system's database as Howard Hinnant's date library reads it, then the
// yearly rule that the library leaves out (the listed changes end in 2037).
//
// Records of zones are read once, kept until the process ends, and shared by all threads; each Zone object
// adds its own cache of the last range of constant offset.
#include <date/tz.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <exception>
#include <fstream>
#include <map>
#include <memory>
#include <mutex>

#include "engine/base/time.h"
#include "engine/base/yearly_rule.h"

namespace slipstream {
namespace {

constexpr const char* kZoneFolder = "/usr/share/zoneinfo/";
// Instants of which the database is asked: beyond, the offset of the nearest end holds. The years 400 before
// and after those that may enter the engine, so that nothing added to an instant within overflows.
constexpr std::int64_t kLookupMinUs = -865'000 * days(1).us;
constexpr std::int64_t kLookupMaxUs = 3'079'000 * days(1).us;
// No zone has ever jumped by more than a day, so a local time this far inside a range of constant offset is
// unambiguous and the ranges that may hold its instant start at most this much before it.
constexpr std::int64_t kJumpMaxUs = hours(26).us;

struct ZoneRecord {
  const date::time_zone* listed = nullptr;
  std::optional<YearlyRule> rule;
};

struct OffsetRange {
  std::int64_t begin_us = 0, end_us = 0, offset_us = 0;
};

std::int64_t clamp_to_us(date::sys_seconds at) {
  constexpr std::int64_t kUs = seconds(1).us;
  return std::clamp<std::int64_t>(at.time_since_epoch().count(), kLookupMinUs / kUs, kLookupMaxUs / kUs) *
         kUs;
}

// Narrows the range after the last listed change to the one between two changes of the rule.
OffsetRange apply_rule(const YearlyRule& rule, OffsetRange range, std::int64_t utc_us) {
  const std::int32_t year = civil_from_days(floor_divide(utc_us, days(1).us)).year;
  const std::int64_t listed_end = range.begin_us;
  for (std::int32_t near = year - 1; near <= year + 1; ++near) {
    for (const OffsetChange& change : rule.changes_of(near)) {
      if (change.utc_us <= listed_end) continue;
      if (change.utc_us > utc_us) {
        range.end_us = std::min(range.end_us, change.utc_us);
        return range;
      }
      range.begin_us = change.utc_us;
      range.offset_us = change.offset_us;
    }
  }
  return range;
}

OffsetRange look_up(const void* zone, std::int64_t utc_us) {
  const auto& record = *static_cast<const ZoneRecord*>(zone);
  const std::int64_t within = std::clamp(utc_us, kLookupMinUs, kLookupMaxUs);
  const date::sys_seconds second(std::chrono::seconds(floor_divide(within, seconds(1).us)));
  const auto info = record.listed->get_info(second);
  const OffsetRange range{clamp_to_us(info.begin), clamp_to_us(info.end), seconds(info.offset.count()).us};
  if (record.rule && range.end_us == kLookupMaxUs) return apply_rule(*record.rule, range, within);
  return range;
}

// A thread works with a handful of zones; two that share a place only take turns.
constexpr std::size_t kCachedZones = 8;
struct CachedRange {
  const void* zone = nullptr;
  OffsetRange range;  // empty at first, so that nothing lies within
};
constinit thread_local std::array<CachedRange, kCachedZones> cached_ranges{};

OffsetRange& cached_range(const void* zone) {
  CachedRange& cached =
      cached_ranges[reinterpret_cast<std::uintptr_t>(zone) / sizeof(ZoneRecord) % kCachedZones];
  if (cached.zone != zone) cached = {zone, {}};
  return cached.range;
}

const OffsetRange& range_at(const void* zone, std::int64_t utc_us) {
  OffsetRange& range = cached_range(zone);
  if (utc_us < range.begin_us || utc_us >= range.end_us) [[unlikely]]
    range = look_up(zone, utc_us);
  return range;
}

// Walks the ranges forward to the first in which the clock shows the local time, or the first after it was
// skipped.
std::int64_t resolve(const void* zone, std::int64_t local_us) {
  OffsetRange range = range_at(zone, local_us - kJumpMaxUs);
  while (true) {
    const std::int64_t utc_us = local_us - range.offset_us;
    if (utc_us < range.begin_us && range.begin_us > kLookupMinUs) return range.begin_us;
    if (utc_us < range.end_us || range.end_us >= kLookupMaxUs) return utc_us;
    range = look_up(zone, range.end_us);
  }
}

std::optional<YearlyRule> read_rule(const std::string& name) {
  std::ifstream file(kZoneFolder + name, std::ios::binary);
  std::string line;
  std::string last;
  while (std::getline(file, line))
    last = line;
  return parse_yearly_rule(last);
}

// Null when the database has no such zone.
const ZoneRecord* find_record(std::string_view name) {
  static std::mutex mutex;
  static std::map<std::string, std::unique_ptr<const ZoneRecord>, std::less<>> records;
  const std::lock_guard lock(mutex);
  if (const auto known = records.find(name); known != records.end()) return known->second.get();
  try {
    const auto* listed = date::locate_zone(name);
    auto record = std::make_unique<const ZoneRecord>(ZoneRecord{listed, read_rule(listed->name())});
    return records.emplace(name, std::move(record)).first->second.get();
  } catch (const std::exception&) {
    return nullptr;
  }
}

}  // namespace

Result<Zone> Zone::find(std::string_view iana_name) {
  Zone zone;
  if (iana_name == "UTC") return zone;
  zone.zone_ = find_record(iana_name);
  if (zone.zone_ == nullptr)
    return fail(
        ErrorCode::unknown_name,
        fmt::format("time zone '{}' is not in the IANA database; write it like Europe/Amsterdam", iana_name));
  zone.name_ = iana_name;
  return zone;
}

std::int64_t Zone::civil_us(Timestamp t) const {
  if (zone_ == nullptr) return t.us;
  std::int64_t local = 0;
  if (__builtin_add_overflow(t.us, range_at(zone_, t.us).offset_us, &local))
    return t.us;  // at min() and max() only
  return local;
}

CivilTime Zone::to_civil(Timestamp t) const {
  const std::int64_t local = civil_us(t);
  const std::int64_t day = floor_divide(local, days(1).us);
  const std::int64_t us_of_day = local % days(1).us;  // of the sign of local
  return {civil_from_days(day), us_of_day < 0 ? us_of_day + days(1).us : us_of_day};
}

Timestamp Zone::from_civil_us(std::int64_t local_us) const {
  if (zone_ == nullptr) return {local_us};
  if (local_us < kLookupMinUs || local_us > kLookupMaxUs) return {local_us};  // no calendar out there
  const OffsetRange& range = cached_range(zone_);
  const std::int64_t guess = local_us - range.offset_us;
  if (guess >= range.begin_us + kJumpMaxUs && guess + kJumpMaxUs < range.end_us) return {guess};
  return {resolve(zone_, local_us)};
}

Timestamp Zone::to_timestamp(CivilTime local) const {
  return from_civil_us(days_since_epoch(local.date) * days(1).us + local.us_of_day);
}

}  // namespace slipstream
