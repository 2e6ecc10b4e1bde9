// Status line and headers of what is answered. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "connectors/http/http_message.h"

namespace slipstream {

// Ends a chunked body, without trailers.
inline constexpr std::string_view kLastChunk = "0\r\n\r\n";

// What the request asks of the form of its answer.
struct AnswerForm {
  bool is_head = false;       // the method HEAD: headers without a body
  bool takes_gzip = false;    // by its Accept-Encoding
  bool keeps_alive = false;   // another request may follow on the connection
  bool takes_chunks = false;  // HTTP/1.1
};

struct HttpAnswer {
  std::string head = {}, body = {};
  bool keeps_alive = false;
};

// Compresses, and leaves the body away where it must not be. `unix_seconds`: now, for the Date. An answer that cannot be
// sent (a status below 200 or beyond 599, a header with a line end) becomes a 500.
HttpAnswer make_answer(HttpResponse response, const AnswerForm& form, std::int64_t unix_seconds);

// The head of an event stream.
std::string stream_head(const AnswerForm& form, std::int64_t unix_seconds);

std::string http_date(std::int64_t unix_seconds);  // "Sun, 06 Nov 1994 08:49:37 GMT"

}  // namespace slipstream
