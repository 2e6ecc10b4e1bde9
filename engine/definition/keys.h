// Every key of the definition language, map by map. docs/definitions.md explains each; a test holds the two
// together.
#pragma once

#include <array>
#include <string_view>

namespace slipstream::keys {

inline constexpr std::array<std::string_view, 10> kTop = {
    "name",  "time_zone", "fiscal_year_start", "organisation", "indicators", "columns",
    "views", "kpis",      "targets",           "alerts"};
inline constexpr std::array<std::string_view, 3> kOrganisation = {"root", "tree", "wait"};
inline constexpr std::array<std::string_view, 3> kIndicators = {"from", "names", "wait"};
inline constexpr std::array<std::string_view, 3> kColumns = {"tasks", "measurements", "observations"};
inline constexpr std::array<std::string_view, 10> kView = {
    "title",      "from",      "where",       "node",    "window",
    "latest_per", "retention", "deduplicate", "publish", "measures"};
inline constexpr std::array<std::string_view, 2> kWindow = {"on", "every"};
inline constexpr std::array<std::string_view, 1> kTumbling = {"tumbling"};
inline constexpr std::array<std::string_view, 2> kHopping = {"hopping", "every"};
inline constexpr std::array<std::string_view, 2> kSliding = {"sliding", "of"};
inline constexpr std::array<std::string_view, 1> kSession = {"session"};
inline constexpr std::array<std::string_view, 2> kDeduplicate = {"by", "window"};
inline constexpr std::array<std::string_view, 5> kMeasure = {"value", "title", "unit", "exact_up_to",
                                                             "relative_error"};
inline constexpr std::array<std::string_view, 6> kKpi = {"view", "value",  "title",
                                                         "unit", "better", "precision"};
inline constexpr std::array<std::string_view, 13> kTarget = {
    "name",     "kpi",        "nodes", "every", "from",      "to",    "target",
    "baseline", "trajectory", "amber", "green", "tolerance", "source"};
inline constexpr std::array<std::string_view, 2> kTargetRange = {"low", "high"};
inline constexpr std::array<std::string_view, 2> kTrajectory = {"steps", "table"};
inline constexpr std::array<std::string_view, 2> kTrajectoryPoint = {"at", "value"};
inline constexpr std::array<std::string_view, 10> kAlert = {
    "title", "kpi", "nodes", "every", "when", "for", "keep_firing_for", "severity", "labels", "evaluate"};
inline constexpr std::array<std::string_view, 2> kTitle = {"en", "vi"};

}  // namespace slipstream::keys
