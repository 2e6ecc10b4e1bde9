// The made-up city's agencies and officers. Their names are those of real departments and communes; what they
// do here is invented.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/app/demo/random.h"

namespace slipstream {

struct CityUnit {
  std::string name;
  bool is_commune = false;
  bool is_by_river = false;
};

struct CityOfficer {
  std::string name, position;
  std::size_t unit = 0;  // index of its unit
};

struct CityOrganisation {
  std::string root = "Sông Hàn";
  std::string departments = "Sở ngành", communes = "Phường, xã";  // the nodes between
  std::vector<CityUnit> units;                                    // departments, then communes
  std::vector<CityOfficer> officers;                              // unit by unit, its head first

  const std::string& parent_of(const CityUnit& unit) const {
    return unit.is_commune ? communes : departments;
  }
};

struct OrganisationSize {
  std::size_t departments, officers_of_department, communes, officers_of_commune;
};

// The same sequence of random numbers gives the same organisation. No more units than there are names.
CityOrganisation make_organisation(const OrganisationSize& size, Random& random);

}  // namespace slipstream
