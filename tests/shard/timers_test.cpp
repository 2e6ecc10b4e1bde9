// Timers are those of an ordered set, wherever they are: near ones in memory, the others in the store or in the list of changes.
#include "engine/shard/timers.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <set>

#include "engine/state/memory_store.h"

namespace slipstream {
namespace {

using Timer = std::pair<Timestamp, std::string>;

// A commit: the store has what was sealed before anything is loaded again.
void commit(Timers& timers, MemoryStore& store) {
  StateBatch batch;
  timers.seal(batch);
  ASSERT_TRUE(store.apply(batch, false));
}

Timer some_timer(std::int64_t instants) {
  return {Timestamp{*rc::gen::inRange<std::int64_t>(0, instants)},
          *rc::gen::element<std::string>("a", "b", "c", "d", "e")};
}

RC_GTEST_PROP(Timers, are_those_of_an_ordered_set, ()) {
  MemoryStore store;
  const auto near_max = *rc::gen::inRange<std::size_t>(1, 6);
  const std::int64_t instants = *rc::gen::element<std::int64_t>(1, 3, 40);
  std::set<Timer> model;
  auto timers = std::make_unique<Timers>(store, Family::waiting, "d", near_max);
  const auto earliest = [&] { return model.empty() ? Timestamp::max() : model.begin()->first; };
  for (int step = *rc::gen::inRange(0, 200); step > 0; --step) {
    switch (*rc::gen::inRange(0, 8)) {
      case 0:
        commit(*timers, store);
        break;
      case 1:
        commit(*timers, store);
        timers = std::make_unique<Timers>(store, Family::waiting, "d", near_max);  // started again
        break;
      case 2:
        RC_ASSERT(timers->next().value() == earliest());
        break;
      case 3: {
        const Timestamp now{*rc::gen::inRange<std::int64_t>(0, instants + 1)};
        const auto due = timers->pop_due(now).value();
        RC_ASSERT(due.has_value() == (earliest() <= now));
        if (due) RC_ASSERT(*due == *model.begin());
        if (due) model.erase(model.begin());
        break;
      }
      case 4: {
        const Timer timer = some_timer(instants);
        timers->cancel(timer.first, timer.second);
        model.erase(timer);
        break;
      }
      default: {
        const Timer timer = some_timer(instants);
        timers->set(timer.first, timer.second);
        model.insert(timer);
      }
    }
  }
  while (const auto due = timers->pop_due(Timestamp::max()).value()) {
    RC_ASSERT(*due == *model.begin());
    model.erase(model.begin());
  }
  RC_ASSERT(model.empty());
}

TEST(Timers, OfManyAtOneInstantComeInTheOrderOfTheirNames) {
  MemoryStore store;
  Timers timers(store, Family::timers, "", 4);
  for (int i = 999; i >= 0; --i)
    timers.set(Timestamp{i % 2}, std::to_string(1000 + i));
  commit(timers, store);
  for (int odd : {0, 1})
    for (int i = odd; i < 1000; i += 2)
      ASSERT_EQ(timers.pop_due(Timestamp{1}).value(),
                std::optional(Timer{Timestamp{odd}, std::to_string(1000 + i)}));
  EXPECT_EQ(timers.next().value(), Timestamp::max());
}

TEST(Timers, SetAtTheLastInstantInMemoryAndSealedIsNotFoundInTheStoreAgain) {
  MemoryStore store;
  Timers timers(store, Family::timers, "", 3);
  const std::vector<Timer> expected{{Timestamp{0}, "a"},
                                    {Timestamp{0}, "b"},
                                    {Timestamp{5}, "a"},
                                    {Timestamp{5}, "b"},
                                    {Timestamp{6}, "a"}};
  for (std::size_t i : {0, 1, 2, 4})
    timers.set(expected[i].first, expected[i].second);
  commit(timers, store);
  ASSERT_EQ(timers.next().value(), Timestamp{0});  // three are loaded, up to the first of the two at 5
  timers.set(expected[3].first, expected[3].second);
  commit(timers, store);
  for (const Timer& timer : expected)
    ASSERT_EQ(timers.pop_due(Timestamp{9}).value(), std::optional(timer));
  EXPECT_EQ(timers.next().value(), Timestamp::max());
}

}  // namespace
}  // namespace slipstream
