#include "connectors/http/request_target.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "engine/base/ascii.h"
#include "engine/expression/utf8.h"

namespace slipstream {
namespace {

constexpr unsigned char kDelete = 0x7F;

bool is_control(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte < ' ' || byte == kDelete;
}

enum class Plus : bool { is_itself, is_blank };

Result<std::string> decode(std::string_view part, std::string_view where, Plus plus) {
  std::string decoded;
  decoded.reserve(part.size());
  for (std::size_t i = 0; i < part.size(); ++i) {
    char c = part[i];
    if (c == '+' && plus == Plus::is_blank) {
      c = ' ';
    } else if (c == '%') {
      const int high = i + 2 < part.size() ? hex_value(part[i + 1]) : -1;
      const int low = i + 2 < part.size() ? hex_value(part[i + 2]) : -1;
      if (high < 0 || low < 0)
        return fail(
            ErrorCode::syntax,
            fmt::format("The {} has a '%' without two hexadecimal digits; write %25 for the sign itself.",
                        where));
      c = static_cast<char>(high * 16 + low);
      i += 2;
    }
    if (is_control(c))
      return fail(ErrorCode::syntax, fmt::format("The {} has a control character; leave it out.", where));
    decoded += c;
  }
  if (!is_utf8(decoded))
    return fail(ErrorCode::syntax,
                fmt::format("The {} is not UTF-8; escape the bytes of UTF-8 text.", where));
  return decoded;
}

bool has_prefix_in_any_case(std::string_view text, std::string_view prefix) {
  return text.size() >= prefix.size() &&
         std::equal(prefix.begin(), prefix.end(), text.begin(),
                    [](char a, char b) { return a == std::tolower(static_cast<unsigned char>(b)); });
}

// Absolute form without scheme and authority; what is not absolute comes back as it is.
std::string_view without_authority(std::string_view target) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!has_prefix_in_any_case(target, scheme)) continue;
    target.remove_prefix(scheme.size());
    return target.substr(std::min(target.find_first_of("/?#"), target.size()));
  }
  return target;
}

Result<std::vector<std::string>> parse_path(std::string_view path) {
  std::vector<std::string> segments;
  while (!path.empty()) {
    path.remove_prefix(1);  // the slash
    const std::string_view raw = path.substr(0, path.find('/'));
    path.remove_prefix(raw.size());
    SLIPSTREAM_ASSIGN(auto segment, decode(raw, "path", Plus::is_itself));
    if (segment == "." || segment == "..")
      return fail(ErrorCode::syntax, "The path has a dot segment; write the path that is meant.");
    segments.push_back(std::move(segment));
  }
  if (segments.size() == 1 && segments.front().empty()) segments.clear();  // "/"
  return segments;
}

Result<std::vector<std::pair<std::string, std::string>>> parse_query(std::string_view query) {
  std::vector<std::pair<std::string, std::string>> members;
  while (!query.empty()) {
    const std::string_view part = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(part.size() + 1, query.size()));
    if (part.empty()) continue;
    const std::size_t name_size = std::min(part.find('='), part.size());
    SLIPSTREAM_ASSIGN(auto name, decode(part.substr(0, name_size), "query", Plus::is_blank));
    SLIPSTREAM_ASSIGN(auto value,
                      decode(part.substr(std::min(name_size + 1, part.size())), "query", Plus::is_blank));
    members.emplace_back(std::move(name), std::move(value));
  }
  return members;
}

}  // namespace

Result<RequestTarget> parse_request_target(std::string_view target) {
  const std::string_view origin = without_authority(target);
  const bool was_absolute = origin.data() != target.data();
  if (origin.find('#') != std::string_view::npos)
    return fail(ErrorCode::syntax,
                "The target has a '#'; a fragment is not sent, and the sign itself is %23.");
  const std::string_view path = origin.substr(0, origin.find('?'));
  const std::string_view query = origin.substr(std::min(path.size() + 1, origin.size()));
  if (!path.starts_with('/') && !(was_absolute && path.empty()))
    return fail(ErrorCode::syntax, "The target is no path; it begins with '/' or with http://host/.");
  RequestTarget parsed;
  SLIPSTREAM_ASSIGN(parsed.segments, parse_path(path));
  SLIPSTREAM_ASSIGN(parsed.query, parse_query(query));
  return parsed;
}

}  // namespace slipstream
