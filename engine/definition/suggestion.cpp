#include "engine/definition/suggestion.h"

#include <algorithm>

namespace slipstream {
namespace {

// Longer names are not compared: a definition file is bounded, its names are not.
constexpr std::size_t kLengthMax = 64;

std::vector<std::string_view> views_of(const std::vector<std::string>& names) {
  return {names.begin(), names.end()};
}

}  // namespace

std::size_t edit_distance(std::string_view a, std::string_view b) {
  const std::size_t width = b.size() + 1;
  std::vector<std::size_t> before(width), above(width), row(width);
  for (std::size_t j = 0; j < width; ++j)
    above[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j < width; ++j) {
      const std::size_t change = a[i - 1] == b[j - 1] ? 0 : 1;
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, above[j - 1] + change});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        row[j] = std::min(row[j], before[j - 2] + 1);
    }
    std::swap(before, above);
    std::swap(above, row);
  }
  return above[b.size()];
}

std::string suggest(std::string_view unknown, std::span<const std::string_view> known) {
  if (unknown.size() > kLengthMax) return "";
  std::string_view nearest;
  std::size_t distance = SIZE_MAX;
  for (const std::string_view name : known) {
    if (name.size() > kLengthMax) continue;
    const std::size_t longest = std::max({unknown.size(), name.size(), std::size_t{3}});
    const std::size_t shortest = std::min(unknown.size(), name.size());
    if ((longest - shortest) * 3 > longest) continue;  // so many letters differ at least
    const std::size_t d = edit_distance(unknown, name);
    if (d < distance && d * 3 <= longest) {
      distance = d;
      nearest = name;
    }
  }
  return nearest.empty() ? "" : "did you mean '" + std::string(nearest) + "'?";
}

std::string suggest(std::string_view unknown, const std::vector<std::string>& known) {
  return suggest(unknown, views_of(known));
}

std::string listed(std::span<const std::string_view> names) {
  std::string text;
  for (const std::string_view name : names) {
    if (!text.empty()) text += ", ";
    text += name;
  }
  return text;
}

std::string listed(const std::vector<std::string>& names) { return listed(views_of(names)); }

}  // namespace slipstream
