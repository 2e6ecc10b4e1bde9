// Layout and life of a row, and what is written into it; accumulator_value.cpp reads values out of it.
#include "engine/aggregate/accumulator.h"

#include <cstring>
#include <type_traits>
#include <utility>

#include "engine/aggregate/accumulator_fields.h"

namespace slipstream {
namespace {

bool is_number_or_null(Type type) { return is_number(type) || type == Type::null; }

// Limbs of the exact sum that holds values of a type.
std::uint8_t limbs_for(Type type) { return type == Type::decimal ? 4 : 2; }

std::string about(const MeasureSpec& spec) {
  return std::string(name_of(spec.aggregate)) + " of " + std::string(name_of(spec.argument));
}

Result<> check_types(const MeasureSpec& spec) {
  const Type type = spec.argument;
  const bool additive = is_number_or_null(type) || type == Type::interval;
  bool fits = true;
  if (spec.aggregate == Aggregate::sum || spec.aggregate == Aggregate::percentile) fits = additive;
  if (spec.aggregate == Aggregate::avg) fits = additive || type == Type::timestamp;
  if (spec.aggregate == Aggregate::ratio)
    fits = is_number_or_null(type) && is_number_or_null(spec.denominator);
  if (fits) return {};
  return fail(ErrorCode::type_mismatch, about(spec) + " is not defined: it takes numbers or intervals");
}

Result<> check_settings(const MeasureSpec& spec) {
  if (spec.aggregate == Aggregate::percentile) {
    if (spec.fraction.sign() < 0 || spec.fraction > Decimal(1))
      return fail(ErrorCode::invalid_value,
                  "percentile " + spec.fraction.to_string() + " is not from 0 to 1");
    if (!(spec.relative_error >= kRelativeErrorMin && spec.relative_error <= kRelativeErrorMax))
      return fail(ErrorCode::invalid_value, "relative error of a percentile must be from 0.0001 to 0.5");
  }
  if (spec.aggregate == Aggregate::distinct) {
    if (spec.distinct_bound > kDistinctBoundMax)
      return fail(ErrorCode::invalid_value, "a distinct count can be kept exact up to 10000 values at most");
    if (spec.distinct_precision < kHyperLogLogPrecisionMin ||
        spec.distinct_precision > kHyperLogLogPrecisionMax)
      return fail(ErrorCode::invalid_value, "precision of a distinct count must be from 4 to 16");
  }
  return {};
}

// What one argument adds to a sum.
struct Summand {
  Int128 units;
  std::uint64_t factor;
};

[[noreturn]] void refuse_argument(Type declared, Type given) {
  invariant_failed("argument of the declared type", __FILE__, __LINE__,
                   std::string(name_of(given)) + " for " + std::string(name_of(declared)));
}

Summand summand_of(Type declared, const Value& value) {
  switch (value.type()) {
    case Type::integer:
      return {value.as_integer(), declared == Type::decimal ? kFactorsToScale18[0] : 1};
    case Type::decimal:
      if (declared != Type::decimal) break;
      return {value.as_decimal().units(),
              kFactorsToScale18[static_cast<std::size_t>(value.as_decimal().scale())]};
    case Type::timestamp:
      return {value.as_timestamp().us, 1};
    case Type::interval:
      return {comparable_us(value.as_interval()), 1};
    default:
      break;
  }
  refuse_argument(declared, value.type());
}

void add_summand(std::byte* field, std::uint8_t limbs, Summand summand, int sign) {
  if (limbs == 2) return sum_at<2>(field).add(summand.units, summand.factor, sign);
  sum_at<4>(field).add(summand.units, summand.factor, sign);
}

void merge_sum(std::byte* field, const std::byte* other, std::uint8_t limbs, int sign) {
  if (limbs == 2) sum_at<2>(field).add(sum_at<2>(other), sign);
  if (limbs == 4) sum_at<4>(field).add(sum_at<4>(other), sign);
}

void append_sum(const std::byte* field, std::uint8_t limbs, std::string& out) {
  if (limbs == 2) sum_at<2>(field).append_to(out);
  if (limbs == 4) sum_at<4>(field).append_to(out);
}

bool read_sum(std::byte* field, std::uint8_t limbs, ByteReader& in) {
  if (limbs == 2) return sum_at<2>(field).read_from(in);
  return limbs == 0 || sum_at<4>(field).read_from(in);
}

void add_count(std::byte* field, std::int64_t count) {
  store(field, wrapping_add(load<std::int64_t>(field), count));
}

// The sketches' scale: numbers as they are, intervals in microseconds. Equal decimals give the same double.
double sketch_number(const Value& value) {
  constexpr Int128 kExactInDouble = Int128{1} << 53;
  switch (value.type()) {
    case Type::integer:
      return static_cast<double>(value.as_integer());
    case Type::interval:
      return static_cast<double>(comparable_us(value.as_interval()));
    case Type::decimal: {
      const Decimal number = value.as_decimal();
      const bool exact = number.units() < kExactInDouble && number.units() > -kExactInDouble;
      return exact ? number.to_double() : number.normalized().to_double();
    }
    default:
      break;
  }
  refuse_argument(Type::decimal, value.type());
}

}  // namespace

MeasureSpec spec_of(const MeasureExpression& measure) {
  MeasureSpec spec;
  spec.aggregate = measure.aggregate;
  spec.counts_rows = measure.aggregate == Aggregate::count && !measure.argument;
  spec.argument = measure.argument.type();
  spec.denominator = measure.denominator.type();
  spec.fraction = measure.fraction;
  return spec;
}

Result<AccumulatorLayout> AccumulatorLayout::compile(const std::vector<MeasureSpec>& measures) {
  AccumulatorLayout layout;
  for (const MeasureSpec& spec : measures) {
    SLIPSTREAM_ASSIGN(Slot slot, compile_slot(spec));
    slot.offset = layout.size_;
    layout.size_ += bytes_of(slot);
    layout.slots_.push_back(std::move(slot));
  }
  return layout;
}

Result<AccumulatorLayout::Slot> AccumulatorLayout::compile_slot(const MeasureSpec& spec) {
  SLIPSTREAM_TRY(check_types(spec));
  SLIPSTREAM_TRY(check_settings(spec));
  Slot slot;
  slot.spec = spec;
  switch (spec.aggregate) {
    case Aggregate::count:
      break;
    case Aggregate::ratio:
      slot.denominator_limbs = limbs_for(spec.denominator);
      [[fallthrough]];
    case Aggregate::sum:
    case Aggregate::avg:
      slot.limbs = limbs_for(spec.argument);
      break;
    case Aggregate::min:
    case Aggregate::max:
    case Aggregate::first:
    case Aggregate::last:
      slot.storage = Storage::ordered;
      break;
    case Aggregate::distinct:
      slot.storage = spec.append_only ? Storage::distinct_seen : Storage::distinct_counts;
      break;
    case Aggregate::percentile:
      slot.storage = Storage::quantiles;
      slot.buckets = QuantileBuckets(spec.relative_error);
      break;
  }
  return slot;
}

std::size_t AccumulatorLayout::bytes_of(const Slot& slot) {
  if (slot.storage != Storage::sums) return sizeof(void*);
  return sizeof(std::int64_t) + sizeof(std::uint64_t) * (std::size_t{slot.limbs} + slot.denominator_limbs);
}

void AccumulatorLayout::create(std::byte* row) const { std::memset(row, 0, size_); }

void AccumulatorLayout::destroy(std::byte* row) const {
  for (const Slot& slot : slots_)
    with_object_type(
        slot, [&]<class Object>(std::type_identity<Object>) { delete load<Object*>(row + slot.offset); });
  create(row);
}

void AccumulatorLayout::copy(std::byte* to, const std::byte* from) const {
  std::memcpy(to, from, size_);
  for (const Slot& slot : slots_)
    with_object_type(slot, [&]<class Object>(std::type_identity<Object>) {
      if (const auto* object = load<Object*>(from + slot.offset))
        store(to + slot.offset, new Object(*object));
    });
}

void AccumulatorLayout::move(std::byte* to, std::byte* from) const {
  std::memcpy(to, from, size_);
  create(from);
}

void AccumulatorLayout::count_row(std::byte* row, int sign) const { add_count(row, sign); }

std::int64_t AccumulatorLayout::rows(const std::byte* row) const { return load<std::int64_t>(row); }

void AccumulatorLayout::accumulate(std::byte* row, std::size_t measure, const MeasureInput& input,
                                   int sign) const {
  const Slot& slot = slots_[measure];
  std::byte* field = row + slot.offset;
  if (slot.spec.counts_rows) return add_count(field, sign);
  if (input.argument == nullptr || input.argument->is_null()) return;
  if (slot.storage == Storage::sums) return add_to_sums(slot, field, input, sign);
  add_to_object(slot, field, input, sign);
}

void AccumulatorLayout::add_to_sums(const Slot& slot, std::byte* field, const MeasureInput& input, int sign) {
  if (slot.denominator_limbs != 0) {
    if (input.denominator == nullptr || input.denominator->is_null()) return;
    add_summand(field + kCountBytes + slot.limbs * kLimbBytes, slot.denominator_limbs,
                summand_of(slot.spec.denominator, *input.denominator), sign);
  }
  add_count(field, sign);
  if (slot.limbs != 0)
    add_summand(field + kCountBytes, slot.limbs, summand_of(slot.spec.argument, *input.argument), sign);
}

void AccumulatorLayout::add_to_object(const Slot& slot, std::byte* field, const MeasureInput& input,
                                      int sign) {
  const MeasureSpec& spec = slot.spec;
  SLIPSTREAM_INVARIANT(!spec.append_only || sign > 0, "a retraction from an append-only " + about(spec));
  if (slot.storage == Storage::quantiles) {
    ensure_object<DdSketch>(slot, field).add(slot.buckets.bucket_of(sketch_number(*input.argument)), sign);
    return;
  }
  std::string key;
  if (spec.aggregate == Aggregate::first || spec.aggregate == Aggregate::last) {
    append_timestamp(key, input.order_at);
    append_u64(key, input.order_tie);
  }
  const std::size_t telling = append_ordered_key(key, spec.argument, *input.argument);
  if (slot.storage == Storage::ordered)
    return ensure_object<OrderedCounts>(slot, field).add(std::move(key), sign);
  const std::uint64_t identity = distinct_key(std::string_view(key).substr(0, telling));
  if (slot.storage == Storage::distinct_seen) return ensure_object<DistinctSeen>(slot, field).add(identity);
  ensure_object<DistinctCounts>(slot, field).add(identity, sign);
}

void AccumulatorLayout::merge(std::byte* row, const std::byte* other, int sign) const {
  SLIPSTREAM_INVARIANT(row != other, "a row merged into itself");
  add_count(row, with_sign(load<std::int64_t>(other), sign));
  for (const Slot& slot : slots_) {
    std::byte* field = row + slot.offset;
    const std::byte* from = other + slot.offset;
    if (slot.storage == Storage::sums) {
      add_count(field, with_sign(load<std::int64_t>(from), sign));
      merge_sum(field + kCountBytes, from + kCountBytes, slot.limbs, sign);
      const std::size_t denominator = kCountBytes + slot.limbs * kLimbBytes;
      merge_sum(field + denominator, from + denominator, slot.denominator_limbs, sign);
      continue;
    }
    with_object_type(slot, [&]<class Object>(std::type_identity<Object>) {
      const auto* object = load<Object*>(from);
      if (object == nullptr || object->empty()) return;
      SLIPSTREAM_INVARIANT(!slot.spec.append_only || sign > 0,
                           "append-only rows subtracted: " + about(slot.spec));
      merge_object(ensure_object<Object>(slot, field), *object, sign);
    });
  }
}

bool AccumulatorLayout::is_empty(const std::byte* row) const {
  if (load<std::int64_t>(row) != 0) return false;
  for (const Slot& slot : slots_) {
    const std::byte* field = row + slot.offset;
    bool empty = true;
    if (slot.storage == Storage::sums) {
      for (std::size_t at = 0; at < bytes_of(slot); at += kLimbBytes)
        empty &= load<std::uint64_t>(field + at) == 0;
    } else {
      with_object_type(slot, [&]<class Object>(std::type_identity<Object>) {
        const auto* object = load<Object*>(field);
        empty = object == nullptr || object->empty();
      });
    }
    if (!empty) return false;
  }
  return true;
}

std::size_t AccumulatorLayout::memory_bytes(const std::byte* row) const {
  std::size_t bytes = size_;
  for (const Slot& slot : slots_)
    with_object_type(slot, [&]<class Object>(std::type_identity<Object>) {
      if (const auto* object = load<Object*>(row + slot.offset)) bytes += object->memory_bytes();
    });
  return bytes;
}

void AccumulatorLayout::serialize(const std::byte* row, std::string& out) const {
  append_zigzag(out, load<std::int64_t>(row));
  for (const Slot& slot : slots_) {
    const std::byte* field = row + slot.offset;
    if (slot.storage == Storage::sums) {
      append_zigzag(out, load<std::int64_t>(field));
      append_sum(field + kCountBytes, slot.limbs, out);
      append_sum(field + kCountBytes + slot.limbs * kLimbBytes, slot.denominator_limbs, out);
      continue;
    }
    with_object_type(slot, [&]<class Object>(std::type_identity<Object>) {
      const auto* object = load<Object*>(field);
      const bool present = object != nullptr && !object->empty();
      append_u8(out, present ? 1 : 0);
      if (present) object->append_to(out);
    });
  }
}

Result<> AccumulatorLayout::deserialize(std::byte* row, std::string_view bytes) const {
  ByteReader in(bytes);
  std::int64_t rows = 0;
  bool good = in.read_zigzag(rows);
  store(row, rows);
  for (std::size_t i = 0; good && i < slots_.size(); ++i)
    good = read_slot(slots_[i], row + slots_[i].offset, in);
  if (good && in.at_end()) return {};
  destroy(row);
  return fail(ErrorCode::store_corrupt, "the stored row does not match its view's measures");
}

bool AccumulatorLayout::read_slot(const Slot& slot, std::byte* field, ByteReader& in) {
  if (slot.storage == Storage::sums) {
    std::int64_t count = 0;
    if (!in.read_zigzag(count)) return false;
    store(field, count);
    return read_sum(field + kCountBytes, slot.limbs, in) &&
           read_sum(field + kCountBytes + slot.limbs * kLimbBytes, slot.denominator_limbs, in);
  }
  std::uint8_t present = 0;
  if (!in.read_u8(present) || present > 1) return false;
  if (present == 0) return true;
  bool good = false;
  with_object_type(slot, [&]<class Object>(std::type_identity<Object>) {
    Object& object = ensure_object<Object>(slot, field);
    good = read_object(object, slot.spec, slot.buckets, in) && !object.empty();
  });
  return good;
}

AccumulatorRow::AccumulatorRow(const AccumulatorLayout& layout)
    : layout_(&layout), words_(std::make_unique<std::uint64_t[]>(layout.size() / sizeof(std::uint64_t))) {}

AccumulatorRow::AccumulatorRow(const AccumulatorRow& other)
    : layout_(other.layout_),
      words_(std::make_unique<std::uint64_t[]>(layout_->size() / sizeof(std::uint64_t))) {
  layout_->copy(bytes(), other.bytes());
}

AccumulatorRow& AccumulatorRow::operator=(AccumulatorRow other) noexcept {
  std::swap(layout_, other.layout_);
  std::swap(words_, other.words_);
  return *this;
}

AccumulatorRow::~AccumulatorRow() {
  if (words_) layout_->destroy(bytes());
}

}  // namespace slipstream
