#include "engine/aggregate/sparse_recovery.h"

#include <algorithm>
#include <array>

#include "engine/aggregate/mix.h"

namespace slipstream {
namespace {

constexpr std::size_t kParts = 4;
constexpr std::size_t kCellsMin = 256;  // few cells would make two keys share all of theirs too often
constexpr std::uint64_t kPrime = kRecoveryPrime;

std::uint64_t add_in_field(std::uint64_t a, std::uint64_t b) {
  const std::uint64_t sum = a + b;
  return sum >= kPrime ? sum - kPrime : sum;
}
std::uint64_t negate_in_field(std::uint64_t a) { return a == 0 ? 0 : kPrime - a; }

std::uint64_t multiply_in_field(std::uint64_t a, std::uint64_t b) {
  const auto product = static_cast<unsigned __int128>(a) * b;
  const auto low = static_cast<std::uint64_t>(product) & kPrime;
  const auto high = static_cast<std::uint64_t>(product >> 61);
  return add_in_field(low, high);
}

std::uint64_t to_field(std::int64_t count) {
  const std::int64_t rest = count % static_cast<std::int64_t>(kPrime);
  return static_cast<std::uint64_t>(rest < 0 ? rest + static_cast<std::int64_t>(kPrime) : rest);
}

// a^(p - 2), Fermat's inverse of a non-zero element.
std::uint64_t inverse_in_field(std::uint64_t a) {
  if (a == 1 || a == kPrime - 1) return a;
  std::uint64_t result = 1;
  for (std::uint64_t exponent = kPrime - 2; exponent != 0; exponent >>= 1) {
    if (exponent & 1) result = multiply_in_field(result, a);
    a = multiply_in_field(a, a);
  }
  return result;
}

using Places = std::array<std::size_t, kParts>;

Places places_of(std::uint64_t key, std::size_t cells) {
  const std::uint64_t width = cells / kParts;
  const std::uint64_t first = mixed(key ^ 0x9E3779B97F4A7C15), second = mixed(key ^ 0xC2B2AE3D27D4EB4F);
  const std::array<std::uint64_t, kParts> draws = {first & 0xFFFFFFFF, first >> 32, second & 0xFFFFFFFF,
                                                   second >> 32};
  Places places{};
  for (std::size_t part = 0; part < kParts; ++part)
    places[part] = part * width + static_cast<std::size_t>(draws[part] * width >> 32);
  return places;
}

}  // namespace

std::size_t SparseRecovery::cells_for(std::size_t keys) {
  const std::size_t cells = std::max(kCellsMin, 2 * keys);
  return (cells + kParts - 1) / kParts * kParts;
}

void SparseRecovery::add(std::uint64_t key, std::int64_t count) {
  const std::uint64_t weight = to_field(count);
  const std::uint64_t sum = multiply_in_field(weight, key);
  const std::uint64_t squares = multiply_in_field(sum, key);
  for (const std::size_t place : places_of(key, cells_.size())) {
    Cell& cell = cells_[place];
    cell.count = wrapping_add(cell.count, count);
    cell.sum = add_in_field(cell.sum, sum);
    cell.squares = add_in_field(cell.squares, squares);
  }
}

void SparseRecovery::merge(const SparseRecovery& other, int sign) {
  for (std::size_t i = 0; i < cells_.size(); ++i) {
    const Cell& from = other.cells_[i];
    Cell& to = cells_[i];
    to.count = wrapping_add(to.count, with_sign(from.count, sign));
    to.sum = add_in_field(to.sum, sign < 0 ? negate_in_field(from.sum) : from.sum);
    to.squares = add_in_field(to.squares, sign < 0 ? negate_in_field(from.squares) : from.squares);
  }
}

bool SparseRecovery::empty() const {
  return std::all_of(cells_.begin(), cells_.end(), [](const Cell& cell) { return cell == Cell{}; });
}

std::optional<std::uint64_t> SparseRecovery::single_key(std::size_t at) const {
  const Cell& cell = cells_[at];
  const std::uint64_t weight = to_field(cell.count);
  if (weight == 0) return std::nullopt;
  if (multiply_in_field(weight, cell.squares) != multiply_in_field(cell.sum, cell.sum)) return std::nullopt;
  const std::uint64_t key = multiply_in_field(cell.sum, inverse_in_field(weight));
  if (places_of(key, cells_.size())[at / (cells_.size() / kParts)] != at) return std::nullopt;
  return key;
}

std::optional<std::vector<SparseRecovery::Entry>> SparseRecovery::decode(std::size_t limit) const {
  std::vector<std::size_t> candidates;
  for (std::size_t i = 0; i < cells_.size(); ++i)
    if (single_key(i)) candidates.push_back(i);
  if (candidates.empty() && !empty())
    return std::nullopt;  // the usual answer of a large set, before the copy below
  SparseRecovery rest = *this;
  std::vector<Entry> entries;
  while (!candidates.empty()) {
    const std::size_t at = candidates.back();
    candidates.pop_back();
    const auto key = rest.single_key(at);
    if (!key) continue;
    if (entries.size() == limit) return std::nullopt;
    const std::int64_t count = rest.cells_[at].count;
    entries.push_back({*key, count});
    rest.add(*key, with_sign(count, -1));
    for (const std::size_t place : places_of(*key, cells_.size()))
      if (place != at) candidates.push_back(place);
  }
  if (!rest.empty()) return std::nullopt;
  std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) { return a.key < b.key; });
  const auto repeated = std::adjacent_find(entries.begin(), entries.end(),
                                           [](const Entry& a, const Entry& b) { return a.key == b.key; });
  if (repeated != entries.end()) return std::nullopt;  // only forged cells do this
  return entries;
}

bool SparseRecovery::recovers(std::span<const Entry> entries, std::size_t cells) {
  if (entries.size() < 2) return true;
  struct Occupancy {
    std::uint32_t keys = 0;
    std::uint32_t combined = 0;  // exclusive or of the keys' indexes
  };
  std::vector<Occupancy> occupancy(cells);
  std::vector<Places> places(entries.size());
  for (std::uint32_t i = 0; i < entries.size(); ++i) {
    places[i] = places_of(entries[i].key, cells);
    for (const std::size_t place : places[i]) {
      ++occupancy[place].keys;
      occupancy[place].combined ^= i;
    }
  }
  std::vector<std::size_t> candidates;
  for (const Places& of_key : places)
    for (const std::size_t place : of_key)
      if (occupancy[place].keys == 1) candidates.push_back(place);
  std::size_t taken = 0;
  while (!candidates.empty()) {
    const Occupancy at = occupancy[candidates.back()];
    candidates.pop_back();
    if (at.keys != 1) continue;
    ++taken;
    for (const std::size_t place : places[at.combined]) {
      --occupancy[place].keys;
      occupancy[place].combined ^= at.combined;
      if (occupancy[place].keys == 1) candidates.push_back(place);
    }
  }
  return taken == entries.size();
}

void SparseRecovery::append_to(std::string& out) const {
  for (const Cell& cell : cells_) {
    append_zigzag(out, cell.count);
    append_varint(out, cell.sum);
    append_varint(out, cell.squares);
  }
}

bool SparseRecovery::read_from(ByteReader& in) {
  for (Cell& cell : cells_) {
    if (!in.read_zigzag(cell.count) || !in.read_varint(cell.sum) || !in.read_varint(cell.squares))
      return false;
    if (cell.sum >= kPrime || cell.squares >= kPrime) return false;
  }
  return true;
}

}  // namespace slipstream
