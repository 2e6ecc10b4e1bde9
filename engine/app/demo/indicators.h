// The made-up city's sixty indicators, ten fields of six: what its definitions judge and its units report.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace slipstream {

// A view of the definitions each.
struct IndicatorField {
  std::string_view name, en, vi;
};

struct CityIndicator {
  enum class Shape : std::uint8_t {
    constant,  // the same is expected all year
    linear,    // straight on from baseline to target
    stepped,   // nothing until each quarter has ended
    table,     // slow at first
  };
  // Who reports: every commune a numerator and a denominator, or one department a value.
  enum class Reports : std::uint8_t { share_by_communes, value_by_department };
  enum class Cadence : std::uint8_t { week, month };

  std::string_view field, name, en, vi, unit;
  bool is_higher_better;
  std::int64_t baseline, target;
  Shape shape;
  Cadence cadence = Cadence::month;
  Reports reports = Reports::share_by_communes;
  std::string_view department = {};
  std::string_view severity = "warning";
};

std::span<const IndicatorField> indicator_fields();
// Those of a field stand together, in the order of the fields.
std::span<const CityIndicator> city_indicators();

}  // namespace slipstream
