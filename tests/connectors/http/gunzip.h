// The other way of connectors/http/gzip.h.
#pragma once

#include <zlib.h>

#include <string>
#include <string_view>

namespace slipstream {

inline std::string gunzip(std::string_view packed) {  // "not gzip" when it is not
  z_stream stream{};
  if (inflateInit2(&stream, 15 + 16) != Z_OK) return "no memory";
  std::string text(std::size_t{4} << 20, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
  stream.avail_in = static_cast<uInt>(packed.size());
  stream.next_out = reinterpret_cast<Bytef*>(text.data());
  stream.avail_out = static_cast<uInt>(text.size());
  const int result = inflate(&stream, Z_FINISH);
  text.resize(stream.total_out);
  inflateEnd(&stream);
  return result == Z_STREAM_END && stream.avail_in == 0 ? text : "not gzip";
}

}  // namespace slipstream
