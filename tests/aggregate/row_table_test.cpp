// The hot rows of a view, and their index: what is asked for together, sealed in order or dropped is what
// single look-ups and the store say.
#include "engine/aggregate/row_table.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <set>

#include "engine/state/memory_store.h"

namespace slipstream {
namespace {

AccumulatorLayout count_layout() {
  MeasureSpec count;
  count.counts_rows = true;
  return *AccumulatorLayout::compile({count});
}

// Few enough that they repeat, and many of them beginnings of others.
rc::Gen<std::string> some_node() {
  return rc::gen::map(rc::gen::container<std::string>(rc::gen::element('a', 'b', '/', 'c')),
                      [](std::string text) {
                        text.resize(std::min<std::size_t>(text.size(), 20));
                        return "node" + text;
                      });
}
rc::Gen<std::vector<std::pair<std::string, Timestamp>>> some_names() {
  const auto slice =
      rc::gen::map(rc::gen::inRange<std::int64_t>(-2, 3), [](std::int64_t us) { return Timestamp{us}; });
  return rc::gen::container<std::vector<std::pair<std::string, Timestamp>>>(
      rc::gen::pair(some_node(), slice));
}

std::vector<RowName> names_of(const std::vector<std::pair<std::string, Timestamp>>& given) {
  std::vector<RowName> names;
  for (const auto& [node, slice] : given)
    names.emplace_back(node, slice);
  return names;
}

void count_once(RowTable& table, SliceRow& row) {
  table.mark_dirty(row);
  table.layout().count_row(row.state(), +1);
}

RC_GTEST_PROP(RowTable, rows_asked_for_together_are_those_asked_for_one_by_one, ()) {
  const AccumulatorLayout layout = count_layout();
  MemoryStore store;
  const auto before = *some_names(), given = *some_names();
  {
    RowTable table(ViewId(1), layout, Family::rows, store);
    for (const RowName& name : names_of(before))
      count_once(table, **table.find_or_load(name));
    StateBatch batch;
    table.seal(batch, [](const SliceRow&, std::string_view) {});
    RC_ASSERT(store.apply(batch, false).has_value());
  }
  RowTable together(ViewId(1), layout, Family::rows, store), alone(ViewId(1), layout, Family::rows, store);
  const std::vector<RowName> names = names_of(given);
  std::vector<SliceRow*> rows;
  RC_ASSERT(together.find_or_load(names, rows).has_value());
  RC_ASSERT(rows.size() == names.size());
  for (std::size_t i = 0; i < names.size(); ++i) {
    RC_ASSERT(rows[i]->node() == names[i].node && rows[i]->slice == names[i].slice);
    RC_ASSERT(rows[i] == together.find(names[i]));
    RC_ASSERT(layout.rows(rows[i]->state()) == layout.rows((*alone.find_or_load(names[i]))->state()));
  }
}

RC_GTEST_PROP(RowTable, dirty_rows_are_sealed_in_the_order_of_their_keys, ()) {
  const AccumulatorLayout layout = count_layout();
  const MemoryStore store;
  RowTable table(ViewId(7), layout, Family::rows, store);
  std::set<std::string> keys;
  const auto given = *some_names();
  for (const RowName& name : names_of(given)) {
    count_once(table, **table.find_or_load(name));
    keys.insert(row_key(ViewId(7), name.node, name.slice));
  }
  StateBatch batch;
  table.seal(batch, [](const SliceRow&, std::string_view) {});
  std::vector<std::string> sealed;
  for (const StateChange& change : batch)
    sealed.emplace_back(change.key);
  RC_ASSERT(sealed == std::vector<std::string>(keys.begin(), keys.end()));
}

TEST(RowTable, partials_are_sealed_in_the_order_of_their_origins) {
  const AccumulatorLayout layout = count_layout();
  const MemoryStore store;
  RowTable table(ViewId(7), layout, Family::partials, store);
  for (const std::int32_t origin : {3, 0, 300, 2})
    count_once(table, **table.find_or_load(RowName("all", Timestamp{5}, origin)));
  StateBatch batch;
  table.seal(batch, [](const SliceRow&, std::string_view) {});
  ASSERT_EQ(batch.size(), 4U);
  EXPECT_TRUE(std::ranges::is_sorted(batch, {}, &StateChange::key));
}

RC_GTEST_PROP(RowTable, rows_that_were_dropped_come_back_as_they_were, ()) {
  const AccumulatorLayout layout = count_layout();
  MemoryStore store;
  RowTable table(ViewId(1), layout, Family::rows, store);
  std::map<std::pair<std::string, Timestamp>, std::int64_t> counts;
  const auto rounds =
      *rc::gen::container<std::vector<std::vector<std::pair<std::string, Timestamp>>>>(some_names());
  for (const auto& given : rounds) {
    for (const auto& [node, slice] : given) {
      count_once(table, **table.find_or_load(RowName(node, slice)));
      ++counts[{node, slice}];
    }
    StateBatch batch;
    table.seal(batch, [](const SliceRow&, std::string_view) {});
    RC_ASSERT(store.apply(batch, false).has_value());
    table.shrink(table.memory_bytes() / 2);
  }
  table.shrink(0);
  RC_ASSERT(table.memory_bytes() == 0U);
  for (const auto& [name, count] : counts)
    RC_ASSERT(layout.rows((*table.find_stored(RowName(name.first, name.second)))->state()) == count);
}

// Hashes from a small range: every slot is contended, and gaps close across the end of the table.
std::map<std::string, std::string> content(const StateReader& store, Family family) {
  std::map<std::string, std::string> values;
  EXPECT_TRUE(store.scan(family, "", "", [&](std::string_view key, std::string_view value) {
    return values.emplace(key, value).second;
  }));
  return values;
}

void commit(RowTable& table, MemoryStore& store) {
  StateBatch batch;
  table.seal(batch, [](const SliceRow&, std::string_view) {});
  ASSERT_TRUE(store.apply(batch, false));
}

TEST(RowTable, a_row_that_is_its_nodes_total_is_stored_as_that_until_another_shard_has_a_part_in_it) {
  const AccumulatorLayout layout = count_layout();
  MemoryStore store;
  const RowTable::Totals totals{Family::totals, [](std::string_view node) { return node != "elsewhere"; }};
  const std::string here = row_key(ViewId(1), "here", Timestamp{5});
  std::string once;
  {
    RowTable table(ViewId(1), layout, Family::rows, store, totals);
    SliceRow& row = **table.find_or_load(RowName("here", Timestamp{5}));
    EXPECT_TRUE(row.is_total);
    EXPECT_FALSE((*table.find_or_load(RowName("elsewhere", Timestamp{5})))->is_total);
    count_once(table, row);
    layout.serialize(row.state(), once);
    commit(table, store);
    EXPECT_EQ(content(store, Family::totals),
              (std::map<std::string, std::string>{{here, encode_total(0, once)}}));
    EXPECT_TRUE(content(store, Family::rows).empty());
  }
  {
    RowTable table(ViewId(1), layout, Family::rows, store, totals);
    SliceRow& row = **table.find_stored(RowName("here", Timestamp{5}));
    EXPECT_TRUE(row.is_total);
    EXPECT_EQ(layout.rows(row.state()), 1);
    row.is_total = false;
    table.mark_dirty(row);
    commit(table, store);
    EXPECT_EQ(content(store, Family::rows), (std::map<std::string, std::string>{{here, once}}));
  }
  ASSERT_TRUE(store.apply({{Family::totals, here, encode_total(2, "whatever the others add")}}, false));
  RowTable table(ViewId(1), layout, Family::rows, store, totals);
  std::vector<SliceRow*> rows;
  const RowName names[] = {RowName("here", Timestamp{5}), RowName("nowhere", Timestamp{5})};
  ASSERT_TRUE(table.find_or_load(names, rows));
  EXPECT_FALSE(rows[0]->is_total);
  EXPECT_EQ(layout.rows(rows[0]->state()), 1);
  EXPECT_TRUE(rows[1]->is_total);
  EXPECT_EQ(layout.rows(rows[1]->state()), 0);
}

RC_GTEST_PROP(RowTable, a_sweep_leaves_what_is_not_over, ()) {
  const AccumulatorLayout layout = count_layout();
  MemoryStore store;
  const auto stored = *some_names(), fresh = *some_names();
  const RowTable::Totals totals{Family::totals, [](std::string_view node) { return node.size() % 2 == 0; }};
  std::set<std::pair<std::string, Timestamp>> there;
  RowTable table(ViewId(1), layout, Family::rows, store, totals);
  const auto add = [&](const std::vector<std::pair<std::string, Timestamp>>& given) {
    for (const RowName& name : names_of(given))
      count_once(table, **table.find_or_load(name));
    there.insert(given.begin(), given.end());
  };
  add(stored);
  commit(table, store);
  table.shrink(*rc::gen::element(0, 1000));
  add(fresh);
  for (const std::int64_t until : {-1, *rc::gen::inRange(-2, 4)}) {
    StateBatch batch;
    RC_ASSERT(table.sweep(batch, [&](Timestamp slice) { return slice < Timestamp{until}; }).has_value());
    RC_ASSERT(store.apply(batch, false).has_value());
    std::erase_if(there, [&](const auto& name) { return name.second < Timestamp{until}; });
  }
  if (const auto oldest = table.oldest_slice())
    for (const auto& [node, slice] : there)
      RC_ASSERT(*oldest <= slice);
  commit(table, store);
  std::set<std::pair<std::string, Timestamp>> left;
  for (const Family family : {Family::rows, Family::totals})
    for (const auto& [key, value] : content(store, family)) {
      const auto parsed = parse_row_key(key);
      RC_ASSERT(left.emplace(parsed->node, parsed->slice).second);  // in one of the families alone
    }
  RC_ASSERT(left == there);
}

RC_GTEST_PROP(RowIndex, what_was_inserted_and_not_erased_is_found, ()) {
  RowIndex index;
  std::vector<std::unique_ptr<SliceRow>> rows;
  std::map<SliceRow*, std::uint64_t> there;
  for (const int step : *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 1000))) {
    if (step % 3 != 0 || there.empty()) {
      SliceRow* row = rows.emplace_back(std::make_unique<SliceRow>()).get();
      there[row] = static_cast<std::uint64_t>(step) % 80;
      index.insert(there[row], row);
    } else {
      const auto gone = std::next(there.begin(), step % static_cast<int>(there.size()));
      index.erase(gone->second, gone->first);
      there.erase(gone);
    }
  }
  RC_ASSERT(index.size() == there.size());
  for (const auto& [row, hash] : there)
    RC_ASSERT(index.find(hash, [&](const SliceRow& found) { return &found == row; }) == row);
  std::size_t visited = 0;
  index.for_each([&](SliceRow& row) { visited += there.count(&row); });
  RC_ASSERT(visited == there.size());
  index.erase_if([&](SliceRow& row, double) { return there.at(&row) % 2 == 0; });
  for (const auto& [row, hash] : there)
    RC_ASSERT((index.find(hash, [&](const SliceRow& found) { return &found == row; }) == row) ==
              (hash % 2 != 0));
}

// Dropped from one part of the table alone, they would leave the others full, where searching takes for ever.
TEST(RowTable, rows_are_dropped_from_all_over_the_table) {
  const AccumulatorLayout layout = count_layout();
  MemoryStore store;
  RowTable table(ViewId(1), layout, Family::rows, store);
  constexpr std::size_t kRows = 40'000, kSlots = 65'536, kParts = 8;
  std::vector<std::string> nodes;
  for (std::size_t i = 0; i < kRows; ++i)
    nodes.push_back("node" + std::to_string(i));
  for (const std::string& node : nodes)
    count_once(table, **table.find_or_load(RowName(node, Timestamp{0})));
  StateBatch batch;
  table.seal(batch, [](const SliceRow&, std::string_view) {});
  table.shrink(table.memory_bytes() / 2);
  std::array<std::size_t, kParts> left{};
  for (const std::string& node : nodes) {
    const RowName name(node, Timestamp{0});
    if (table.find(name) != nullptr) ++left[name.hash % kSlots * kParts / kSlots];
  }
  for (const std::size_t rows : left)
    EXPECT_NEAR(static_cast<double>(rows), kRows / 2.0 / kParts, kRows / 20.0 / kParts);
}

}  // namespace
}  // namespace slipstream
