#include "engine/aggregate/sparse_recovery.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <map>

#include "engine/aggregate/mix.h"

namespace slipstream {
namespace {

using Entry = SparseRecovery::Entry;

std::vector<Entry> entries_from(const std::map<std::uint64_t, std::int64_t>& counts) {
  std::vector<Entry> entries;
  for (const auto& [key, count] : counts)
    if (count != 0) entries.push_back({key, count});
  return entries;
}

std::vector<Entry> random_entries(std::uint64_t seed, std::size_t size) {
  std::map<std::uint64_t, std::int64_t> counts;
  while (counts.size() < size)
    counts[mixed(seed * 1'000'003 + counts.size()) % kRecoveryPrime] = 1;
  return entries_from(counts);
}

rc::Gen<std::map<std::uint64_t, std::int64_t>> some_counts() {
  const auto key =
      rc::gen::map(rc::gen::arbitrary<std::uint64_t>(), [](std::uint64_t n) { return n % kRecoveryPrime; });
  return rc::gen::container<std::map<std::uint64_t, std::int64_t>>(
      key, rc::gen::inRange<std::int64_t>(-1'000'000, 1'000'001));
}

RC_GTEST_PROP(SparseRecovery, gives_back_every_key_with_its_multiplicity, ()) {
  const auto counts = *some_counts();
  SparseRecovery sketch(SparseRecovery::cells_for(100));
  for (const auto& [key, count] : counts)
    sketch.add(key, count);
  const auto decoded = sketch.decode(1000);
  RC_PRE(SparseRecovery::recovers(entries_from(counts), SparseRecovery::cells_for(100)));
  RC_ASSERT(decoded.has_value());
  RC_ASSERT(*decoded == entries_from(counts));
}

TEST(SparseRecovery, recovers_a_thousand_keys_left_of_fifty_thousand) {
  SparseRecovery sketch(SparseRecovery::cells_for(1000));
  const auto kept = random_entries(1, 1000);
  const auto gone = random_entries(2, 50'000);
  for (const Entry& entry : gone)
    sketch.add(entry.key, 3);
  for (const Entry& entry : kept)
    sketch.add(entry.key, 1);
  EXPECT_FALSE(sketch.decode(1000).has_value());
  for (const Entry& entry : gone)
    sketch.add(entry.key, -3);
  ASSERT_TRUE(sketch.decode(1000).has_value());
  EXPECT_EQ(*sketch.decode(1000), kept);
  EXPECT_FALSE(sketch.decode(999).has_value());
}

TEST(SparseRecovery, says_of_a_set_what_its_sketch_decodes_to) {
  // 256 cells: around 0.77 keys a cell decoding turns from nearly always to nearly never.
  int recovered = 0, lost = 0;
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    const auto entries = random_entries(seed, 150 + seed % 90);
    SparseRecovery sketch(256);
    for (const Entry& entry : entries)
      sketch.add(entry.key, entry.count);
    const bool expected = SparseRecovery::recovers(entries, 256);
    EXPECT_EQ(sketch.decode(entries.size()).has_value(), expected) << "seed " << seed;
    ++(expected ? recovered : lost);
  }
  EXPECT_GT(recovered, 50);
  EXPECT_GT(lost, 50);
}

TEST(SparseRecovery, recovers_a_full_set_all_but_always) {
  for (std::uint64_t seed = 0; seed < 500; ++seed)
    EXPECT_TRUE(SparseRecovery::recovers(random_entries(seed, 1000), SparseRecovery::cells_for(1000)));
}

RC_GTEST_PROP(SparseRecovery, merging_adds_and_subtracts, ()) {
  const auto a = *some_counts(), b = *some_counts();
  const std::size_t cells = SparseRecovery::cells_for(50);
  SparseRecovery sum(cells), of_a(cells), of_b(cells);
  for (const auto& [key, count] : a)
    of_a.add(key, count), sum.add(key, count);
  for (const auto& [key, count] : b)
    of_b.add(key, count), sum.add(key, count);
  of_a.merge(of_b, 1);
  std::string expected, merged;
  sum.append_to(expected);
  of_a.append_to(merged);
  RC_ASSERT(merged == expected);
  of_a.merge(sum, -1);
  RC_ASSERT(of_a.empty());
}

TEST(SparseRecovery, forged_cells_neither_loop_nor_crash) {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    std::string bytes;
    for (std::uint64_t cell = 0; cell < 256; ++cell) {
      const std::uint64_t draw = mixed(seed << 20 | cell);
      const std::uint64_t key = mixed(draw % 4) % kRecoveryPrime;
      append_zigzag(bytes, draw % 3 == 0 ? 1 : 0);
      append_varint(bytes, draw % 3 == 0 ? key : 0);
      const auto square = static_cast<unsigned __int128>(key) * key % kRecoveryPrime;
      append_varint(bytes, draw % 3 == 0 ? static_cast<std::uint64_t>(square) : 0);
    }
    SparseRecovery sketch(256);
    ByteReader in(bytes);
    ASSERT_TRUE(sketch.read_from(in));
    EXPECT_FALSE(sketch.decode(100).has_value());
  }
}

TEST(SparseRecovery, refuses_numbers_outside_its_field) {
  std::string bytes;
  append_zigzag(bytes, 1);
  append_varint(bytes, kRecoveryPrime);
  append_varint(bytes, 0);
  bytes.append(3 * 255, '\0');
  SparseRecovery sketch(256);
  ByteReader in(bytes);
  EXPECT_FALSE(sketch.read_from(in));
}

}  // namespace
}  // namespace slipstream
