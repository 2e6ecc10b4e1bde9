// Which subjects are looked at: those that have changed and those whose time has come, as a model says that goes through
// all of them; and their marks, as the store has them.
#include "engine/shard/subjects.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

#include "engine/state/memory_store.h"

namespace slipstream {
namespace {

Plan plan_with_views(std::size_t views) {
  Plan plan;
  plan.views.resize(views);
  for (std::size_t i = 0; i < views; ++i)
    plan.views[i].id = ViewId(static_cast<std::uint32_t>(10 + i));
  return plan;
}

Subject& some_subject(Subjects& subjects) {
  const std::string node = *rc::gen::element<std::string>("a", "b", "b/c", "d");
  return subjects.find_or_add(*rc::gen::inRange<std::uint32_t>(0, 2), node);
}

RC_GTEST_PROP(Subjects, what_has_changed_or_is_due_is_looked_at, ()) {
  const Plan plan = plan_with_views(2);
  Subjects subjects(plan);
  for (int step = *rc::gen::inRange(0, 40); step > 0; --step) {
    switch (*rc::gen::inRange(0, 3)) {
      case 0:
        subjects.mark_changed(some_subject(subjects));
        break;
      case 1: {
        Subject& subject = some_subject(subjects);
        subject.set_due(*rc::gen::inRange<std::size_t>(0, 3), Timestamp{*rc::gen::inRange(0, 20)});
        subjects.enqueue(subject);
        break;
      }
      default: {
        const Timestamp now{*rc::gen::inRange(0, 20)};
        const std::vector<Subject*> due = subjects.take_due(now);
        const auto is_before = [](const Subject* a, const Subject* b) {
          return std::pair(a->view, a->node) < std::pair(b->view, b->node);
        };
        RC_ASSERT(std::adjacent_find(due.begin(), due.end(), [&](const Subject* a, const Subject* b) {
                    return !is_before(a, b);
                  }) == due.end());
        subjects.for_each([&](Subject& subject) {
          if (subject.changed || subject.first_due() <= now)
            RC_ASSERT(std::ranges::count(due, &subject) == 1);
        });
        for (Subject* subject : due) {
          for (const auto& [alert, at] : std::vector(subject->due))
            subject->set_due(alert, std::max(at, now + microseconds(1)));
          subjects.enqueue(*subject);
        }
        subjects.settle_changes();
        RC_ASSERT(!subjects.any_changed());
      }
    }
    Timestamp next = Timestamp::max();
    subjects.for_each([&](const Subject& subject) { next = std::min(next, subject.first_due()); });
    RC_ASSERT(subjects.next_due() == next);
  }
}

TEST(Subjects, have_their_marks_after_the_store_is_opened_again) {
  const Plan plan = plan_with_views(2);
  MemoryStore store;
  const auto sealed = [&](Subjects& subjects) {
    StateBatch batch;
    subjects.seal(batch);
    EXPECT_TRUE(store.apply(batch, false));
    return batch.size();
  };
  Subjects before(plan);
  before.mark(before.find_or_add(0, "judged"));
  before.mark_changed(before.find_or_add(1, "changed"));
  before.mark_changed(before.find_or_add(1, "settled"));
  EXPECT_EQ(sealed(before), 3U);
  before.settle_changes();
  before.mark_changed(before.find_or_add(1, "changed"));
  EXPECT_EQ(sealed(before), 1U) << "a mark is written when it has become another";

  Subjects after(plan);
  ASSERT_TRUE(after.open(store));
  EXPECT_FALSE(after.find(0, "judged")->changed);
  EXPECT_TRUE(after.find(1, "changed")->changed);
  EXPECT_FALSE(after.find(1, "settled")->changed);
  EXPECT_EQ(after.find(0, "changed"), nullptr);
  EXPECT_EQ(after.take_due(Timestamp{0}).size(), 1U);
  EXPECT_EQ(sealed(after), 0U);
}

TEST(Subjects, keep_their_slices_in_order) {
  Subject subject(0, "a");
  for (const std::int64_t slice : {5, 3, 9, 3, 5, 4})
    subject.add_slice(Timestamp{slice});
  EXPECT_EQ(subject.slices, (std::vector<Timestamp>{{3}, {4}, {5}, {9}}));
}

}  // namespace
}  // namespace slipstream
