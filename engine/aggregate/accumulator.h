// The accumulators of a slice row: every measure of one (view, node, slice), mergeable, and linear.
//
// Guarantee G1 rests here: a row is a pure function of the multiset of current contributions. Whatever the
// order of additions, retractions and merges, in whatever grouping, equal multisets give equal values and
// identical bytes. So each accumulator is a linear map from signed multisets: accumulate with sign +1 and -1,
// merge with sign +1 and -1 (an append_only measure: +1 alone, and a maximum in the place of a sum). Negative
// counts may exist while a retraction has overtaken its contribution; they read as "not there".
//
// A row is layout.size() raw bytes that the caller owns, aligned to 8; ten million of them have no object,
// pointer or length of their own. All bytes zero is the empty row. Fields, at multiples of 8:
//
//   rows                        8              contributions in the row, whatever the measures' filters say
//   count                       8              of rows, or of arguments that are not NULL
//   sum, avg                    8 + 16         count, then ExactSum<2>: integers, or microseconds
//   sum, avg of decimals        8 + 32         count, then ExactSum<4>: units at scale 18
//   ratio                       8 + 32 to 64   count, then numerator and denominator, each as its type sums
//   min, max, first, last       8              pointer to OrderedCounts, or null
//   distinct                    8              pointer to DistinctCounts (append_only: DistinctSeen), or null
//   percentile                  8              pointer to DdSketch, or null
//
// SQL's rules for NULL: count(*) counts every row; every other aggregate ignores rows whose argument is NULL
// (first and last, too), and ratio those where either is. Over no argument at all, count and distinct are 0
// and the rest NULL. A ratio whose denominators sum to 0 is NULL. The caller applies a measure's filter.
// Sums, averages and percentiles take an interval's months as 30 days and its days as 24 hours.
//
// Serialised: zigzag varint rows; per measure, in the layout's order: a count as zigzag varint; sums after
// their count as in exact_sum.h; a pointer's object as one byte 0 when it is empty, else 1 and the object's
// bytes. Equal multisets give equal bytes. The bytes do not name their layout: who stores them stores the
// definition's version beside.
//
// Threads: a layout is constant after compile() and may be shared; a row belongs to one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/aggregate/ddsketch.h"
#include "engine/base/error.h"
#include "engine/expression/expression.h"
#include "engine/expression/value.h"

namespace slipstream {

// What the layout must know of a measure.
struct MeasureSpec {
  Aggregate aggregate = Aggregate::count;
  bool counts_rows = false;              // count(*): there is no argument
  Type argument = Type::null;            // null also for the literal NULL
  Type denominator = Type::null;         // ratio only
  Decimal fraction;                      // percentile only, 0 to 1
  double relative_error = 0.01;          // percentile only, kRelativeErrorMin to kRelativeErrorMax
  std::uint32_t distinct_bound = 1000;   // distinct only: exact up to this many, 0 to kDistinctBoundMax
  std::uint8_t distinct_precision = 12;  // distinct only: HyperLogLog's beyond the bound, 4 to 16
  bool append_only = false;              // never retracted: min, max, first, last and distinct are smaller
};
inline constexpr std::uint32_t kDistinctBoundMax = 10'000;

MeasureSpec spec_of(const MeasureExpression& measure);

// One row's contribution to one measure.
struct MeasureInput {
  const Value* argument = nullptr;     // a null pointer is a NULL, as count(*) has it
  const Value* denominator = nullptr;  // ratio only
  // first and last only: the window column's instant, and a hash of the event's or entity's id to settle
  // ties.
  Timestamp order_at;
  std::uint64_t order_tie = 0;
};

// The finished value of one measure.
struct AggregateValue {
  KpiValue value;  // its text points into the row and lives until the row changes
  // Sums and averages of intervals and averages of timestamps, exactly: microseconds. `value` holds them
  // rounded half-even to whole ones.
  std::optional<Rational> exact_us;
  bool estimated = false;  // distinct beyond its bound
  // More microseconds than an interval or a timestamp holds: `value` is NULL, exact_us is not.
  bool out_of_range = false;
};

class AccumulatorLayout {
 public:
  // Error type_mismatch for an aggregate that is not defined for the type, invalid_value for a setting out of
  // range.
  static Result<AccumulatorLayout> compile(const std::vector<MeasureSpec>& measures);

