// How many distinct values: exact while they are at most `bound`, an estimate beyond.
//
// A value is known by its key, 61 bits of its hash; two of 1000 values share one with a chance of 2 in 10^13.
//
// DistinctCounts keeps retractions and any order of arrival (guarantee G1). Up to the bound it holds the keys
// with their signed counts. Beyond, it holds two linear sketches instead: SparseRecovery, which gives the
// exact keys back once retractions have brought them under the bound, and CountingHyperLogLog for the
// estimate. It goes over to the sketches when the keys exceed the bound and stays there until it is stored;
// what is read or stored never depends on which of the two it holds: the figure is exact when the keys are at
// most `bound` and SparseRecovery recovers them (all but once in 10^5 at the bound, practically always
// below), and an estimate otherwise.
//
// DistinctSeen never retracts and is much smaller beyond the bound: keys first, then HyperLogLog registers.
//
// Bytes: mode 0, then the keys (DistinctCounts: a SignedCounts; DistinctSeen: varint number, varint
// distances); or mode 1, then the sketches (SparseRecovery and CountingHyperLogLog; HyperLogLog).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/aggregate/hyperloglog.h"
#include "engine/aggregate/signed_counts.h"
#include "engine/aggregate/sparse_recovery.h"

namespace slipstream {

struct DistinctSettings {
  std::uint32_t bound = 1000;  // exact up to this many
  std::uint8_t precision = 12;
};

struct DistinctReading {
  std::int64_t count = 0;
  bool exact = true;
};

// The key of a value's canonical bytes.
std::uint64_t distinct_key(std::string_view value_bytes);

class DistinctCounts {
 public:
  explicit DistinctCounts(DistinctSettings settings) : settings_(settings) {}
  DistinctCounts(const DistinctCounts& other);
  DistinctCounts& operator=(const DistinctCounts&) = delete;

  void add(std::uint64_t key, std::int64_t count);
  void merge(const DistinctCounts& other, int sign);  // of the same settings
  bool empty() const;
  DistinctReading reading() const;
  std::size_t memory_bytes() const;

  void append_to(std::string& out) const;
  bool read_from(ByteReader& in);

 private:
  using Entry = SparseRecovery::Entry;
  struct Sketches {
    explicit Sketches(DistinctSettings settings)
        : recovery(SparseRecovery::cells_for(settings.bound)), registers(settings.precision) {}
    void add(std::uint64_t key, std::int64_t count);
    SparseRecovery recovery;
    CountingHyperLogLog registers;
  };
  Sketches sketches_of_keys() const;
  void go_over_to_sketches();
  // The keys when the figure is exact, whichever form holds them.
  std::optional<SignedCounts<std::uint64_t>> exact_keys() const;

  DistinctSettings settings_;
  SignedCounts<std::uint64_t> keys_;  // empty once there are sketches
  std::unique_ptr<Sketches> sketches_;
};

class DistinctSeen {
 public:
  explicit DistinctSeen(DistinctSettings settings) : settings_(settings) {}
  DistinctSeen(const DistinctSeen& other);
  DistinctSeen& operator=(const DistinctSeen&) = delete;

  void add(std::uint64_t key);
  void merge(const DistinctSeen& other);  // of the same settings
  bool empty() const { return keys_.empty() && !registers_; }
  DistinctReading reading() const;
  std::size_t memory_bytes() const;

  void append_to(std::string& out) const;
  bool read_from(ByteReader& in);

 private:
  void go_over_to_registers();

  DistinctSettings settings_;
  std::vector<std::uint64_t> keys_;  // ascending; empty once there are registers
  std::unique_ptr<HyperLogLog> registers_;
};

}  // namespace slipstream
