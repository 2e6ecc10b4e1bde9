// CloudEvents JSON and JSON data into an EventBuilder, by simdjson on demand. Strict: every token is visited
// and checked, since on demand leaves skipped parts unchecked; numbers are read from their text, never
// through a double.
//
// Owned by the decoder's thread. The record is copied into a padded buffer that is reused; texts handed to
// the builder point into the record itself, or into the arena where escapes had to be resolved.
#pragma once

#include <memory>
#include <string_view>

#include "engine/base/error.h"
#include "engine/decode/event_builder.h"
#include "engine/expression/value.h"

namespace slipstream {

class JsonEventReader {
 public:
  explicit JsonEventReader(Arena& arena);
  ~JsonEventReader();

  // The whole event: envelope members and `data`.
  Result<> read_structured(std::string_view json, EventBuilder& builder);
  // The data object alone; the builder has its type already.
  Result<> read_data(std::string_view json, EventBuilder& builder);

 private:
  class Document;
  std::unique_ptr<Document> document_;
};

}  // namespace slipstream
