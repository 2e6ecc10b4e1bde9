#include "engine/definition/document.h"

#include <algorithm>

namespace slipstream {

Mark Document::mark_at(std::size_t offset) const {
  const auto after =
      std::upper_bound(pieces.begin(), pieces.end(), offset,
                       [](std::size_t wanted, const TextPiece& piece) { return wanted < piece.offset; });
  if (after == pieces.begin()) return mark;
  const TextPiece& piece = *std::prev(after);
  Mark place = piece.mark;
  for (std::size_t i = piece.offset; i < std::min(offset, scalar.size()); ++i) {
    const bool continues_character = (static_cast<unsigned char>(scalar[i]) & 0xC0) == 0x80;
    if (!continues_character) ++place.column;
  }
  return place;
}

}  // namespace slipstream
