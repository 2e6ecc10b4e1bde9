#include "engine/view/entity_walk.h"

#include <fmt/format.h>

#include "engine/base/encoding.h"
#include "engine/fold/entity.h"

namespace slipstream {
namespace {

bool is_task(std::string_view key) { return key.starts_with('t'); }

bool is_same_series(std::string_view a, std::string_view b) {
  const auto first = parse_measurement_key(a), second = parse_measurement_key(b);
  return first && second && first->indicator == second->indicator && first->node == second->node;
}

}  // namespace

Result<> EntityWalk::take(std::string_view key, std::string_view history) {
  if (is_task(key)) return emit(std::string(key), std::string(history), {});
  if (!parse_measurement_key(key)) return {};
  SLIPSTREAM_ASSIGN(const bool stands, contributions_.has_measurement(history));
  if (!stands) return {};  // retracted: it ends nothing
  SLIPSTREAM_TRY(emit_figure(is_same_series(figure_key_, key) ? history : std::string_view()));
  figure_key_ = key;
  figure_ = history;
  return {};
}

Result<> EntityWalk::emit_figure(std::string_view next) {
  if (figure_key_.empty()) return {};
  SLIPSTREAM_TRY(emit(figure_key_, figure_, next));
  figure_key_.clear();
  return {};
}

Result<> EntityWalk::emit(const std::string& key, const std::string& history, std::string_view next) {
  Evaluation evaluation;
  SLIPSTREAM_TRY(is_task(key) ? contributions_.add_task(key, history, at_, evaluation)
                              : contributions_.add_measurement(key, history, next, at_, evaluation));
  Result<> visited = visit_({key, history, evaluation.contributions});
  contributions_.clear_arena();
  return visited;
}

std::string entity_name(std::string_view key, const Zone& zone) {
  if (is_task(key)) return std::string(key.substr(1));
  const auto figure = parse_measurement_key(key);
  if (!figure) return "";
  const FigurePeriod& period = figure->period;
  const std::string end = period.end == Timestamp::max() ? "" : "/" + format_timestamp(period.end, zone);
  return fmt::format("{}, {}, {}{}", figure->indicator, figure->node, format_timestamp(period.start, zone),
                     end);
}

}  // namespace slipstream
