#include "connectors/http/answer_head.h"

#include <fmt/compile.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <string_view>

#include "connectors/http/gzip.h"
#include "engine/base/time.h"
#include "engine/expression/utf8.h"

namespace slipstream {
namespace {

constexpr std::size_t kUncompressedMax = 1'000;
constexpr std::int64_t kDaySeconds = 86'400;

bool is_one_line(std::string_view text) {
  return text.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos;
}

bool can_be_sent(const HttpResponse& response) {
  return response.status >= 200 && response.status <= 599 && is_one_line(response.content_type) &&
         std::all_of(response.headers.begin(), response.headers.end(), [](const HttpHeader& header) {
           return !header.name.empty() && is_one_line(header.name) && is_one_line(header.value);
         });
}

bool has_header(const HttpResponse& response, std::string_view lower_case_name) {
  return std::any_of(
      response.headers.begin(), response.headers.end(),
      [lower_case_name](const HttpHeader& header) { return lower_case(header.name) == lower_case_name; });
}

void append_status_line(std::string& head, int status) {
  fmt::format_to(std::back_inserter(head), FMT_COMPILE("HTTP/1.1 {} {}\r\n"), status, reason_of(status));
}

void append_header(std::string& head, std::string_view name, std::string_view value) {
  head.append(name).append(": ").append(value).append("\r\n");
}

}  // namespace

HttpAnswer make_answer(HttpResponse response, const AnswerForm& form, std::int64_t unix_seconds) {
  if (!can_be_sent(response))
    response = problem(500, "The server made an answer that cannot be sent; this is a fault of the server.");
  HttpAnswer answer{.head = {}, .body = std::move(response.body), .keeps_alive = form.keeps_alive};
  const bool has_content = response.status != 204 && response.status != 304;
  if (!has_content) answer.body.clear();

  append_status_line(answer.head, response.status);
  if (has_content && !response.content_type.empty())
    append_header(answer.head, "Content-Type", response.content_type);
  if (answer.body.size() > kUncompressedMax && !has_header(response, "content-encoding")) {
    append_header(answer.head, "Vary", "Accept-Encoding");
    auto packed = form.takes_gzip ? gzip(answer.body) : std::nullopt;
    if (packed && packed->size() < answer.body.size()) {
      answer.body = *std::move(packed);
      append_header(answer.head, "Content-Encoding", "gzip");
    }
  }
  if (has_content) append_header(answer.head, "Content-Length", fmt::to_string(answer.body.size()));
  append_header(answer.head, "Date", http_date(unix_seconds));
  append_header(answer.head, "Connection", form.keeps_alive ? "keep-alive" : "close");
  for (const auto& header : response.headers)
    append_header(answer.head, header.name, header.value);
  answer.head += "\r\n";
  if (form.is_head) answer.body.clear();
  return answer;
}

std::string stream_head(const AnswerForm& form, std::int64_t unix_seconds) {
  std::string head;
  append_status_line(head, 200);
  append_header(head, "Content-Type", "text/event-stream");
  append_header(head, "Cache-Control", "no-store");
  append_header(head, "X-Accel-Buffering", "no");
  append_header(head, "Date", http_date(unix_seconds));
  append_header(head, "Connection", "close");
  if (form.takes_chunks) append_header(head, "Transfer-Encoding", "chunked");
  return head += "\r\n";
}

std::string http_date(std::int64_t unix_seconds) {
  static constexpr std::array<std::string_view, 7> kDays = {"Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"};
  static constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                               "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const std::int64_t day = floor_divide(unix_seconds, kDaySeconds);
  const std::int64_t second = unix_seconds - day * kDaySeconds;
  const CivilDate date = civil_from_days(day);
  return fmt::format(FMT_COMPILE("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT"),
                     kDays[static_cast<std::size_t>(day - 7 * floor_divide(day, 7))], date.day,
                     kMonths[date.month - 1U], date.year, second / 3600, second / 60 % 60, second % 60);
}

}  // namespace slipstream
