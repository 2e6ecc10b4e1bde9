// Which indicators there are: a list, or those that events define.
#include <fmt/format.h>

#include <algorithm>

#include "engine/definition/keys.h"
#include "engine/definition/loading.h"
#include "engine/definition/settings.h"

namespace slipstream {
namespace {

void load_names(const Setting& at, Loading& loading) {
  std::vector<std::string>& names = loading.plan.indicators.names;
  for (const Setting& item : items_or_self(at)) {
    const auto name = read_text(item, loading.report);
    if (!name) continue;
    if (std::find(names.begin(), names.end(), *name) != names.end())
      loading.report.add(ErrorCode::duplicate_name, item, fmt::format("'{}' is listed already", *name));
    else
      names.push_back(*name);
  }
  std::sort(names.begin(), names.end());
}

}  // namespace

void load_indicators(const Section& top, Loading& loading) {
  const auto at = top.find("indicators");
  const auto section = at ? Section::open(*at, keys::kIndicators, loading.report) : std::nullopt;
  if (!section) return;
  static constexpr std::array<std::string_view, 2> kSources = {"definition", "events"};
  const auto from = section->require("from", "from: events");
  const auto word = from ? read_word(*from, kSources, loading.report) : std::nullopt;
  const auto names = section->find("names"), wait = section->find("wait");
  if (names) load_names(*names, loading);
  if (wait) loading.plan.indicators.wait_max = read_duration(*wait, loading.report);
  if (!word) return;
  const bool listed_here = *word == 0;
  loading.plan.indicators.from = listed_here ? IndicatorSource::definition : IndicatorSource::events;
  if (listed_here && !names)
    section->require("names", "names: [people, population]");
  else if (listed_here && items_or_self(*names).empty())
    loading.report.add(ErrorCode::invalid_value, *names, "no indicator is listed",
                       "names: [people, population]");
  if (!listed_here && names)
    loading.report.add(ErrorCode::invalid_value, *names, "indicators from events are not listed here",
                       "write 'from: definition' or leave 'names' out");
  if (listed_here && wait)
    loading.report.add(ErrorCode::invalid_value, *wait, "only indicators from events are waited for",
                       "write 'from: events' or leave 'wait' out");
}

}  // namespace slipstream
