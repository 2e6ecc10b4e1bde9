#include <fmt/format.h>

#include <vector>

#include "benchmarks/end_to_end/workload.h"

namespace slipstream::bench {
namespace {

constexpr std::uint64_t kPersons = 4000;
constexpr std::uint64_t kPersonsPerOffice = 20;
constexpr std::uint64_t kOfficesPerDistrict = 10;
constexpr Timestamp kStart{1'767'225'600'000'000};  // 2026-01-01T00:00:00Z
constexpr std::int64_t kHourUs = 3'600'000'000;
constexpr std::int64_t kDayUs = 24 * kHourUs;
constexpr std::int64_t kAssigningUs = 30 * kDayUs;   // the preload's
constexpr std::uint64_t kDeadlineHours = 360 * 24;   // deadlines lie in the year after it
constexpr std::int64_t kUsPerTaskDay = kDayUs * 12;  // each task has an event about every twelve days
constexpr std::int64_t kNever = INT64_MAX;

constexpr std::string_view kDefinitions = R"yaml(name: Tasks of a city
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

// A month of UTC as months are labelled.
std::string month_of(std::int64_t us) { return format_timestamp({us}).substr(0, 7); }

class Tasks final : public Workload {
 public:
  explicit Tasks(std::uint64_t tasks) : tasks_(tasks) { known_.reserve(tasks); }

  std::string definitions() const override { return std::string(kDefinitions); }
  std::string_view view() const override { return "delivery"; }
  std::string_view root() const override { return "city"; }
  std::uint64_t preload() const override { return tasks_; }

  void write(std::uint64_t index, Event& event) override {
    event.fields.clear();
    const std::uint64_t chance = scatter(index);
    const std::uint64_t kind = chance % 5;
    const bool assigns = index < tasks_ || kind == 0;
    const std::uint64_t task = assigns ? known_.size() : (chance >> 8) % known_.size();
    const std::int64_t at = instant_of(index);
    id_ = fmt::format("e-{:09}", index);
    task_ = fmt::format("NV-{:08}", task);
    event.id = id_;
    event.source = "/city/tasks";
    event.subject = task_;
    event.time = event.effective_at = event.recorded_at = Timestamp{at};
    event.fields.push_back({Field::task, Value::text(task_)});
    if (assigns) return assign(chance, at, event);
    if (kind == 1) return complete(known_[task], at, event);
    if (kind == 2) return extend(known_[task], event);
    if (kind == 3) return reassign(chance, event);
    event.type = EventType::task_progressed;
    event.fields.push_back(
        {Field::percent, Value::decimal(Decimal(static_cast<std::int64_t>(chance >> 56) % 100))});
  }

  Totals totals(Timestamp clock) const override {
    Totals totals;
    for (const Known& task : known_) {
      auto& row = totals[month_of(task.due - 1)];  // a deadline belongs to what it ends
      row["due"] += 1;
      row["on_time"] += task.completed != kNever && task.completed <= task.due ? 1 : 0;
      row["late"] += task.completed != kNever && task.completed > task.due ? 1 : 0;
      row["overdue"] += task.completed == kNever && task.due < clock.us ? 1 : 0;
    }
    return totals;
  }

 private:
  struct Known {
    std::int64_t due = 0;
    std::int64_t completed = kNever;
  };

  std::int64_t instant_of(std::uint64_t index) const {
    const auto count = static_cast<std::int64_t>(tasks_);
    if (index < tasks_) return kStart.us + kAssigningUs / count * static_cast<std::int64_t>(index);
    return kStart.us + kAssigningUs + kUsPerTaskDay / count * static_cast<std::int64_t>(index - tasks_);
  }

  void hold(std::uint64_t chance, Event& event) {
    const std::uint64_t person = (chance >> 20) % kPersons;
    const std::uint64_t office = person / kPersonsPerOffice;
    unit_ = fmt::format("d{:02}/o{:03}", office / kOfficesPerDistrict, office);
    person_ = fmt::format("p{:04}", person);
    event.fields.push_back({Field::unit, Value::text(unit_)});
    event.fields.push_back({Field::person, Value::text(person_)});
  }

  void assign(std::uint64_t chance, std::int64_t at, Event& event) {
    Known& task = known_.emplace_back();
    task.due = std::max(at, kStart.us + kAssigningUs) +
               static_cast<std::int64_t>((chance >> 32) % kDeadlineHours) * kHourUs;
    event.type = EventType::task_assigned;
    event.fields.push_back({Field::title, Value::text("Rà soát hồ sơ cấp phép xây dựng")});
    hold(chance, event);
    event.fields.push_back({Field::weight, Value::decimal(Decimal::from_units(15, 1))});
    event.fields.push_back({Field::due_at, Value::timestamp({task.due})});
  }

  static void complete(Known& task, std::int64_t at, Event& event) {
    task.completed = at;
    event.type = EventType::task_completed;
    event.fields.push_back({Field::completed_at, Value::timestamp({at})});
  }

  static void extend(Known& task, Event& event) {
    task.due += 30 * kDayUs;
    event.type = EventType::task_extended;
    event.fields.push_back({Field::due_at, Value::timestamp({task.due})});
    event.fields.push_back({Field::approver, Value::text("p-lead")});
  }

  void reassign(std::uint64_t chance, Event& event) {
    event.type = EventType::task_reassigned;
    hold(chance, event);
  }

  const std::uint64_t tasks_;
  std::vector<Known> known_;
  std::string id_, task_, unit_, person_;
};

}  // namespace

std::unique_ptr<Workload> make_tasks(std::uint64_t tasks) { return std::make_unique<Tasks>(tasks); }

}  // namespace slipstream::bench
