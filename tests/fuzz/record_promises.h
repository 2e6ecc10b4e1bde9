// What decoding promises of any record, whatever its bytes: shared by the targets that feed the decoder.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/log/event_log.h"

namespace slipstream::fuzz {

struct FuzzedRecord {
  std::vector<Header> headers;
  std::string value;
};

// An input that begins with "ce_" or "content-type" is headers ("name: value", one a line, up to an empty
// line) and then the value; every other input is the value alone.
FuzzedRecord record_of(std::string input);

// An accepted event is encoded in both formats and decoded to the same event with the same content hash; a
// refused record has a code of blame `data`, a reason of one line, and a dead letter that comes back with the
// original bytes. Decoding again gives the same answer. Aborts otherwise. Returns whether the record was
// accepted.
bool check_record(const FuzzedRecord& record);

}  // namespace slipstream::fuzz
