#include <fmt/format.h>

#include <vector>

#include "benchmarks/end_to_end/workload.h"
#include "benchmarks/peers/native/filling.h"

namespace slipstream::bench {
namespace {

constexpr std::uint64_t kOffices = 200;
constexpr std::uint64_t kOfficesPerDistrict = 10;
constexpr std::int64_t kHourUs = 3'600'000'000;
constexpr std::int64_t kDayUs = 24 * kHourUs;
constexpr std::int64_t kStartUs = 1'767'225'600'000'000;  // 2026-01-01T00:00:00Z
constexpr std::int64_t kSpanUs = 60 * kDayUs;
constexpr std::uint64_t kDeadlineHours = 40 * 24;
constexpr std::int64_t kExtensionUs = 7 * kDayUs;

struct TaskRecord {
  std::uint32_t task = 0;
  std::uint16_t type = 0;    // the event type's number
  std::uint16_t office = 0;  // of an assignment or reassignment
  std::int64_t us = 0;       // the deadline of an assignment or extension, the instant of a completion
};

class Tasks final : public Filling {
 public:
  explicit Tasks(std::uint64_t events) : events_(events) {}

  std::string_view write(std::uint64_t index, Event& event) override {
    const std::uint64_t chance = scatter(index);
    const std::uint64_t kind = chance % 5;
    const bool assigns = kind < 2 || due_.empty();
    const std::uint64_t task = assigns ? due_.size() : (chance >> 8) % due_.size();
    const std::int64_t at =
        kStartUs + static_cast<std::int64_t>(static_cast<Int128>(kSpanUs) * index / events_);
    id_ = fmt::format("{}", index);
    task_ = fmt::format("T{:015}", task);
    event.id = id_;
    event.source = "/city/tasks";
    event.subject = task_;
    event.time = event.effective_at = event.recorded_at = Timestamp{at};
    event.fields.clear();
    event.fields.push_back({Field::task, Value::text(task_)});
    record_ = {static_cast<std::uint32_t>(task), 0, 0, 0};
    if (assigns) {
      due_.push_back((at / kHourUs + 1 + static_cast<std::int64_t>((chance >> 32) % kDeadlineHours)) *
                     kHourUs);
      event.type = EventType::task_assigned;
      hold(chance, event);
      set(Field::due_at, due_.back(), event);
    } else if (kind == 2) {
      event.type = EventType::task_extended;
      set(Field::due_at, due_[task] += kExtensionUs, event);
    } else if (kind == 3) {
      event.type = EventType::task_reassigned;
      hold(chance, event);
    } else {
      event.type = EventType::task_completed;
      set(Field::completed_at, at, event);
    }
    record_.type = static_cast<std::uint16_t>(event.type);
    return {reinterpret_cast<const char*>(&record_), sizeof record_};
  }

 private:
  void hold(std::uint64_t chance, Event& event) {
    record_.office = static_cast<std::uint16_t>((chance >> 20) % kOffices);
    unit_ = fmt::format("d{:02}/o{:03}", record_.office / kOfficesPerDistrict, record_.office);
    event.fields.push_back({Field::unit, Value::text(unit_)});
  }

  void set(Field field, std::int64_t us, Event& event) {
    record_.us = us;
    event.fields.push_back({field, Value::timestamp({us})});
  }

  const std::uint64_t events_;
  std::vector<std::int64_t> due_;  // by task
  TaskRecord record_;
  std::string id_, task_, unit_;
};

}  // namespace

std::unique_ptr<Filling> tasks_of(std::uint64_t events) { return std::make_unique<Tasks>(events); }

}  // namespace slipstream::bench
