// What a request asks and what is answered, free of sockets.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace slipstream {

struct HttpHeader {
  std::string name, value;
};

struct HttpRequest {
  std::string method;  // as sent: "GET"
  std::vector<std::string>
      segments;  // of the path, percent-decoded: /v1/views/a%2Fb is {"v1", "views", "a/b"}
  std::vector<std::pair<std::string, std::string>>
      query;  // decoded, in order: "?a=1&b" is {{"a", "1"}, {"b", ""}}
  std::vector<HttpHeader> headers;
  std::string body;

  // The first header of the name, in any case of letters; nullopt: there is none.
  std::optional<std::string_view> header(std::string_view name) const;
};

struct HttpResponse {
  int status = 200;
  std::string content_type = "application/json";
  std::string body = {};
  std::vector<HttpHeader> headers = {};  // beside what the server sets itself
};

// As a part of a query: all but letters, digits and -._~ as %XX of its bytes (RFC 3986).
std::string percent_encoded(std::string_view text);

// RFC 9457: "type" is about:blank, "title" the status's own words. `members`: JSON members to follow, e.g.
// R"("errors":[])"; may be empty.
HttpResponse problem(int status, std::string_view detail, std::string_view members = {});

std::string_view reason_of(int status);  // "Not Found"; empty for one that this server has no use for

}  // namespace slipstream
