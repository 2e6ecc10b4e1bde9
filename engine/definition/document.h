// A structured text as written by a person: maps, lists and scalars with the place of each, whatever the syntax it came
// from. The engine loads definitions from Documents; connectors/definition reads YAML into one.
#pragma once

#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace slipstream {

struct Mark {
  int line = 0;    // from 1; 0: not known
  int column = 0;  // from 1
};

class Document {
 public:
  enum class Kind { absent, scalar, list, map };
  struct Entry;

  Kind kind = Kind::absent;
  Mark mark;
  std::string scalar;
  bool quoted = false;  // a quoted scalar is text even where it looks like something else
  bool plain_block = false;  // the scalar's text starts at `mark` and continues without escapes: columns can be added
  std::vector<Document> items;   // of a list
  std::vector<Entry> entries;    // of a map, in the order written; keys may repeat (the loader reports it)

  const Document* find(const std::string& key) const;
};

struct Document::Entry {
  std::string key;
  Mark key_mark;
  Document value;
};

inline const Document* Document::find(const std::string& key) const {
  for (const Entry& entry : entries)
    if (entry.key == key) return &entry.value;
  return nullptr;
}

}  // namespace slipstream
