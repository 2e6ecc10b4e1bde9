// UTF-8 by code points. Functions other than is_utf8() expect valid text and stay within bounds on any bytes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace slipstream {

bool is_utf8(std::string_view text);
std::int64_t count_code_points(std::string_view text);
// Bytes of the first `count` code points, or of all when there are fewer.
std::size_t bytes_of_code_points(std::string_view text, std::int64_t count);
// The next code point, taken off the front of a text that is not empty.
char32_t take_code_point(std::string_view& text);
void append_code_point(std::string& out, char32_t code_point);
// Any bytes as one line of valid text, for messages: control characters become blanks, what is not UTF-8 is
// left out.
std::string one_line(std::string_view bytes);

// Letter case of the Latin (Vietnamese included), Greek and Cyrillic scripts, the same on every machine: it
// depends on no locale. Letters whose other case is several letters (sharp s) stay as they are.
char32_t lower_case(char32_t code_point);
char32_t upper_case(char32_t code_point);
std::string lower_case(std::string_view text);
std::string upper_case(std::string_view text);

}  // namespace slipstream
