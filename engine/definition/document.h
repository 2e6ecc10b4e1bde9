// A structured text as written by a person: maps, lists and scalars with the place of each, whatever the
// syntax it came from. The engine loads definitions from Documents; connectors/definition reads YAML into
// one.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace slipstream {

struct Mark {
  int line = 0;    // from 1; 0: not known
  int column = 0;  // from 1, in characters (Unicode code points)
};

// From byte `offset` of a scalar's text on, one character of the text is one column of the file, starting at
// `mark`; until the next piece, which begins where an escape, a fold or an indentation breaks that.
struct TextPiece {
  std::size_t offset = 0;
  Mark mark;
};

class Document {
 public:
  enum class Kind { absent, scalar, list, map };
  struct Entry;

  Kind kind = Kind::absent;
  Mark mark;
  std::string scalar;
  bool quoted = false;  // a quoted scalar is text even where it looks like something else
  // Where the scalar's text stands in the file, ascending by offset; empty: only `mark` is known.
  std::vector<TextPiece> pieces;
  std::vector<Document> items;  // of a list
  std::vector<Entry> entries;   // of a map, in the order written; keys may repeat (the loader reports it)

  const Document* find(std::string_view key) const;
  // The place of a byte of the scalar's text: what an error inside an expression points at.
  Mark mark_at(std::size_t offset) const;
};

struct Document::Entry {
  std::string key;
  Mark key_mark;
  Document value;
};

inline const Document* Document::find(std::string_view key) const {
  for (const Entry& entry : entries)
    if (entry.key == key) return &entry.value;
  return nullptr;
}

}  // namespace slipstream
