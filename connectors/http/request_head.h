// What is asked of the head of a request beside the grammar that the parser holds it to. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "connectors/http/http_message.h"

namespace slipstream {

inline constexpr int kHttp11 = 11;  // as a version

struct HttpRefusal {
  int status = 400;
  std::string detail;  // for the client: what is wrong, and what to do
};

// Finds the end of a head that arrives piece by piece, and what no later byte can make good. The parser would wait for
// the end of lines that end otherwise, and would take folded lines.
class HeadScan {
 public:
  explicit HeadScan(std::uint64_t bytes_max) : bytes_max_(bytes_max) {}

  // `received`: all that has come, from the first byte of the request line on. The size of the head with its empty line;
  // nullopt: it goes on. 400; 431 for a head of more than `bytes_max`.
  tl::expected<std::optional<std::size_t>, HttpRefusal> find_end(std::string_view received);

 private:
  std::uint64_t bytes_max_;
  std::size_t scanned_ = 0;     // bytes without an end of line that was not seen
  std::size_t line_begin_ = 0;  // of the line that goes on
};

// Bytes of empty lines before a request line, which are ignored (RFC 9112, 2.2).
std::size_t count_leading_blank_bytes(std::string_view received);

// The refusal of a head whose version the parser does not know: 505 for one of another HTTP, 400 for none at all.
HttpRefusal refuse_version(std::string_view head);

// `version`: 10 or kHttp11. 400 for a Host that is missing, twice there or none, and for a framing of the body that two readers
// could read differently; 417 for expectations but 100-continue; 501 for CONNECT and TRACE, and for transfer codings but
// chunked.
std::optional<HttpRefusal> check_head(const HttpRequest& request, int version);

}  // namespace slipstream
