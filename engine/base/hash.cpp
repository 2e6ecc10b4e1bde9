// The one place that includes xxhash.
#include "engine/base/hash.h"

#include <fmt/format.h>
#include <xxhash.h>

namespace slipstream {

std::string Hash128::hex() const { return fmt::format("{:016x}{:016x}", high, low); }

std::uint64_t hash64(std::string_view bytes, std::uint64_t seed) {
  return XXH3_64bits_withSeed(bytes.data(), bytes.size(), seed);
}

Hash128 hash128(std::string_view bytes) {
  const XXH128_hash_t hash = XXH3_128bits(bytes.data(), bytes.size());
  return {hash.high64, hash.low64};
}

void HashStream::Free::operator()(XXH3_state_s* state) const { XXH3_freeState(state); }

HashStream::HashStream() : state_(XXH3_createState()) { XXH3_128bits_reset(state_.get()); }

void HashStream::add(std::string_view bytes) {
  XXH3_128bits_update(state_.get(), bytes.data(), bytes.size());
}

Hash128 HashStream::hash() const {
  const XXH128_hash_t hash = XXH3_128bits_digest(state_.get());
  return {hash.high64, hash.low64};
}

}  // namespace slipstream
