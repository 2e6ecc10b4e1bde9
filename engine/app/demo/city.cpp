#include "engine/app/demo/city.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

#include "engine/app/demo/city_definitions.h"
#include "engine/app/demo/random.h"
#include "engine/expression/cell.h"

namespace slipstream {
namespace {

constexpr std::array<std::string_view, 6> kDepartments = {"Sở Xây dựng", "Sở Y tế",        "Sở Tài chính",
                                                          "Sở Nội vụ",   "Sở Công Thương", "Sở Giáo dục"};
constexpr std::array<std::string_view, 8> kCommunes = {"Phường An Hải",    "Phường Hải Châu",  "Xã Bà Nà",
                                                       "Phường Thanh Khê", "Phường Hòa Khánh", "Xã Hòa Vang",
                                                       "Phường Sơn Trà",   "Phường Ngũ Hành"};
constexpr std::array<std::string_view, 10> kFamilyNames = {"Nguyễn", "Trần", "Lê", "Phạm", "Hoàng",
                                                           "Huỳnh",  "Phan", "Vũ", "Võ",   "Đặng"};
constexpr std::array<std::string_view, 12> kGivenNames = {"An",    "Bình", "Chi",  "Dũng", "Giang", "Hà",
                                                          "Khánh", "Lan",  "Minh", "Ngọc", "Phúc",  "Quyên"};
constexpr std::array<std::string_view, 6> kTitles = {"Trả lời kiến nghị của cử tri", "Thẩm định hồ sơ",
                                                     "Báo cáo tiến độ giải ngân",    "Kiểm tra hiện trường",
                                                     "Giải quyết đơn thư",           "Rà soát quy hoạch"};

struct Scale {
  std::size_t departments, communes, officers;  // officers of each unit
  std::int64_t tasks_of_officer;                // a month
  std::int64_t readings;                        // of each commune's sensor, a day
};

Scale scale_of(CitySize size) {
  return size == CitySize::small ? Scale{3, 3, 3, 5, 4}
                                 : Scale{kDepartments.size(), kCommunes.size(), 60, 12, 96};
}

constexpr int kMonths = 6;

class Generator {
 public:
  Generator(std::uint64_t seed, CitySize size, const std::function<void(CityEvent&&)>& visit)
      : random_(seed), scale_(scale_of(size)), visit_(visit), zone_(*Zone::find("Asia/Ho_Chi_Minh")) {}

  City run() {
    City city;
    city.root = "Sông Hàn";
    city.begins = at(1, 1, 0, 0);
    city.ends = zone_.start_of_day({2025, kMonths + 1, 1});
    make_organisation(city);
    for (int month = 1; month <= kMonths; ++month) {
      for (const Officer& officer : officers_)
        make_tasks(officer, month);
      make_reports(month);
      make_readings(month);
    }
    city.definitions = city_definitions(city.units);
    return city;
  }

 private:
  struct Officer {
    std::string name, unit;
  };

  Timestamp at(int month, int day, int hour, int minute) const {
    return zone_.to_timestamp({{2025, static_cast<std::uint8_t>(month), static_cast<std::uint8_t>(day)},
                               (hour * std::int64_t{60} + minute) * 60'000'000});
  }
  Timestamp at_work(int month, int day) {
    return at(month, day, static_cast<int>(random_.between(8, 16)), static_cast<int>(random_.below(60)));
  }
  bool is_over(Timestamp t) const { return t >= zone_.start_of_day({2025, kMonths + 1, 1}); }

  void emit(std::string_view type, Timestamp time, const std::string& data) {
    visit_(
        {time,
         fmt::format(
             R"({{"specversion":"1.0","id":"e-{:07}","source":"/song-han","type":"{}","time":"{}","data":{{{}}}}})",
             ++events_, type, format_timestamp(time, zone_), data)});
  }

  void make_unit(const std::string& unit, const std::string& parent) {
    emit("unit.created", at(1, 1, 0, 0),
         fmt::format(R"("unit":{},"parent":{})", json_string(unit), json_string(parent)));
  }

  void make_organisation(City& city) {
    make_unit("Sở ngành", city.root);
    make_unit("Phường, xã", city.root);
    const auto add = [&](std::string_view unit, const std::string& parent) {
      city.units.emplace_back(unit);
      make_unit(city.units.back(), parent);
      for (std::size_t i = 0; i < scale_.officers; ++i)
        appoint(city.units.back());
    };
    for (std::size_t i = 0; i < scale_.departments; ++i)
      add(kDepartments[i], "Sở ngành");
    for (std::size_t i = 0; i < scale_.communes; ++i)
      add(kCommunes[i], "Phường, xã");
    communes_.assign(city.units.begin() + static_cast<std::ptrdiff_t>(scale_.departments), city.units.end());
  }

  void appoint(const std::string& unit) {
    const std::string name = fmt::format("{} {}", kFamilyNames[random_.below(kFamilyNames.size())],
                                         kGivenNames[random_.below(kGivenNames.size())]);
    const int number = ++names_[name];
    officers_.push_back({number == 1 ? name : fmt::format("{} {}", name, number), unit});
    emit("person.appointed", at(1, 1, 0, 0),
         fmt::format(R"("person":{},"unit":{})", json_string(officers_.back().name), json_string(unit)));
  }

