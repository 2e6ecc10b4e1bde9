// Where each field of an event family stands in its FlatBuffers table: one list that decoder and encoder
// share.
#pragma once

#include <flatbuffers/flatbuffers.h>
#include <slipstream_wire/event_generated.h>

#include <span>

#include "engine/decode/catalogue.h"

namespace slipstream {

struct WireField {
  Field field;
  flatbuffers::voffset_t at;  // the field's slot in the table's vtable
};

std::span<const WireField> wire_fields(EventFamily family);
wire::EventData wire_family(EventFamily family);  // the union's discriminator

inline flatbuffers::Offset<flatbuffers::String> write_text(flatbuffers::FlatBufferBuilder& builder,
                                                           std::string_view text) {
  return builder.CreateString(text.data(), text.size());
}

inline Decimal decimal_from(const wire::Decimal& number) {
  const auto high = static_cast<unsigned __int128>(static_cast<std::uint64_t>(number.high()));
  return Decimal::from_units(static_cast<Int128>(high << 64 | number.low()), number.scale());
}

inline wire::Decimal wire_decimal(Decimal number) {
  const auto units = static_cast<unsigned __int128>(number.units());
  return {static_cast<std::uint64_t>(units),
          static_cast<std::int64_t>(static_cast<std::uint64_t>(units >> 64)),
          static_cast<std::int8_t>(number.scale())};
}

}  // namespace slipstream
