#include "engine/app/service/serving.h"

#include <fmt/format.h>

#include "engine/app/instance_name.h"

namespace slipstream {
namespace {

constexpr Duration kAnswersFinishMax = seconds(5);

bool is_every_address(const std::string& address) { return address == "0.0.0.0" || address == "::"; }

std::string with_port(const std::string& host, std::uint16_t port) {
  const bool is_ipv6 = host.find(':') != std::string::npos && !host.starts_with('[');
  return is_ipv6 ? fmt::format("[{}]:{}", host, port) : fmt::format("{}:{}", host, port);
}

// "host" or "host:port", "::1" or "[::1]:port"; the port is empty where there is none.
std::pair<std::string, std::string> host_and_port(const std::string& address) {
  const std::size_t colon = address.rfind(':');
  const bool is_bare_ipv6 = colon != address.find(':') && !address.starts_with('[');
  if (colon == std::string::npos || is_bare_ipv6 || address.ends_with(']')) return {address, ""};
  return {address.substr(0, colon), address.substr(colon + 1)};
}

}  // namespace

Serving::Serving(const Configuration& configuration, Deployment& deployment, std::shared_ptr<const Plan> plan,
                 Role role)
    : listening_(configuration.http),
      shelf_(plan, deployment.partitions(), {deployment.topics().reference, Partition(0)}),
      hosts_(configuration.log == LogChoice::kafka ? std::make_unique<Hosts>(deployment) : nullptr),
      states_(shelf_, plan, deployment.partitions(), {deployment.topics().reference, Partition(0)},
              hosts_.get()),
      shard_reads_(shelf_, plan),
      service_(configuration, deployment, plan, states_, role) {
  if (role == Role::reader) shelf_.expect({});
}

Result<std::unique_ptr<Serving>> Serving::begin(const Configuration& configuration, Deployment& deployment,
                                                const std::shared_ptr<const Plan>& plan, Role role) {
  std::unique_ptr<Serving> serving(new Serving(configuration, deployment, plan, role));
  SLIPSTREAM_TRY(serving->listen(configuration));
  if (serving->peer_server_ == nullptr) return serving;
  const std::string by_default =
      is_every_address(configuration.http.address) ? machine_name() : configuration.http.address;
  const auto [host, port] = host_and_port(configuration.address);
  const std::string& reached = host.empty() ? by_default : host;
  deployment.reached_at(port.empty() ? with_port(reached, serving->server_->port()) : configuration.address,
                        with_port(reached, serving->peer_server_->port()));
  return serving;
}

Result<> Serving::listen(const Configuration& configuration) {
  HttpServerOptions options;
  options.address = configuration.http.address;
  options.port = configuration.http.port;
  options.limits.body_bytes_max = configuration.http_body_bytes_max;
  options.limits.connections_max = static_cast<std::size_t>(configuration.http_connections_max);
  SLIPSTREAM_ASSIGN(server_,
                    HttpServer::open(
                        options,
                        [this](HttpRequest request, HttpResponder responder) {
                          service_.handle(std::move(request), std::move(responder));
                        },
                        [this](const HttpRequest& request) { return service_.quick_answer(request); }));
  listening_.port = server_->port();
  service_.show(*server_);
  if (hosts_ == nullptr) return {};
  HttpServerOptions peer;
  peer.address = configuration.peer.address.empty() ? configuration.http.address : configuration.peer.address;
  peer.port = configuration.peer.port;
  SLIPSTREAM_ASSIGN(peer_server_,
                    HttpServer::open(peer, [this](const HttpRequest& request, HttpResponder responder) {
                      responder.answer(shard_reads_.answer(request));
                    }));
  return {};
}

Serving::~Serving() { end(); }

std::string Serving::url() const {
  return fmt::format("http://{}/", with_port(listening_.address, listening_.port));
}

void Serving::end() {
  if (server_) server_->stop(kAnswersFinishMax);
  if (peer_server_) peer_server_->stop(kAnswersFinishMax);
}

}  // namespace slipstream