  const Officer& colleague_of(const Officer& officer) {
    std::vector<const Officer*> colleagues;
    for (const Officer& other : officers_)
      if (other.unit == officer.unit && other.name != officer.name) colleagues.push_back(&other);
    return colleagues.empty() ? officer : *colleagues[random_.below(colleagues.size())];
  }

  void make_tasks(const Officer& officer, int month) {
    for (std::int64_t i = 0; i < scale_.tasks_of_officer; ++i)
      make_task(officer, month);
  }

  void make_task(const Officer& officer, int month) {
    const std::string task = json_string(fmt::format("NV-{:06}", ++tasks_));
    const Timestamp assigned = at_work(month, static_cast<int>(random_.between(1, 27)));
    Timestamp due = zone_.start_of_day(zone_.date_of(assigned + days(random_.between(10, 25))));
    emit("task.assigned", assigned,
         fmt::format(R"("task":{},"title":{},"unit":{},"person":{},"due_at":"{}","weight":{})", task,
                     json_string(kTitles[random_.below(kTitles.size())]), json_string(officer.unit),
                     json_string(officer.name), format_timestamp(due, zone_), random_.between(1, 3)));
    if (random_.chance(40))
      later("task.progressed", assigned + days(4),
            fmt::format(R"("task":{},"percent":{})", task, random_.between(20, 80)));
    if (random_.chance(8)) {
      const Timestamp extended = due - days(2);
      due = due + days(7);
      later("task.extended", extended,
            fmt::format(R"("task":{},"due_at":"{}","approver":"Chánh văn phòng")", task,
                        format_timestamp(due, zone_)));
    }
    if (random_.chance(6)) {
      const Officer& next = colleague_of(officer);
      later("task.reassigned", assigned + days(3),
            fmt::format(R"("task":{},"unit":{},"person":{})", task, json_string(next.unit),
                        json_string(next.name)));
    }
    finish(officer, month, task, assigned, due);
  }

  void finish(const Officer& officer, int month, const std::string& task, Timestamp assigned, Timestamp due) {
    const bool slipping = officer.unit == kCommunes.front() && month >= 3;
    if (random_.chance(2))
      return later("task.cancelled", assigned + days(5),
                   fmt::format(R"("task":{},"reason":"Trùng lặp")", task));
    if (random_.chance(slipping ? 25 : 3)) return;  // left undone
    const bool is_late = random_.chance(slipping ? 60 : 9);
    const Timestamp latest = due - hours(random_.between(7, 60));
    const Timestamp done =
        is_late ? due + hours(random_.between(9, 240)) : std::max(latest, assigned + hours(2));
    later("task.completed", done, fmt::format(R"("task":{})", task));
    if (random_.chance(5)) {
      later("task.returned", done + days(1),
            fmt::format(R"("task":{},"reason":"Thiếu minh chứng","quality_fault":true)", task));
      later("task.completed", done + days(3), fmt::format(R"("task":{})", task));
    }
  }

  void later(std::string_view type, Timestamp time, const std::string& data) {
    if (!is_over(time)) emit(type, time, data);
  }

  // Children immunised, of those to be: each commune's count so far, reported on the month's 28th.
  void make_reports(int month) {
    for (std::size_t i = 0; i < communes_.size(); ++i) {
      const bool behind = communes_[i] == kCommunes[2];
      const std::int64_t children = 400 + 60 * static_cast<std::int64_t>(i);
      const std::int64_t percent =
          20 + (behind ? std::min(month, 3) * 12 + (month - std::min(month, 3)) * 3 : month * 13) +
          random_.between(-1, 1);
      emit("measurement.reported", at(month, 28, 17, 0),
           fmt::format(R"("indicator":"immunised","node":{},"numerator":{},"denominator":{})",
                       json_string(communes_[i]), children * percent / 100, children));
    }
  }

  void make_readings(int month) {
    const int last = days_in_month(2025, static_cast<std::uint8_t>(month));
    for (std::size_t i = 0; i < communes_.size(); ++i)
      for (int day = 1; day <= last; ++day) {
        const bool smoke = month == 3 && day >= 10 && day <= 13 && i == 1;
        for (std::int64_t n = 0; n < scale_.readings; ++n) {
          const std::int64_t value = (smoke ? 62 : 24) + random_.between(0, 20);
          const Timestamp read = at(month, day, 0, 0) + minutes(24 * 60 / scale_.readings * n + 5);
          emit("observation", read,
               fmt::format(R"("metric":"pm25","node":{},"value":{},"sequence":{})", json_string(communes_[i]),
                           value, ++readings_));
        }
      }
  }

  Random random_;
  Scale scale_;
  const std::function<void(CityEvent&&)>& visit_;
  Zone zone_;
  std::vector<Officer> officers_;
  std::vector<std::string> communes_;
  std::map<std::string, int> names_;
  std::int64_t events_ = 0, tasks_ = 0, readings_ = 0;
};

}  // namespace

City generate_city(std::uint64_t seed, CitySize size, const std::function<void(CityEvent&&)>& visit) {
  return Generator(seed, size, visit).run();
}

}  // namespace slipstream
