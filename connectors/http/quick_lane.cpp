#include "connectors/http/quick_lane.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <system_error>
#include <utility>

#include "connectors/http/head_reader.h"
#include "engine/base/thread_role.h"

namespace slipstream {
namespace {

// Each is closed by a thread that takes the lock for it, as those do who come meanwhile.
constexpr int kClosedAtATime = 64;

int checked(int result, const char* what) {
  if (result < 0) throw std::system_error(errno, std::generic_category(), what);
  return result;
}

}  // namespace

QuickLane::QuickLane(ServerState& server, int threads, HandBack hand_back)
    : server_(server),
      hand_back_(std::move(hand_back)),
      epoll_(checked(::epoll_create1(EPOLL_CLOEXEC), "epoll_create1")),
      end_(checked(::eventfd(0, EFD_CLOEXEC), "eventfd")) {
  epoll_event event{};
  event.events = EPOLLIN;
  checked(::epoll_ctl(epoll_.number(), EPOLL_CTL_ADD, end_.number(), &event), "epoll_ctl");
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
  [[maybe_unused]] const auto written = ::write(end_.number(), &one, sizeof one);
  for (auto& thread : threads_)
    thread.join();
}

void QuickLane::take(DetachedSocket socket) {
  auto taken = std::make_unique<Client>(std::move(socket));
  Client& client = *taken;
  {
    const std::scoped_lock lock(mutex_);
    clients_.emplace(&client, std::move(taken));
    if (server_.is_stopping) end_input(client);
    if (watch(client, EPOLL_CTL_ADD)) return;
  }
  hand_back_({.socket = std::move(let_go(client)->socket)});
}

void QuickLane::close_idle() {
  const auto until = Clock::now() - std::chrono::microseconds(server_.limits.idle_time.us);
  int closed = 0;
  const std::scoped_lock lock(mutex_);
  for (const auto& [key, client] : clients_) {
    if (client->is_ended || client->last_request.load() >= until) continue;
    end_input(*client);
    if (++closed == kClosedAtATime) return;
  }
}

void QuickLane::close_all() {
  const std::scoped_lock lock(mutex_);
  for (const auto& [key, client] : clients_)
    end_input(*client);
}

// A thread sees the end when it has answered what is there.
void QuickLane::end_input(Client& client) {
  client.is_ended = true;
  ::shutdown(client.socket.descriptor(), SHUT_RD);
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
  // One at a time: what waits behind it is for the other threads.
  while (::epoll_wait(epoll_.number(), &event, 1, -1) != 1)
    continue;
  auto* client = static_cast<Client*>(event.data.ptr);
  if (client == nullptr) return nullptr;
  const std::scoped_lock lock(client->handing_on);
  return client;
}

void QuickLane::serve(Client& client, Bytes& bytes) {
  const auto count = ::recv(client.socket.descriptor(), bytes.data(), bytes.size(), MSG_DONTWAIT);
  if (count > 0) return on_text(client, {bytes.data(), static_cast<std::size_t>(count)});
  if (count < 0 && (errno == EAGAIN || errno == EINTR)) return watch_again(client);
  close(let_go(client));
}

void QuickLane::on_text(Client& client, std::string_view text) {
  client.last_request = Clock::now();
  auto [answer, is_for_worker] = answer_to(text);
  if (!answer) {
    auto gone = let_go(client);
    // A loop would meet the end within the request and blame the client for it.
    if (gone->is_ended) return close(std::move(gone));
    return hand_back_({std::move(gone->socket), std::string(text), is_for_worker});
  }
  ++server_.requests;
  switch (answer->keeps_alive ? send(client, *answer) : Sent::in_part) {
    case Sent::all:
      return watch_again(client);
    case Sent::in_part:
      return hand_back_({.socket = std::move(let_go(client)->socket), .unsent = std::move(answer)});
    case Sent::failed:
      return close(let_go(client));
  }
}

QuickLane::Attempt QuickLane::answer_to(std::string_view text) const {
  const auto size = HeadScan(server_.limits.header_bytes_max).find_end(text);
  if (!size || !*size || **size != text.size()) return {};
  RequestParser parser;
  const RequestHead head = read_head(parser, text, server_.limits);
  if (head.refusal || !parser.is_done()) return {};
  auto answer = server_.answer_quickly(head.request, head.form);
  const bool is_for_worker = !answer;
  return {std::move(answer), is_for_worker};
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

bool QuickLane::watch(Client& client, int operation) {
  epoll_event event{};
  event.events = EPOLLIN | EPOLLRDHUP | EPOLLONESHOT;  // for one thread, until that has answered
  event.data.ptr = &client;
  const std::scoped_lock lock(client.handing_on);
  return ::epoll_ctl(epoll_.number(), operation, client.socket.descriptor(), &event) == 0;
}

void QuickLane::watch_again(Client& client) {
  if (!watch(client, EPOLL_CTL_MOD)) close(let_go(client));
}

std::unique_ptr<QuickLane::Client> QuickLane::let_go(Client& client) {
  const std::scoped_lock lock(mutex_);
  ::epoll_ctl(epoll_.number(), EPOLL_CTL_DEL, client.socket.descriptor(), nullptr);
  return std::move(clients_.extract(&client).mapped());
}

void QuickLane::close(std::unique_ptr<Client> client) {
  client.reset();
  server_.forget(server_.connections);
}

}  // namespace slipstream
