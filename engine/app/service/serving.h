// The HTTP service of a running instance with all that it needs: what readers read, the server, the routes.
// One thread begins and ends it; show() by the instance's.
#pragma once

#include <memory>
#include <string>

#include "connectors/http/http_server.h"
#include "engine/app/service/service.h"

namespace slipstream {

class Serving {
 public:
  // Listens at once; without an address in the configuration nothing does. Errors: those of HttpServer::open(). All
  // outlive it.
  static Result<std::unique_ptr<Serving>> begin(const Configuration& configuration, Deployment& deployment,
                                                const std::shared_ptr<const Plan>& plan);
  ~Serving() { end(); }
  Serving(const Serving&) = delete;
  Serving& operator=(const Serving&) = delete;

  // Null when nothing is served.
  StateShelf* shelf() const { return shelf_.get(); }
  // "http://127.0.0.1:8080/"; empty when nothing is served.
  const std::string& url() const { return url_; }
  void show(const InstanceStatus& status) const {
    if (service_) service_->show(status);
  }
  void end();

 private:
  Serving() = default;

  std::string url_;
  std::unique_ptr<StateShelf> shelf_;
  std::unique_ptr<HttpServer> server_;
  std::unique_ptr<Service> service_;  // goes first: what it took in is answered through the server
};

}  // namespace slipstream
