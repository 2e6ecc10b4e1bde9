#include "engine/aggregate/distinct.h"

#include <algorithm>

#include "engine/aggregate/mix.h"
#include "engine/base/hash.h"

namespace slipstream {
namespace {

constexpr std::uint8_t kKeys = 0, kSketches = 1;

// The last key a stored set may hold.
constexpr std::uint64_t kLastKey = kRecoveryPrime - 1;

}  // namespace

std::uint64_t distinct_key(std::string_view value_bytes) { return hash64(value_bytes) % kRecoveryPrime; }

void DistinctCounts::Sketches::add(std::uint64_t key, std::int64_t count) {
  recovery.add(key, count);
  registers.add(mixed(key), count);
}

DistinctCounts::DistinctCounts(const DistinctCounts& other)
    : settings_(other.settings_),
      keys_(other.keys_),
      sketches_(other.sketches_ ? std::make_unique<Sketches>(*other.sketches_) : nullptr) {}

DistinctCounts::Sketches DistinctCounts::sketches_of_keys() const {
  Sketches sketches(settings_);
  for (const Entry& entry : keys_.entries())
    sketches.add(entry.key, entry.count);
  return sketches;
}

void DistinctCounts::go_over_to_sketches() {
  sketches_ = std::make_unique<Sketches>(sketches_of_keys());
  keys_.clear();
}

void DistinctCounts::add(std::uint64_t key, std::int64_t count) {
  if (sketches_) return sketches_->add(key, count);
  keys_.add(key, count);
  if (keys_.size() > settings_.bound) go_over_to_sketches();
}

void DistinctCounts::merge(const DistinctCounts& other, int sign) {
  if (!other.sketches_) {
    if (!sketches_) {
      keys_.merge(other.keys_, sign);
      if (keys_.size() > settings_.bound) go_over_to_sketches();
      return;
    }
    for (const Entry& entry : other.keys_.entries())
      sketches_->add(entry.key, with_sign(entry.count, sign));
    return;
  }
  if (!sketches_) go_over_to_sketches();
  sketches_->recovery.merge(other.sketches_->recovery, sign);
  sketches_->registers.merge(other.sketches_->registers, sign);
}

bool DistinctCounts::empty() const {
  return sketches_ ? sketches_->registers.empty() && sketches_->recovery.empty() : keys_.empty();
}

std::optional<SignedCounts<std::uint64_t>> DistinctCounts::exact_keys() const {
  if (!sketches_) {
    const bool recoverable =
        SparseRecovery::recovers(keys_.entries(), SparseRecovery::cells_for(settings_.bound));
    return recoverable ? std::optional(keys_) : std::nullopt;
  }
  auto decoded = sketches_->recovery.decode(settings_.bound);
  if (!decoded) return std::nullopt;
  SignedCounts<std::uint64_t> keys;
  keys.assign(*std::move(decoded));
  return keys;
}

DistinctReading DistinctCounts::reading() const {
  if (const auto keys = exact_keys()) {
    const auto present = std::count_if(keys->entries().begin(), keys->entries().end(),
                                       [](const Entry& entry) { return entry.count > 0; });
    return {present, true};
  }
  return {sketches_ ? sketches_->registers.estimate() : sketches_of_keys().registers.estimate(), false};
}

std::size_t DistinctCounts::memory_bytes() const {
  const std::size_t sketches =
      sketches_ ? sizeof(Sketches) + sketches_->recovery.memory_bytes() + sketches_->registers.memory_bytes()
                : 0;
  return sizeof(*this) + keys_.memory_bytes() + sketches;
}

void DistinctCounts::append_to(std::string& out) const {
  if (const auto keys = exact_keys()) {
    append_u8(out, kKeys);
    keys->append_to(out);
    return;
  }
  append_u8(out, kSketches);
  const Sketches* sketches = sketches_.get();
  const std::optional<Sketches> made = sketches ? std::nullopt : std::optional(sketches_of_keys());
  if (made) sketches = &*made;
  sketches->recovery.append_to(out);
  sketches->registers.append_to(out);
}

bool DistinctCounts::read_from(ByteReader& in) {
  std::uint8_t mode = 0;
  if (!in.read_u8(mode)) return false;
  if (mode == kKeys) return keys_.read_from(in, 0, kLastKey) && keys_.size() <= settings_.bound;
  if (mode != kSketches) return false;
  sketches_ = std::make_unique<Sketches>(settings_);
  return sketches_->recovery.read_from(in) && sketches_->registers.read_from(in);
}

DistinctSeen::DistinctSeen(const DistinctSeen& other)
    : settings_(other.settings_),
      keys_(other.keys_),
      registers_(other.registers_ ? std::make_unique<HyperLogLog>(*other.registers_) : nullptr) {}

void DistinctSeen::go_over_to_registers() {
  registers_ = std::make_unique<HyperLogLog>(settings_.precision);
  for (const std::uint64_t key : keys_)
    registers_->add(mixed(key));
  std::vector<std::uint64_t>().swap(keys_);
}

void DistinctSeen::add(std::uint64_t key) {
  if (registers_) return registers_->add(mixed(key));
  const auto at = std::lower_bound(keys_.begin(), keys_.end(), key);
  if (at != keys_.end() && *at == key) return;
  keys_.insert(at, key);
  if (keys_.size() > settings_.bound) go_over_to_registers();
}

void DistinctSeen::merge(const DistinctSeen& other) {
  if (!other.registers_) {
    for (const std::uint64_t key : other.keys_)
      add(key);
    return;
  }
  if (!registers_) go_over_to_registers();
  registers_->merge(*other.registers_);
}

DistinctReading DistinctSeen::reading() const {
  if (registers_) return {registers_->estimate(), false};
  return {static_cast<std::int64_t>(keys_.size()), true};
}

std::size_t DistinctSeen::memory_bytes() const {
  const std::size_t registers = registers_ ? sizeof(HyperLogLog) + registers_->memory_bytes() : 0;
  return sizeof(*this) + keys_.capacity() * sizeof(std::uint64_t) + registers;
}

void DistinctSeen::append_to(std::string& out) const {
  append_u8(out, registers_ ? kSketches : kKeys);
  if (registers_) return registers_->append_to(out);
  append_varint(out, keys_.size());
  std::uint64_t previous = 0;
  for (const std::uint64_t key : keys_) {
    append_varint(out, key - previous);
    previous = key;
  }
}

bool DistinctSeen::read_from(ByteReader& in) {
  std::uint8_t mode = 0;
  if (!in.read_u8(mode) || mode > kSketches) return false;
  if (mode == kSketches) {
    registers_ = std::make_unique<HyperLogLog>(settings_.precision);
    return registers_->read_from(in);
  }
  std::uint64_t size = 0;
  if (!in.read_varint(size) || size > settings_.bound || size > in.rest().size()) return false;
  keys_.reserve(size);
  for (std::uint64_t i = 0; i < size; ++i) {
    std::uint64_t distance = 0;
    const std::uint64_t previous = keys_.empty() ? 0 : keys_.back();
    if (!in.read_varint(distance) || distance > kLastKey - previous || (distance == 0 && i > 0)) return false;
    keys_.push_back(previous + distance);
  }
  return true;
}

}  // namespace slipstream
