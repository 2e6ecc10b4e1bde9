// Where the bytes of a YAML text stand: byte positions to lines and columns, and the bytes of a decoded
// scalar back to the characters they were written as.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "engine/definition/document.h"

namespace slipstream {

class TextPlaces {
 public:
  // `text` is valid UTF-8 and outlives this.
  explicit TextPlaces(std::string_view text);

  Mark mark_at(std::size_t byte) const;  // a byte beyond the text: the place after its end

  // Of a quoted scalar: does the quote that opens it at `begin` close again? True for every other scalar.
  bool is_closed(std::size_t begin) const;
  // The byte of a tab within the indentation of the line that holds `byte`, if there is one.
  std::optional<std::size_t> tab_in_indentation(std::size_t byte) const;

  // `begin`: the byte where the scalar's token begins (its quote, '|', '>', or first character); `decoded`:
  // its text. Exact for every character that is not white space, and for white space within a line.
  std::vector<TextPiece> pieces_of(std::size_t begin, std::string_view decoded) const;

 private:
  std::size_t line_begin(std::size_t byte) const;
  std::size_t characters_before(std::size_t byte) const;

  std::string_view text_;
  std::vector<std::size_t> line_begins_;
  std::vector<std::size_t> block_characters_;  // before each block of bytes: lines may be as long as the text
};

}  // namespace slipstream
