#include "engine/app/service/console_page.h"

#include <fmt/format.h>

#include <algorithm>

#include "connectors/http/console/console_assets.h"
#include "engine/app/service/route_answer.h"

namespace slipstream {
namespace {

// Nothing comes from elsewhere, and nothing of the page's own runs that is not in its files.
constexpr std::string_view kContentSecurityPolicy =
    "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
constexpr std::string_view kYear = "public, max-age=31536000, immutable";

const ConsoleAsset* find_asset(std::string_view path) {
  const auto assets = console_assets();
  const auto found = std::find_if(assets.begin(), assets.end(),
                                  [&](const ConsoleAsset& asset) { return asset.path == path; });
  return found == assets.end() ? nullptr : &*found;
}

HttpResponse answer_asset(const HttpRequest& request, const ConsoleAsset& asset) {
  HttpResponse response;
  const std::string etag = fmt::format("W/\"{}\"", asset.hash);
  const auto seen = request.header("If-None-Match");
  if (seen && seen->find(asset.hash) != std::string_view::npos) {
    response.status = 304;
  } else {
    response.body = asset.body;
  }
  response.content_type = asset.content_type;
  response.headers = {{"ETag", etag},
                      {"Cache-Control", std::string(asset.is_immutable ? kYear : "no-cache")},
                      {"Content-Security-Policy", std::string(kContentSecurityPolicy)},
                      {"X-Content-Type-Options", "nosniff"},
                      {"Referrer-Policy", "no-referrer"}};
  return response;
}

}  // namespace

GetRoute find_console_route(const HttpRequest& request) {
  const std::vector<std::string>& path = request.segments;
  const bool is_page = path.empty() || (path.size() == 1 && path[0] == "console");
  if (!is_page && (path.size() != 2 || path[0] != "console")) return {};
  if (console_assets().empty())
    return [] {
      return not_found(
          "this server was built without the web console (SLIPSTREAM_CONSOLE=OFF); the API is below /v1");
    };
  const ConsoleAsset* asset = find_asset(is_page ? "" : path[1]);
  if (asset == nullptr) return {};
  return [&request, asset] { return answer_asset(request, *asset); };
}

}  // namespace slipstream
