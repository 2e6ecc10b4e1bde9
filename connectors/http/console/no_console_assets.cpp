#include "connectors/http/console/console_assets.h"

namespace slipstream {

std::span<const ConsoleAsset> console_assets() { return {}; }

}  // namespace slipstream
