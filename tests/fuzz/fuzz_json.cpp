// CloudEvents JSON, structured and binary mode: the decoder's promises, and Boost.JSON as the judge of what
// is JSON.
#include <boost/json.hpp>

#include "tests/fuzz/fuzz_target.h"
#include "tests/fuzz/record_promises.h"
#include "tests/fuzz/unpacked.h"

using namespace slipstream;

namespace {

constexpr std::size_t kInputBytesMax = (std::size_t{1} << 20) + 4096;  // a little more than a record may have

// What the decoder takes is one JSON text. Boost.JSON computes exponents, so that a zero with an absurd one
// is too much for it.
void check_judged_json(const std::string& text) {
  boost::json::error_code error;
  boost::json::parse(text, error);
  FUZZ_PROMISE(!error || error == boost::json::error::exponent_overflow, text + ": " + error.message());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const fuzz::FuzzedRecord record =
      fuzz::record_of(fuzz::unpacked(fuzz::text_of(data, size), kInputBytesMax));
  const bool accepted = fuzz::check_record(record);
  const std::size_t first = record.value.find_first_not_of(" \t\r\n");
  const bool is_object = first != std::string::npos && record.value[first] == '{';
  if (accepted && is_object && !record.value.substr(4).starts_with("SLEV")) check_judged_json(record.value);
  return 0;
}
