#include "connectors/http/accepted_encoding.h"

#include <gtest/gtest.h>

namespace slipstream {
namespace {

TEST(AcceptedEncoding, allowsGzipWhenItIsNamedOrAnyIs) {
  for (const std::string_view value :
       {"gzip", "GZip", "x-gzip", "deflate, gzip, br", "gzip;q=1", "gzip;q=1.000", "gzip;q=0.001",
        "gzip; q=0.5", "gzip ; Q = 0.5", "*", "*;q=0.1", "identity, *", "identity;q=0, gzip", "*;q=0, gzip",
        ",,gzip,", "br;q=0,gzip;a=b"})
    EXPECT_TRUE(accepts_gzip(value)) << value;
}

TEST(AcceptedEncoding, allowsNoGzipOtherwise) {
  for (const std::string_view value : {"", " ", "identity", "br", "gzip;q=0", "gzip;q=0.000", "gzip;q=0, *",
                                       "*, gzip;q=0", "*;q=0", "gzipped", "gz",
                                       // weights that are none
                                       "gzip;q=", "gzip;q=x", "gzip;q=2", "gzip;q=1.001", "gzip;q=0.1234",
                                       "gzip;q=-1", "gzip;q=.5", "gzip;q=1x"})
    EXPECT_FALSE(accepts_gzip(value)) << value;
}

}  // namespace
}  // namespace slipstream
