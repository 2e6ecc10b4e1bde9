// The hash that tells whether two events of one id say the same: over the type, the fields, the attributes,
// the envelope's times, version, actor and supersedes; not over id, source, subject (a field says it) and
// trace.
//
// The hash may be stored: its bytes are fixed. Layout: type u8; time, effective_at, recorded_at i64; version
// flag u8 and i64; actor, supersedes; then each field as number u8 and value; then 0xFF and each attribute as
// name and value. Integers little-endian; text is u32 length and bytes; a value is a tag u8 (boolean 1,
// number 2, text 3, timestamp 4, interval 5) and its bytes, a number its normal form as scale u8 and units
// u128, so that 5 and 5.0 are equal.
#pragma once

#include <cstdint>

#include "engine/decode/event.h"

namespace slipstream {

// Fields and attributes must be in order and decimals in normal form, as decoders leave them. Not part of an
// Event: who compares contents asks for it, and an observation is compared with nothing.
std::uint64_t content_hash(const Event& event);

}  // namespace slipstream
