#include "tests/simulator/tally.h"

namespace slipstream::simulator {
namespace {
constexpr std::string_view kTexts[] = {
#define SLIPSTREAM_SIMULATOR_TEXT(name, text) text,
    SLIPSTREAM_SIMULATOR_COUNTS(SLIPSTREAM_SIMULATOR_TEXT)
#undef SLIPSTREAM_SIMULATOR_TEXT
};
}  // namespace

std::string_view text_of(Count what) { return kTexts[static_cast<std::size_t>(what)]; }

}  // namespace slipstream::simulator
