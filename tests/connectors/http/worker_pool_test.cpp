#include "connectors/http/worker_pool.h"

#include <gtest/gtest.h>

#include <future>
#include <stdexcept>

#include "connectors/http/responder_connection.h"

namespace slipstream {
namespace {

// Keeps the answer that it is given.
class KeptAnswer final : public HttpResponder::Connection {
 public:
  void answer(HttpResponse response) override { promise_.set_value(std::move(response)); }
  std::shared_ptr<EventStream> open_stream() override { return nullptr; }
  HttpResponse get() { return promise_.get_future().get(); }

 private:
  std::promise<HttpResponse> promise_;
};

TEST(WorkerPool, refusesWhatIsBeyondThoseThatWait) {
  std::promise<void> entered, go;
  WorkerPool pool(1, 1,
                  [&, going = go.get_future().share()](const HttpRequest& request, HttpResponder responder) {
                    if (request.method == "FIRST") entered.set_value();
                    going.wait();
                    responder.answer({.body = request.method});
                  });
  const auto first = std::make_shared<KeptAnswer>(), second = std::make_shared<KeptAnswer>(),
             third = std::make_shared<KeptAnswer>();
  HttpRequest request;
  request.method = "FIRST";
  while (!pool.try_push(request, first))  // until the worker is there
    std::this_thread::yield();
  entered.get_future().wait();
  request.method = "SECOND";
  EXPECT_TRUE(pool.try_push(request, second));
  request.method = "THIRD";
  EXPECT_FALSE(pool.try_push(request, third));
  EXPECT_EQ(request.method, "THIRD") << "nothing was taken";
  go.set_value();
  EXPECT_EQ(first->get().body, "FIRST");
  EXPECT_EQ(second->get().body, "SECOND");
}

TEST(WorkerPool, answersForAHandlerThatThrowsOrForgets) {
  WorkerPool pool(1, 10, [](const HttpRequest& request, const HttpResponder&) {
    if (request.method == "THROW") throw std::runtime_error("secret");
    if (request.method == "ODD") throw 1;
  });
  for (const char* method : {"THROW", "ODD", "FORGET"}) {
    HttpRequest request;
    request.method = method;
    const auto kept = std::make_shared<KeptAnswer>();
    ASSERT_TRUE(pool.try_push(request, kept));
    const auto response = kept->get();
    EXPECT_EQ(response.status, 500);
    EXPECT_EQ(response.body.find("secret"), std::string::npos);
  }
}

TEST(WorkerPool, letsGoOfWhatWaitsWhenItStops) {
  std::promise<void> entered, go;
  WorkerPool pool(1, 1, [&](const HttpRequest&, HttpResponder responder) {
    entered.set_value();
    go.get_future().wait();
    responder.answer({});
  });
  const auto running = std::make_shared<KeptAnswer>(), waiting = std::make_shared<KeptAnswer>();
  HttpRequest request;
  while (!pool.try_push(request, running))
    std::this_thread::yield();
  entered.get_future().wait();
  ASSERT_TRUE(pool.try_push(request, waiting));
  std::thread stopping([&] { pool.stop(); });
  EXPECT_EQ(waiting->get().status, 500);
  go.set_value();
  stopping.join();
  EXPECT_EQ(running->get().status, 200);
  EXPECT_FALSE(pool.try_push(request, waiting));
}

TEST(Responder, thatIsAssignedOverIsAnsweredFor) {
  const auto kept = std::make_shared<KeptAnswer>(), other = std::make_shared<KeptAnswer>();
  {
    HttpResponder responder(kept);
    responder = HttpResponder(other);
    EXPECT_EQ(kept->get().status, 500);
    responder.answer({.status = 204});
  }
  EXPECT_EQ(other->get().status, 204);
}

}  // namespace
}  // namespace slipstream
