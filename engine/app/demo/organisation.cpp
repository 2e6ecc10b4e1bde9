#include "engine/app/demo/organisation.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

namespace slipstream {
namespace {

constexpr std::array<std::string_view, 20> kDepartments = {
    "Sở Xây dựng",
    "Sở Y tế",
    "Sở Tài chính",
    "Sở Nội vụ",
    "Sở Công Thương",
    "Sở Giáo dục và Đào tạo",
    "Sở Nông nghiệp và Môi trường",
    "Sở Khoa học và Công nghệ",
    "Sở Văn hóa, Thể thao và Du lịch",
    "Sở Tư pháp",
    "Sở Ngoại vụ",
    "Sở Dân tộc và Tôn giáo",
    "Văn phòng Ủy ban nhân dân",
    "Thanh tra thành phố",
    "Công an thành phố",
    "Bộ Chỉ huy Quân sự",
    "Thuế thành phố",
    "Bảo hiểm xã hội thành phố",
    "Ban Quản lý Khu công nghệ cao và các khu công nghiệp",
    "Trung tâm Phục vụ hành chính công"};

struct Commune {
  std::string_view name;
  bool is_by_river = false;
};
constexpr std::array<Commune, 40> kCommunes = {
    {{"Phường An Hải", true}, {"Phường Hải Châu"},       {"Xã Bà Nà"},
     {"Phường Thanh Khê"},    {"Phường Hòa Khánh"},      {"Xã Hòa Vang"},
     {"Phường Sơn Trà"},      {"Phường Ngũ Hành Sơn"},   {"Phường Hòa Cường", true},
     {"Phường An Khê"},       {"Phường Hải Vân"},        {"Phường Liên Chiểu"},
     {"Phường Cẩm Lệ", true}, {"Phường Hòa Xuân", true}, {"Phường Tam Kỳ", true},
     {"Phường Quảng Phú"},    {"Phường Hương Trà"},      {"Phường Bàn Thạch"},
     {"Phường Điện Bàn"},     {"Phường Điện Bàn Đông"},  {"Phường Điện Bàn Bắc"},
     {"Phường An Thắng"},     {"Phường Hội An", true},   {"Phường Hội An Đông", true},
     {"Phường Hội An Tây"},   {"Xã Hòa Tiến"},           {"Xã Núi Thành"},
     {"Xã Tam Hải"},          {"Xã Phú Ninh"},           {"Xã Tiên Phước"},
     {"Xã Trà My"},           {"Xã Nam Trà My"},         {"Xã Thăng Bình"},
     {"Xã Quế Sơn"},          {"Xã Nông Sơn"},           {"Xã Duy Xuyên"},
     {"Xã Đại Lộc", true},    {"Xã Nam Giang"},          {"Xã Đông Giang"},
     {"Xã Tây Giang"}}};

constexpr std::array<std::string_view, 12> kFamilyNames = {"Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Huỳnh",
                                                           "Phan",   "Vũ",   "Võ", "Đặng", "Bùi",   "Đỗ"};
constexpr std::array<std::string_view, 8> kMiddleNames = {"Văn",  "Thị",  "Minh", "Thanh",
                                                          "Quốc", "Ngọc", "Hữu",  "Thu"};
constexpr std::array<std::string_view, 20> kGivenNames = {
    "An",   "Bình",  "Chi", "Dũng", "Giang", "Hà",   "Khánh", "Lan",  "Minh", "Ngọc",
    "Phúc", "Quyên", "Sơn", "Thảo", "Tuấn",  "Uyên", "Vinh",  "Xuân", "Yến",  "Hải"};

std::string position_of(const CityUnit& unit, std::size_t place) {
  if (place == 0) return unit.is_commune ? "Chủ tịch" : "Thủ trưởng";
  if (place == 1) return unit.is_commune ? "Phó Chủ tịch" : "Phó Thủ trưởng";
  if (place <= 4) return unit.is_commune ? "Trưởng phòng" : "Trưởng phòng chuyên môn";
  return place % 5 == 0 ? "Chuyên viên chính" : "Chuyên viên";
}

// No two officers have one name: units and persons share one space of ids.
class Names {
 public:
  explicit Names(Random& random) : random_(random) {}
  std::string next() {
    const std::string_view family = kFamilyNames[random_.below(kFamilyNames.size())];
    const std::string_view middle = kMiddleNames[random_.below(kMiddleNames.size())];
    std::string name =
        fmt::format("{} {} {}", family, middle, kGivenNames[random_.below(kGivenNames.size())]);
    const int number = ++given_[name];
    return number == 1 ? name : fmt::format("{} {}", name, number);
  }

 private:
  Random& random_;
  std::map<std::string, int> given_;
};

}  // namespace

CityOrganisation make_organisation(const OrganisationSize& size, Random& random) {
  CityOrganisation city;
  for (std::size_t i = 0; i < std::min(size.departments, kDepartments.size()); ++i)
    city.units.push_back({std::string(kDepartments[i])});
  for (std::size_t i = 0; i < std::min(size.communes, kCommunes.size()); ++i)
    city.units.push_back({std::string(kCommunes[i].name), true, kCommunes[i].is_by_river});
  Names names(random);
  for (std::size_t i = 0; i < city.units.size(); ++i) {
    const CityUnit& unit = city.units[i];
    const std::size_t officers = unit.is_commune ? size.officers_of_commune : size.officers_of_department;
    for (std::size_t place = 0; place < officers; ++place)
      city.officers.push_back({names.next(), position_of(unit, place), i});
  }
  return city;
}

}  // namespace slipstream
