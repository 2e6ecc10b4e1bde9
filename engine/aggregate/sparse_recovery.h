// Sparse recovery: a linear sketch of a signed multiset of keys, from which the multiset can be read back
// exactly while few enough keys are left, however many came and went in between.
//
// An invertible Bloom lookup table (Goodrich and Mitzenmacher, "Invertible Bloom Lookup Tables", 2011) of
// `cells` cells in four equal parts; a key lies in one cell of each part. A cell holds three sums over its
// keys k with counts c, the latter two in the field of p = 2^61 - 1 elements:  C = sum c,  S1 = sum c k,  S2
// = sum c k^2. A cell holds a single key exactly when C S2 = S1^2 (C S2 - S1^2 is the sum over pairs of c c'
// (k - k')^2; with two keys it cannot vanish in a field, with more it does so once in 2^61), and the key is
// then S1 / C, whatever its multiplicity. Decoding takes such keys out of their cells until every cell is
// empty; with twice as many cells as keys it fails about once in 10^5.
//
// Whether a set of keys can be decoded depends on nothing but the set: recovers() answers for a set at hand
// what decode() would answer for its sketch, so that a reading does not depend on which of the two is stored.
//
// Bytes: per cell zigzag varint C, varint S1, varint S2.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/aggregate/signed_counts.h"
#include "engine/base/encoding.h"

namespace slipstream {

// Keys are elements of the field.
inline constexpr std::uint64_t kRecoveryPrime = (std::uint64_t{1} << 61) - 1;

class SparseRecovery {
 public:
  using Entry = SignedCounts<std::uint64_t>::Entry;

  // Cells that recover about `keys` keys.
  static std::size_t cells_for(std::size_t keys);

  explicit SparseRecovery(std::size_t cells) : cells_(cells) {}  // a multiple of 4
  void add(std::uint64_t key, std::int64_t count);               // key < kRecoveryPrime
  void merge(const SparseRecovery& other, int sign);             // of the same size
  bool empty() const;

  // Every key with its count, unordered; nullopt when the cells cannot be decoded or hold more than `limit`
  // keys.
  std::optional<std::vector<Entry>> decode(std::size_t limit) const;
  // Whether a sketch of `cells` cells of these distinct keys decodes.
  static bool recovers(std::span<const Entry> entries, std::size_t cells);

  std::size_t memory_bytes() const { return cells_.capacity() * sizeof(Cell); }
  void append_to(std::string& out) const;
  bool read_from(ByteReader& in);

 private:
  struct Cell {
    std::int64_t count = 0;
    std::uint64_t sum = 0;      // of c k
    std::uint64_t squares = 0;  // of c k^2
    friend bool operator==(const Cell&, const Cell&) = default;
  };
  std::optional<std::uint64_t> single_key(std::size_t at) const;

  std::vector<Cell> cells_;
};

}  // namespace slipstream
