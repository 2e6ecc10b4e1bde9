// The head of a request, read and checked. Pure.
#pragma once

#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <optional>
#include <string_view>

#include "connectors/http/answer_head.h"
#include "connectors/http/http_server.h"
#include "connectors/http/request_head.h"

namespace slipstream {

using RequestParser = boost::beast::http::request_parser<boost::beast::http::string_body>;

struct RequestHead {
  HttpRequest request;  // but for its body
  AnswerForm form;      // also of a refusal
  bool awaits_continue = false;
  std::optional<HttpRefusal> refusal;
};

// `bytes`: a whole head, as HeadScan finds it. `parser`: a new one, which is then ready for the body, or done where there is
// none.
RequestHead read_head(RequestParser& parser, std::string_view bytes, const HttpLimits& limits);

HttpRefusal body_too_large(const HttpLimits& limits);  // 413

}  // namespace slipstream
