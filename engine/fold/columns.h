// Declared columns: attributes of events as typed columns after a relation's built-in ones.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "engine/decode/event.h"
#include "engine/expression/expression.h"

namespace slipstream {

// The declared columns of one relation and where they stand in its row.
class DeclaredColumns {
 public:
  DeclaredColumns() = default;
  DeclaredColumns(const std::vector<Column>& columns, std::uint16_t first_index, Zone zone);

  // Sets the column of that name, converted to its declared type; other names are ignored.
  void set(std::string_view name, const Value& value, std::span<Value> row) const;
  // Error wrong_type naming the first attribute that does not convert to its column's type.
  Result<> check(const Event& event) const;

 private:
  std::vector<Column> columns_;
  std::uint16_t first_index_ = 0;
  Zone zone_;
};

// Text, integer and decimal convert to one another where exact; text parses as the type. nullopt: does not
// convert.
std::optional<Value> convert_value(const Value& value, Type type, const Zone& zone);

}  // namespace slipstream