  std::size_t size() const { return size_; }  // bytes of a row, a multiple of 8
  std::size_t measures() const { return slots_.size(); }

  // The life of a row. create() makes an empty row of uninitialised bytes; a row that is not empty must be
  // destroyed, or moved, before its bytes are given up.
  void create(std::byte* row) const;
  void destroy(std::byte* row) const;                     // leaves an empty row
  void copy(std::byte* to, const std::byte* from) const;  // into uninitialised bytes
  void move(std::byte* to, std::byte* from) const;        // into uninitialised bytes; leaves `from` empty

  // Counts one contribution to the row as such, once for all measures. Sign: +1 or -1, here and below.
  void count_row(std::byte* row, int sign) const;
  // Adds or retracts a contribution to one measure. An argument of another type than the layout's is a bug.
  void accumulate(std::byte* row, std::size_t measure, const MeasureInput& input, int sign) const;
  // row += sign * other. They are different rows of this layout.
  void merge(std::byte* row, const std::byte* other, int sign) const;

  std::int64_t rows(const std::byte* row) const;
  // No contribution is left, nor owed: the row may be deleted.
  bool is_empty(const std::byte* row) const;
  AggregateValue value(const std::byte* row, std::size_t measure) const;
  // Approximate bytes, those of the heap included.
  std::size_t memory_bytes(const std::byte* row) const;

  void serialize(const std::byte* row, std::string& out) const;  // appends
  // Into an empty row. Error store_corrupt, then the row is empty again.
  Result<> deserialize(std::byte* row, std::string_view bytes) const;

 private:
  enum class Storage : std::uint8_t { sums, ordered, distinct_counts, distinct_seen, quantiles };
  struct Slot {
    MeasureSpec spec;
    Storage storage = Storage::sums;
    // Storage::sums: a count, then one number of limbs per sum; 0: there is no such sum.
    std::uint8_t limbs = 0;
    std::uint8_t denominator_limbs = 0;
    std::size_t offset = 0;
    QuantileBuckets buckets{kRelativeErrorMax};
  };

  static Result<Slot> compile_slot(const MeasureSpec& spec);
  static std::size_t bytes_of(const Slot& slot);
  static void add_to_sums(const Slot& slot, std::byte* field, const MeasureInput& input, int sign);
  static void add_to_object(const Slot& slot, std::byte* field, const MeasureInput& input, int sign);
  static AggregateValue sums_value(const Slot& slot, const std::byte* field);
  static AggregateValue object_value(const Slot& slot, const std::byte* field);
  static bool read_slot(const Slot& slot, std::byte* field, ByteReader& in);
  template <class Object>
  static Object& ensure_object(const Slot& slot, std::byte* field);
  template <class Visit>
  static void with_object_type(const Slot& slot, Visit visit);

  std::vector<Slot> slots_;
  std::size_t size_ = 8;
};

// A row that owns its bytes: for the few rows that are held one by one.
class AccumulatorRow {
 public:
  explicit AccumulatorRow(const AccumulatorLayout& layout);  // the layout must outlive it
  AccumulatorRow(const AccumulatorRow& other);
  AccumulatorRow(AccumulatorRow&& other) noexcept = default;  // `other` may only be destroyed or assigned to
  AccumulatorRow& operator=(AccumulatorRow other) noexcept;
  ~AccumulatorRow();

  std::byte* bytes() { return reinterpret_cast<std::byte*>(words_.get()); }
  const std::byte* bytes() const { return reinterpret_cast<const std::byte*>(words_.get()); }

 private:
  const AccumulatorLayout* layout_;
  std::unique_ptr<std::uint64_t[]> words_;
};

}  // namespace slipstream
