#include "connectors/http/request_head.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <vector>

#include "engine/base/ascii.h"
#include "engine/expression/utf8.h"

namespace slipstream {
namespace {

constexpr std::string_view kLineEnd = "\r\n";

bool is_letter_or_digit(char c) { return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

bool is_token_character(char c) {  // RFC 9110, 5.6.2
  return is_letter_or_digit(c) || std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

bool is_host_character(char c) {  // of RFC 3986's host and port
  return is_letter_or_digit(c) || std::string_view("-._~!$&'()*+,;=:[]%").find(c) != std::string_view::npos;
}

HttpRefusal head_too_large(std::uint64_t bytes_max) {
  return {431, fmt::format(
                   "The request line and headers have more than the {} bytes that are taken; send fewer or "
                   "shorter headers, or a shorter target.",
                   bytes_max)};
}

std::vector<std::string_view> values_of(const HttpRequest& request, std::string_view lower_case_name) {
  std::vector<std::string_view> values;
  for (const auto& header : request.headers)
    if (lower_case(header.name) == lower_case_name) values.push_back(header.value);
  return values;
}

std::optional<HttpRefusal> check_host(const HttpRequest& request, int version) {
  const auto hosts = values_of(request, "host");
  if (hosts.size() > 1) return HttpRefusal{400, "The request has several Host headers; send one."};
  if (hosts.empty() && version >= kHttp11)
    return HttpRefusal{400, "The request has no Host header; HTTP/1.1 asks for one."};
  if (!hosts.empty() && !std::all_of(hosts[0].begin(), hosts[0].end(), is_host_character))
    return HttpRefusal{400, "The Host header is no host; send the name or address, and the port."};
  return std::nullopt;
}

std::optional<HttpRefusal> check_framing(const HttpRequest& request, int version) {
  const auto codings = values_of(request, "transfer-encoding");
  if (codings.empty()) return std::nullopt;
  if (!values_of(request, "content-length").empty())
    return HttpRefusal{400, "The request has both Content-Length and Transfer-Encoding; send one of them."};
  if (version < kHttp11)
    return HttpRefusal{400, "HTTP/1.0 knows no Transfer-Encoding; send Content-Length, or HTTP/1.1."};
  const std::string coding = lower_case(codings[0]);
  if (codings.size() == 1 && coding == "chunked") return std::nullopt;
  const bool is_other =
      codings.size() == 1 && !coding.empty() && std::all_of(coding.begin(), coding.end(), [](char c) {
        return is_token_character(c) || std::string_view(", \t").find(c) != std::string_view::npos;
      });
  const std::size_t chunked = coding.find("chunked");
  const bool is_misplaced =
      chunked != std::string::npos && chunked + std::string_view("chunked").size() != coding.size();
  if (is_other && !is_misplaced)
    return HttpRefusal{501, "Of transfer codings only chunked is taken; send the body as it is or chunked."};
  return HttpRefusal{400, "The Transfer-Encoding is malformed; it is chunked, once."};
}

}  // namespace

tl::expected<std::optional<std::size_t>, HttpRefusal> HeadScan::find_end(std::string_view received) {
  const auto refuse = [](std::string detail) { return tl::unexpected(HttpRefusal{400, std::move(detail)}); };
  if (received.empty() || received == "\r")
    return std::nullopt;  // of an empty line before the request, perhaps
  if (!is_token_character(received[0]))
    return refuse("This is no HTTP request; if it is TLS: this port speaks HTTP without it.");
  while (true) {
    const std::size_t line_feed = received.find('\n', scanned_);
    scanned_ = line_feed == std::string_view::npos ? received.size() : line_feed + 1;
    if (scanned_ > bytes_max_) return tl::unexpected(head_too_large(bytes_max_));
    if (line_feed == std::string_view::npos) return std::nullopt;
    if (line_feed == 0 || received[line_feed - 1] != '\r')
      return refuse("A line of the head ends without a carriage return; lines end with CR LF.");
    const std::string_view line = received.substr(line_begin_, line_feed - 1 - line_begin_);
    if (line.empty()) return scanned_;
    if (line[0] == ' ' || line[0] == '\t')
      return refuse("A header goes on in a second line; write it in one.");
    line_begin_ = scanned_;
  }
}

std::size_t count_leading_blank_bytes(std::string_view received) {
  std::size_t count = 0;
  while (received.substr(count).starts_with(kLineEnd))
    count += kLineEnd.size();
  return count;
}

HttpRefusal refuse_version(std::string_view head) {
  const std::string_view line = head.substr(0, head.find(kLineEnd));
  const std::string_view version = line.substr(std::min(line.rfind(' ') + 1, line.size()));
  const bool is_version = version.size() == std::string_view("HTTP/1.1").size() &&
                          version.starts_with("HTTP/") && is_digit(version[5]) && version[6] == '.' &&
                          is_digit(version[7]);
  if (!is_version) return {400, "The request line is malformed; it is METHOD TARGET HTTP/1.1."};
  return {505, fmt::format("{} is not spoken here; send HTTP/1.1.", version)};
}

std::optional<HttpRefusal> check_head(const HttpRequest& request, int version) {
  if (request.method == "CONNECT" || request.method == "TRACE")
    return HttpRefusal{501, fmt::format("{} is not served here.", request.method)};
  if (auto refusal = check_host(request, version)) return refusal;
  if (auto refusal = check_framing(request, version)) return refusal;
  for (const std::string_view expectation : values_of(request, "expect"))
    if (lower_case(expectation) != "100-continue")
      return HttpRefusal{417, "Of expectations only 100-continue is met; leave out the Expect header."};
  return std::nullopt;
}

}  // namespace slipstream
