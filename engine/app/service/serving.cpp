#include "engine/app/service/serving.h"

#include <fmt/format.h>

namespace slipstream {
namespace {

constexpr Duration kAnswersFinishMax = seconds(5);

}  // namespace

Result<std::unique_ptr<Serving>> Serving::begin(const Configuration& configuration, Deployment& deployment,
                                                const std::shared_ptr<const Plan>& plan) {
  std::unique_ptr<Serving> serving(new Serving());
  if (configuration.http_address.empty()) return serving;
  serving->shelf_ = std::make_unique<StateShelf>(plan, deployment.partitions());
  serving->service_ = std::make_unique<Service>(configuration, deployment, plan, *serving->shelf_);
  HttpServerOptions options;
  options.address = configuration.http_address;
  options.port = configuration.http_port;
  options.limits.body_bytes_max = configuration.http_body_bytes_max;
  options.limits.connections_max = static_cast<std::size_t>(configuration.http_connections_max);
  Service& service = *serving->service_;
  SLIPSTREAM_ASSIGN(serving->server_,
                    HttpServer::open(options, [&service](HttpRequest request, HttpResponder responder) {
                      service.handle(std::move(request), std::move(responder));
                    }));
  service.show(*serving->server_);
  const bool is_ipv6 = configuration.http_address.find(':') != std::string::npos;
  const std::string host =
      is_ipv6 ? fmt::format("[{}]", configuration.http_address) : configuration.http_address;
  serving->url_ = fmt::format("http://{}:{}/", host, serving->server_->port());
  return serving;
}

void Serving::end() {
  if (server_) server_->stop(kAnswersFinishMax);
}

}  // namespace slipstream
