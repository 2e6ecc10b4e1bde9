#include "connectors/http/quick_lane.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

#include "connectors/http/head_reader.h"
#include "connectors/http/wall_clock.h"
#include "engine/base/thread_role.h"

namespace slipstream {
namespace {

int checked(int descriptor, const char* what) {
  if (descriptor < 0) throw std::system_error(errno, std::generic_category(), what);
  return descriptor;
}

// By one thread at a time: it is set anew when that has answered.
epoll_event once(void* client) {
  epoll_event event{};
  event.events = EPOLLIN | EPOLLRDHUP | EPOLLONESHOT;
  event.data.ptr = client;
  return event;
}

// The client's thread sees an end, when it has answered what it has.
void end_input(const DetachedSocket& socket) { ::shutdown(socket.descriptor(), SHUT_RD); }

}  // namespace

QuickLane::QuickLane(ServerState& server, int threads, HandBack hand_back)
    : server_(server),
      hand_back_(std::move(hand_back)),
      epoll_(checked(::epoll_create1(EPOLL_CLOEXEC), "epoll_create1")),
      end_(checked(::eventfd(0, EFD_CLOEXEC), "eventfd")) {
  epoll_event event{};
  event.events = EPOLLIN;
  checked(::epoll_ctl(epoll_, EPOLL_CTL_ADD, end_, &event), "epoll_ctl");
  try {
    for (int i = 0; i < threads; ++i)
      threads_.emplace_back([this] { run(); });
  } catch (...) {
    end_threads();
    throw;
  }
}

QuickLane::~QuickLane() { end_threads(); }

void QuickLane::end_threads() {
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = ::write(end_, &one, sizeof one);
  for (auto& thread : threads_)
    thread.join();
  ::close(end_);
  ::close(epoll_);
}

void QuickLane::take(DetachedSocket socket) {
  auto taken = std::make_unique<Client>(std::move(socket));
  Client& client = *taken;
  const std::scoped_lock lock(mutex_);
  clients_.emplace(&client, std::move(taken));
  if (is_closing_) end_input(client.socket);
  auto event = once(&client);
  if (::epoll_ctl(epoll_, EPOLL_CTL_ADD, client.socket.descriptor(), &event) == 0) return;
  clients_.erase(&client);
  server_.forget(server_.connections);
}

void QuickLane::close_idle() {
  const auto until = Clock::now() - std::chrono::microseconds(server_.limits.idle_time.us);
  const std::scoped_lock lock(mutex_);
  for (const auto& [key, client] : clients_)
    if (client->last_request.load() < until) end_input(client->socket);
}

void QuickLane::close_all() {
  const std::scoped_lock lock(mutex_);
  is_closing_ = true;
  for (const auto& [key, client] : clients_)
    end_input(client->socket);
}

// ---- the threads

void QuickLane::run() {
  begin_thread("http-quick", ThreadRole::prompt);
  Bytes bytes;
  while (Client* client = next())
    serve(*client, bytes);
}

QuickLane::Client* QuickLane::next() {
  epoll_event event{};
  int count = 0;
  do {  // one at a time: what waits behind it is for the other threads
    count = ::epoll_wait(epoll_, &event, 1, -1);
  } while (count == 0 || (count < 0 && errno == EINTR));
  return count < 0 ? nullptr : static_cast<Client*>(event.data.ptr);
}

void QuickLane::serve(Client& client, Bytes& bytes) {
  const auto count = ::recv(client.socket.descriptor(), bytes.data(), bytes.size(), MSG_DONTWAIT);
  if (count < 0 && (errno == EAGAIN || errno == EINTR)) return wait_for(client);
  if (count <= 0) return close(client);
  client.last_request = Clock::now();
  const std::string_view text(bytes.data(), static_cast<std::size_t>(count));
  auto answer = answer_to(text);
  if (!answer) return hand_back_(std::move(let_go(client)->socket), std::string(text), std::nullopt);
  ++server_.requests;
  switch (send(client, *answer)) {
    case Sent::all:
      return wait_for(client);
    case Sent::in_part:
      return hand_back_(std::move(let_go(client)->socket), {}, std::move(answer));
    case Sent::failed:
      return close(client);
  }
}

std::optional<HttpAnswer> QuickLane::answer_to(std::string_view text) const {
  const auto size = HeadScan(server_.limits.header_bytes_max).find_end(text);
  if (!size || !*size || **size != text.size()) return std::nullopt;
  RequestParser parser;
  const RequestHead head = read_head(parser, text, server_.limits);
  if (head.refusal || !parser.is_done() || !head.form.keeps_alive || server_.is_stopping) return std::nullopt;
  return server_.answer_quickly(head.request, head.form);
}

QuickLane::Sent QuickLane::send(const Client& client, HttpAnswer& answer) {
  std::array<iovec, 2> parts = {iovec{answer.head.data(), answer.head.size()},
                                iovec{answer.body.data(), answer.body.size()}};
  msghdr message{};
  message.msg_iov = parts.data();
  message.msg_iovlen = parts.size();
  const auto sent = ::sendmsg(client.socket.descriptor(), &message, MSG_DONTWAIT | MSG_NOSIGNAL);
  if (sent < 0 && errno != EAGAIN && errno != EINTR) return Sent::failed;
  const auto bytes = static_cast<std::size_t>(std::max<ssize_t>(sent, 0));
  if (bytes == answer.head.size() + answer.body.size()) return Sent::all;
  const std::size_t of_head = std::min(bytes, answer.head.size());
  answer.head.erase(0, of_head);
  answer.body.erase(0, bytes - of_head);
  return Sent::in_part;
}

void QuickLane::wait_for(Client& client) {
  auto event = once(&client);
  if (::epoll_ctl(epoll_, EPOLL_CTL_MOD, client.socket.descriptor(), &event) != 0) close(client);
}

void QuickLane::close(Client& client) {
  let_go(client).reset();
  server_.forget(server_.connections);
}

std::unique_ptr<QuickLane::Client> QuickLane::let_go(Client& client) {
  const std::scoped_lock lock(mutex_);
  ::epoll_ctl(epoll_, EPOLL_CTL_DEL, client.socket.descriptor(), nullptr);
  return std::move(clients_.extract(&client).mapped());
}

}  // namespace slipstream
