#include "connectors/definition/text_places.h"

#include <algorithm>

namespace slipstream {
namespace {

constexpr std::size_t kBlockBytes = 64;

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
bool continues_character(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

std::size_t character_length(std::string_view text, std::size_t at) {
  std::size_t length = 1;
  while (at + length < text.size() && continues_character(text[at + length]))
    ++length;
  return length;
}

// Length of a double-quoted escape in the source, from its backslash.
std::size_t escape_length(char kind) {
  switch (kind) {
    case 'x':
      return 4;
    case 'u':
      return 6;
    case 'U':
      return 10;
    default:
      return 2;
  }
}

// Walks the source and the decoded text side by side. What is not white space stands in both in the same
// order, except for escapes; white space is folded, indented or kept, so it is followed loosely.
class Alignment {
 public:
  Alignment(std::string_view source, std::size_t begin, std::string_view decoded)
      : source_(source), decoded_(decoded), at_(begin), style_(begin < source.size() ? source[begin] : '\0') {
    if (style_ == '"' || style_ == '\'') ++at_;
    if (style_ == '|' || style_ == '>') at_ = std::min(source_.find('\n', at_), source_.size());
  }

  // Calls place(offset in decoded, byte in source) for each character, until the two no longer agree.
  template <class Place>
  void walk(Place&& place) {
    while (offset_ < decoded_.size() && at_ < source_.size()) {
      if (skip_line_continuation()) continue;
      const char wanted = decoded_[offset_];
      if (!is_blank(wanted) && is_blank(source_[at_])) {
        ++at_;
        continue;
      }
      place(offset_, at_);
      if (!advance(wanted)) return;
    }
  }

 private:
  bool skip_line_continuation() {
    if (style_ != '"' || source_[at_] != '\\' || at_ + 1 >= source_.size()) return false;
    if (source_[at_ + 1] != '\n' && source_[at_ + 1] != '\r') return false;
    ++at_;
    while (at_ < source_.size() && is_blank(source_[at_]))
      ++at_;
    return true;
  }

  bool advance(char wanted) {
    if (style_ == '"' && source_[at_] == '\\') {
      at_ += escape_length(at_ + 1 < source_.size() ? source_[at_ + 1] : '\0');
      offset_ += character_length(decoded_, offset_);
      return true;
    }
    if (is_blank(wanted)) {
      if (is_blank(source_[at_])) ++at_;
      ++offset_;
      return true;
    }
    if (source_[at_] != wanted) return false;
    const std::size_t length = character_length(decoded_, offset_);
    offset_ += length;
    at_ += style_ == '\'' && wanted == '\'' ? 2 : length;
    return true;
  }

  std::string_view source_, decoded_;
  std::size_t at_;
  std::size_t offset_ = 0;
  char style_;
};

}  // namespace

TextPlaces::TextPlaces(std::string_view text) : text_(text), line_begins_{0} {
  std::size_t characters = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (i % kBlockBytes == 0) block_characters_.push_back(characters);
    if (text[i] == '\n') line_begins_.push_back(i + 1);
    if (!continues_character(text[i])) ++characters;
  }
  block_characters_.push_back(characters);
}

std::size_t TextPlaces::line_begin(std::size_t byte) const {
  return *std::prev(std::upper_bound(line_begins_.begin(), line_begins_.end(), byte));
}

std::size_t TextPlaces::characters_before(std::size_t byte) const {
  const std::size_t block = byte / kBlockBytes;
  const std::string_view rest = text_.substr(block * kBlockBytes, byte % kBlockBytes);
  return block_characters_[block] +
         static_cast<std::size_t>(
             std::count_if(rest.begin(), rest.end(), [](char c) { return !continues_character(c); }));
}

Mark TextPlaces::mark_at(std::size_t byte) const {
  byte = std::min(byte, text_.size());
  const auto after = std::upper_bound(line_begins_.begin(), line_begins_.end(), byte);
  const std::size_t column = characters_before(byte) - characters_before(*std::prev(after));
  return {static_cast<int>(after - line_begins_.begin()), static_cast<int>(column) + 1};
}

bool TextPlaces::is_closed(std::size_t begin) const {
  const char quote = begin < text_.size() ? text_[begin] : '\0';
  if (quote != '"' && quote != '\'') return true;
  for (std::size_t i = begin + 1; i < text_.size(); ++i) {
    const bool is_pair = quote == '\'' && text_.substr(i, 2) == "''";
    if (is_pair || (quote == '"' && text_[i] == '\\'))
      ++i;
    else if (text_[i] == quote)
      return true;
  }
  return false;
}

std::optional<std::size_t> TextPlaces::tab_in_indentation(std::size_t byte) const {
  const std::size_t begin = line_begin(std::min(byte, text_.size()));
  const std::size_t end = std::min(text_.find_first_not_of(" \t", begin), text_.size());
  const std::size_t tab = text_.substr(begin, end - begin).find('\t');
  if (tab == std::string_view::npos) return std::nullopt;
  return begin + tab;
}

std::vector<TextPiece> TextPlaces::pieces_of(std::size_t begin, std::string_view decoded) const {
  std::vector<TextPiece> pieces;
  std::size_t expected = SIZE_MAX;  // the source byte at which the current piece would continue
  Alignment(text_, begin, decoded).walk([&](std::size_t offset, std::size_t byte) {
    if (byte != expected) pieces.push_back({offset, mark_at(byte)});
    const std::size_t length = character_length(decoded, offset);
    const bool same_bytes =
        text_.substr(byte, length) == decoded.substr(offset, length) && text_[byte] != '\n';
    expected = same_bytes ? byte + length : SIZE_MAX;
  });
  return pieces;
}

}  // namespace slipstream
