// The finished values of a row's measures.
#include "engine/aggregate/accumulator.h"
#include "engine/aggregate/accumulator_fields.h"

namespace slipstream {
namespace {

template <std::size_t kLimbs>
Rational quotient(const ExactSum<kLimbs>& sum, std::uint64_t divisor) {
  if (const auto units = sum.to_int128()) return {*units, divisor};
  return {sum.to_integer(), Integer(divisor)};
}

// A sum as a number: the wide ones are at scale 18.
Rational sum_as_number(const std::byte* field, std::uint8_t limbs) {
  return limbs == 2 ? quotient(sum_at<2>(field), 1) : quotient(sum_at<4>(field), kFactorsToScale18[0]);
}

// Microseconds as an interval or a timestamp: rounded, beside the exact ones.
AggregateValue instant_or_interval(Type type, Rational us) {
  AggregateValue result;
  const Integer whole = numerator(rounded(us, 0));
  result.out_of_range = whole > INT64_MAX || whole < INT64_MIN;
  if (!result.out_of_range) {
    const auto rounded_us = static_cast<std::int64_t>(whole);
    result.value =
        type == Type::timestamp ? KpiValue::timestamp({rounded_us}) : KpiValue::interval({0, 0, rounded_us});
  }
  result.exact_us = std::move(us);
  return result;
}

KpiValue quantile_value(const MeasureSpec& spec, const QuantileBuckets& buckets, const DdSketch& sketch) {
  const auto number = sketch.quantile(spec.fraction, buckets);
  if (!number) return KpiValue::null();
  if (spec.argument == Type::interval)
    return instant_or_interval(Type::interval, Rational::of_double(*number)).value;
  return KpiValue::decimal(Rational::of_double(*number));
}

KpiValue ordered_value(const MeasureSpec& spec, const OrderedCounts& counts) {
  const bool wants_greatest = spec.aggregate == Aggregate::max || spec.aggregate == Aggregate::last;
  const auto key = wants_greatest ? counts.greatest() : counts.smallest();
  if (!key) return KpiValue::null();
  const bool has_order = spec.aggregate == Aggregate::first || spec.aggregate == Aggregate::last;
  return read_ordered_key(spec.argument, has_order ? key->substr(kOrderBytes) : *key);
}

AggregateValue distinct_value(DistinctReading reading) {
  AggregateValue result;
  result.value = KpiValue::integer(reading.count);
  result.estimated = !reading.exact;
  return result;
}

}  // namespace

AggregateValue AccumulatorLayout::value(const std::byte* row, std::size_t measure) const {
  const Slot& slot = slots_[measure];
  const std::byte* field = row + slot.offset;
  return slot.storage == Storage::sums ? sums_value(slot, field) : object_value(slot, field);
}

AggregateValue AccumulatorLayout::sums_value(const Slot& slot, const std::byte* field) {
  AggregateValue result;
  const auto count = load<std::int64_t>(field);
  if (slot.spec.aggregate == Aggregate::count) {
    result.value = KpiValue::integer(count);
    return result;
  }
  if (count <= 0) return result;
  Rational sum = sum_as_number(field + kCountBytes, slot.limbs);
  if (slot.spec.aggregate == Aggregate::ratio) {
    const Rational divisor =
        sum_as_number(field + kCountBytes + slot.limbs * kLimbBytes, slot.denominator_limbs);
    if (!divisor.is_zero()) result.value = KpiValue::decimal(sum / divisor);
    return result;
  }
  if (slot.spec.aggregate == Aggregate::avg) sum /= count;
  if (slot.spec.argument == Type::interval || slot.spec.argument == Type::timestamp)
    return instant_or_interval(slot.spec.argument, std::move(sum));
  result.value = KpiValue::decimal(std::move(sum));
  return result;
}

AggregateValue AccumulatorLayout::object_value(const Slot& slot, const std::byte* field) {
  AggregateValue result;
  if (slot.spec.aggregate == Aggregate::distinct) result.value = KpiValue::integer(0);
  with_object_type(slot, [&]<class Object>(std::type_identity<Object>) {
    const auto* object = load<Object*>(field);
    if (object == nullptr) return;
    if constexpr (std::is_same_v<Object, OrderedCounts>) {
      result.value = ordered_value(slot.spec, *object);
    } else if constexpr (std::is_same_v<Object, DdSketch>) {
      result.value = quantile_value(slot.spec, slot.buckets, *object);
    } else {
      result = distinct_value(object->reading());
    }
  });
  return result;
}

}  // namespace slipstream
