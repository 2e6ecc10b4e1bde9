// One map of the definitions being read: only known keys, each once, each with a value.
#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "engine/definition/report.h"

namespace slipstream {

class Section {
 public:
  // Reports and returns nullopt when `at` is no map; reports keys that are not in `keys`, repeated ones, and
  // keys without a value (which then count as not written). `keys` outlives the section.
  static std::optional<Section> open(const Setting& at, std::span<const std::string_view> keys,
                                     Report& report);

  std::optional<Setting> find(std::string_view key) const;
  // As find, but reports a key that is not written; `example` shows how to write it.
  std::optional<Setting> require(std::string_view key, std::string_view example) const;

  const Setting& at() const { return at_; }

 private:
  Section(Setting at, Report& report) : at_(std::move(at)), report_(&report) {}

  Setting at_;
  Report* report_;
};

// A map whose keys are names that the author chooses: views, measures, KPIs, alerts, columns.
struct Named {
  std::string name;
  Mark mark;      // of the name
  Setting value;  // may be absent
};
// Reports what is no map, no name (lower-case letters, digits and '_', not beginning with a digit, at most 63
// characters), or a name written twice; keeps the first of each.
std::vector<Named> open_names(const Setting& at, Report& report);

// A list, or a single value standing for a list of one.
std::vector<Setting> items_or_self(const Setting& at);

}  // namespace slipstream
