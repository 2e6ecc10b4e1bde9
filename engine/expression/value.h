// A typed SQL value: what columns hold and expressions compute with.
//
// BasicValue<Decimal> (= Value) is the row-level value of folds, filters and measure arguments: hot, never
// allocates; text is a view into bytes owned elsewhere (the record, the entity row, or the evaluation's
// Arena). BasicValue<Rational> (= KpiValue) is the exact value of KPI formulas and judgements: cold.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>

#include "engine/base/decimal.h"
#include "engine/base/rational.h"
#include "engine/base/time.h"

namespace slipstream {

// Stable numbers: they are stored.
enum class Type : std::uint8_t {
  null = 0,
  boolean = 1,
  integer = 2,
  decimal = 3,
  text = 4,
  timestamp = 5,
  interval = 6
};
constexpr bool is_number(Type type) { return type == Type::integer || type == Type::decimal; }
std::string_view name_of(Type type);  // "boolean", "integer", ... as users write them in definitions
Result<Type> parse_type(std::string_view name);

// PostgreSQL's interval: three independent parts. A difference of timestamps has microseconds only.
struct Interval {
  std::int32_t months = 0;
  std::int32_t days = 0;
  std::int64_t us = 0;
  friend constexpr bool operator==(Interval, Interval) = default;
};
// PostgreSQL's comparison: months as 30 days, days as 24 hours.
Int128 comparable_us(Interval interval);
// "1 mon 3 days 04:05:06". Whole days inside the microseconds print as days, as PostgreSQL prints a
// difference of timestamps.
std::string format_interval(Interval interval);
// PostgreSQL's units: "3 days", "1 month", "01:30:00", "1.5 hours", "2 days ago"; error syntax.
Result<Interval> parse_interval(std::string_view text);
// Part by part; nullopt on overflow.
std::optional<Interval> add_intervals(Interval a, Interval b, int sign);
// Part by part; a fraction of a month passes down as 30-day days, of a day as 24-hour microseconds, which are
// rounded half-even. nullopt on overflow.
std::optional<Interval> multiply_interval(Interval interval, const Rational& factor);
// Adds months, then days (both in local civil time of the zone), then microseconds. Saturates at
// Timestamp::min() and max() outside the representable range.
Timestamp add_interval(Timestamp t, Interval interval, int sign, const Zone& zone);

template <class Number>
class BasicValue {
 public:
  using Storage =
      std::variant<std::monostate, bool, std::int64_t, Number, std::string_view, Timestamp, Interval>;

  BasicValue() = default;  // NULL
  static BasicValue null() { return {}; }
  static BasicValue boolean(bool v) { return BasicValue(Storage(std::in_place_index<1>, v)); }
  static BasicValue integer(std::int64_t v) { return BasicValue(Storage(std::in_place_index<2>, v)); }
  static BasicValue decimal(Number v) { return BasicValue(Storage(std::in_place_index<3>, std::move(v))); }
  static BasicValue text(std::string_view v) { return BasicValue(Storage(std::in_place_index<4>, v)); }
  static BasicValue timestamp(Timestamp v) { return BasicValue(Storage(std::in_place_index<5>, v)); }
  static BasicValue interval(Interval v) { return BasicValue(Storage(std::in_place_index<6>, v)); }

  Type type() const { return static_cast<Type>(storage_.index()); }
  bool is_null() const { return storage_.index() == 0; }
  bool as_boolean() const { return std::get<1>(storage_); }
  std::int64_t as_integer() const { return std::get<2>(storage_); }
  const Number& as_decimal() const { return std::get<3>(storage_); }
  std::string_view as_text() const { return std::get<4>(storage_); }
  Timestamp as_timestamp() const { return std::get<5>(storage_); }
  Interval as_interval() const { return std::get<6>(storage_); }

  // Identity (NULL equals NULL, 1 does not equal 1.0): for change detection, not SQL's `=`.
  friend bool operator==(const BasicValue&, const BasicValue&) = default;

 private:
  explicit BasicValue(Storage storage) : storage_(std::move(storage)) {}
  Storage storage_;
};

using Value = BasicValue<Decimal>;
static_assert(sizeof(Value) == 32 && std::is_trivially_copyable_v<Value>);
// NULL in every place of a row. (std::fill stores one byte of a NULL and loads sixteen, once for each place: a stall each.)
void set_null(std::span<Value> row);
using KpiValue = BasicValue<Rational>;

KpiValue to_kpi_value(const Value& value);
// Integer and decimal as a Rational; nullopt for every other type.
std::optional<Rational> number_of(const KpiValue& value);
std::string format_value(const Value& value, const Zone& zone);     // NULL prints as ""
std::string format_value(const KpiValue& value, const Zone& zone);  // decimals rounded half-even to 6 digits

// Owns text made during an evaluation.
class Arena {
 public:
  std::string_view keep(std::string text) { return texts_.emplace_back(std::move(text)); }
  void clear() { texts_.clear(); }

 private:
  std::deque<std::string> texts_;
};

// Order-preserving bytes: comparing two encodings of one type as unsigned bytes compares the values (NULL
// first). Numerically equal decimals encode equally whatever their scale; integers and decimals share one
// numeric order.
void append_ordered(std::string& out, const Value& value);
// Compact self-delimiting bytes (canonical: equal values give equal bytes). Text of the result points into
// `in`.
void append_value(std::string& out, const Value& value);
Result<Value> read_value(std::string_view& in);  // consumes; error store_corrupt

}  // namespace slipstream
