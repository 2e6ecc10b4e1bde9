// FlatBuffers events (schemas/event.fbs) into an EventBuilder. The buffer is verified as a whole before
// anything is read; strings are checked to be UTF-8, which the format itself does not promise.
//
// Owned by the decoder's thread. Texts handed to the builder point into the record, or into the arena for
// lists.
#pragma once

#include <string_view>
#include <vector>

#include "engine/base/error.h"
#include "engine/decode/event_builder.h"
#include "engine/expression/value.h"

namespace slipstream {

// Does the value look like a FlatBuffer of ours, by its file identifier?
bool is_flatbuffers_event(std::string_view bytes);

class FlatbuffersEventReader {
 public:
  explicit FlatbuffersEventReader(Arena& arena) : arena_(arena) {}

  Result<> read(std::string_view bytes, EventBuilder& builder);

 private:
  Arena& arena_;
  std::vector<std::uint64_t> aligned_;  // a copy of records that do not start at a multiple of eight
};

}  // namespace slipstream
