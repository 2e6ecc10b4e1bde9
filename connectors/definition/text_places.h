// Where the bytes of a YAML text stand: byte positions to lines and columns, and the bytes of a decoded scalar back to
// the characters they were written as.
#pragma once

#include <string_view>
#include <vector>

#include "engine/definition/document.h"

namespace slipstream {

class TextPlaces {
 public:
  // `text` is valid UTF-8 and outlives this.
  explicit TextPlaces(std::string_view text);

  Mark mark_at(std::size_t byte) const;  // a byte beyond the text: the place after its end

  // `begin`: the byte where the scalar's token begins (its quote, '|', '>', or first character); `decoded`: its text.
  // Exact for every character that is not white space, and for white space within a line.
  std::vector<TextPiece> pieces_of(std::size_t begin, std::string_view decoded) const;

 private:
  std::string_view text_;
  std::vector<std::size_t> line_begins_;
};

}  // namespace slipstream
