#include "engine/view/entity_walk.h"

#include <fmt/format.h>

#include "engine/base/encoding.h"
#include "engine/fold/entity.h"

namespace slipstream {
namespace {

constexpr std::size_t kPeriodBytes = 16;  // at the end of a figure's key

bool is_task(std::string_view key) { return key.starts_with('t'); }
bool is_figure(std::string_view key) { return key.starts_with('m') && key.size() > kPeriodBytes; }

bool is_same_series(std::string_view a, std::string_view b) {
  return a.size() > kPeriodBytes &&
         a.substr(0, a.size() - kPeriodBytes) == b.substr(0, b.size() - kPeriodBytes);
}

}  // namespace

Result<> EntityWalk::take(std::string_view key, std::string_view history) {
  if (is_task(key)) return emit(std::string(key), std::string(history), {});
  if (!is_figure(key)) return {};
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
  if (!is_figure(key)) return std::string(key.substr(std::min<std::size_t>(key.size(), 1)));
  std::string indicator, node;
  FigurePeriod period;
  ByteReader in(key.substr(1));
  if (!in.read_key_string(indicator) || !in.read_key_string(node) || !in.read_timestamp(period.start) ||
      !in.read_timestamp(period.end))
    return "";
  const std::string end = period.end == Timestamp::max() ? "" : "/" + format_timestamp(period.end, zone);
  return fmt::format("{}, {}, {}{}", indicator, node, format_timestamp(period.start, zone), end);
}

}  // namespace slipstream
