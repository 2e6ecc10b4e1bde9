// "Did you mean": the known name nearest to one that is not known.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace slipstream {

// Single-character insertions, deletions, substitutions and swaps of neighbours that turn `a` into `b`
// (optimal string alignment).
std::size_t edit_distance(std::string_view a, std::string_view b);

// "did you mean 'every'?", or "" when nothing is near: more than a third of the longer name would have to
// change.
std::string suggest(std::string_view unknown, std::span<const std::string_view> known);
std::string suggest(std::string_view unknown, const std::vector<std::string>& known);

// "a, b, c" for messages that list what is allowed.
std::string listed(std::span<const std::string_view> names);
std::string listed(const std::vector<std::string>& names);

}  // namespace slipstream
