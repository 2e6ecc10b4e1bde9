#include "engine/app/demo/city_tasks.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "engine/expression/cell.h"

namespace slipstream {
namespace {

constexpr std::array<std::string_view, 12> kTitles = {"Trả lời kiến nghị của cử tri",
                                                      "Thẩm định hồ sơ",
                                                      "Báo cáo tiến độ giải ngân",
                                                      "Kiểm tra hiện trường",
                                                      "Giải quyết đơn thư",
                                                      "Rà soát quy hoạch",
                                                      "Tham mưu kế hoạch tháng",
                                                      "Cập nhật cơ sở dữ liệu",
                                                      "Phối hợp giải phóng mặt bằng",
                                                      "Tổng hợp số liệu chỉ tiêu",
                                                      "Chuẩn bị nội dung họp giao ban",
                                                      "Xử lý phản ánh qua cổng góp ý"};
constexpr std::uint64_t kWorkingDays = 21;  // of a month

bool is_weekend(CivilDate date) {
  const std::int64_t day = (days_since_epoch(date) + 3) % 7;  // 0 is Monday
  return day >= 5;
}

struct Chances {  // in a hundred
  int late, left_lying;
};
constexpr Chances kAsUsual{8, 2}, kSlipping{50, 22};

}  // namespace

CityTasks::CityTasks(const CityOrganisation& city, EventSchedule& schedule, std::uint64_t tasks_of_officer,
                     std::uint64_t seed)
    : city_(city), schedule_(schedule), tasks_of_officer_(tasks_of_officer), random_(seed) {
  for (std::size_t i = 0; i < city.officers.size(); ++i)
    while (first_of_unit_.size() <= city.officers[i].unit)
      first_of_unit_.push_back(i);
  first_of_unit_.push_back(city.officers.size());
  choose_slips();
}

// The first department never recovers, the first commune does; of the others some, as chance has it.
void CityTasks::choose_slips() {
  bool told_of_department = false, told_of_commune = false;
  const std::int32_t year = schedule_.zone().date_of(schedule_.ends() - days(1)).year;
  for (std::size_t unit = 0; unit < city_.units.size(); ++unit) {
    bool& told = city_.units[unit].is_commune ? told_of_commune : told_of_department;
    const bool is_first = !std::exchange(told, true);
    const auto month = is_first ? 4 : random_.between(2, 9);
    const auto length = is_first ? 3 : random_.between(1, 3);
    const bool slips = is_first || random_.chance(30);
    const bool recovers = is_first ? city_.units[unit].is_commune : random_.chance(85);
    if (!slips) continue;
    const CivilDate from{year, static_cast<std::uint8_t>(month), 1};
    slips_[unit] = {
        from, recovers ? std::optional(add_months(from, static_cast<std::int32_t>(length))) : std::nullopt};
  }
}

const CityTasks::Slip* CityTasks::slip_of(std::size_t unit, CivilDate date) const {
  const auto found = slips_.find(unit);
  if (found == slips_.end()) return nullptr;
  const Slip& slip = found->second;
  return date >= slip.from && (!slip.until || date < *slip.until) ? &slip : nullptr;
}

void CityTasks::make_day(CivilDate date) {
  if (is_weekend(date)) return;
  for (const CityOfficer& officer : city_.officers)
    if (random_.below(kWorkingDays) < tasks_of_officer_) make_task(officer, date);
}

void CityTasks::make_task(const CityOfficer& officer, CivilDate date) {
  const Zone& zone = schedule_.zone();
  const std::string task = json_string(fmt::format("NV-{:06}", ++tasks_));
  const Timestamp assigned = schedule_.at(date, random_.between(8, 16), random_.between(0, 59));
  Timestamp due = zone.start_of_day(zone.date_of(assigned + days(random_.between(8, 25))));
  schedule_.add(
      "task.assigned", assigned,
      fmt::format(
          R"("task":{},"title":{},"unit":{},"position":{},"person":{},"due_at":"{}","weight":{},"starred":{})",
          task, json_string(kTitles[random_.below(kTitles.size())]),
          json_string(city_.units[officer.unit].name), json_string(officer.position),
          json_string(officer.name), format_timestamp(due, zone), random_.between(1, 3), random_.chance(5)));
  if (random_.chance(40))
    schedule_.add("task.progressed", assigned + days(4),
                  fmt::format(R"("task":{},"percent":{})", task, random_.between(20, 80)));
  if (random_.chance(8)) {
    const Timestamp extended = due - days(2);
    due = due + days(7);
    schedule_.add("task.extended", extended,
                  fmt::format(R"("task":{},"due_at":"{}","approver":"Chánh Văn phòng")", task,
                              format_timestamp(due, zone)));
  }
  if (random_.chance(6)) hand_over(officer, task, assigned + days(3));
  finish(officer, date, task, assigned, due);
}

// To another officer of the unit, if it has one.
void CityTasks::hand_over(const CityOfficer& officer, const std::string& task, Timestamp at) {
  const std::size_t first = first_of_unit_[officer.unit];
  const std::size_t colleagues = first_of_unit_[officer.unit + 1] - first - 1;
  if (colleagues == 0) return;
  const auto own = static_cast<std::size_t>(&officer - city_.officers.data()) - first;
  const CityOfficer& next = city_.officers[first + (own + 1 + random_.below(colleagues)) % (colleagues + 1)];
  const std::string unit = json_string(city_.units[officer.unit].name);
  schedule_.add(
      "task.reassigned", at,
      fmt::format(R"("task":{},"from_unit":{},"from_person":{},"unit":{},"position":{},"person":{})", task,
                  unit, json_string(officer.name), unit, json_string(next.position), json_string(next.name)));
}

void CityTasks::finish(const CityOfficer& officer, CivilDate date, const std::string& task,
                       Timestamp assigned, Timestamp due) {
  if (random_.chance(2))
    return schedule_.add("task.cancelled", assigned + days(5),
                         fmt::format(R"("task":{},"reason":"Trùng lặp")", task));
  const auto done = completion(slip_of(officer.unit, date), assigned, due);
  if (!done) return;
  schedule_.add("task.completed", *done, fmt::format(R"("task":{})", task));
  review(task, *done);
}

// None: it is never done.
std::optional<Timestamp> CityTasks::completion(const Slip* slip, Timestamp assigned, Timestamp due) {
  const Chances chances = slip != nullptr ? kSlipping : kAsUsual;
  if (random_.chance(chances.left_lying)) {
    if (slip == nullptr && random_.chance(80)) return due + days(random_.between(20, 45));
    if (slip == nullptr || !slip->until) return std::nullopt;
    const Timestamp swept = schedule_.zone().start_of_day(*slip->until) + days(random_.between(1, 14));
    return std::max(due, swept) + hours(random_.between(9, 16));
  }
  if (random_.chance(chances.late)) return due + hours(random_.between(9, slip != nullptr ? 400 : 200));
  return std::max(due - hours(random_.between(7, 60)), assigned + hours(2));
}

void CityTasks::review(const std::string& task, Timestamp done) {
  if (random_.chance(5)) {
    schedule_.add("task.returned", done + days(1),
                  fmt::format(R"("task":{},"reason":"Thiếu minh chứng","quality_fault":true)", task));
    schedule_.add("task.completed", done + days(3), fmt::format(R"("task":{})", task));
  } else if (random_.chance(30)) {
    schedule_.add("task.accepted", done + days(2),
                  fmt::format(R"("task":{},"grade":"{}")", task, random_.chance(40) ? "Tốt" : "Đạt"));
  }
}

}  // namespace slipstream
