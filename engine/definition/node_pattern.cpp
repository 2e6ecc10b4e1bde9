#include "engine/definition/plan.h"

namespace slipstream {
namespace {

using Segments = std::vector<std::string>;

Segments split(std::string_view path) {
  Segments segments;
  for (std::size_t begin = 0;;) {
    const std::size_t end = path.find('/', begin);
    segments.emplace_back(path.substr(begin, end - begin));
    if (end == std::string_view::npos) return segments;
    begin = end + 1;
  }
}

Result<> check_segment(const std::string& segment, const std::string& pattern) {
  if (segment.empty())
    return fail(ErrorCode::invalid_value,
                "node pattern '" + pattern + "' has an empty segment; write 'a/b', '*' or '**'");
  if (segment == "*" || segment == "**" || segment.find('*') == std::string::npos) return {};
  return fail(ErrorCode::invalid_value,
              "node pattern '" + pattern + "': '*' and '**' stand for whole segments");
}

// The usual wildcard match with one point to come back to, the last "**": time is the product of the two
// lengths.
bool matches_path(const Segments& pattern, const std::vector<std::string_view>& path) {
  std::size_t p = 0, n = 0;
  std::size_t retry_pattern = SIZE_MAX, retry_path = 0;
  while (n < path.size()) {
    if (p < pattern.size() && pattern[p] == "**") {
      retry_pattern = ++p;
      retry_path = n;
    } else if (p < pattern.size() && (pattern[p] == "*" || pattern[p] == path[n])) {
      ++p;
      ++n;
    } else if (retry_pattern != SIZE_MAX) {
      p = retry_pattern;
      n = ++retry_path;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == "**")
    ++p;
  return p == pattern.size();
}

std::vector<std::string_view> segments_of(std::string_view node) {
  std::vector<std::string_view> segments;
  for (std::size_t begin = 0;;) {
    const std::size_t end = node.find('/', begin);
    segments.push_back(node.substr(begin, end - begin));
    if (end == std::string_view::npos) return segments;
    begin = end + 1;
  }
}

}  // namespace

Result<NodePattern> NodePattern::parse(const std::vector<std::string>& patterns, std::string_view root) {
  if (patterns.empty()) return fail(ErrorCode::invalid_value, "no node pattern; write '**' for every node");
  NodePattern result;
  result.root_ = root;
  for (const std::string& text : patterns) {
    Segments segments = split(text);
    for (const std::string& segment : segments)
      SLIPSTREAM_TRY(check_segment(segment, text));
    if (segments.front() == root) segments.erase(segments.begin());
    result.texts_.push_back(text);
    result.paths_.push_back(std::move(segments));
  }
  return result;
}

bool NodePattern::matches(std::string_view node) const {
  const auto path = node == root_ ? std::vector<std::string_view>{} : segments_of(node);
  for (const Segments& pattern : paths_)
    if (matches_path(pattern, path)) return true;
  return false;
}

}  // namespace slipstream
