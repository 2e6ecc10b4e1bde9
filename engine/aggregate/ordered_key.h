// Bytes of a measure's argument that compare as the values do and can be read back, for the ordered multisets
// of min, max, first and last and for the identity of distinct values. Unlike append_ordered
// (engine/expression/value.h) they are never longer than they must be and give the value back, so that a row
// of ten million holds it once.
//
//   boolean    0 or 1
//   integer    8 bytes, big-endian, sign bit flipped
//   timestamp  8 bytes, as integer
//   interval   16 bytes comparable microseconds, then 4 bytes months and 4 bytes days, all as integer:
//              intervals that compare equal ("1 mon", "30 days") stay two values in a fixed order
//   decimal    units at scale 18: 0x80 + n, then the n bytes of the magnitude, big-endian, without leading
//              zeros; for a negative value 0x80 - n and the bytes inverted. Zero is 0x80.
//   text       its bytes
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "engine/expression/value.h"

namespace slipstream {

// Appends the key of a value that is not NULL; an integer is accepted for a decimal. Returns how many of the
// bytes tell apart what SQL's `=` tells apart: all but the tail of an interval.
std::size_t append_ordered_key(std::string& out, Type type, const Value& value);
// Whether append_ordered_key could have written the bytes.
bool is_ordered_key(Type type, std::string_view key);
// The value of a key; text points into it.
KpiValue read_ordered_key(Type type, std::string_view key);

}  // namespace slipstream
