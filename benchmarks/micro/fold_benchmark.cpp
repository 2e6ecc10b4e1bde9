// What an event costs from its fields to what it contributes, and a task's events with their history and rows.
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <optional>

#include "benchmarks/micro/city.h"
#include "benchmarks/micro/counted.h"
#include "engine/shard/folding.h"
#include "engine/state/memory_store.h"

namespace slipstream::bench {
namespace {

constexpr std::string_view kDelivery = R"yaml(
time_zone: UTC
organisation: { root: city }
views:
  delivery:
    from: tasks
    node: [unit, person]
    window: { on: due_at, every: month }
    measures:
      due: count(*)
      on_time: count(*) filter (where completed_at <= due_at)
      late: count(*) filter (where completed_at > due_at)
      overdue: count(*) filter (where completed_at is null and due_at < now())
)yaml";

// Assigned, progressed, extended, handed over, completed.
class TaskLife {
 public:
  static constexpr std::size_t kEvents = 5;

  explicit TaskLife(int number) : task_(fmt::format("NV-{:06}", number)) {
    for (std::size_t i = 0; i < kEvents; ++i)
      ids_.push_back(fmt::format("e-{:06}-{}", number, i));
  }

  std::vector<Event> events() const {
    const auto person = [](std::string_view name) {
      return std::vector<EventField>{{Field::unit, Value::text("d03/o031")},
                                     {Field::person, Value::text(name)}};
    };
    std::vector<EventField> assigned = person("p0611");
    assigned.push_back({Field::title, Value::text("Rà soát hồ sơ cấp phép xây dựng")});
    assigned.push_back({Field::weight, Value::decimal(Decimal::from_units(15, 1))});
    assigned.push_back({Field::due_at, Value::timestamp(kNow + days(20))});
    return {event(0, EventType::task_assigned, assigned),
            event(1, EventType::task_progressed, {{Field::percent, Value::decimal(Decimal(40))}}),
            event(2, EventType::task_extended, {{Field::due_at, Value::timestamp(kNow + days(50))}}),
            event(3, EventType::task_reassigned, person("p0612")),
            event(4, EventType::task_completed, {{Field::completed_at, Value::timestamp(kNow + days(4))}})};
  }

 private:
  Event event(std::size_t index, EventType type, const std::vector<EventField>& fields) const {
    Event made;
    made.type = type;
    made.id = ids_[index];
    made.source = "/city/tasks";
    made.subject = task_;
    made.time = made.effective_at = made.recorded_at = kNow + days(static_cast<std::int64_t>(index));
    made.fields.push_back({Field::task, Value::text(task_)});
    made.fields.insert(made.fields.end(), fields.begin(), fields.end());
    return made;
  }

  std::string task_;
  std::vector<std::string> ids_;
};

struct Folder {
  explicit Folder(const Plan& plan) : roll_up(plan, Partition(0), 1, store), folding(plan, roll_up, store) {}
  MemoryStore store;
  RollUp roll_up;
  Folding folding;
};

// Each event of a task that was not there before.
void fold_task(benchmark::State& state) {
  constexpr int kTasks = 1000;
  const Plan plan = plan_of(kDelivery);
  std::vector<TaskLife> lives;
  for (int i = 0; i < kTasks; ++i)
    lives.emplace_back(i);
  std::vector<std::vector<Event>> tasks;
  for (const TaskLife& life : lives)
    tasks.push_back(life.events());
  std::optional<Folder> folder;
  std::size_t next = tasks.size();
  for (auto _ : state) {
    if (next == tasks.size()) {  // begins anew, so that memory stays bounded
      folder.emplace(plan);
      next = 0;
    }
    for (const Event& event : tasks[next])
      benchmark::DoNotOptimize(must(folder->folding.fold(event, Partition(0), Offset(0), kNow)));
    ++next;
  }
  state.SetItemsProcessed(state.iterations() * TaskLife::kEvents);
}
BENCHMARK(fold_task)->Apply(counted<1000>);

// A history of five events folded to a row, and the view's expressions over it.
void task_contributions(benchmark::State& state) {
  const Plan plan = plan_of(kDelivery);
  const TaskLife life(1);
  std::string history;
  for (const Event& event : life.events())
    must(insert_event(history, event, Partition(0), Offset(0)));
  EntityContributions contributions(plan);
  const std::string key = task_key("NV-000001");
  Evaluation evaluation;
  for (auto _ : state) {
    evaluation.contributions.clear();
    must(contributions.add_task(key, history, kNow, evaluation));
    benchmark::DoNotOptimize(evaluation);
    contributions.clear_arena();
  }
}
BENCHMARK(task_contributions)->Apply(counted<1000>);

void reading_contributions(benchmark::State& state) {
  const Plan plan = plan_of(kAir);
  const Readings readings(1, 3);
  EntityContributions contributions(plan);
  const std::vector<std::uint32_t> views{0};
  std::vector<Contribution> made;
  for (auto _ : state) {
    made.clear();
    contributions.add_observation(readings.events().front(), views, kNow, made);
    benchmark::DoNotOptimize(made);
  }
}
BENCHMARK(reading_contributions)->Apply(counted<10'000>);

}  // namespace
}  // namespace slipstream::bench

BENCHMARK_MAIN();
