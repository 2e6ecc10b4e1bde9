#include "connectors/http/head_reader.h"

#include <fmt/format.h>

#include <boost/beast/http/error.hpp>
#include <string>
#include <utility>

#include "connectors/http/accepted_encoding.h"
#include "connectors/http/request_target.h"
#include "engine/expression/utf8.h"

namespace slipstream {
namespace {

namespace http = boost::beast::http;

std::string joined_header(const HttpRequest& request, std::string_view lower_case_name) {
  std::string joined;
  for (const auto& header : request.headers)
    if (lower_case(header.name) == lower_case_name)
      joined.append(joined.empty() ? "" : ",").append(header.value);
  return joined;
}

std::optional<HttpRefusal> parse(RequestParser& parser, std::string_view bytes, const HttpLimits& limits) {
  parser.header_limit(static_cast<std::uint32_t>(bytes.size()));
  parser.body_limit(limits.body_bytes_max);
  boost::system::error_code error;
  parser.put(boost::asio::const_buffer(bytes.data(), bytes.size()), error);
  if (error == http::error::bad_version) return refuse_version(bytes);
  if (error == http::error::body_limit) return body_too_large(limits);
  if (error || !parser.is_header_done())
    return HttpRefusal{400, fmt::format("The head of the request is malformed: {}; see RFC 9112.",
                                        error ? error.message() : "no end")};
  return std::nullopt;
}

std::optional<HttpRefusal> check(RequestHead& head, const RequestParser& parser) {
  if (auto refusal = check_head(head.request, static_cast<int>(parser.get().version()))) return refusal;
  if (head.request.header("Transfer-Encoding") && !parser.chunked())
    return HttpRefusal{400, "The Transfer-Encoding is malformed; it is chunked, once."};
  auto target = parse_request_target(parser.get().target());
  if (!target) return HttpRefusal{400, target.error().message};
  head.request.segments = std::move(target->segments);
  head.request.query = std::move(target->query);
  return std::nullopt;
}

}  // namespace

RequestHead read_head(RequestParser& parser, std::string_view bytes, const HttpLimits& limits) {
  RequestHead head;
  head.refusal = parse(parser, bytes, limits);
  if (head.refusal) return head;
  const auto& message = parser.get();
  head.request.method = message.method_string();
  for (const auto& field : message)
    head.request.headers.push_back({std::string(field.name_string()), std::string(field.value())});
  const bool with_chunks = message.version() >= kHttp11;
  head.form = {.is_head = head.request.method == "HEAD",
               .takes_gzip = accepts_gzip(joined_header(head.request, "accept-encoding")),
               .keeps_alive = message.keep_alive(),
               .takes_chunks = with_chunks};
  head.awaits_continue = with_chunks && head.request.header("Expect");
  head.refusal = check(head, parser);
  return head;
}

HttpRefusal body_too_large(const HttpLimits& limits) {
  return {413, fmt::format("The body has more than the {} bytes that are taken; send it in several requests.",
                           limits.body_bytes_max)};
}

}  // namespace slipstream
