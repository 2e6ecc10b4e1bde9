#include "tests/fuzz/mutation.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <fstream>
#include <optional>
#include <string_view>

namespace slipstream::fuzz {
namespace {

constexpr std::size_t kPieceBytesMax = 64;
constexpr std::array<std::string_view, 10> kNumbers{"0",
                                                    "-1",
                                                    "1e999999999",
                                                    "9223372036854775808",
                                                    "0.0000000000000000001",
                                                    "99999999999999999999999999999999999999",
                                                    "2147483648",
                                                    "1e-400",
                                                    "-0",
                                                    "00"};

// The bytes between the quotes of a dictionary's line.
std::optional<std::string> dictionary_entry(std::string_view line) {
  const std::size_t begin = line.find('"');
  const std::size_t end = line.rfind('"');
  if (line.starts_with('#') || begin == std::string_view::npos || end == begin) return std::nullopt;
  std::string entry;
  for (std::size_t at = begin + 1; at < end; ++at) {
    if (line[at] != '\\' || at + 1 >= end) {
      entry.push_back(line[at]);
    } else if (line[++at] == 'x' && at + 2 < end) {
      unsigned byte = 0;
      std::from_chars(line.data() + at + 1, line.data() + at + 3, byte, 16);
      entry.push_back(static_cast<char>(byte));
      at += 2;
    } else {
      entry.push_back(line[at]);
    }
  }
  return entry;
}

}  // namespace

std::vector<std::string> read_dictionary(const std::filesystem::path& path) {
  std::vector<std::string> entries;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);)
    if (auto entry = dictionary_entry(line)) entries.push_back(*std::move(entry));
  return entries;
}

void Mutator::mutate(std::string& input, std::size_t bytes_max) {
  for (std::uint64_t changes = 1 + below(4); changes > 0; --changes)
    change(input);
  if (input.size() > bytes_max) input.resize(bytes_max);
}

std::string Mutator::piece_of(const std::string& input) {
  if (input.empty()) return {};
  return input.substr(below(input.size()), 1 + below(kPieceBytesMax));
}

std::string Mutator::insertion() {
  switch (below(5)) {
    case 0:
      return std::string(1 + below(4), static_cast<char>(below(256)));
    case 1:
      return std::string(kNumbers[below(kNumbers.size())]);
    case 2:
      return piece_of(any_of_corpus());
    default:
      return dictionary_.empty() ? piece_of(any_of_corpus()) : dictionary_[below(dictionary_.size())];
  }
}

void Mutator::change(std::string& input) {
  if (input.empty()) {
    input = insertion();
    return;
  }
  const std::size_t at = below(input.size());
  switch (below(7)) {
    case 0:
      input[at] = static_cast<char>(input[at] ^ (1 << below(8)));
      break;
    case 1:
      input[at] = static_cast<char>(below(256));
      break;
    case 2:
      input.erase(at, 1 + below(kPieceBytesMax));
      break;
    case 3:
      input.insert(at, piece_of(input));
      break;
    case 4: {
      const std::string other = insertion();
      input.replace(at, other.size(), other);
      break;
    }
    case 5:
      input.resize(at);
      break;
    default:
      input.insert(at, insertion());
      break;
  }
}

}  // namespace slipstream::fuzz
