// How the fields of an accumulator row are read and written, and the objects that pointers in them lead
// to. Internal to accumulator.cpp and accumulator_value.cpp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <new>
#include <string_view>
#include <type_traits>

#include "engine/aggregate/accumulator.h"
#include "engine/aggregate/ddsketch.h"
#include "engine/aggregate/distinct.h"
#include "engine/aggregate/exact_sum.h"
#include "engine/aggregate/ordered_counts.h"
#include "engine/aggregate/ordered_key.h"

namespace slipstream {

inline constexpr std::size_t kCountBytes = sizeof(std::int64_t);
inline constexpr std::size_t kLimbBytes = sizeof(std::uint64_t);
// Instant and tie before the value in a key of first and last.
inline constexpr std::size_t kOrderBytes = 16;

template <class T>
T load(const std::byte* field) {
  static_assert(std::is_trivially_copyable_v<T>);
  T value;
  std::memcpy(&value, field, sizeof(T));
  return value;
}

template <class T>
void store(std::byte* field, const T& value) {
  static_assert(std::is_trivially_copyable_v<T>);
  std::memcpy(field, &value, sizeof(T));
}

// The sum in place: a copy of 32 bytes would wait for the four stores before it. ExactSum is implicitly
// created in bytes, and fields are at multiples of 8.
template <std::size_t kLimbs>
ExactSum<kLimbs>& sum_at(std::byte* field) {
  static_assert(std::is_trivially_copyable_v<ExactSum<kLimbs>> && alignof(ExactSum<kLimbs>) == 8);
  return *std::launder(reinterpret_cast<ExactSum<kLimbs>*>(field));
}
template <std::size_t kLimbs>
const ExactSum<kLimbs>& sum_at(const std::byte* field) {
  return *std::launder(reinterpret_cast<const ExactSum<kLimbs>*>(field));
}

// Calls visit(std::type_identity<Object>) with the type of the slot's object; does nothing for sums.
template <class Visit>
void AccumulatorLayout::with_object_type(const Slot& slot, Visit visit) {
  switch (slot.storage) {
    case Storage::sums:
      break;
    case Storage::ordered:
      visit(std::type_identity<OrderedCounts>());
      break;
    case Storage::distinct_counts:
      visit(std::type_identity<DistinctCounts>());
      break;
    case Storage::distinct_seen:
      visit(std::type_identity<DistinctSeen>());
      break;
    case Storage::quantiles:
      visit(std::type_identity<DdSketch>());
      break;
  }
}

inline OrderedCounts::Keep keep_of(const MeasureSpec& spec) {
  if (!spec.append_only) return OrderedCounts::Keep::all;
  const bool greatest = spec.aggregate == Aggregate::max || spec.aggregate == Aggregate::last;
  return greatest ? OrderedCounts::Keep::greatest : OrderedCounts::Keep::smallest;
}

template <class Object>
Object& AccumulatorLayout::ensure_object(const Slot& slot, std::byte* field) {
  if (auto* object = load<Object*>(field)) return *object;
  Object* made = nullptr;
  if constexpr (std::is_same_v<Object, OrderedCounts>) {
    made = new OrderedCounts(keep_of(slot.spec));
  } else if constexpr (std::is_same_v<Object, DdSketch>) {
    made = new DdSketch();
  } else {
    made = new Object(DistinctSettings{slot.spec.distinct_bound, slot.spec.distinct_precision});
  }
  store(field, made);
  return *made;
}

template <class Object>
void merge_object(Object& object, const Object& other, int sign) {
  if constexpr (std::is_same_v<Object, DistinctSeen>) {
    object.merge(other);
  } else {
    object.merge(other, sign);
  }
}

// Whether bytes are a key of the measure's ordered multiset.
inline bool is_measure_key(const MeasureSpec& spec, std::string_view key) {
  if (spec.aggregate != Aggregate::first && spec.aggregate != Aggregate::last)
    return is_ordered_key(spec.argument, key);
  return key.size() >= kOrderBytes && is_ordered_key(spec.argument, key.substr(kOrderBytes));
}

template <class Object>
bool read_object(Object& object, const MeasureSpec& spec, const QuantileBuckets& buckets, ByteReader& in) {
  if constexpr (std::is_same_v<Object, OrderedCounts>) {
    return object.read_from(in, [&spec](std::string_view key) { return is_measure_key(spec, key); });
  } else if constexpr (std::is_same_v<Object, DdSketch>) {
    return object.read_from(in, buckets);
  } else {
    return object.read_from(in);
  }
}

}  // namespace slipstream
